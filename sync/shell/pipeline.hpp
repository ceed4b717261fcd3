#pragma once

#include "base/runtime/concurrency.hpp"
#include "sync/core/delivery.hpp"
#include "sync/core/observations.hpp"
#include "sync/core/unclear_creates.hpp"
#include "sync/shell/context.hpp"

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

namespace medibridge::sync {

/// Takes records and brings them into Medicapp, a chunk at a time: decide, make the intents
/// durable, send, make the results durable.
///
/// While one chunk is being sent the next one is decided; the results of the chunk before go into
/// the same commit as the intents of the next, so that a chunk costs one durable commit. Records
/// of an externalId that is under way wait until its result is known.
class Pipeline {
  public:
    Pipeline(Context& context, Observations& observations, UnclearCreates& unclear)
        : context_(&context),
          observations_(&observations),
          unclear_(&unclear) {}

    /// Takes records of one source, at most one of each externalId. Returns when the last of them
    /// are on their way; memory is bounded by two chunks.
    runtime::Task<void> feed(std::string source, std::vector<reconcile::Assessed> records,
                             const Coverage& coverage);

    /// Waits until nothing is under way and all results are durable.
    runtime::Task<void> finish();

    /// Waits until nothing is under way, after a failure: results are not made durable, and the
    /// intents of what was sent stay for the next cycle to resolve.
    runtime::Task<void> abandon();

  private:
    struct Chunk {
        std::deque<Delivery> deliveries; ///< large: no room to spare, and none moves
        Effects results;
    };

    runtime::Task<void> feed_chunk(std::string source, std::vector<reconcile::Assessed> records,
                                   const Coverage& coverage);
    Effects begin(std::vector<Item> items, Chunk& chunk);
    runtime::Task<void> join();
    static runtime::Task<void> send_chunk(Context* context, UnclearCreates* unclear,
                                          std::shared_ptr<Chunk> chunk);

    Context* context_;
    Observations* observations_;
    UnclearCreates* unclear_;
    std::optional<runtime::Background> sending_;
    std::shared_ptr<Chunk> chunk_;         ///< what `sending_` sends
    Effects results_;                      ///< of chunks that were sent, not yet durable
    std::unordered_set<std::string> busy_; ///< externalIds with a result that is not yet durable
};

} // namespace medibridge::sync
