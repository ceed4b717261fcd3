#include "docs_rule.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <sstream>

namespace medibridge::house {
namespace {

enum class Kind { blank, heading, row, text };

struct Line {
    int number = 0;
    Kind kind = Kind::text;
    std::string text; ///< without white space around it
};

std::string trimmed(const std::string& text) {
    const auto begin = text.find_first_not_of(" \t\r");
    if (begin == std::string::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

Kind kind_of(const std::string& text) {
    static const std::regex heading("#{1,6} .+");
    if (text.empty()) return Kind::blank;
    if (std::regex_match(text, heading)) return Kind::heading;
    return text.starts_with('|') ? Kind::row : Kind::text;
}

/// The lines outside fenced code; a fence counts as one line of text.
std::vector<Line> lines_of(const SourceFile& page) {
    std::vector<Line> lines;
    std::istringstream in(page.text);
    bool fenced = false;
    std::string raw;
    for (int number = 1; std::getline(in, raw); ++number) {
        const auto text = trimmed(raw);
        const bool is_fence = text.starts_with("```");
        if (is_fence || !fenced)
            lines.push_back({number, is_fence ? Kind::text : kind_of(text), text});
        if (is_fence) fenced = !fenced;
    }
    return lines;
}

std::string heading_text(const Line& line) {
    return trimmed(line.text.substr(line.text.find(' ')));
}

/// As GitHub makes it: lower case, without punctuation, `-` for each space.
std::string anchor_of(const std::string& heading) {
    static const std::regex link(R"(\[([^\]]*)\]\([^)]*\))");
    std::string anchor;
    for (const char c : std::regex_replace(heading, link, "$1")) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == ' ') {
            anchor += '-';
        } else if (c == '-' || c == '_' || byte >= 0x80 || std::isalnum(byte)) {
            anchor += static_cast<char>(std::tolower(byte));
        }
    }
    return anchor;
}

std::set<std::string> anchors_of(const SourceFile& page) {
    std::set<std::string> anchors;
    std::map<std::string, int> seen;
    for (const Line& line : lines_of(page)) {
        if (line.kind != Kind::heading) continue;
        const auto anchor = anchor_of(heading_text(line));
        const int before = seen[anchor]++;
        anchors.insert(before == 0 ? anchor : anchor + "-" + std::to_string(before));
    }
    return anchors;
}

/// Cells of a row: a `|` parts two of them, in code too, unless a backslash stands before it.
std::ptrdiff_t cells_of(const std::string& row) {
    std::ptrdiff_t bars = 0;
    for (std::size_t i = 0; i < row.size(); ++i)
        if (row[i] == '|' && (i == 0 || row[i - 1] != '\\')) ++bars;
    return bars - 1;
}

class LayoutCheck {
  public:
    explicit LayoutCheck(const SourceFile& page) : page_(page), lines_(lines_of(page)) {}

    std::vector<Finding> run() {
        for (std::size_t i = 0; i < lines_.size(); ++i) {
            check_borders(i);
            if (lines_[i].kind == Kind::row) check_cells(i);
            if (lines_[i].kind == Kind::heading) check_end_before(i);
        }
        check_end_before(lines_.size());
        return std::move(findings_);
    }

  private:
    void add(const Line& line, std::string advice) {
        findings_.push_back({page_.path, line.number, std::move(advice)});
    }

    void check_borders(std::size_t i) {
        if (i == 0) return;
        const Kind above = lines_[i - 1].kind;
        const Kind here = lines_[i].kind;
        if (above == Kind::blank || here == Kind::blank) return;
        if (above == Kind::heading || here == Kind::heading) {
            add(lines_[i], "a blank line must stand before and after a heading");
        } else if ((above == Kind::row) != (here == Kind::row)) {
            add(lines_[i], "a blank line must stand before and after a table");
        }
    }

    void check_cells(std::size_t i) {
        const bool first = i == 0 || lines_[i - 1].kind != Kind::row;
        const auto cells = cells_of(lines_[i].text);
        if (first) {
            columns_ = cells;
        } else if (cells != columns_ || !lines_[i].text.ends_with('|')) {
            add(lines_[i], "the row has " + std::to_string(cells) + " cells, its table " +
                               std::to_string(columns_));
        }
    }

    /// Of the part that ends before line `end`.
    void check_end_before(std::size_t end) {
        while (end > 0 && lines_[end - 1].kind == Kind::blank)
            --end;
        if (end == 0 || lines_[end - 1].kind != Kind::text) return;
        if (lines_[end - 1].text.ends_with(':'))
            add(lines_[end - 1], "what the colon announces does not follow");
    }

    const SourceFile& page_;
    std::vector<Line> lines_;
    std::ptrdiff_t columns_ = 0;
    std::vector<Finding> findings_;
};

/// Where a link leads: a file of the tree, or nothing if it leads out of it.
struct Target {
    std::string path;
    std::string anchor;
};

std::optional<Target> target_of(const SourceFile& page, const std::string& link) {
    if (link.find(':') != std::string::npos) return std::nullopt;
    const auto hash = link.find('#');
    Target target{link.substr(0, hash), hash == std::string::npos ? "" : link.substr(hash + 1)};
    const auto folder = std::filesystem::path(page.path).parent_path();
    target.path = target.path.empty() ? page.path
                                      : (folder / target.path).lexically_normal().generic_string();
    if (target.path.ends_with('/')) target.path.pop_back();
    return target;
}

std::string fault_of(const Target& target, const std::vector<SourceFile>& tree) {
    const auto file = std::ranges::find(tree, target.path, &SourceFile::path);
    if (file == tree.end()) {
        const bool is_folder = std::ranges::any_of(tree, [&](const SourceFile& other) {
            return other.path.starts_with(target.path + "/");
        });
        return is_folder ? "" : "leads to no file";
    }
    if (target.anchor.empty()) return {};
    return anchors_of(*file).contains(target.anchor) ? "" : "leads to no heading";
}

} // namespace

std::vector<Finding> layout_faults(const SourceFile& page) {
    return LayoutCheck(page).run();
}

std::vector<Finding> repeated_headings(const SourceFile& page) {
    std::vector<Finding> findings;
    std::set<std::string> seen;
    for (const Line& line : lines_of(page)) {
        if (line.kind != Kind::heading || seen.insert(anchor_of(heading_text(line))).second)
            continue;
        findings.push_back({page.path, line.number, "the heading stands in this page already"});
    }
    return findings;
}

std::vector<Finding> dead_links(const SourceFile& page, const std::vector<SourceFile>& tree) {
    static const std::regex link(R"(\]\(([^)\s]+)\))");
    std::vector<Finding> findings;
    for (const Line& line : lines_of(page)) {
        for (std::sregex_iterator found(line.text.begin(), line.text.end(), link), end;
             found != end; ++found) {
            const auto target = target_of(page, (*found)[1].str());
            const auto fault = target ? fault_of(*target, tree) : std::string();
            if (!fault.empty())
                findings.push_back({page.path, line.number, found->str().substr(1) + " " + fault});
        }
    }
    return findings;
}

std::vector<Finding> missing_sources(const SourceFile& page, const std::vector<SourceFile>& tree) {
    static const std::regex source(R"(`((?:[a-z0-9_]+/)+[a-z0-9_]+\.[ch]pp)`)");
    std::vector<Finding> findings;
    for (const Line& line : lines_of(page)) {
        for (std::sregex_iterator found(line.text.begin(), line.text.end(), source), end;
             found != end; ++found) {
            const auto path = (*found)[1].str();
            const bool exists = std::ranges::find(tree, path, &SourceFile::path) != tree.end();
            if (!exists) findings.push_back({page.path, line.number, "there is no " + path});
        }
    }
    return findings;
}

std::set<std::string> test_names(const std::vector<SourceFile>& tree) {
    static const std::regex test(R"(\b(?:TEST|TEST_F|TEST_P)\(\s*(\w+),\s*(\w+)\))");
    std::set<std::string> names;
    for (const SourceFile& file : tree) {
        if (file.room() != "tests" || !file.is_code()) continue;
        for (std::sregex_iterator found(file.text.begin(), file.text.end(), test), end;
             found != end; ++found)
            names.insert((*found)[1].str() + "." + (*found)[2].str());
    }
    return names;
}

std::vector<Finding> missing_tests(const SourceFile& page, const std::set<std::string>& names) {
    // Both are at least a word and a capital within: `MSH.10` and `Retry.After` are none.
    static const std::regex named(R"(`([A-Z][a-z]\w*\.[A-Z]\w*[a-z][A-Z]\w*)`)");
    std::vector<Finding> findings;
    for (const Line& line : lines_of(page)) {
        for (std::sregex_iterator found(line.text.begin(), line.text.end(), named), end;
             found != end; ++found) {
            const auto name = (*found)[1].str();
            if (!names.contains(name))
                findings.push_back({page.path, line.number, "there is no test " + name});
        }
    }
    return findings;
}

} // namespace medibridge::house
