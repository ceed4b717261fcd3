#pragma once

#include "base/figures/meters.hpp"
#include "base/runtime/task.hpp"
#include "base/runtime/worker.hpp"
#include "state/store.hpp"

#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace medibridge::state {

/// The store as the cycle uses it: every call is awaited, so that the io thread continues
/// meanwhile. Rethrows StoreError.
class Database {
  public:
    /// Without a worker the calls run where they are awaited (in the simulator). `commits` measures
    /// how long they take; never null.
    Database(Store& store, runtime::Worker* worker,
             std::shared_ptr<figures::Histogram> commits =
                 std::make_shared<figures::Histogram>(figures::commit_bounds))
        : store_(&store),
          worker_(worker),
          commits_(std::move(commits)) {}

    template <class Job>
    runtime::Task<std::invoke_result_t<Job&, Store&>> run(Job job) {
        if (!worker_) co_return job(*store_);
        auto bound = [store = store_, inner = std::move(job)]() mutable { return inner(*store); };
        co_return co_await worker_->run(std::move(bound));
    }

    /// run() of a job that commits.
    template <class Job>
    runtime::Task<std::invoke_result_t<Job&, Store&>> write(Job job) {
        const Measured measured(*commits_);
        co_return co_await run(std::move(job));
    }

    runtime::Task<std::vector<Known>> look_up(std::vector<std::string> external_ids);
    runtime::Task<std::vector<std::optional<Link>>> links_to(std::vector<std::string> medicapp_ids);
    runtime::Task<Watermark> watermark(std::string side);
    /// Returns once the changes are durable. An empty batch costs nothing. Rethrows LinkTaken.
    runtime::Task<void> commit(Batch batch);
    /// The same for a batch that the caller needs if it fails.
    runtime::Task<void> commit(std::shared_ptr<const Batch> batch);

  private:
    class Measured {
      public:
        explicit Measured(figures::Histogram& durations) : durations_(durations) {}
        ~Measured() { durations_.note(watch_.seconds()); }
        Measured(const Measured&) = delete;
        Measured& operator=(const Measured&) = delete;

      private:
        figures::Histogram& durations_;
        figures::StopWatch watch_;
    };

    Store* store_;
    runtime::Worker* worker_;
    std::shared_ptr<figures::Histogram> commits_;
};

} // namespace medibridge::state
