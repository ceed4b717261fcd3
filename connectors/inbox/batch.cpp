#include "connectors/inbox/batch.hpp"

#include "connectors/inbox/sealed_records.hpp"

#include <algorithm>
#include <utility>

namespace medibridge::connectors {

using reconcile::Digest;
using reconcile::SourceRecord;

namespace {

/// Whether both say the same, whatever their places.
bool same(const SourceRecord& a, SourceRecord b) {
    b.place = a.place;
    return record_text(a) == record_text(b);
}

} // namespace

std::optional<Receipt> InboxBatch::receipt_of(const Digest& content) {
    const auto pending = answers_.find(content);
    if (pending != answers_.end()) return Receipt(pending->second, true);
    const auto known = store_->inbox_receipt(records_->source(), content);
    auto answer = known ? records_->open_receipt(*known) : std::nullopt;
    if (!answer) return std::nullopt; // or it was damaged: the arrival is applied once more
    return Receipt(*std::move(answer), true);
}

std::optional<Receipt> InboxBatch::repeated(const Arrival& arrival) {
    if (!arrival.content) return std::nullopt;
    return receipt_of(records_->content_key(*arrival.content));
}

const std::optional<InboxBatch::Known>& InboxBatch::current(const std::string& key) {
    if (found_ && found_->key == key) return found_->entry;
    found_ = Found{key, std::nullopt, 0};
    const auto pending = pending_.find(key);
    if (pending != pending_.end()) {
        found_->entry = Known{pending->second.record, false};
        found_->waiting = pending->second.sealed.sealed.size();
        return found_->entry;
    }
    const auto entries =
        store_->inbox_entries(records_->source(), std::vector<std::string>(1, key));
    const auto& row = entries.front();
    if (!row) return found_->entry;
    if (!row->taken) found_->waiting = std::max<std::size_t>(row->sealed.size(), 1);
    // What cannot be opened is replaced by what arrives now.
    if (auto record = records_->find(*row)) found_->entry = Known{*std::move(record), row->taken};
    return found_->entry;
}

std::optional<InboxBatch::Known> InboxBatch::find(const std::string& external_id) {
    return current(external_id);
}

/// Those that this record brings what they could not say.
void InboxBatch::make_good(const SourceRecord& record) {
    for (const auto& key : nameless_->candidates(record)) {
        const auto& kept = current(key);
        if (!kept || kept->record.made_good || !brings(record, kept->record)) continue;
        auto good = kept->record;
        good.made_good = true;
        store_under(key, std::move(good));
    }
}

void InboxBatch::put(SourceRecord record) {
    auto key = records_->key_of(record);
    if (names_patient(record)) make_good(record);
    if (reconcile::is_nameless_key(key)) nameless_->add(key, record);
    store_under(std::move(key), std::move(record));
}

void InboxBatch::store_under(std::string key, SourceRecord record) {
    const auto& before = current(key);
    if (before && same(before->record, record)) return;
    auto sealed = records_->close(key, record, mark_);
    growth_.rows += found_->waiting == 0 ? 1 : 0;
    growth_.bytes += static_cast<std::int64_t>(sealed.sealed.size()) -
                     static_cast<std::int64_t>(found_->waiting);
    found_->waiting = sealed.sealed.size();
    found_->entry = Known{record, false};
    pending_.insert_or_assign(std::move(key),
                              Pending{std::move(record), ++changes_, std::move(sealed)});
}

Receipt InboxBatch::add(Arrival arrival, std::string mark) {
    mark_ = std::move(mark);
    std::optional<Digest> content;
    if (arrival.content) content = records_->content_key(*arrival.content);
    auto implausible = take_records(std::move(arrival.records), arrival.continues, now_, *policy_,
                                    *described_, *this);
    implausible_.insert(implausible_.end(), implausible.begin(), implausible.end());
    if (content) answers_.emplace(*content, arrival.answer);
    return Receipt(std::move(arrival.answer));
}

void InboxBatch::commit() {
    std::vector<Pending*> changed;
    for (auto& [key, pending] : pending_)
        changed.push_back(&pending);
    std::ranges::sort(changed, {}, &Pending::order);
    state::Batch batch;
    for (auto* pending : changed)
        batch.put_inbox(std::move(pending->sealed));
    for (const auto& [content, answer] : answers_) {
        batch.put_receipt(records_->close_receipt(content, answer));
    }
    store_->commit(batch);
}

} // namespace medibridge::connectors
