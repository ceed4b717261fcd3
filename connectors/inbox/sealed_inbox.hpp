#pragma once

#include "base/log/event.hpp"
#include "connectors/inbox/batch.hpp"
#include "connectors/inbox/inbox.hpp"
#include "connectors/source/environment.hpp"
#include "state/database.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <memory>

namespace medibridge::connectors {

/// A source's inbox in the state file. What arrives during a commit waits for the next one, so that
/// many senders share one wait for the disk. A record with a time that is not believed is logged
/// once a patient (`record.implausible_time`).
class SealedInbox final : public Inbox {
  public:
    /// `database` and `log` must outlive it and everything that it was asked. `wall_clock` judges
    /// what records say of their own times (judge_times), `identity` whether two of
    /// them describe one person. `quota` is for arrivals that name their sender.
    SealedInbox(boost::asio::any_io_executor executor, state::Database& database,
                SealedRecords records, log::EventLog& log, WallClock wall_clock,
                reconcile::IdentityPolicy identity = {}, InboxQuota quota = {});
    ~SealedInbox() override;

    runtime::Task<SourceResult<Receipt>> put(Arrival arrival) override;
    runtime::Task<SourceResult<std::optional<Receipt>>> find(ContentDigest content) override;
    runtime::Task<SourceResult<std::int64_t>> newest() override;
    runtime::Task<SourceResult<std::vector<Entry>>> read(bool only_new, std::int64_t after,
                                                         std::size_t limit) override;
    runtime::Task<SourceResult<std::optional<Entry>>> read_one(std::string external_id) override;
    runtime::Task<SourceResult<void>> mark_taken(std::int64_t up_to) override;

  private:
    static Entry open(const SealedRecords& records, const state::InboxEntry& sealed,
                      reconcile::Instant now);

    class Writer;

    state::Database* database_;
    std::shared_ptr<const SealedRecords> records_;
    WallClock wall_clock_;
    std::shared_ptr<Writer> writer_;
};

} // namespace medibridge::connectors
