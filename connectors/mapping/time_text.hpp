#pragma once

#include "connectors/mapping/time_zone.hpp"
#include "reconcile/instant.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace medibridge::connectors {

/// A date, and a time of day where one was written, as a text shows them.
struct CivilTime {
    std::chrono::year_month_day date{std::chrono::year(1970), std::chrono::January,
                                     std::chrono::day(1)};
    std::chrono::milliseconds time_of_day{0};
    std::optional<std::chrono::minutes> offset; ///< nothing: the source's own clock
    reconcile::Precision precision = reconcile::Precision::seconds;
    /// How long that lasts which the text names: a day, where no time of day was written.
    std::chrono::milliseconds grain = std::chrono::days(1);
};

/// The moment that is meant; `zone` is the clock of times without an offset.
reconcile::Timestamp moment(const CivilTime& time, const TimeZone& zone);

/// `YYYY-MM-DD`, of a year from 0 to 9999.
std::string date_text(const CivilTime& time);

/// Reads texts from left to right. Each take… moves on only if it succeeds.
class TextCursor {
  public:
    explicit TextCursor(std::string_view text) : rest_(text) {}

    bool at_end() const { return rest_.empty(); }
    std::string_view rest() const { return rest_; }

    bool take(char c);
    void skip_spaces();
    /// A number of `least` to `most` ASCII digits; at most 18.
    std::optional<std::int64_t> take_number(std::size_t least, std::size_t most);
    /// One to nine digits behind a decimal mark, floored to milliseconds.
    std::optional<std::chrono::milliseconds> take_fraction();
    /// `Z`, `+02`, `+0200` or `+02:00`.
    std::optional<std::chrono::minutes> take_offset();
    /// A letter-by-letter match in any ASCII case.
    bool take_word(std::string_view word);

  private:
    std::string_view rest_;
};

/// Reads ISO 8601 as sources write it: `2026-01-31`, then perhaps `T` or a space, `09:05`, seconds,
/// a fraction, an offset. Nothing for anything else or for a date or time that does not exist.
std::optional<CivilTime> read_iso(std::string_view text);

/// Whether `text` can be the time of day behind a date: `T00:00:00Z`, ` 00:00`; empty is one, too.
bool is_time_tail(std::string_view text);

} // namespace medibridge::connectors
