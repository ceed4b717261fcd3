#include "reconcile/normal_form.hpp"

#include "base/bytes/ascii.hpp"
#include "base/time/calendar.hpp"
#include "reconcile/garbled.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <new>
#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

namespace medibridge::reconcile {

namespace {

constexpr std::size_t nir_size = 15;
constexpr std::size_t nir_key_size = 2;

/// What people write before a national number, so that it is one without its key, too. Sorted.
constexpr std::array<std::string_view, 9> national_labels = {
    "INS", "INSNIA", "INSNIR", "NIA", "NIR", "NNI", "NSS", "SECU", "SS"};
static_assert(std::ranges::is_sorted(national_labels));

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

/// The letters and digits alone, digits of any width and script as those of ASCII, letters beyond
/// ASCII as `?`. Nothing hides a number from whoever reads it this way.
std::string letters_and_digits(std::string_view text) {
    std::string wide;
    if (!base::is_ascii(text)) {
        UErrorCode error = U_ZERO_ERROR;
        const auto* nfkc = icu::Normalizer2::getNFKCInstance(error);
        if (U_FAILURE(error)) throw std::bad_alloc();
        icu::StringByteSink<std::string> sink(&wide);
        const icu::StringPiece piece(text.data(), static_cast<std::int32_t>(text.size()));
        nfkc->normalizeUTF8(0, piece, sink, nullptr, error);
        if (U_FAILURE(error)) return {};
        text = wide;
    }
    std::string plain;
    plain.reserve(text.size());
    const auto size = static_cast<std::int32_t>(text.size());
    for (std::int32_t i = 0; i < size;) {
        UChar32 c = 0;
        U8_NEXT(text.data(), i, size, c);
        const bool is_ascii = c >= 0 && c < 0x80;
        if (is_ascii && base::is_ascii_alphanumeric(static_cast<char>(c)))
            plain += base::ascii_upper(static_cast<char>(c));
        else if (is_ascii)
            continue;
        else if (const auto digit = u_charDigitValue(c); digit >= 0)
            plain += static_cast<char>('0' + digit);
        else if (c < 0 || u_isalpha(c) != 0)
            plain += '?';
    }
    return plain;
}

/// 01 to 12, and the pseudo-months of births whose month is not known: 20 to 42, 50 to 99.
bool is_nir_month(std::int64_t month) {
    return (month >= 1 && month <= 12) || (month >= 20 && month <= 42) || month >= 50;
}

/// An identifier of letters and digits that is too short for a national number. Of all that is
/// refused it can only be a word for no value, or zeros: whatever else is looked for has other
/// characters in it.
bool is_short_and_plain(std::string_view text) {
    return !text.empty() && text.size() < nir_size - nir_key_size &&
           std::ranges::all_of(text, base::is_ascii_alphanumeric);
}

} // namespace

bool is_nir(std::string_view text) {
    const auto all = letters_and_digits(text);
    const auto first = std::ranges::find_if(all, base::is_ascii_digit);
    const auto label = std::string_view(all.begin(), first);
    const auto written = std::string_view(first, all.end());
    const bool has_key = written.size() == nir_size;
    const bool is_labelled = written.size() == nir_size - nir_key_size &&
                             std::ranges::binary_search(national_labels, label);
    if (!has_key && !is_labelled) return false;
    std::array<char, nir_size> nir{};
    nir.fill('0');
    std::ranges::copy(written, nir.begin());
    if (!spell_corsica(nir)) return false;
    if (!std::ranges::all_of(nir, base::is_ascii_digit)) return false;
    // 1 and 2; 3 and 4 while being registered; 7 and 8 for temporary numbers.
    if (std::string_view("123478").find(nir[0]) == std::string_view::npos) return false;
    const char* digits = nir.data();
    if (!is_nir_month(number(digits + 3, digits + 5))) return false;
    return !has_key || number(digits + 13, digits + 15) == 97 - number(digits, digits + 13) % 97;
}

Normal normal_external_id(std::string_view text) {
    if (text.size() > 4 * external_id_limit) return {{}, "is longer than 255 bytes"};
    if (is_short_and_plain(text)) {
        const auto reason = names_nobody(text);
        return reason.empty() ? Normal{std::string(text), {}} : Normal{{}, reason};
    }
    // What text normalisation refuses is refused here too; what it would change stays as it is.
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

using base::take_date;

namespace {

constexpr std::chrono::sys_days earliest_birth = std::chrono::year(1850) / 1 / 1;

} // namespace

Normal normal_birth_date(std::string_view text) {
    text = trim(text);
    if (text.empty()) return {};
    std::string_view rest = text;
    const auto date = take_date(rest);
    if (!date || !rest.empty()) return {{}, "is not a real date of the form YYYY-MM-DD"};
    if (*date < earliest_birth) return {{}, "is before 1850"};
    return {std::string(text), {}};
}

bool is_born_after(std::string_view birth_date, Instant modified_at) {
    const auto born = take_date(birth_date);
    if (!born) return false;
    // In 64-bit days, because a source may state any moment.
    using Days = std::chrono::duration<std::int64_t, std::chrono::days::period>;
    const auto modified = std::chrono::floor<Days>(modified_at.time_since_epoch());
    return Days(born->time_since_epoch()) > modified + Days(1);
}

namespace {

constexpr std::string_view not_an_address = "is not an e-mail address";

// RFC 5321 §4.5.3.1
constexpr std::size_t address_limit = 254;
constexpr std::size_t local_limit = 64;
constexpr std::size_t label_limit = 63;

bool is_atom_character(char c) {
    return base::is_ascii_alphanumeric(c) ||
           std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

bool is_atom(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, is_atom_character);
}

bool is_label(std::string_view text) {
    return !text.empty() && text.size() <= label_limit && text.front() != '-' &&
           text.back() != '-' && std::ranges::all_of(text, [](char c) {
               return base::is_ascii_alphanumeric(c) || c == '-';
           });
}

/// Whether `is_part` holds for each part between the dots. Counts the parts.
template <class Predicate>
bool parts_are(std::string_view text, Predicate is_part, std::size_t& count) {
    count = 0;
    for (;;) {
        const auto dot = text.find('.');
        ++count;
        if (!is_part(text.substr(0, dot))) return false;
        if (dot == std::string_view::npos) return true;
        text.remove_prefix(dot + 1);
    }
}

bool is_local_part(std::string_view text) {
    std::size_t atoms = 0;
    return text.size() <= local_limit && parts_are(text, is_atom, atoms);
}

bool is_domain(std::string_view text) {
    std::size_t labels = 0;
    if (!parts_are(text, is_label, labels) || labels < 2) return false;
    // No top-level domain is a number: this is an IP address without its brackets.
    const auto top = text.substr(text.rfind('.') + 1);
    return !std::ranges::all_of(top, base::is_ascii_digit);
}

} // namespace

Normal normal_email(std::string_view text) {
    auto normal = normal_text(text, Shape::name);
    if (!normal.ok() || normal.text.empty()) return normal;
    const auto at = normal.text.find('@');
    if (at == std::string::npos || normal.text.size() > address_limit) return {{}, not_an_address};
    const std::string_view all = normal.text;
    if (!is_local_part(all.substr(0, at)) || !is_domain(all.substr(at + 1)))
        return {{}, not_an_address};
    std::transform(normal.text.begin() + static_cast<std::ptrdiff_t>(at), normal.text.end(),
                   normal.text.begin() + static_cast<std::ptrdiff_t>(at), base::ascii_lower);
    return normal;
}

} // namespace medibridge::reconcile
