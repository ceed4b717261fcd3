#include "config/report.hpp"

#include "base/bytes/ascii.hpp"
#include "base/bytes/encode.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

namespace medibridge::config {

namespace {

constexpr std::size_t max_quoted_bytes = 48;

std::vector<Mistake> in_order(std::vector<Mistake> mistakes) {
    std::stable_sort(mistakes.begin(), mistakes.end(), [](const Mistake& a, const Mistake& b) {
        return std::tie(a.line, a.column) < std::tie(b.line, b.column);
    });
    return mistakes;
}

char fold(char c) {
    return c == '-' || c == ' ' ? '_' : base::ascii_lower(c);
}

/// Edits (insert, remove, replace, swap neighbours) that turn one word into the other, without
/// regard to case.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const bool same = fold(a[i - 1]) == fold(b[j - 1]);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
            const bool swapped = i > 1 && j > 1 && fold(a[i - 1]) == fold(b[j - 2]) &&
                                 fold(a[i - 2]) == fold(b[j - 1]);
            if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
        }
        std::swap(before_last, last);
        std::swap(last, row);
    }
    return last[b.size()];
}

} // namespace

std::string Mistake::to_string() const {
    if (line == 0) return file + ": " + text;
    return file + ":" + std::to_string(line) + ":" + std::to_string(column) + ": " + text;
}

void Report::mistake(Place place, std::string text) {
    mistakes_.push_back({file_, place.line, place.column, std::move(text)});
}

void Report::advise(Place place, std::string text) {
    advice_.push_back({file_, place.line, place.column, std::move(text)});
}

void Report::expose(Place place, std::string text) {
    exposures_.push_back({file_, place.line, place.column, text});
    advise(place, std::move(text));
}

void Report::leave_unseen(Place place, std::string text) {
    unseen_.push_back({file_, place.line, place.column, std::move(text)});
}

std::vector<Mistake> Report::take_unseen() {
    return in_order(std::exchange(unseen_, {}));
}

std::vector<Mistake> Report::take_exposures() {
    return in_order(std::exchange(exposures_, {}));
}

std::vector<Mistake> Report::take_mistakes() {
    return in_order(std::exchange(mistakes_, {}));
}

std::vector<Mistake> Report::take_advice() {
    return in_order(std::exchange(advice_, {}));
}

std::string quote(std::string_view text) {
    std::string out = "`";
    std::size_t taken = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        // Cut before a character, never inside one.
        if (taken >= max_quoted_bytes && (byte & 0xC0) != 0x80) return out + "…`";
        ++taken;
        if (byte < 0x20 || byte == 0x7F) {
            out += "\\x" + base::hex_number(byte, 2);
        } else {
            out += c;
        }
    }
    return out + "`";
}

std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates) {
    constexpr std::size_t longest_word = 64;
    if (word.size() > longest_word) return {};
    std::string_view best;
    std::size_t best_distance = 1 + std::max<std::size_t>(1, word.size() / 3);
    for (const auto candidate : candidates) {
        const auto edits = distance(word, candidate);
        if (edits < best_distance && edits < candidate.size()) {
            best = candidate;
            best_distance = edits;
        }
    }
    return best;
}

std::string suggestion(std::string_view word, const std::vector<std::string_view>& candidates) {
    const auto meant = nearest(word, candidates);
    if (!meant.empty()) return "; did you mean " + quote(meant) + "?";
    std::string out = "; known are ";
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        if (i > 0) out += ", ";
        out += candidates[i];
    }
    return out;
}

} // namespace medibridge::config
