#include "connectors/inbox/sealed_records.hpp"

#include "base/bytes/encode.hpp"
#include "connectors/inbox/bounds.hpp"
#include "connectors/inbox/nameless.hpp"
#include "reconcile/normal_form.hpp"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace medibridge::connectors {

using nlohmann::json;
using reconcile::Digest;
using reconcile::FieldValue;
using reconcile::Instant;
using reconcile::SourceRecord;
using reconcile::StatedTime;

namespace {

// Keys are short: there is one text a patient. A flag stands only where it is set.
constexpr const char* fields_key = "f";
constexpr const char* id_key = "id";
constexpr const char* modified_key = "m";
constexpr const char* active_key = "a";
constexpr const char* deceased_key = "d";
constexpr const char* alive_key = "l";
constexpr const char* deleted_key = "x";
constexpr const char* status_key = "s";
constexpr const char* usual_key = "u";
constexpr const char* merged_key = "i";
constexpr const char* renamed_key = "r";
constexpr const char* prior_key = "o";
constexpr const char* place_key = "p";
constexpr const char* second_hand_key = "h";
constexpr const char* ambiguous_key = "b";
constexpr const char* contradicting_fields_key = "bf";
constexpr const char* contradicting_places_key = "bp";
constexpr const char* defect_key = "e";
constexpr const char* said_key = "k";
constexpr const char* claimed_key = "c";
constexpr const char* made_good_key = "g";
constexpr const char* recorded_key = "t";
constexpr const char* sent_key = "w";
constexpr const char* unread_key = "n";
// Who sent it stands first, so that it is found without reading the record; it is none of its
// fields.
constexpr std::string_view mark_start = R"({"q":")";
constexpr std::string_view mark_end = R"(",)";

json value_json(const FieldValue& value) {
    switch (value.state()) {
    case FieldValue::State::known:
        return value.text();
    case FieldValue::State::cleared:
        return json::array();
    case FieldValue::State::unreadable:
        return json::array({value.text()});
    case FieldValue::State::unknown:
        break;
    }
    return nullptr;
}

FieldValue value_of(const json& value) {
    if (value.is_string()) return FieldValue::known(value.get<std::string>());
    if (value.is_null()) return FieldValue();
    if (value.empty()) return FieldValue::cleared();
    return FieldValue::unreadable(value.at(0).get<std::string>());
}

void put(json& object, const char* key, const std::string& text) {
    if (!text.empty()) object[key] = text;
}

std::string text_at(const json& object, const char* key) {
    const auto found = object.find(key);
    return found == object.end() ? std::string() : found->get<std::string>();
}

/// Its beginning, how much later its end is, and whether it lay ahead; what is 0 may be left out.
json moment_json(const StatedTime& moment) {
    json text = json::array({moment.earliest.time_since_epoch().count(),
                             (moment.latest - moment.earliest).count(), moment.ahead ? 1 : 0});
    while (text.size() > 1 && text.back() == 0)
        text.erase(text.size() - 1);
    return text;
}

std::optional<StatedTime> moment_at(const json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end()) return std::nullopt;
    const auto number = [&found](std::size_t i) {
        return i < found->size() ? found->at(i).get<std::int64_t>() : 0;
    };
    const Instant earliest{Instant::duration(number(0))};
    return StatedTime{earliest, earliest + Instant::duration(number(1)), number(2) != 0};
}

/// `modified_at` says it already.
bool says_no_more(const SourceRecord& record) {
    const auto& recorded = record.recorded;
    return !record.sent && recorded && recorded->earliest == recorded->latest && !recorded->ahead &&
           record.modified_at == recorded->earliest;
}

void put_times(json& object, const SourceRecord& record) {
    if (record.modified_at) object[modified_key] = record.modified_at->time_since_epoch().count();
    if (says_no_more(record)) return;
    if (record.recorded) object[recorded_key] = moment_json(*record.recorded);
    if (record.sent) object[sent_key] = moment_json(*record.sent);
}

SourceRecord record_of(const json& object) {
    SourceRecord record;
    record.patient.set_external_id(text_at(object, id_key));
    const auto& fields = object.at(fields_key);
    for (std::size_t i = 0; i < reconcile::field_count; ++i)
        record.patient[reconcile::all_fields()[i]] = value_of(fields.at(i));
    if (object.contains(modified_key))
        record.modified_at = Instant(Instant::duration(object[modified_key].get<std::int64_t>()));
    if (object.contains(active_key)) record.active = object[active_key].get<bool>();
    record.deceased = object.contains(deceased_key);
    record.alive = object.contains(alive_key);
    record.deleted = object.contains(deleted_key);
    record.identity_status = text_at(object, status_key);
    record.usual_last_name = text_at(object, usual_key);
    record.merged_into = text_at(object, merged_key);
    record.renamed = object.contains(renamed_key);
    if (const auto prior = object.find(prior_key); prior != object.end())
        record.prior_ids = prior->get<std::vector<std::string>>();
    record.place = text_at(object, place_key);
    record.second_hand = object.contains(second_hand_key);
    record.ambiguous = object.contains(ambiguous_key);
    record.contradicting_fields = text_at(object, contradicting_fields_key);
    record.contradicting_places = text_at(object, contradicting_places_key);
    record.external_id_defect = text_at(object, defect_key);
    record.claimed_id = text_at(object, claimed_key);
    record.made_good = object.contains(made_good_key);
    if (object.contains(said_key))
        record.said = reconcile::FactSet::of(object[said_key].get<std::uint32_t>());
    record.recorded = moment_at(object, recorded_key);
    record.sent = moment_at(object, sent_key);
    if (const auto unread = object.find(unread_key); unread != object.end())
        for (const auto& [name, reason] : unread->items())
            record.unread.push_back({name, reason.get<std::string>()});
    return record;
}

constexpr const char* kept_too_large =
    "what a former version kept of this patient is too large to be read: have the HIS send the "
    "patient again";
constexpr const char* kept_damaged = "what was kept of this patient was changed by another program "
                                     "and cannot be decrypted: have the "
                                     "HIS send the patient again, and check the disk";

/// What makes a record without a usable externalId another one: what it says, whenever it comes and
/// wherever it stands. One that says nothing is told by its place.
SourceRecord content_of(SourceRecord record) {
    record.kept_as.clear();
    record.made_good = false;
    if (record.patient.known().empty() && record.claimed_id.empty()) return record;
    record.place.clear();
    record.modified_at.reset();
    record.unread.clear();
    record.recorded.reset();
    record.sent.reset();
    return record;
}

[[noreturn]] void damaged() {
    throw state::StoreError(
        state::StoreError::Kind::damaged,
        "something in the inbox cannot be decrypted with the state's key: it was "
        "changed by another program; restore a backup of the state");
}

} // namespace

std::string record_text(const SourceRecord& record) {
    json object;
    auto& fields = object[fields_key] = json::array();
    for (const auto field : reconcile::all_fields())
        fields.push_back(value_json(record.patient[field]));
    put(object, id_key, record.patient.external_id());
    put_times(object, record);
    if (record.active) object[active_key] = *record.active;
    if (record.deceased) object[deceased_key] = true;
    if (record.alive) object[alive_key] = true;
    if (record.deleted) object[deleted_key] = true;
    put(object, status_key, record.identity_status);
    put(object, usual_key, record.usual_last_name);
    put(object, merged_key, record.merged_into);
    if (record.renamed) object[renamed_key] = true;
    if (!record.prior_ids.empty()) object[prior_key] = record.prior_ids;
    put(object, place_key, record.place);
    if (record.second_hand) object[second_hand_key] = true;
    if (record.ambiguous) object[ambiguous_key] = true;
    put(object, contradicting_fields_key, record.contradicting_fields);
    put(object, contradicting_places_key, record.contradicting_places);
    put(object, defect_key, record.external_id_defect);
    put(object, claimed_key, record.claimed_id);
    if (record.made_good) object[made_good_key] = true;
    if (record.said.number() != 0) object[said_key] = record.said.number();
    for (const auto& [name, reason] : record.unread)
        object[unread_key][name] = reason;
    // Bytes that are not UTF-8 can only come from a source that did not decode them: no record may
    // be lost because of that.
    return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

SourceRecord record_from_text(std::string_view text) {
    try {
        return record_of(json::parse(text));
    } catch (const json::exception&) {
        throw std::invalid_argument("what was kept of a record cannot be read");
    }
}

std::string SealedRecords::key_of(const SourceRecord& record) const {
    const auto& id = record.patient.external_id();
    // Later it is held as invalid; until then the state must not hold it in clear.
    if (reconcile::is_nir(id)) return reconcile::nameless_key(digester_.text("inbox NIR", id));
    if (names_patient(record)) return id;
    return reconcile::nameless_key(digester_.text("inbox record", record_text(content_of(record))));
}

Digest SealedRecords::content_key(const ContentDigest& content) const {
    const std::string_view bytes(reinterpret_cast<const char*>(content.data()), content.size());
    return digester_.text("inbox content", bytes);
}

std::string SealedRecords::sender_mark(const std::string& sender) const {
    constexpr std::size_t digits = 16; // nobody is harmed where two senders share a mark
    if (sender.empty()) return {};
    return base::hex(digester_.text("inbox sender", sender)).substr(0, digits);
}

state::InboxEntry SealedRecords::close(const std::string& key, const SourceRecord& record,
                                       const std::string& mark) const {
    state::InboxEntry entry;
    entry.source = source_;
    entry.key = key;
    auto text = record_text(record);
    if (!mark.empty()) text.replace(0, 1, std::string(mark_start) + mark + std::string(mark_end));
    entry.sealed = seal_.close(text, seal_place(entry));
    return entry;
}

std::optional<std::string> SealedRecords::text_of(const state::InboxEntry& entry) const {
    return seal_.open(entry.sealed, seal_place(entry));
}

std::string SealedRecords::mark_of(const state::InboxEntry& entry) const {
    const auto text = text_of(entry);
    if (!text || !text->starts_with(mark_start)) return {};
    const auto end = text->find(mark_end, mark_start.size());
    return end == std::string::npos ? std::string()
                                    : text->substr(mark_start.size(), end - mark_start.size());
}

SourceRecord SealedRecords::open(const state::InboxEntry& entry) const {
    const auto text = text_of(entry);
    if (!text) damaged();
    auto record = within_bounds(record_from_text(*text));
    if (reconcile::is_nameless_key(entry.key)) record.kept_as = entry.key;
    return record;
}

std::optional<SourceRecord> SealedRecords::find(const state::InboxEntry& entry) const {
    try {
        return open(entry);
    } catch (const state::StoreError&) {
    } catch (const std::invalid_argument&) {
    }
    return std::nullopt;
}

SourceRecord SealedRecords::shown(const state::InboxEntry& entry) const {
    if (auto record = find(entry)) return *std::move(record);
    const std::string reason = entry.sealed.empty() ? kept_too_large : kept_damaged;
    SourceRecord record;
    if (reconcile::is_nameless_key(entry.key))
        record.kept_as = entry.key;
    else
        record.patient.set_external_id(entry.key);
    for (const auto field : reconcile::all_fields())
        if (reconcile::is_required(field)) record.patient[field] = FieldValue::unreadable(reason);
    record.place = "inbox, row " + std::to_string(entry.sequence);
    return record;
}

state::InboxReceipt SealedRecords::close_receipt(const Digest& content,
                                                 const std::string& answer) const {
    state::InboxReceipt receipt;
    receipt.source = source_;
    receipt.content = content;
    receipt.sealed_answer = seal_.close(answer, seal_place(receipt));
    return receipt;
}

std::optional<std::string> SealedRecords::open_receipt(const state::InboxReceipt& receipt) const {
    return seal_.open(receipt.sealed_answer, seal_place(receipt));
}

} // namespace medibridge::connectors
