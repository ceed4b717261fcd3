#include "reconcile/garbled.hpp"

#include "base/bytes/ascii.hpp"
#include "reconcile/text.hpp"

#include <algorithm>
#include <array>

namespace medibridge::reconcile {

namespace {

constexpr std::string_view sheet_error = "is a spreadsheet's error";
constexpr std::string_view formula = "went through a spreadsheet: a formula";
constexpr std::string_view would_run = "begins as a spreadsheet's formula";
constexpr std::string_view scientific =
    "went through a spreadsheet: a number in scientific notation";
constexpr std::string_view apostrophe = "went through a spreadsheet: an apostrophe before it";
constexpr std::string_view grouped =
    "went through a spreadsheet: a number in groups of three digits";
constexpr std::string_view sheet_date = "went through a spreadsheet: a date";
constexpr std::string_view quoted = "stands in quotation marks";

/// Reads a text from its front.
class TextReader {
  public:
    explicit TextReader(std::string_view text) : rest_(text) {}

    bool take(std::string_view expected) {
        if (!rest_.starts_with(expected)) return false;
        rest_.remove_prefix(expected.size());
        return true;
    }
    bool take_one_of(std::string_view characters) {
        if (rest_.empty() || characters.find(rest_.front()) == std::string_view::npos) return false;
        rest_.remove_prefix(1);
        return true;
    }
    std::string_view take_digits() {
        const auto end = std::ranges::find_if_not(rest_, base::is_ascii_digit);
        const auto digits = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
        rest_.remove_prefix(digits.size());
        return digits;
    }
    bool at_end() const { return rest_.empty(); }
    char next() const { return rest_.empty() ? '\0' : rest_.front(); }

  private:
    std::string_view rest_;
};

bool is_scientific(std::string_view text) {
    TextReader reader(text);
    reader.take_one_of("+-");
    const auto whole = reader.take_digits();
    const bool has_fraction = reader.take_one_of(".,");
    if (has_fraction && reader.take_digits().empty()) return false;
    if (whole.empty() || !reader.take_one_of("eE")) return false;
    const bool has_sign = reader.take_one_of("+-");
    const auto exponent = reader.take_digits();
    if (!reader.at_end() || exponent.empty() || exponent.size() > 3) return false;
    return (has_sign && exponent.size() >= 2) || (has_fraction && whole.size() == 1);
}

/// `#N/A` and its like in all languages, a column of `#` that is too narrow, LibreOffice's
/// `Err:502`.
bool is_sheet_error(std::string_view text) {
    if (text.starts_with("Err:")) return text.size() > 4 && base::is_ascii_digit(text[4]);
    if (text.size() < 2 || text.front() != '#') return false;
    if (std::ranges::all_of(text, [](char c) { return c == '#'; })) return true;
    constexpr std::array<std::string_view, 4> without_mark = {"#N/A", "#N/D", "#NV", "#N/B"};
    if (std::ranges::find(without_mark, text) != without_mark.end()) return true;
    const auto word = text.substr(1, text.size() - 2);
    return (text.back() == '!' || text.back() == '?') && !word.empty() &&
           std::ranges::all_of(word, [](char c) {
               return (c >= 'A' && c <= 'Z') || base::is_ascii_digit(c) || c == '/' ||
                      (c & 0x80) != 0;
           });
}

/// Between the groups of three digits. Those of ASCII stand in identifiers too, and need more
/// groups.
constexpr std::array<std::string_view, 9> group_marks = {",",      "'",      "\u2019", " ",     ".",
                                                         "\u00A0", "\u202F", "\u2009", "\u2007"};

bool is_grouped(std::string_view text, std::string_view mark) {
    TextReader reader(text);
    const auto first = reader.take_digits();
    if (first.empty() || first.size() > 3) return false;
    int groups = 0;
    for (; reader.take(mark); ++groups)
        if (reader.take_digits().size() != 3) return false;
    if (!reader.at_end()) return false;
    const bool is_common = mark == " " || mark == ".";
    // Identifiers are written in groups, too; but then the first is as long as the others.
    if (is_common && first.size() == 3) return false;
    if (mark == ".") return groups >= 3; // an OID's arcs
    const bool is_special_space = mark.size() > 1 && mark != "\u2019";
    return groups >= (is_special_space ? 1 : 2);
}

/// Of `size` digits at most, which may lack a zero in front.
bool is_in(std::string_view digits, std::size_t size, int least, int most) {
    if (digits.empty() || digits.size() > size) return false;
    int value = 0;
    for (const char c : digits)
        value = value * 10 + (c - '0');
    return value >= least && value <= most;
}

bool is_year(std::string_view digits) {
    return digits.size() == 4 && is_in(digits, 4, 1800, 2199);
}

bool is_month(std::string_view digits) {
    return is_in(digits, 2, 1, 12);
}

bool is_day(std::string_view digits) {
    return is_in(digits, 2, 1, 31);
}

/// `03/02/2024`, `3.2.2024`, `2/13/2024` or `2024-02-03`, with a time behind it or without.
bool is_date(std::string_view text) {
    TextReader reader(text);
    const auto first = reader.take_digits();
    const char mark = reader.next();
    if (!reader.take_one_of("/-.")) return false;
    const auto second = reader.take_digits();
    if (!reader.take(std::string_view(&mark, 1))) return false;
    const auto third = reader.take_digits();
    const bool year_first = is_year(first) && is_month(second) && is_day(third);
    const bool day_first = is_day(first) && is_month(second) && is_year(third);
    const bool month_first = is_month(first) && is_day(second) && is_year(third);
    if (!year_first && !day_first && !month_first) return false;
    if (reader.at_end()) return true;
    return reader.take_one_of("T ") && is_in(reader.take_digits(), 2, 0, 23) && reader.take(":") &&
           is_in(reader.take_digits(), 2, 0, 59);
}

/// No form of a value or a text begins with a letter, but `Err:502`.
bool begins_as_word(std::string_view text) {
    return !text.empty() && base::is_ascii_letter(text.front()) && text.front() != 'E';
}

/// Around it, or what is left of a pair.
bool is_quoted(std::string_view text) {
    return text.starts_with('"') || text.ends_with('"') ||
           (text.starts_with("\u201C") && text.ends_with("\u201D"));
}

} // namespace

bool is_whole_with_fraction(std::string_view text) {
    TextReader reader(trim(text));
    reader.take_one_of("+-");
    const auto whole = reader.take_digits();
    if (whole.empty() || !reader.take_one_of(".,")) return false;
    const auto fraction = reader.take_digits();
    return reader.at_end() && std::ranges::all_of(fraction, [](char c) { return c == '0'; });
}

std::string_view spreadsheet_value(std::string_view text) {
    text = trim(text);
    if (begins_as_word(text)) return {};
    if (is_sheet_error(text)) return sheet_error;
    // `=?` begins a word in MIME.
    if (text.size() > 1 && text[0] == '=' && text[1] != '?') return formula;
    if (is_scientific(text)) return scientific;
    if (is_whole_with_fraction(text)) return whole_with_fraction;
    return {};
}

std::string_view spreadsheet_text(std::string_view text) {
    text = trim(text);
    if (begins_as_word(text)) return {};
    if (const auto form = spreadsheet_value(text); !form.empty()) return form;
    // What a spreadsheet runs as a formula once it is exported; no name and no street begins so.
    constexpr std::array<std::string_view, 5> beginnings = {"+", "@", "\uFF1D", "\uFF0B", "\uFF20"};
    for (const auto beginning : beginnings)
        if (text.size() > beginning.size() && text.starts_with(beginning)) return would_run;
    // A dash alone may come before a name.
    const bool calls = text.find_first_of("|(!") != std::string_view::npos;
    if (text.size() > 1 && text.front() == '-' && (calls || base::is_ascii_digit(text[1])))
        return would_run;
    return {};
}

std::string_view spreadsheet_key(std::string_view text) {
    text = trim(text);
    if (const auto form = spreadsheet_value(text); !form.empty()) return form;
    if (text.starts_with('\'') || text.starts_with("\u2018") || text.starts_with("\u2019"))
        return apostrophe;
    if (is_quoted(text)) return quoted;
    const auto has_groups = [&](std::string_view mark) { return is_grouped(text, mark); };
    if (std::ranges::any_of(group_marks, has_groups)) return grouped;
    if (is_date(text)) return sheet_date;
    return {};
}

} // namespace medibridge::reconcile
