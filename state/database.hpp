#pragma once

#include "base/runtime/task.hpp"
#include "base/runtime/worker.hpp"
#include "state/store.hpp"

#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace medibridge::state {

/// The store as the cycle uses it: every call is awaited, so that the io thread continues
/// meanwhile. Rethrows StoreError.
class Database {
  public:
    /// Without a worker the calls run where they are awaited (in the simulator).
    Database(Store& store, runtime::Worker* worker) : store_(&store), worker_(worker) {}

    template <class Job>
    runtime::Task<std::invoke_result_t<Job&, Store&>> run(Job job) {
        if (!worker_) co_return job(*store_);
        auto bound = [store = store_, inner = std::move(job)]() mutable { return inner(*store); };
        co_return co_await worker_->run(std::move(bound));
    }

    runtime::Task<std::vector<Known>> look_up(std::vector<std::string> external_ids);
    runtime::Task<std::vector<std::optional<Link>>> links_to(std::vector<std::string> medicapp_ids);
    runtime::Task<Watermark> watermark(std::string side);
    /// Returns once the changes are durable. An empty batch costs nothing.
    runtime::Task<void> commit(Batch batch);

  private:
    Store* store_;
    runtime::Worker* worker_;
};

} // namespace medibridge::state
