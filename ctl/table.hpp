#pragma once

#include "ctl/style.hpp"

#include <string>
#include <vector>

namespace medibridge::ctl {

struct Cell {
    Cell(std::string shown, Tone how = Tone::plain) : text(std::move(shown)), tone(how) {}
    Cell(const char* shown, Tone how = Tone::plain) : text(shown), tone(how) {}

    std::string text; ///< clean
    Tone tone;
};

/// Rows of cells, aligned. The last column is wrapped at the terminal's width: nothing is left out.
class Table {
  public:
    explicit Table(std::size_t indent = 2) : indent_(indent) {}
    void row(std::vector<Cell> cells) { rows_.push_back(std::move(cells)); }
    bool is_empty() const { return rows_.empty(); }
    /// Lines without spaces at their ends.
    std::string text(const Style& style) const;

  private:
    std::size_t indent_;
    std::vector<std::vector<Cell>> rows_;
};

/// A field of several records.
struct Compared {
    std::string field;
    std::vector<std::string> values; ///< as many as there are records
    bool differs = false;
};

/// Records side by side, each under its title, fields that differ marked with `≠`. Nothing is
/// shortened: long values are wrapped.
std::string side_by_side(const std::vector<std::string>& titles, const std::vector<Compared>& rows,
                         const Style& style);

/// The text in lines of at most `width` columns, broken between words where that can be; 0: in one.
std::vector<std::string> wrapped(std::string_view text, std::size_t width);
/// The same as one text, each line behind `indent` spaces.
std::string paragraph(std::string_view text, std::size_t indent, const Style& style);

} // namespace medibridge::ctl
