#include "connectors/inbox/sealed_records.hpp"

#include "connectors/inbox/record_text.hpp"
#include "reconcile/normal_form.hpp"

#include <string_view>

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

} // namespace

std::string SealedRecords::key_of(const SourceRecord& record) const {
    const auto& id = record.patient.external_id();
    // Held as invalid later; until then it must not stand in the state in clear.
    if (reconcile::is_nir(id)) return reconcile::nameless_key(digester_.text("inbox NIR", id));
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

} // namespace medibridge::connectors
