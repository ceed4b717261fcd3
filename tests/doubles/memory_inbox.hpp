#pragma once

#include "connectors/inbox/effect.hpp"
#include "connectors/inbox/inbox.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace medibridge::tests {

/// An inbox in memory, which keeps the promises of connectors::Inbox but for durability. It lives
/// as long as a test wants, so that a connector that "crashed" finds it again as it left it.
///
/// A record without an externalId is told apart by its place, so that each of them stays visible.
class MemoryInbox final : public connectors::Inbox, connectors::InboxEntries {
  public:
    /// By which records' times are judged.
    std::function<reconcile::Instant()> wall_clock = [] {
        return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    };
    /// Called at each put() and find(), before and after the effect; they may throw, as a crash
    /// does, or count.
    std::function<void()> before_call;
    std::function<void()> after_call;
    /// As long as it is not empty, put() stores nothing and gives it as the error.
    std::string failure;
    bool full = false; ///< nothing more of those who name themselves

    runtime::Task<connectors::SourceResult<connectors::Receipt>>
    put(connectors::Arrival arrival) override;
    runtime::Task<connectors::SourceResult<std::optional<connectors::Receipt>>>
    find(connectors::ContentDigest content) override;
    runtime::Task<connectors::SourceResult<std::int64_t>> newest() override;
    runtime::Task<connectors::SourceResult<std::vector<Entry>>>
    read(bool only_new, std::int64_t after, std::size_t limit) override;
    runtime::Task<connectors::SourceResult<std::optional<Entry>>>
    read_one(std::string external_id) override;
    runtime::Task<connectors::SourceResult<void>> mark_taken(std::int64_t up_to) override;

    /// A cycle has applied or held all that arrived.
    void take_all();

    /// What is known of everybody, in the order of their last changes.
    std::vector<reconcile::SourceRecord> records() const;
    /// The patient's; null if nothing is known.
    const reconcile::SourceRecord* record_of(const std::string& external_id) const;
    /// The sequence that the last change got.
    std::int64_t sequence() const { return sequence_; }
    std::size_t contents() const { return answers_.size(); }
    std::size_t largest_arrival() const { return largest_arrival_; }

  private:
    struct Kept {
        Entry entry;
        bool taken = false;
    };

    std::optional<Known> find(const std::string& external_id) override;
    void put(reconcile::SourceRecord record) override;

    std::map<std::string, Kept> kept_; ///< by externalId or place
    std::map<connectors::ContentDigest, std::string> answers_;
    base::IdSet described_;
    std::int64_t sequence_ = 0;
    std::size_t largest_arrival_ = 0;
};

} // namespace medibridge::tests
