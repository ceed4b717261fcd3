#include "config/time_format.hpp"

#include "base/bytes/ascii.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace medibridge::config {

namespace {

using Item = TimeFormat::Item;
using Step = TimeFormat::Step;

struct Directive {
    char letter;
    Step step;
};

constexpr std::array directives{
    Directive{'Y', {Item::year}},
    Directive{'m', {Item::month}},
    Directive{'d', {Item::day}},
    Directive{'e', {Item::day, 0, false, true}},
    Directive{'j', {Item::day_of_year}},
    Directive{'b', {Item::month_name}},
    Directive{'h', {Item::month_name}},
    Directive{'B', {Item::month_full_name}},
    Directive{'H', {Item::hour}},
    Directive{'I', {Item::hour_of_12}},
    Directive{'M', {Item::minute}},
    Directive{'S', {Item::second}},
    Directive{'p', {Item::half_day}},
    Directive{'f', {Item::fraction}},
    Directive{'z', {Item::offset}},
    Directive{'s', {Item::unix_seconds}},
    Directive{'Q', {Item::unix_milliseconds}},
    Directive{'n', {Item::spaces, ' '}},
    Directive{'t', {Item::spaces, ' '}},
    Directive{'%', {Item::literal, '%'}},
};

/// What stands for several directives.
constexpr std::string_view spelled_out(char directive) {
    switch (directive) {
    case 'F':
        return "%Y-%m-%d";
    case 'T':
        return "%H:%M:%S";
    case 'R':
        return "%H:%M";
    default:
        return {};
    }
}

/// Why a directive is not known, where that helps.
std::string_view advice_for(char directive) {
    switch (directive) {
    case 'y':
    case 'D':
    case 'g':
    case 'C':
        return ": two digits cannot tell 1926 from 2026, the source must write the year in full "
               "(%Y)";
    case 'Z':
        return ": names of time zones are ambiguous, use %z or `timezone`";
    case 'L':
    case 'N':
        return ": write %f for the fraction of a second";
    case 'c':
    case 'x':
    case 'X':
    case 'r':
        return ": it depends on the language of the machine; spell it out";
    default:
        return ": known are %Y %m %d %e %j %b %B %F %H %I %M %S %p %f %T %R %z %s %Q %n %t %%";
    }
}

bool is_number(const Step& step) {
    return (step.item >= Item::year && step.item <= Item::second && step.item != Item::month_name &&
            step.item != Item::month_full_name) ||
           step.item == Item::fraction || step.item >= Item::unix_seconds;
}

bool is_time(const Step& step) {
    return step.item >= Item::hour && step.item <= Item::fraction;
}

} // namespace

TimeFormat::TimeFormat(std::string_view format) {
    if (format.find('%') == std::string_view::npos)
        throw std::invalid_argument("it has no directive: write it as in %d/%m/%Y");
    add_all(format);
    look_at_neighbours();
    if (has(Item::half_day) != has(Item::hour_of_12))
        throw std::invalid_argument("%I and %p go together: use %H for hours from 0 to 23");
}

void TimeFormat::add_all(std::string_view format) {
    for (std::size_t i = 0; i < format.size(); ++i) {
        const char c = format[i];
        if (c == '%') {
            if (++i == format.size())
                throw std::invalid_argument("a % at the end: write %% for the character itself");
            add(format[i]);
        } else if (c == ' ' || c == '\t') {
            steps_.push_back({Item::spaces, ' '});
        } else {
            steps_.push_back({Item::literal, c});
        }
    }
}

void TimeFormat::add(char directive) {
    if (const auto several = spelled_out(directive); !several.empty()) return add_all(several);
    const auto* known = std::ranges::find(directives, directive, &Directive::letter);
    if (known != directives.end()) return steps_.push_back(known->step);
    throw std::invalid_argument((base::is_ascii_graphic(directive)
                                     ? std::string("%") + directive
                                     : std::string("a % before this character")) +
                                " is not known" + std::string(advice_for(directive)));
}

void TimeFormat::look_at_neighbours() {
    for (std::size_t i = 0; i < steps_.size(); ++i) {
        auto& step = steps_[i];
        const bool behind_time = i > 0 && is_time(steps_[i - 1]);
        // As a plain letter, it would make UTC count as local time: hours wrong.
        if (step.item == Item::literal && step.literal == 'Z' && behind_time) step.item = Item::utc;
        const bool beside = (i > 0 && is_number(steps_[i - 1])) ||
                            (i + 1 < steps_.size() && is_number(steps_[i + 1]));
        step.full_width = is_number(step) && beside;
    }
}

bool TimeFormat::has(Item item) const {
    return std::ranges::find(steps_, item, &Step::item) != steps_.end();
}

std::string TimeFormat::what_is_missing(bool birth_date) const {
    if (has(Item::unix_seconds) || has(Item::unix_milliseconds))
        return birth_date ? "a birth date is not a moment: %s and %Q do not give one" : "";
    if (!has(Item::year)) return "the year is missing (%Y)";
    if (has(Item::day_of_year)) return {};
    if (!has(Item::month) && !has(Item::month_name) && !has(Item::month_full_name))
        return "the month is missing (%m)";
    if (!has(Item::day)) return "the day is missing (%d)";
    return {};
}

std::string time_format_mistake(std::string_view format, bool birth_date) {
    try {
        return TimeFormat(format).what_is_missing(birth_date);
    } catch (const std::invalid_argument& mistake) {
        return mistake.what();
    }
}

} // namespace medibridge::config
