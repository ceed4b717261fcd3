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
    for (const std::string& line : wrapped(style.as_typed(text), width))
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

namespace {

/// How wide each column may be; all but the last are as wide as their widest value, and share what
/// the terminal leaves them where that is too much. 0: not limited.
std::vector<std::size_t> column_widths(std::vector<std::size_t> widest, std::size_t before,
                                       const Style& style) {
    if (style.width == 0) {
        widest.back() = 0;
        return widest;
    }
    const std::size_t gaps = gap * (widest.size() - 1);
    std::size_t left = style.width > before + gaps ? style.width - before - gaps : 0;
    for (std::size_t i = 0; i + 1 < widest.size(); ++i) {
        const std::size_t share = left / (widest.size() - i);
        widest[i] = std::min(widest[i], std::max(least_last_column, share));
        left -= std::min(left, widest[i]);
    }
    widest.back() = std::max(least_last_column, left);
    return widest;
}

} // namespace

std::string side_by_side(const std::vector<std::string>& titles, const std::vector<Compared>& rows,
                         const Style& style) {
    std::size_t label = 0;
    std::vector<std::size_t> widest;
    for (const std::string& title : titles)
        widest.push_back(display_width(title));
    for (const Compared& row : rows) {
        label = std::max(label, display_width(row.field));
        for (std::size_t i = 0; i < widest.size(); ++i)
            widest[i] = std::max(widest[i], display_width(row.values[i]));
    }
    const auto widths = column_widths(std::move(widest), 2 + label + gap, style);
    std::string out;
    const auto add = [&](const std::string& mark, const std::string& field,
                         const std::vector<std::string>& values, Tone tone) {
        std::vector<std::vector<std::string>> cells;
        std::size_t height = 1;
        for (std::size_t i = 0; i < values.size(); ++i) {
            cells.push_back(wrapped(values[i], style.width > 0 ? widths[i] : 0));
            height = std::max(height, cells.back().size());
        }
        for (std::size_t at = 0; at < height; ++at) {
            std::string line = (at == 0 ? mark : " ") + " " + padded(at == 0 ? field : "", label);
            for (std::size_t i = 0; i < cells.size(); ++i) {
                const std::string shown = at < cells[i].size() ? cells[i][at] : "";
                const bool is_last = i + 1 == cells.size();
                line += std::string(gap, ' ') + (is_last ? shown : padded(shown, widths[i]));
            }
            line.erase(line.find_last_not_of(' ') + 1);
            out += style.paint(tone, line) + '\n';
        }
    };
    add(" ", "", titles, Tone::strong);
    for (const Compared& row : rows)
        add(row.differs ? "≠" : " ", row.field, row.values,
            row.differs ? Tone::doubtful : Tone::plain);
    return out;
}

} // namespace medibridge::ctl
