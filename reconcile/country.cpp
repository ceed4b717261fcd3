#include "reconcile/country.hpp"

#include <algorithm>
#include <unicode/locid.h>
#include <unicode/unistr.h>

namespace medibridge::reconcile {

std::vector<std::string> country_names(std::string_view region) {
    const icu::Locale country("", std::string(region).c_str());
    std::vector<std::string> names;
    const auto add = [&names](const icu::UnicodeString& name) {
        std::string text;
        name.toUTF8String(text);
        if (!text.empty() && std::ranges::find(names, text) == names.end())
            names.push_back(std::move(text));
    };
    const auto add_cases = [&add](const icu::UnicodeString& name) {
        add(name);
        add(icu::UnicodeString(name).toUpper(icu::Locale::getRoot()));
        add(icu::UnicodeString(name).toLower(icu::Locale::getRoot()));
    };
    add_cases(icu::UnicodeString::fromUTF8(std::string(region)));
    add_cases(icu::UnicodeString(country.getISO3Country()));
    for (const auto& language : {icu::Locale::getFrench(), icu::Locale::getEnglish()}) {
        icu::UnicodeString name;
        add_cases(country.getDisplayCountry(language, name));
    }
    return names;
}

} // namespace medibridge::reconcile
