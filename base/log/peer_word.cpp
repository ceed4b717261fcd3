#include "base/log/peer_word.hpp"

#include "base/bytes/ascii.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace medibridge::log {

namespace {

constexpr std::size_t longest_counter = 64;
constexpr std::size_t most_digits = 5; ///< a birth date has six or more
/// No date begins so, whatever the order of its parts.
constexpr std::size_t zeros_of_a_counter = 4;

/// What programs put before a number. No name is among them.
constexpr std::array<std::string_view, 26> technical_words{
    "ack",     "adt",      "batch", "csv",     "delta",  "dump", "export",  "extract", "file",
    "full",    "hl",       "his",   "id",      "import", "msg",  "message", "no",      "nr",
    "patient", "patients", "req",   "request", "seq",    "test", "trace",   "txt"};

bool is_separator(char c) {
    return c == '-' || c == '_' || c == '.';
}

/// RFC 9562: 8-4-4-4-12, or without the dashes.
bool is_uuid(std::string_view word) {
    constexpr std::size_t digits = 32;
    constexpr std::array<std::size_t, 4> dashes{8, 13, 18, 23};
    if (word.size() == digits) return std::ranges::all_of(word, base::is_hex_digit);
    if (word.size() != digits + dashes.size()) return false;
    for (std::size_t i = 0; i < word.size(); ++i) {
        const bool dash = std::ranges::find(dashes, i) != dashes.end();
        if (dash ? word[i] != '-' : !base::is_hex_digit(word[i])) return false;
    }
    return true;
}

/// Calls `take` for each run of letters.
template <class Take>
void for_each_run(std::string_view text, const Take& take) {
    while (!text.empty()) {
        const auto* begin = std::ranges::find_if(text, base::is_ascii_letter);
        const auto* end = std::find_if_not(begin, text.end(), base::is_ascii_letter);
        if (begin == end) return;
        take(text.substr(static_cast<std::size_t>(begin - text.begin()),
                         static_cast<std::size_t>(end - begin)));
        text.remove_prefix(static_cast<std::size_t>(end - text.begin()));
    }
}

bool counts(std::string_view word) {
    std::string digits;
    std::ranges::copy_if(word, std::back_inserter(digits), base::is_ascii_digit);
    const auto zeros = std::min(digits.find_first_not_of('0'), digits.size());
    return digits.size() <= most_digits ||
           (zeros >= zeros_of_a_counter && digits.size() - zeros <= most_digits);
}

} // namespace

PeerWords PeerWords::knowing(const std::vector<std::string_view>& texts) const {
    PeerWords more = *this;
    for (const auto text : texts)
        for_each_run(text, [&more](std::string_view run) {
            more.known_.insert(base::ascii_lower_case(run));
        });
    return more;
}

bool PeerWords::is_counter(std::string_view word) const {
    const auto is_sign = [](char c) { return base::is_ascii_alphanumeric(c) || is_separator(c); };
    if (word.size() > longest_counter || !std::ranges::all_of(word, is_sign) || !counts(word))
        return false;
    bool technical = true;
    int single = 0;
    for_each_run(word, [&](std::string_view run) {
        const auto lower = base::ascii_lower_case(run);
        const bool known = known_.contains(lower) ||
                           std::ranges::find(technical_words, lower) != technical_words.end();
        if (!known && run.size() == 1) ++single;
        technical = technical && (known || run.size() == 1);
    });
    return technical && single <= 1;
}

std::string PeerWords::operator()(std::string_view word) const {
    if (word.empty()) return "-";
    if (is_counter(word) || is_uuid(word)) return std::string(word);
    if (!pseudonym_) return "~(" + std::to_string(word.size()) + " bytes)";
    return "~" + pseudonym_(std::string(word));
}

} // namespace medibridge::log
