#include "reconcile/external_id.hpp"

#include "base/bytes/ascii.hpp"
#include "reconcile/garbled.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace medibridge::reconcile {

namespace {

constexpr std::size_t nir_size = 15;

constexpr std::string_view only_zeros = "consists of zeros only";

/// What programs and people write where there is no key, in lower case. Sorted.
constexpr std::array<std::string_view, 30> words_for_no_value = {
    "(null)",    "-1",      "-inf",    "<null>",   "[null]", "\\n",      "anonyme", "aucun",
    "false",     "faux",    "inconnu", "inconnue", "inf",    "infinity", "n/a",     "nan",
    "neant",     "nil",     "none",    "nul",      "null",   "sans",     "true",    "undef",
    "undefined", "unknown", "vide",    "vrai",     "xx",     "xxx"};
static_assert(std::ranges::is_sorted(words_for_no_value));

/// Why the text, trimmed and not empty, identifies no patient.
std::string_view names_nobody(std::string_view text) {
    const auto lower = base::ascii_lower_case(text);
    if (std::ranges::binary_search(words_for_no_value, lower)) return no_value;
    if (std::ranges::all_of(text, [](char c) { return c == '0'; })) return only_zeros;
    const bool readable = std::ranges::any_of(
        text, [](char c) { return base::is_ascii_alphanumeric(c) || (c & 0x80) != 0; });
    return readable ? std::string_view() : no_character;
}

/// The department's second character, a letter in Corsica, as the key counts it: 2A is 19, 2B is
/// 18. Nothing else is allowed there.
bool spell_corsica(std::array<char, nir_size>& nir) {
    char& letter = nir[6];
    if (base::is_ascii_digit(letter)) return true;
    const char upper = base::ascii_upper(letter);
    if (nir[5] != '2' || (upper != 'A' && upper != 'B')) return false;
    nir[5] = '1';
    letter = upper == 'A' ? '9' : '8';
    return true;
}

std::int64_t number(const char* first, const char* last) {
    std::int64_t value = 0;
    for (; first != last; ++first)
        value = value * 10 + (*first - '0');
    return value;
}

/// 01 to 12, and the pseudo-months of births whose month is not known: 20 to 42, 50 to 99.
bool is_nir_month(std::int64_t month) {
    return (month >= 1 && month <= 12) || (month >= 20 && month <= 42) || month >= 50;
}

} // namespace

bool is_nir(std::string_view text) {
    std::array<char, nir_size> nir{};
    std::size_t size = 0;
    for (const char c : text) {
        if (c == ' ' || c == '.' || c == '-') continue;
        if (size == nir_size) return false;
        nir[size++] = c;
    }
    if (size != nir_size || !spell_corsica(nir)) return false;
    if (!std::ranges::all_of(nir, base::is_ascii_digit)) return false;
    // 1 and 2; 3 and 4 while being registered; 7 and 8 for temporary numbers.
    if (std::string_view("123478").find(nir[0]) == std::string_view::npos) return false;
    const char* digits = nir.data();
    if (!is_nir_month(number(digits + 3, digits + 5))) return false;
    return number(digits + 13, digits + 15) == 97 - number(digits, digits + 13) % 97;
}

Normal normal_external_id(std::string_view text) {
    if (text.size() > 4 * external_id_limit) return {{}, "is longer than 255 bytes"};
    // What normalising as a text refuses is refused here too; what it would change is not.
    const auto as_text = normal_text(text, Shape::name);
    if (!as_text.ok()) return as_text;
    if (as_text.text.empty()) return {};
    const auto id = trim(text);
    if (id.size() > external_id_limit) return {{}, "is longer than 255 bytes"};
    if (holds_invisible(id)) return {{}, "holds an invisible character"};
    // As a text, so that no-break spaces between its groups do not hide it.
    if (is_nir(as_text.text)) return {{}, "is a national health number (NIR), which is never sent"};
    if (const auto form = garbled_id(id); !form.empty()) return {{}, form};
    if (const auto reason = names_nobody(id); !reason.empty()) return {{}, reason};
    return {std::string(id), {}};
}

} // namespace medibridge::reconcile
