#include "connectors/mapping/field_rule.hpp"

#include "base/bytes/ascii.hpp"
#include "base/bytes/utf8.hpp"
#include "connectors/mapping/yes_no.hpp"

#include <algorithm>

namespace medibridge::connectors {
namespace {

using reconcile::FieldValue;
using RawKind = RawValue::Kind;

constexpr std::string_view not_in_map = "not in the map of this field: add it to `map`";
constexpr std::string_view lost_characters =
    "holds characters that were lost in an encoding: the source must send UTF-8";
constexpr std::string_view oversized = "a text of more than 64 KiB";
constexpr std::string_view composite = "an object or a list, not a text";
constexpr std::string_view not_whole = "a number with a fraction or an exponent, or one "
                                       "beyond 64 bits: the source must send it as a text";
constexpr std::string_view boolean = "true or false, not a text";
constexpr std::string_view no_iso_date =
    "not a date in the form 1980-05-31, or no real day: `format` says how the source writes others";
constexpr std::string_view no_iso_time = "not a time in the form 2026-01-31T09:05:00+01:00, or no "
                                         "real time: `format` says how the source writes others";
constexpr std::string_view no_date = "not a date in the form of `format`, or no real day";
constexpr std::string_view no_time = "not a time in the form of `format`, or no real time";
constexpr std::string_view no_flag = "neither yes nor no: list its values in `map`";

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && base::is_ascii_space(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && base::is_ascii_space(text.back()))
        text.remove_suffix(1);
    return text;
}

/// Whether a text without a format is a date of some country, or a moment.
bool looks_like_date(std::string_view text) {
    const auto digits = std::ranges::count_if(text, base::is_ascii_digit);
    return digits >= 6 && text.find_first_not_of("0123456789-/.: TZ+") == std::string_view::npos;
}

} // namespace

/// A value's text after trimming, default and map.
struct FieldRule::Words {
    std::string_view text;  ///< empty: unknown
    std::string_view fault; ///< empty unless unreadable
    bool canonical = false; ///< from the default: no format applies
    RawKind kind = RawKind::text;
};

FieldRule::FieldRule(const config::FieldPlace& place, TimeZone zone)
    : zone_(zone),
      map_(place.map.begin(), place.map.end()),
      default_(place.default_value) {
    if (!place.format.empty()) format_.emplace(place.format);
}

FieldRule::Words FieldRule::words(const RawValue& raw) const {
    Words words;
    words.kind = raw.kind;
    if (raw.kind == RawKind::composite) {
        words.fault = composite;
        return words;
    }
    if (raw.kind == RawKind::oversized) {
        words.fault = oversized;
        return words;
    }
    const auto text = trimmed(raw.text);
    if (text.empty() || raw.kind == RawKind::absent || raw.kind == RawKind::null) {
        if (default_) words.text = *default_;
        words.canonical = true;
        return words;
    }
    if (base::holds_replacement(text)) {
        words.fault = lost_characters;
        return words;
    }
    words.text = text;
    if (map_.empty()) return words;
    const auto found = map_.find(text);
    if (found == map_.end())
        words.fault = not_in_map;
    else
        words.text = found->second;
    words.kind = RawKind::text;
    return words;
}

FieldRule::Plain FieldRule::plain(const RawValue& raw) const {
    const auto words = this->words(raw);
    if (!words.fault.empty()) return {{}, words.fault};
    if (words.text.empty()) return {};
    if (words.kind == RawKind::decimal) return {{}, not_whole};
    if (words.kind == RawKind::boolean) return {{}, boolean};
    return {words.text, {}};
}

FieldValue FieldRule::text(const RawValue& raw) const {
    const auto plain = this->plain(raw);
    if (!plain.fault.empty()) return FieldValue::unreadable(std::string(plain.fault));
    const bool is_empty_text = raw.kind == RawKind::text && trimmed(raw.text).empty();
    if (plain.text.empty()) return is_empty_text ? FieldValue::cleared() : FieldValue();
    return FieldValue::known(std::string(plain.text));
}

std::optional<CivilTime> FieldRule::read_date(std::string_view text, bool canonical) const {
    return format_ && !canonical ? format_->read_date(text) : read_iso(text);
}

std::optional<CivilTime> FieldRule::read_time(std::string_view text, bool canonical) const {
    return format_ && !canonical ? format_->read(text) : read_iso(text);
}

FieldValue FieldRule::date(const RawValue& raw) const {
    const auto words = this->words(raw);
    if (!words.fault.empty()) return FieldValue::unreadable(std::string(words.fault));
    if (words.text.empty()) return {};
    const auto date = read_date(words.text, words.canonical);
    if (!date) return FieldValue::unreadable(std::string(format_ ? no_date : no_iso_date));
    return FieldValue::known(date_text(*date));
}

FieldRule::Moment FieldRule::moment(const RawValue& raw) const {
    const auto words = this->words(raw);
    if (!words.fault.empty()) return {std::nullopt, words.fault};
    if (words.text.empty()) return {};
    const auto time = read_time(words.text, words.canonical);
    if (!time) return {std::nullopt, format_ ? no_time : no_iso_time};
    return {connectors::moment(*time, zone_), {}};
}

FieldRule::Flag FieldRule::flag(const RawValue& raw) const {
    const auto words = this->words(raw);
    if (!words.fault.empty()) return {std::nullopt, words.fault, words.fault == not_in_map};
    if (words.text.empty()) return {};
    if (const auto said = yes_or_no(words.text)) return {said, {}};
    const bool date = format_ && !words.canonical ? format_->read_date(words.text).has_value()
                                                  : looks_like_date(words.text);
    if (date) return {true, {}};
    return {std::nullopt, no_flag};
}

} // namespace medibridge::connectors
