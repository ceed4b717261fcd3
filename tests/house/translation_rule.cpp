#include "translation_rule.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <set>
#include <sstream>
#include <string_view>

namespace medibridge::house {
namespace {

/// From one heading to the next.
struct Section {
    int line = 1;
    std::string heading;
    std::size_t level = 0;
    int rows = 0;
    std::string text;   ///< outside fenced code
    std::string fenced; ///< all fenced code
};

std::vector<Section> sections_of(const SourceFile& page) {
    std::vector<Section> sections(1);
    std::istringstream in(page.text);
    bool fenced = false;
    std::string line;
    for (int number = 1; std::getline(in, line); ++number) {
        const auto begin = line.find_first_not_of(' ');
        const auto text = begin == std::string::npos ? std::string() : line.substr(begin);
        if (text.starts_with("```")) {
            fenced = !fenced;
        } else if (fenced) {
            sections.back().fenced += text + "\n";
        } else if (text.starts_with('#')) {
            const auto level = text.find_first_not_of('#');
            sections.push_back({number, text, level, 0, text, ""});
        } else {
            if (text.starts_with('|')) ++sections.back().rows;
            sections.back().text += " " + text;
        }
    }
    return sections;
}

std::multiset<std::string> code_in(const std::string& text) {
    std::multiset<std::string> found;
    for (auto open = text.find('`'); open != std::string::npos;) {
        const auto close = text.find('`', open + 1);
        if (close == std::string::npos) break;
        found.insert(text.substr(open + 1, close - open - 1));
        open = text.find('`', close + 1);
    }
    return found;
}

std::string listed(const std::multiset<std::string>& words) {
    std::string text;
    for (const auto& word : words)
        text += (text.empty() ? "`" : ", `") + word + "`";
    return text;
}

std::multiset<std::string> without(const std::multiset<std::string>& words,
                                   const std::multiset<std::string>& others) {
    std::multiset<std::string> rest;
    std::ranges::set_difference(words, others, std::inserter(rest, rest.end()));
    return rest;
}

class Comparison {
  public:
    Comparison(const SourceFile& translation, const SourceFile& original)
        : translation_(translation),
          original_(original) {}

    std::vector<Finding> run() {
        const auto ours = sections_of(translation_);
        const auto theirs = sections_of(original_);
        for (std::size_t i = 0; i < std::min(ours.size(), theirs.size()); ++i)
            compare(ours[i], theirs[i]);
        if (ours.size() != theirs.size()) {
            add(ours.back(), "the page has " + std::to_string(ours.size()) + " sections, " +
                                 original_.path + " " + std::to_string(theirs.size()));
        }
        return std::move(findings_);
    }

  private:
    void add(const Section& section, std::string advice) {
        findings_.push_back({translation_.path, section.line, std::move(advice)});
    }

    void compare(const Section& ours, const Section& theirs) {
        const auto there = ", unlike “" + theirs.heading + "” of " + original_.path;
        if (ours.level != theirs.level) add(ours, "the heading has another level" + there);
        if (ours.rows != theirs.rows) {
            add(ours, "the section has " + std::to_string(ours.rows) +
                          " rows of tables instead of " + std::to_string(theirs.rows) + there);
        }
        if (ours.fenced != theirs.fenced) add(ours, "the fenced code differs" + there);
        const auto here_code = code_in(ours.text);
        const auto there_code = code_in(theirs.text);
        const auto missing = without(there_code, here_code);
        const auto extra = without(here_code, there_code);
        if (!missing.empty()) add(ours, "the section lacks " + listed(missing) + there);
        if (!extra.empty()) add(ours, "the section has " + listed(extra) + there);
    }

    const SourceFile& translation_;
    const SourceFile& original_;
    std::vector<Finding> findings_;
};

} // namespace

std::optional<std::string> translated_page(const SourceFile& page) {
    constexpr std::string_view before = "<!-- translation of ";
    constexpr std::string_view after = " -->";
    const std::string_view line = std::string_view(page.text).substr(0, page.text.find('\n'));
    if (line.size() == page.text.size() || !line.starts_with(before) || !line.ends_with(after))
        return std::nullopt;
    const auto named = line.substr(before.size(), line.size() - before.size() - after.size());
    const auto folder = std::filesystem::path(page.path).parent_path();
    return (folder / named).lexically_normal().generic_string();
}

std::vector<Finding> links_to_originals(const SourceFile& translation,
                                        const std::set<std::string>& translated) {
    std::vector<Finding> findings;
    const auto folder = std::filesystem::path(translation.path).parent_path();
    const auto& text = translation.text;
    for (auto at = text.find("]("); at != std::string::npos; at = text.find("](", at + 2)) {
        const auto begin = at + 2;
        const auto target = text.substr(begin, text.find_first_of("#)", begin) - begin);
        const auto page = (folder / target).lexically_normal().generic_string();
        if (!target.contains(':') && translated.contains(page))
            findings.push_back(
                {translation.path,
                 static_cast<int>(1 + std::count(text.begin(), text.begin() + at, '\n')),
                 "links to " + page + ", which is translated, too"});
    }
    return findings;
}

std::vector<Finding> translation_faults(const SourceFile& translation, const SourceFile& original) {
    return Comparison(translation, original).run();
}

} // namespace medibridge::house
