#include "ctl/table.hpp"

#include "base/bytes/utf8.hpp"
#include "ctl/clean.hpp"

#include <algorithm>

namespace medibridge::ctl {

namespace {

constexpr std::size_t gap = 2;
constexpr std::size_t least_last_column = 12;

std::string padded(const std::string& text, std::size_t width) {
    const std::size_t taken = display_width(text);
    return text + std::string(width > taken ? width - taken : 0, ' ');
}

/// A word that is longer than a line, cut between characters.
void cut_word(std::string_view word, std::size_t width, std::vector<std::string>& lines) {
    while (!word.empty()) {
        std::size_t taken = 0;
        while (taken < word.size()) {
            const std::size_t next =
                taken + std::max<std::size_t>(1, base::utf8_length(word.substr(taken)));
            if (taken > 0 && display_width(word.substr(0, next)) > width) break;
            taken = next;
        }
        lines.emplace_back(word.substr(0, taken));
        word.remove_prefix(taken);
    }
}

std::string last_column(const Cell& cell, std::size_t before, const Style& style) {
    const std::size_t room = style.width > before ? style.width - before : 0;
    std::string text;
    for (const std::string& line :
         wrapped(cell.text, style.width == 0 ? 0 : std::max(least_last_column, room)))
        text +=
            (text.empty() ? "" : "\n" + std::string(before, ' ')) + style.paint(cell.tone, line);
    return text;
}

} // namespace

std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
    if (width == 0 || display_width(text) <= width) return {std::string(text)};
    std::vector<std::string> lines;
    std::string line;
    while (!text.empty()) {
        const auto end = std::min(text.find(' '), text.size());
        const std::string_view word = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const std::size_t before = line.empty() ? 0 : display_width(line) + 1;
        if (before + display_width(word) <= width) {
            line += (line.empty() ? "" : " ") + std::string(word);
            continue;
        }
        if (!line.empty()) lines.push_back(std::move(line));
        cut_word(word, width, lines);
        line.clear();
        if (lines.empty()) continue;
        line = std::move(lines.back());
        lines.pop_back();
    }
    if (!line.empty() || lines.empty()) lines.push_back(line);
    return lines;
}

std::string paragraph(std::string_view text, std::size_t indent, const Style& style) {
    std::string out;
    const std::size_t width = style.width > indent ? style.width - indent : 0;
    for (const std::string& line : wrapped(text, width))
        out += std::string(indent, ' ') + line + '\n';
    return out;
}

std::string Table::text(const Style& style) const {
    std::vector<std::size_t> widths;
    for (const auto& row : rows_) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i + 1 < row.size(); ++i)
            widths[i] = std::max(widths[i], display_width(row[i].text));
    }
    std::string out;
    for (const auto& row : rows_) {
        std::string line(indent_, ' ');
        std::size_t used = indent_;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string& shown = row[i].text;
            if (i + 1 == row.size()) {
                line += last_column(row[i], used, style);
                break;
            }
            line += style.paint(row[i].tone, shown);
            // Behind the colour, which must not run into the next column.
            line += std::string(widths[i] - display_width(shown) + gap, ' ');
            used += widths[i] + gap;
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + '\n';
    }
    return out;
}

std::string side_by_side(const std::string& left, const std::string& right,
                         const std::vector<Compared>& rows, const Style& style) {
    std::size_t label = 0;
    std::size_t widest = display_width(left);
    for (const Compared& row : rows) {
        label = std::max(label, display_width(row.field));
        widest = std::max(widest, display_width(row.left));
    }
    const std::size_t before = 2 + label + gap;
    std::size_t column = widest;
    std::size_t rest = 0;
    if (style.width > 0) {
        const std::size_t both = style.width > before + gap ? style.width - before - gap : 0;
        column = std::min(widest, std::max(least_last_column, both / 2));
        rest = std::max(least_last_column, both > column ? both - column : 0);
    }
    std::string out;
    const auto add = [&](const std::string& mark, const std::string& field, const std::string& one,
                         const std::string& other, Tone tone) {
        const auto lefts = wrapped(one, style.width > 0 ? column : 0);
        const auto rights = wrapped(other, rest);
        for (std::size_t i = 0; i < std::max(lefts.size(), rights.size()); ++i) {
            const std::string first = i < lefts.size() ? lefts[i] : "";
            const std::string second = i < rights.size() ? rights[i] : "";
            std::string line = (i == 0 ? mark : " ") + " " + padded(i == 0 ? field : "", label) +
                               std::string(gap, ' ') + padded(first, column) +
                               std::string(gap, ' ') + second;
            line.erase(line.find_last_not_of(' ') + 1);
            out += style.paint(tone, line) + '\n';
        }
    };
    add(" ", "", left, right, Tone::strong);
    for (const Compared& row : rows)
        add(row.differs ? "≠" : " ", row.field, row.left, row.right,
            row.differs ? Tone::doubtful : Tone::plain);
    return out;
}

} // namespace medibridge::ctl
