#include "connectors/inbox/bounds.hpp"

#include "base/bytes/ascii.hpp"
#include "base/bytes/utf8.hpp"
#include "reconcile/normal_form.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace medibridge::connectors {

using reconcile::Field;
using reconcile::FieldValue;
using reconcile::SourceRecord;

namespace {

/// Bytes of `text_limit` characters in UTF-8.
constexpr std::size_t longest_value = 4 * reconcile::text_limit;
constexpr std::size_t longest_word = 256; ///< of our own words, places and reasons, in bytes
constexpr const char* too_long = "is longer than 255 characters";

/// Bytes in JSON, at most: controls become `\u0000`, bytes that are no text U+FFFD.
std::size_t written_size(std::string_view text) {
    std::size_t size = 0;
    while (!text.empty()) {
        const auto length = base::utf8_length(text);
        const char c = text.front();
        if (length > 1)
            size += length;
        else if (length == 0)
            size += base::replacement_character.size();
        else if (static_cast<unsigned char>(c) < ' ')
            size += 6;
        else
            size += c == '"' || c == '\\' ? 2 : 1;
        text.remove_prefix(std::max<std::size_t>(1, length));
    }
    return size;
}

/// Whether it is too long in any reading. Twice as much in JSON: it may be all quotes.
bool is_too_long(std::string_view text, std::size_t most) {
    return text.size() > most || written_size(text) > 2 * std::min(most, reconcile::text_limit * 2);
}

void trim(std::string& text) {
    if (text.size() <= reconcile::text_limit) return;
    text = std::string(reconcile::trim(text));
}

void bound_word(std::string& word) {
    word = std::string(base::utf8_prefix(word, longest_word));
    // Controls count six bytes each.
    if (is_too_long(word, longest_word))
        word = std::string(base::utf8_prefix(word, longest_word / 6));
}

FieldValue bounded(FieldValue value) {
    auto text = value.text();
    switch (value.state()) {
    case FieldValue::State::known:
        trim(text);
        if (is_too_long(text, longest_value)) return FieldValue::unreadable(too_long);
        return text.size() == value.text().size() ? std::move(value)
                                                  : FieldValue::known(std::move(text));
    case FieldValue::State::unreadable:
        bound_word(text);
        return FieldValue::unreadable(std::move(text));
    case FieldValue::State::unknown:
    case FieldValue::State::cleared:
        break;
    }
    return value;
}

void hold(SourceRecord& record, std::string reason) {
    record.patient[Field::last_name] = FieldValue::unreadable(std::move(reason));
}

void bound_identifier(SourceRecord& record) {
    std::string id = record.patient.external_id();
    trim(id);
    if (is_too_long(id, reconcile::external_id_limit)) {
        id.clear();
        if (record.external_id_defect.empty())
            record.external_id_defect = "is longer than 255 bytes";
    }
    if (id.size() != record.patient.external_id().size()) record.patient.set_external_id(id);
    bound_word(record.external_id_defect);
}

} // namespace

SourceRecord within_bounds(SourceRecord record) {
    bound_identifier(record);
    for (const auto field : reconcile::all_fields())
        record.patient[field] = bounded(std::move(record.patient[field]));
    trim(record.usual_last_name);
    // Stands for it: too long in any reading, and refused as that.
    if (is_too_long(record.usual_last_name, longest_value))
        record.usual_last_name = std::string(reconcile::text_limit + 1, 'x');
    trim(record.claimed_id);
    if (is_too_long(record.claimed_id, reconcile::external_id_limit)) record.claimed_id.clear();
    trim(record.merged_into);
    if (is_too_long(record.merged_into, reconcile::external_id_limit)) {
        record.merged_into.clear();
        record.renamed = false;
        hold(record, "mergedInto is longer than 255 bytes");
    }
    if (is_too_long(record.identity_status, longest_value)) {
        record.identity_status.clear();
        hold(record, std::string("identityStatus ") + too_long);
    }
    bound_word(record.place);
    return record;
}

} // namespace medibridge::connectors
