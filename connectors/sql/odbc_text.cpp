#include "connectors/sql/odbc_text.hpp"

#include <algorithm>
#include <unicode/unistr.h>

namespace medibridge::connectors {
namespace {

icu::UnicodeString unicode(std::string_view text) {
    return icu::UnicodeString::fromUTF8({text.data(), static_cast<std::int32_t>(text.size())});
}

bool is_ascii_unit(OdbcUnit unit) {
    return unit < 0x80;
}

} // namespace

std::string from_utf16(std::span<const OdbcUnit> units) {
    std::string text;
    if (std::ranges::all_of(units, is_ascii_unit)) {
        text.resize(units.size());
        std::ranges::transform(units, text.begin(), [](OdbcUnit unit) { return char(unit); });
        return text;
    }
    const std::u16string copy(units.begin(), units.end());
    icu::UnicodeString(copy.data(), static_cast<std::int32_t>(copy.size())).toUTF8String(text);
    return text;
}

std::vector<OdbcUnit> to_utf16(std::string_view text) {
    const auto wide = unicode(text);
    std::vector<OdbcUnit> units(static_cast<std::size_t>(wide.length()) + 1);
    for (std::int32_t i = 0; i < wide.length(); ++i)
        units[static_cast<std::size_t>(i)] = wide.charAt(i);
    return units;
}

bool same_name(std::string_view a, std::string_view b) {
    return unicode(a).foldCase() == unicode(b).foldCase();
}

std::string odbc_attribute(const std::string& name, const std::string& value) {
    const bool plain = !value.empty() && value.find_first_of("[]{}(),;?*=!@ ") == std::string::npos;
    if (plain) return ";" + name + "=" + value;
    std::string quoted;
    for (const char c : value)
        quoted += c == '}' ? std::string("}}") : std::string(1, c);
    return ";" + name + "={" + quoted + "}";
}

} // namespace medibridge::connectors
