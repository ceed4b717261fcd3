#pragma once

#include "connectors/inbox/inbox.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace medibridge::connectors::hl7::test {

/// An inbox in memory that remembers the order of its calls, and fails or waits on demand.
class InboxDouble final : public Inbox {
  public:
    runtime::Task<SourceResult<Receipt>> put(Arrival arrival) override;
    runtime::Task<SourceResult<std::optional<Receipt>>> find(ContentDigest content) override;
    runtime::Task<SourceResult<std::int64_t>> newest() override;
    runtime::Task<SourceResult<std::vector<Entry>>> read(bool only_new, std::int64_t after,
                                                         std::size_t limit) override;
    runtime::Task<SourceResult<std::optional<Entry>>> read_one(std::string external_id) override;
    runtime::Task<SourceResult<void>> mark_taken(std::int64_t up_to) override;

    /// From now on nothing can be stored, for that reason; empty: it can.
    void fail(std::string reason) { failure_ = std::move(reason); }
    /// From now on there is no room, or there is.
    void fill(Receipt::Full full) { full_ = full; }
    /// From now on put() throws instead.
    void break_down(bool broken) { broken_ = broken; }
    /// From now on each put() takes so long.
    void delay(std::chrono::milliseconds time) { delay_ = time; }
    /// From now on put() waits for release().
    void hold(boost::asio::any_io_executor executor);
    void release();

    /// What was stored, in the order of the calls.
    const std::vector<reconcile::SourceRecord>& records() const { return records_; }
    std::size_t puts() const { return puts_; }
    std::size_t waiting() const { return waiting_; }

  private:
    std::map<ContentDigest, std::string> answers_;
    std::vector<reconcile::SourceRecord> records_;
    std::string failure_;
    bool broken_ = false;
    Receipt::Full full_ = Receipt::Full::no;
    std::chrono::milliseconds delay_{0};
    struct Gate;
    std::shared_ptr<Gate> gate_;
    std::size_t puts_ = 0;
    std::size_t waiting_ = 0;
};

} // namespace medibridge::connectors::hl7::test
