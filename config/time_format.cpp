#include "config/time_format.hpp"

#include <string>

namespace medibridge::config {

namespace {

constexpr std::string_view known = "YmdejbhBHIMSpfzsQFTRnt%";

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

bool any_of(std::string_view used, std::string_view directives) {
    return used.find_first_of(directives) != std::string_view::npos;
}

std::string what_is_missing(std::string_view used, bool birth_date) {
    if (any_of(used, "I") != any_of(used, "p"))
        return "%I and %p go together: use %H for hours from 0 to 23";
    if (any_of(used, "sQ"))
        return birth_date ? "a birth date is not a moment: %s and %Q do not give one" : "";
    if (!any_of(used, "YF")) return "the year is missing (%Y)";
    if (any_of(used, "j")) return {};
    if (!any_of(used, "mbBhF")) return "the month is missing (%m)";
    if (!any_of(used, "deF")) return "the day is missing (%d)";
    return {};
}

} // namespace

std::string time_format_mistake(std::string_view format, bool birth_date) {
    std::string used;
    for (std::size_t i = 0; i < format.size(); ++i) {
        if (format[i] != '%') continue;
        if (++i == format.size()) return "a % at the end: write %% for the character itself";
        const char directive = format[i];
        if (known.find(directive) == std::string_view::npos) {
            const bool printable = directive > 0x20 && directive < 0x7F;
            return (printable ? std::string("%") + directive
                              : std::string("a % before this character")) +
                   " is not known" + std::string(advice_for(directive));
        }
        used += directive;
    }
    if (used.empty()) return "it has no directive: write it as in %d/%m/%Y";
    return what_is_missing(used, birth_date);
}

} // namespace medibridge::config
