#pragma once

#include "base/runtime/concurrency.hpp"
#include "sync/core/delivery.hpp"
#include "sync/core/unclear_creates.hpp"
#include "sync/shell/context.hpp"

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace medibridge::sync {

/// Decides for records of one source, at most one of each externalId, from what is known alone.
/// Decisions that need a look at Medicapp stay `inspect`.
runtime::Task<std::vector<Item>> decide_items(Context& context, const Coverage& coverage,
                                              std::string source,
                                              std::vector<reconcile::Assessed> records);

/// Brings records into Medicapp, a chunk at a time: decide, make the intents durable, send, make
/// the results durable.
///
/// While one chunk is being sent the next one is decided; the results of the chunk before go into
/// the same commit as the intents of the next, so that a chunk costs one durable commit. Records
/// of an externalId that is under way wait until its result is known.
class Pipeline {
  public:
    explicit Pipeline(Context& context) : context_(&context) {}

    /// Creates that ended without a clear result.
    UnclearCreates& unclear() { return unclear_; }

    /// Takes records of one source, at most one of each externalId. Returns when the last of them
    /// are on their way; memory is bounded by two chunks.
    runtime::Task<void> feed(std::string source, std::vector<reconcile::Assessed> records,
                             const Coverage& coverage);

    /// The records that were not tried for Coverage::refused_wait, in the order in which they came:
    /// of each page that showed a patient, one.
    std::vector<reconcile::Assessed> take_refused() { return std::exchange(refused_, {}); }

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
    runtime::Task<std::vector<Item>> decide_chunk(std::string source,
                                                  std::vector<reconcile::Assessed> records,
                                                  const Coverage& coverage, Effects& put_off);
    void let_refused_wait(std::vector<Item>& items);
    void note_busy(const Chunk& chunk);
    runtime::Task<void> send_chunk(std::shared_ptr<Chunk> chunk);
    runtime::Task<Effects> deliver(Delivery& delivery);
    runtime::Task<void> join();

    Context* context_;
    UnclearCreates unclear_;
    std::optional<runtime::Background> sending_;
    std::shared_ptr<Chunk> chunk_;             ///< what `sending_` sends
    Effects results_;                          ///< of chunks that were sent, not yet durable
    std::vector<reconcile::Assessed> refused_; ///< see take_refused()
    std::unordered_set<std::string> busy_; ///< externalIds with a result that is not yet durable
};

} // namespace medibridge::sync
