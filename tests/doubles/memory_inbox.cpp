#include "memory_inbox.hpp"

#include "connectors/inbox/sealed_records.hpp"

#include <algorithm>
#include <utility>

namespace medibridge::tests {

using connectors::Receipt;
using connectors::SourceError;
using connectors::SourceResult;
using reconcile::SourceRecord;
using runtime::Task;

namespace {

std::string key_of(const SourceRecord& record) {
    const auto& id = record.patient.external_id();
    return id.empty() ? "place " + record.place : "patient " + id;
}

bool says_the_same(SourceRecord a, const SourceRecord& b) {
    a.place = b.place;
    return connectors::record_text(a) == connectors::record_text(b);
}

} // namespace

std::optional<connectors::InboxEntries::Known> MemoryInbox::find(const std::string& external_id) {
    const auto found = kept_.find("patient " + external_id);
    if (found == kept_.end()) return std::nullopt;
    return connectors::InboxEntries::Known{found->second.entry.record, found->second.taken};
}

void MemoryInbox::put(SourceRecord record) {
    const auto key = key_of(record);
    const auto found = kept_.find(key);
    if (found != kept_.end() && says_the_same(record, found->second.entry.record)) return;
    Kept kept;
    kept.entry.sequence = ++sequence_;
    kept.entry.record = std::move(record);
    kept_.insert_or_assign(key, std::move(kept));
}

Task<SourceResult<Receipt>> MemoryInbox::put(connectors::Arrival arrival) {
    if (before_call) before_call();
    if (!failure.empty())
        co_return std::unexpected(SourceError(SourceError::Kind::unavailable, failure));
    if (full && !arrival.sender.empty()) {
        Receipt refused;
        refused.full = Receipt::Full::for_all;
        co_return refused;
    }
    if (arrival.content) {
        const auto known = answers_.find(*arrival.content);
        if (known != answers_.end()) co_return Receipt(known->second, true);
    }
    largest_arrival_ = std::max(largest_arrival_, arrival.records.size());
    connectors::take_records(std::move(arrival.records), arrival.continues, wall_clock(),
                             reconcile::IdentityPolicy(), described_, *this);
    if (arrival.content) answers_.emplace(*arrival.content, arrival.answer);
    if (after_call) after_call();
    co_return Receipt(std::move(arrival.answer));
}

Task<SourceResult<std::optional<Receipt>>> MemoryInbox::find(connectors::ContentDigest content) {
    if (before_call) before_call();
    std::optional<Receipt> receipt;
    const auto known = answers_.find(content);
    if (known != answers_.end()) receipt.emplace(known->second, true);
    if (after_call) after_call();
    co_return receipt;
}

Task<SourceResult<std::int64_t>> MemoryInbox::newest() {
    co_return sequence_;
}

Task<SourceResult<std::vector<MemoryInbox::Entry>>>
MemoryInbox::read(bool only_new, std::int64_t after, std::size_t limit) {
    std::vector<Entry> entries;
    for (const auto& [key, kept] : kept_)
        if (kept.entry.sequence > after && !(only_new && kept.taken)) entries.push_back(kept.entry);
    std::ranges::sort(entries, {}, &Entry::sequence);
    if (entries.size() > limit) entries.resize(limit);
    co_return entries;
}

Task<SourceResult<std::optional<MemoryInbox::Entry>>>
MemoryInbox::read_one(std::string external_id) {
    std::optional<Entry> entry;
    const auto found = kept_.find("patient " + external_id);
    if (found != kept_.end()) entry = found->second.entry;
    co_return entry;
}

Task<SourceResult<void>> MemoryInbox::mark_taken(std::int64_t up_to) {
    for (auto& [key, kept] : kept_)
        if (kept.entry.sequence <= up_to) kept.taken = true;
    co_return SourceResult<void>();
}

void MemoryInbox::take_all() {
    for (auto& [key, kept] : kept_)
        kept.taken = true;
}

std::vector<SourceRecord> MemoryInbox::records() const {
    std::map<std::int64_t, const SourceRecord*> by_sequence;
    for (const auto& [key, kept] : kept_)
        by_sequence.emplace(kept.entry.sequence, &kept.entry.record);
    std::vector<SourceRecord> all;
    for (const auto& [sequence, record] : by_sequence)
        all.push_back(*record);
    return all;
}

const SourceRecord* MemoryInbox::record_of(const std::string& external_id) const {
    const auto found = kept_.find("patient " + external_id);
    return found == kept_.end() ? nullptr : &found->second.entry.record;
}

} // namespace medibridge::tests
