#pragma once

#include "base/runtime/task.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <type_traits>
#include <utility>

namespace medibridge::runtime {

/// Runs blocking jobs one after the other, away from the io thread.
///
/// `co_await worker.run(job)` resumes on the io thread with the job's result or exception. A job
/// cannot be interrupted: keep each one short.
class Worker {
  public:
    template <class Job>
    Task<std::invoke_result_t<Job&>> run(Job job) {
        return run_on(pool_.get_executor(), std::move(job));
    }

  private:
    template <class Job>
    static Task<std::invoke_result_t<Job&>> run_on(boost::asio::thread_pool::executor_type executor,
                                                   Job job) {
        // co_spawn carries result and exception back to the caller's own executor.
        auto body = [](Job inner) -> Task<std::invoke_result_t<Job&>> { co_return inner(); };
        auto work = body(std::move(job));
        co_return co_await boost::asio::co_spawn(executor, std::move(work),
                                                 boost::asio::use_awaitable);
    }

    boost::asio::thread_pool pool_{1};
};

} // namespace medibridge::runtime
