#pragma once

#include "config/fields.hpp"
#include "connectors/mapping/raw_value.hpp"
#include "connectors/mapping/text_format.hpp"
#include "connectors/mapping/time_zone.hpp"
#include "reconcile/instant.hpp"
#include "reconcile/patient.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace medibridge::connectors {

/// How the raw value of one field becomes the canonical one, whatever the kind of source.
///
/// Absent and null values are unknown, and blank texts cleared, unless the field has a default for
/// them (which is canonical already: neither mapped nor read by the format). Spaces around a value
/// do not count for maps, formats and words. Reasons never hold a value.
class FieldRule {
  public:
    /// Throws std::invalid_argument if the format cannot be used.
    FieldRule(const config::FieldPlace& place, TimeZone zone);

    /// A text or an identifier: numbers keep all their digits; fractions, booleans (unless the map
    /// names them), objects and lists are unreadable, and so is what is not in the map.
    reconcile::FieldValue text(const RawValue& raw) const;

    /// The same without a copy; both empty: unknown. Valid as long as rule and value are.
    struct Plain {
        std::string_view text;
        std::string_view fault;
    };
    Plain plain(const RawValue& raw) const;

    /// A date as `YYYY-MM-DD`, as it is written: a time of day and an offset behind it are dropped.
    reconcile::FieldValue date(const RawValue& raw) const;

    /// A moment that may be unknown or unreadable.
    struct Moment {
        std::optional<reconcile::Timestamp> timestamp;
        std::string_view fault; ///< empty unless unreadable
    };
    Moment moment(const RawValue& raw) const;

    /// Yes or no, or a date, which means yes (a date of death).
    struct Flag {
        std::optional<bool> value; ///< nothing: unknown or unreadable
        std::string_view fault;    ///< empty unless unreadable
        bool mapped = false;       ///< unreadable because the map does not name it
    };
    Flag flag(const RawValue& raw) const;

    /// Null if none is given.
    const TextFormat* format() const { return format_ ? &*format_ : nullptr; }

  private:
    struct Words;
    Words words(const RawValue& raw) const;
    std::optional<CivilTime> read_time(std::string_view text, bool canonical) const;
    std::optional<CivilTime> read_date(std::string_view text, bool canonical) const;

    TimeZone zone_;
    std::optional<TextFormat> format_;
    std::map<std::string, std::string, std::less<>> map_;
    std::optional<std::string> default_;
};

} // namespace medibridge::connectors
