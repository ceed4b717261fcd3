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
    if (!known) return std::nullopt;
    // Without its answer the arrival is taken once more, which changes nothing.
    auto answer = records_->open_receipt(*known);
    if (!answer) return std::nullopt;
    return Receipt(*std::move(answer), true);
}

const std::optional<InboxBatch::Known>& InboxBatch::current(const std::string& key) {
    if (found_ && found_->key == key) return found_->entry;
    found_ = Found{key, std::nullopt};
    const auto pending = pending_.find(key);
    if (pending != pending_.end()) {
        found_->entry = Known{pending->second.record, false};
        return found_->entry;
    }
    const auto entries =
        store_->inbox_entries(records_->source(), std::vector<std::string>(1, key));
    if (!entries.front()) return found_->entry;
    if (auto record = records_->open(*entries.front())) {
        found_->entry = Known{*std::move(record), entries.front()->taken};
    } else if (altered_.insert(key).second) {
        set_aside_.append(records_->set_aside(*entries.front(), now_));
    }
    return found_->entry;
}

std::optional<InboxBatch::Known> InboxBatch::find(const std::string& external_id) {
    return current(external_id);
}

void InboxBatch::put(SourceRecord record) {
    auto key = records_->key_of(record);
    const auto& before = current(key);
    if (before && same(before->record, record)) return;
    found_->entry = Known{record, false};
    pending_.insert_or_assign(std::move(key), Pending{std::move(record), ++changes_});
}

Receipt InboxBatch::add(Arrival arrival) {
    std::optional<Digest> content;
    if (arrival.content) {
        content = records_->content_key(*arrival.content);
        if (auto known = receipt_of(*content)) return *std::move(known);
    }
    auto implausible = take_records(std::move(arrival.records), arrival.continues, now_, *policy_,
                                    *described_, *this);
    implausible_.insert(implausible_.end(), implausible.begin(), implausible.end());
    if (content) answers_.emplace(*content, arrival.answer);
    return Receipt(std::move(arrival.answer));
}

void InboxBatch::commit() {
    std::vector<std::pair<const std::string, Pending>*> changed;
    for (auto& entry : pending_)
        changed.push_back(&entry);
    std::ranges::sort(changed, {}, [](const auto* entry) { return entry->second.order; });
    state::Batch batch = std::move(set_aside_);
    for (const auto* entry : changed) {
        batch.put_inbox(records_->close(entry->first, entry->second.record));
    }
    for (const auto& [content, answer] : answers_) {
        batch.put_receipt(records_->close_receipt(content, answer));
    }
    store_->commit(batch);
}

} // namespace medibridge::connectors
