#include "connectors/inbox/inbox_batch.hpp"

#include "connectors/inbox/record_text.hpp"

#include <algorithm>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace medibridge::connectors {

using reconcile::Digest;
using reconcile::hex;
using reconcile::SourceRecord;

namespace {

[[noreturn]] void damaged() {
    throw state::StoreError(
        state::StoreError::Kind::damaged,
        "something in the inbox cannot be decrypted with the state's key: it was "
        "changed by another program; restore a backup of the state");
}

/// Whether both say the same, wherever it stood.
bool same(const SourceRecord& a, SourceRecord b) {
    b.place = a.place;
    return record_text(a) == record_text(b);
}

} // namespace

std::string SealedRecords::key_of(const SourceRecord& record) const {
    const auto& id = record.patient.external_id();
    if (!id.empty()) return id;
    return reconcile::nameless_key(digester_.text("inbox record", record_text(record)));
}

Digest SealedRecords::content_key(const ContentDigest& content) const {
    const std::string_view bytes(reinterpret_cast<const char*>(content.data()), content.size());
    return digester_.text("inbox content", bytes);
}

state::InboxEntry SealedRecords::close(const std::string& key, const SourceRecord& record) const {
    state::InboxEntry entry;
    entry.source = source_;
    entry.key = key;
    entry.sealed = seal_.close(record_text(record), source_ + '\n' + key);
    return entry;
}

SourceRecord SealedRecords::open(const state::InboxEntry& entry) const {
    const auto text = seal_.open(entry.sealed, source_ + '\n' + entry.key);
    if (!text) damaged();
    return record_from_text(*text);
}

state::InboxReceipt SealedRecords::close_receipt(const Digest& content,
                                                 const std::string& answer) const {
    state::InboxReceipt receipt;
    receipt.source = source_;
    receipt.content = content;
    receipt.sealed_answer = seal_.close(answer, "receipt\n" + source_ + '\n' + hex(content));
    return receipt;
}

std::string SealedRecords::open_receipt(const state::InboxReceipt& receipt) const {
    auto answer =
        seal_.open(receipt.sealed_answer, "receipt\n" + source_ + '\n' + hex(receipt.content));
    if (!answer) damaged();
    return *std::move(answer);
}

std::optional<Receipt> InboxBatch::receipt_of(const Digest& content) {
    const auto pending = answers_.find(content);
    if (pending != answers_.end()) return Receipt(pending->second, true);
    const auto known = store_->inbox_receipt(records_->source(), content);
    if (!known) return std::nullopt;
    return Receipt(records_->open_receipt(*known), true);
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
    if (entries.front())
        found_->entry = Known{records_->open(*entries.front()), entries.front()->taken};
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
    state::Batch batch;
    for (const auto* entry : changed) {
        batch.put_inbox(records_->close(entry->first, entry->second.record));
    }
    for (const auto& [content, answer] : answers_) {
        batch.put_receipt(records_->close_receipt(content, answer));
    }
    store_->commit(batch);
}

} // namespace medibridge::connectors
