#pragma once

#include "connectors/mapping/time_text.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace medibridge::connectors {

/// A date and time format in strptime's directives, checked once and then used for many texts.
///
/// %Y %m %d %e %j %b %B %H %I %M %S %p %f (fraction) %z (offset, or Z) %F %T %R %s (Unix seconds)
/// %Q (Unix milliseconds) %n %t %%. A `Z` that stands by itself behind a time means UTC. A fraction
/// behind %S may be there without being named. Two-digit years (%y, %D) are refused.
class TextFormat {
  public:
    /// Throws std::invalid_argument: what is wrong with the format, and how to mend it.
    explicit TextFormat(std::string_view format);

    /// Reads the whole text, without spaces around it. Nothing if it does not fit, or if there is
    /// no such date or time.
    std::optional<CivilTime> read(std::string_view text) const;

    /// The date of a text that fits, or fits up to a time of day that the format does not name; it
    /// is taken as it is written, whatever the offset.
    std::optional<CivilTime> read_date(std::string_view text) const;

    /// Writes `instant` floored to what the format can show. Without an offset in the format it is
    /// `zone`'s clock that is shown, so that no later moment is shown as an earlier one.
    std::string write(reconcile::Instant instant, const TimeZone& zone) const;

    /// Whether it names year, month and day, or a Unix time.
    bool has_date() const { return has_calendar_date() || has_unix_time_; }
    bool has_calendar_date() const { return has_year_ && (has_day_of_year_ || has_month_day()); }
    bool has_unix_time() const { return has_unix_time_; }

  private:
    enum class Item : std::uint8_t {
        literal,
        spaces,
        year,
        month,
        day,
        day_of_year,
        month_name,
        month_full_name,
        hour,
        hour_of_12,
        minute,
        second,
        half_day,
        fraction,
        offset,
        utc,
        unix_seconds,
        unix_milliseconds,
    };
    struct Step {
        Item item = Item::literal;
        char literal = 0;
        bool full_width = false; ///< beside another number: all its digits must be there
        bool spaced = false;     ///< written with a space for a leading zero
    };
    struct Parts;

    bool has_month_day() const { return has_month_ && has_day_; }
    void add(char directive);
    void add_all(std::string_view format);
    void finish();
    bool read_step(const Step& step, TextCursor& cursor, Parts& parts) const;
    bool read_steps(TextCursor& cursor, Parts& parts) const;
    static void write_step(const Step& step, const Parts& parts, std::string& out);

    std::vector<Step> steps_;
    bool has_year_ = false;
    bool has_month_ = false;
    bool has_day_ = false;
    bool has_day_of_year_ = false;
    bool has_unix_time_ = false;
    bool has_offset_ = false;
    bool utc_ = false;
};

} // namespace medibridge::connectors
