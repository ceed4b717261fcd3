#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace medibridge::config {

/// A date and time format in strptime's directives, parsed once:
///
/// %Y %m %d %e %j %b %h %B %F, %H %I %M %S %p %f (fraction) %T %R, %z (offset, or Z), %s and %Q
/// (Unix seconds and milliseconds), %n %t %%. A `Z` that stands by itself behind a time means UTC.
/// Two-digit years (%y, %D) are refused.
class TimeFormat {
  public:
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

    /// Throws std::invalid_argument: what is wrong with the format, and how to fix it.
    explicit TimeFormat(std::string_view format);

    const std::vector<Step>& steps() const { return steps_; }
    bool has(Item item) const;

    /// Why it does not name a moment or, with `birth_date`, a calendar date; empty: it does.
    std::string what_is_missing(bool birth_date) const;

  private:
    void add(char directive);
    void add_all(std::string_view format);
    void look_at_neighbours();

    std::vector<Step> steps_;
};

/// What is wrong with a format for a moment or, with `birth_date`, for a calendar date; empty:
/// nothing.
std::string time_format_mistake(std::string_view format, bool birth_date);

} // namespace medibridge::config
