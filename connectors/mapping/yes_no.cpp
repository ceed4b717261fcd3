#include "connectors/mapping/yes_no.hpp"

#include "base/bytes/ascii.hpp"
#include "reconcile/text.hpp"

#include <algorithm>
#include <array>

namespace medibridge::connectors {

namespace {

using FlagWords = std::array<std::string_view, 8>;
constexpr FlagWords yes_words = {"true", "1", "yes", "y", "oui", "o", "vrai", "t"};
constexpr FlagWords no_words = {"false", "0", "no", "n", "non", "n", "faux", "f"};

constexpr std::size_t least_date = 8; ///< `00000000`

bool is_one_of(std::string_view text, const FlagWords& words) {
    return std::ranges::any_of(words, [text](std::string_view word) {
        return base::equal_ignoring_ascii_case(word, text);
    });
}

} // namespace

std::optional<bool> yes_or_no(std::string_view text) {
    text = reconcile::trim(text);
    if (is_one_of(text, yes_words)) return true;
    if (is_one_of(text, no_words)) return false;
    if (text.size() >= least_date && is_zero_date(text)) return false;
    return std::nullopt;
}

bool is_zero_date(std::string_view text) {
    return text.find_first_not_of("0-/.:+ T") == std::string_view::npos;
}

} // namespace medibridge::connectors
