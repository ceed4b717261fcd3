#include "reconcile/normal_form.hpp"

#include "base/bytes/ascii.hpp"
#include "reconcile/garbled.hpp"
#include "reconcile/identity.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <phonenumbers/phonenumberutil.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

namespace medibridge::reconcile {

namespace {

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

constexpr std::string_view invalid = "is not a valid phone number";
constexpr std::string_view has_extension = "has an extension, which E.164 cannot hold";
constexpr std::string_view has_letters = "holds letters among its digits";
constexpr std::string_view has_words = "stands behind words, so it may be somebody else's";
constexpr std::string_view has_several = "holds more than one number";
constexpr std::string_view has_question_mark = "holds a question mark";

constexpr int mainland = 33;
constexpr int saint_pierre_and_miquelon = 508;

/// The regions that dial within the French numbering plan.
bool is_in_french_plan(std::string_view region) {
    constexpr std::array<std::string_view, 8> regions = {"FR", "GP", "BL", "MF",
                                                         "GF", "MQ", "RE", "YT"};
    return std::ranges::find(regions, region) != regions.end();
}

/// The country code of the territory to which the French plan gives the numbers that begin with
/// these three digits. libphonenumber takes some of them for numbers of the mainland, and does not
/// know all of the rest, so the plan decides: no other subscriber can have such a number.
std::optional<int> overseas_code(int first_three) {
    switch (first_three) {
    case 262:
    case 263:
    case 269:
    case 639:
    case 692:
    case 693:
        return 262;
    case 508:
        return saint_pierre_and_miquelon;
    case 590:
    case 690:
    case 691:
        return 590;
    case 594:
    case 694:
        return 594;
    case 596:
    case 696:
    case 697:
        return 596;
    default:
        return std::nullopt;
    }
}

/// Numbers of the mainland that libphonenumber knows to be valid by their first three digits:
/// geographic, mobile and non-geographic ones. Left to libphonenumber: 07 up to 072, 08, 0976, and
/// gaps.
bool is_mainland(int first_three) {
    if (overseas_code(first_three) || first_three == 976) return false;
    switch (first_three / 100) {
    case 0:
    case 8:
        return false;
    case 4:
        return first_three >= 410;
    case 7:
        return first_three >= 730;
    default:
        return true;
    }
}

/// ARCEP keeps 06 39 98 xx xx for fiction, as mobile numbers of the mainland, in the middle of a
/// range of Mayotte's; libphonenumber knows neither. Demonstrations and tests use them.
bool is_fiction(std::string_view national) {
    return national.starts_with("63998");
}

std::string e164(int country_code, std::string_view national) {
    if (country_code == saint_pierre_and_miquelon) national.remove_prefix(3);
    std::string text = "+" + std::to_string(country_code);
    text += national;
    return text;
}

/// The nine digits after `0`, `0033`, `+33` or `+33 (0)` of a number that is written in digits,
/// spaces, dots and dashes only; nothing for any other form.
std::optional<std::array<char, 9>> french_digits(std::string_view text, bool from_france) {
    constexpr std::string_view trunk_prefix = " (0)";
    std::size_t at = 0;
    if (text.starts_with("+33")) {
        at = 3;
    } else if (from_france && text.starts_with("0033")) {
        at = 4;
    } else if (from_france && text.starts_with('0')) {
        at = 1;
    } else {
        return std::nullopt;
    }
    if (at > 1 && text.substr(at).starts_with(trunk_prefix)) at += trunk_prefix.size();
    std::array<char, 9> digits{};
    std::size_t count = 0;
    for (; at < text.size(); ++at) {
        const char c = text[at];
        if (c == ' ' || c == '.' || c == '-') continue;
        if (!base::is_ascii_digit(c) || count == digits.size()) return std::nullopt;
        digits[count++] = c;
    }
    if (count != digits.size()) return std::nullopt;
    return digits;
}

int first_three(std::string_view digits) {
    return (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0');
}

/// Whether it is one of an overseas territory, as this file writes it: so Medicapp has those that
/// were sent there. libphonenumber, which takes 4 MiB once it is asked for anything, agrees.
bool is_normal_overseas(std::string_view text) {
    constexpr std::size_t size = 1 + 3 + 9;
    if (text.size() != size || text.front() != '+' || !base::is_ascii_digits(text.substr(1)))
        return false;
    const auto code = overseas_code(first_three(text.substr(4)));
    return code && *code != saint_pierre_and_miquelon && *code == first_three(text.substr(1));
}

/// Where the number begins: at its first digit, of any script, or its `+`.
std::size_t begin_of_number(std::string_view text) {
    const auto size = static_cast<std::int32_t>(text.size());
    for (std::int32_t i = 0; i < size;) {
        const auto begin = static_cast<std::size_t>(i);
        UChar32 c = 0;
        U8_NEXT(text.data(), i, size, c);
        if (c == '+' || c == 0xFF0B || (c >= 0 && u_isdigit(c))) return begin;
    }
    return text.size();
}

bool holds_letter(std::string_view text) {
    const auto size = static_cast<std::int32_t>(text.size());
    for (std::int32_t i = 0; i < size;) {
        UChar32 c = 0;
        U8_NEXT(text.data(), i, size, c);
        if (c >= 0 && u_isalpha(c)) return true;
    }
    return false;
}

/// Words that may stand before a patient's number and leave no doubt whose it is: for a telephone,
/// and for the patient's own home. As name_words() makes them, sorted.
constexpr std::array<std::string_view, 24> telephone_labels = {
    "cel",   "cell",  "cellulaire", "de",       "dom",   "domicile", "fixe",    "gsm",
    "handy", "mob",   "mobile",     "n",        "natel", "no",       "num",     "numero",
    "perso", "phone", "port",       "portable", "t",     "tel",      "telefon", "telephone",
};
static_assert(std::ranges::is_sorted(telephone_labels));

bool is_telephone_label(std::string_view text) {
    return std::ranges::all_of(name_words(text), [](const std::string& word) {
        return std::ranges::binary_search(telephone_labels, word);
    });
}

/// Whether several parts could each be a number, with signs between them that separate numbers. `/`
/// also separates the groups of one number, so each part must be long.
bool holds_several_numbers(std::string_view text) {
    constexpr std::ptrdiff_t shortest = 6;
    if (std::ranges::count(text, '+') > 1) return true;
    int numbers = 0;
    while (!text.empty()) {
        const auto part = text.substr(0, text.find_first_of("/,;|&"));
        if (std::ranges::count_if(part, base::is_ascii_digit) >= shortest) ++numbers;
        text.remove_prefix(std::min(text.size(), part.size() + 1));
    }
    return numbers > 1;
}

/// `612345678.0`, of which libphonenumber would take the last digit for one of the number. A float
/// has no zero before it, and no `+`.
bool is_float(std::string_view text) {
    return text.front() >= '1' && text.front() <= '9' && text.back() == '0' &&
           is_whole_with_fraction(text);
}

/// Why the text says more, or less surely, than one number of the patient's; empty: it does not.
/// libphonenumber takes a number out of any text, and letters for digits.
std::string_view more_than_a_number(std::string_view text) {
    const auto begin = begin_of_number(text);
    if (begin == text.size()) return {};
    if (!is_telephone_label(text.substr(0, begin))) return has_words;
    if (holds_letter(text.substr(begin))) return has_letters;
    if (text.find('?') != std::string_view::npos) return has_question_mark;
    if (is_float(text)) return whole_with_fraction;
    if (holds_several_numbers(text.substr(begin))) return has_several;
    return {};
}

std::string national_digits(const PhoneNumber& number) {
    std::string digits;
    PhoneNumberUtil::GetInstance()->GetNationalSignificantNumber(number, &digits);
    return digits;
}

/// The country code for a number of the French plan that libphonenumber does not place rightly, in
/// whichever country it was said to be.
std::optional<int> overseas_code(int country_code, std::string_view national) {
    if (national.size() != 9 || !std::ranges::all_of(national, base::is_ascii_digit))
        return std::nullopt;
    if (is_fiction(national) && country_code == mainland) return mainland;
    const auto code = overseas_code(first_three(national));
    return code && (country_code == mainland || country_code == *code) ? code : std::nullopt;
}

} // namespace

Normal normal_phone_by_library(std::string_view text, std::string_view region) {
    auto normal = normal_text(text, Shape::line);
    if (!normal.ok() || normal.text.empty()) return normal;
    if (const auto reason = more_than_a_number(normal.text); !reason.empty()) return {{}, reason};
    const auto* library = PhoneNumberUtil::GetInstance();
    PhoneNumber number;
    const std::string from(is_in_french_plan(region) ? "FR" : region);
    if (library->Parse(normal.text, from, &number) != PhoneNumberUtil::NO_PARSING_ERROR)
        return {{}, invalid};
    if (!number.extension().empty()) return {{}, has_extension};
    const auto national = national_digits(number);
    if (const auto code = overseas_code(number.country_code(), national))
        return {e164(*code, national), {}};
    if (!library->IsValidNumber(number)) return {{}, invalid};
    library->Format(number, PhoneNumberUtil::E164, &normal.text);
    return normal;
}

Normal normal_phone(std::string_view text, std::string_view region) {
    text = trim(text);
    if (is_normal_overseas(text)) return {std::string(text), {}};
    const auto digits = french_digits(text, is_in_french_plan(region));
    if (!digits) return normal_phone_by_library(text, region);
    const std::string_view national(digits->data(), digits->size());
    if (is_fiction(national)) return {e164(mainland, national), {}};
    if (const auto code = overseas_code(first_three(national))) return {e164(*code, national), {}};
    if (is_mainland(first_three(national))) return {e164(mainland, national), {}};
    return normal_phone_by_library(text, region);
}

} // namespace medibridge::reconcile
