#pragma once

#include "connectors/his/inbox.hpp"
#include "daemon/inbox_batch.hpp"
#include "sync/database.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <memory>

namespace medibridge::daemon {

/// A source's inbox in the state file. What arrives while something is being written waits for the
/// next commit, so that many senders share one wait for the disk.
class SealedInbox final : public connectors::Inbox {
  public:
    /// `database` must outlive it and everything that it was asked.
    SealedInbox(boost::asio::any_io_executor executor, sync::Database& database,
                SealedRecords records);
    ~SealedInbox() override;

    runtime::Task<connectors::SourceResult<connectors::Receipt>>
    put(connectors::Arrival arrival) override;
    runtime::Task<connectors::SourceResult<std::optional<connectors::Receipt>>>
    find(connectors::ContentDigest content) override;
    runtime::Task<connectors::SourceResult<std::vector<Entry>>>
    read(bool only_new, std::int64_t after, std::size_t limit) override;
    runtime::Task<connectors::SourceResult<void>> mark_taken(std::int64_t up_to) override;

  private:
    class Writer;

    sync::Database* database_;
    std::shared_ptr<const SealedRecords> records_;
    std::shared_ptr<Writer> writer_;
};

} // namespace medibridge::daemon
