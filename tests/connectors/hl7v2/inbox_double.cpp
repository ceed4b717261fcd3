#include "inbox_double.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <stdexcept>

namespace medibridge::connectors::hl7::test {

namespace asio = boost::asio;
using runtime::Task;

struct InboxDouble::Gate {
    explicit Gate(const asio::any_io_executor& executor) : timer(executor) {
        timer.expires_at(asio::steady_timer::time_point::max());
    }
    asio::steady_timer timer;
};

Task<SourceResult<Receipt>> InboxDouble::put(Arrival arrival) {
    ++puts_;
    const auto known = arrival.content ? answers_.find(*arrival.content) : answers_.end();
    const bool repeated = known != answers_.end();
    if (broken_) throw std::runtime_error("the state is gone");
    if (!failure_.empty())
        co_return std::unexpected(SourceError(SourceError::Kind::unavailable, failure_));
    if (full_ != Receipt::Full::no) {
        Receipt refused;
        refused.full = full_;
        co_return refused;
    }
    Receipt receipt(repeated ? known->second : arrival.answer, repeated);
    // As the real one, it keeps the order of the calls, however long they take.
    if (!repeated) {
        if (arrival.content) answers_[*arrival.content] = arrival.answer;
        records_.insert(records_.end(), arrival.records.begin(), arrival.records.end());
    }
    ++waiting_;
    if (const auto gate = gate_)
        co_await gate->timer.async_wait(asio::as_tuple(asio::use_awaitable));
    if (delay_.count() > 0) {
        asio::steady_timer timer(co_await asio::this_coro::executor, delay_);
        co_await timer.async_wait(asio::use_awaitable);
    }
    --waiting_;
    co_return receipt;
}

Task<SourceResult<std::optional<Receipt>>> InboxDouble::find(ContentDigest content) {
    const auto known = answers_.find(content);
    if (known == answers_.end()) co_return std::optional<Receipt>();
    co_return std::optional<Receipt>(Receipt(known->second, true));
}

Task<SourceResult<std::int64_t>> InboxDouble::newest() {
    co_return static_cast<std::int64_t>(records_.size());
}

Task<SourceResult<std::vector<Inbox::Entry>>> InboxDouble::read(bool, std::int64_t after,
                                                                std::size_t limit) {
    std::vector<Entry> entries;
    for (auto at = static_cast<std::size_t>(after); at < records_.size(); ++at) {
        if (entries.size() >= limit) break;
        Entry entry;
        entry.sequence = static_cast<std::int64_t>(at) + 1;
        entry.record = records_[at];
        entries.push_back(std::move(entry));
    }
    co_return entries;
}

Task<SourceResult<std::optional<Inbox::Entry>>> InboxDouble::read_one(std::string external_id) {
    std::optional<Entry> entry;
    for (const auto& record : records_) {
        if (record.patient.external_id() != external_id) continue;
        entry.emplace();
        entry->record = record;
    }
    co_return entry;
}

Task<SourceResult<void>> InboxDouble::mark_taken(std::int64_t) {
    co_return SourceResult<void>();
}

void InboxDouble::hold(asio::any_io_executor executor) {
    gate_ = std::make_shared<Gate>(executor);
}

void InboxDouble::release() {
    const auto gate = std::exchange(gate_, nullptr);
    if (gate) gate->timer.cancel();
}

} // namespace medibridge::connectors::hl7::test
