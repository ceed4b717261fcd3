#include "daemon/time_limit.hpp"

#include "base/runtime/clock.hpp"
#include "base/runtime/concurrency.hpp"

#include <boost/asio/this_coro.hpp>
#include <exception>
#include <utility>

namespace medibridge::daemon {

using runtime::Task;

namespace {

/// Calls `end` unless the work has ended before that.
class TimeLimit {
  public:
    TimeLimit(const boost::asio::any_io_executor& executor, std::chrono::milliseconds limit,
              std::function<void()> end)
        : clock_(executor),
          watch_(executor, watch(limit, std::move(end))) {}

    bool passed() const { return passed_; }
    Task<void> join() {
        ended_ = true;
        clock_.wake();
        return watch_.join();
    }

  private:
    Task<void> watch(std::chrono::milliseconds limit, std::function<void()> end) {
        const auto until = clock_.now() + limit;
        while (!ended_ && clock_.now() < until)
            co_await clock_.sleep_until(until);
        passed_ = !ended_;
        if (passed_) end();
    }

    runtime::SteadyClock clock_;
    bool ended_ = false;
    bool passed_ = false;
    runtime::Background watch_;
};

} // namespace

Task<bool> within(std::chrono::milliseconds limit, std::function<void()> end, Task<void> work) {
    TimeLimit watch(co_await boost::asio::this_coro::executor, limit, std::move(end));
    std::exception_ptr failure;
    try {
        co_await std::move(work);
    } catch (...) {
        failure = std::current_exception();
    }
    co_await watch.join();
    if (failure) std::rethrow_exception(failure);
    co_return !watch.passed();
}

std::string no_answer_within(std::chrono::milliseconds limit) {
    return "no answer within " + std::to_string(limit.count() / 1000) + " s";
}

} // namespace medibridge::daemon
