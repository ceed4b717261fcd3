#include "config/document.hpp"
#include "draft.hpp"

#include <algorithm>
#include <filesystem>
#include <gtest/gtest.h>
#include <regex>
#include <sstream>

namespace medibridge::config {
namespace {

/// The keys that the reader knows, and how a page may name them.
class KnownKeys {
  public:
    bool has(const std::string& path) const { return keys_.contains(path); }
    /// Whether the text is the end of a known key: `per_page`, `query.per_page`.
    bool ends(const std::string& text) const {
        return std::ranges::any_of(keys_, [&](const std::string& key) {
            return key == text || key.ends_with("." + text);
        });
    }

  private:
    std::set<std::string> keys_ = drafts::all_keys();
};

std::vector<std::string> pages() {
    std::vector<std::string> paths{"README.md"};
    const std::filesystem::path root = MEDIBRIDGE_SOURCE_DIR;
    for (const auto& entry : std::filesystem::directory_iterator(root / "docs"))
        if (entry.path().extension() == ".md")
            paths.push_back("docs/" + entry.path().filename().string());
    std::ranges::sort(paths);
    return paths;
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);)
        lines.push_back(line);
    return lines;
}

/// All first groups of `pattern` in `text`.
std::vector<std::string> found(const std::string& text, const std::string& pattern) {
    const std::regex expression(pattern);
    std::vector<std::string> all;
    for (std::sregex_iterator at(text.begin(), text.end(), expression), end; at != end; ++at)
        all.push_back((*at)[1].str());
    return all;
}

/// The blocks of a page that are fenced as YAML, without the indentation that they share.
std::vector<std::string> yaml_blocks(const std::string& page) {
    std::vector<std::string> blocks;
    std::optional<std::size_t> depth;
    for (const auto& line : lines_of(page)) {
        const auto begin = line.find_first_not_of(' ');
        const bool is_fence = begin != std::string::npos && line.compare(begin, 3, "```") == 0;
        if (is_fence && depth) {
            depth.reset();
        } else if (is_fence && line.substr(begin) == "```yaml") {
            depth = begin;
            blocks.emplace_back();
        } else if (depth) {
            blocks.back() += line.substr(std::min(line.size(), *depth)) + "\n";
        }
    }
    return blocks;
}

std::string without_indentation(const std::string& block) {
    std::size_t depth = std::string::npos;
    for (const auto& line : lines_of(block))
        depth = std::min(depth, line.find_first_not_of(' '));
    std::string text;
    for (const auto& line : lines_of(block))
        text += line.substr(std::min(line.size(), depth)) + "\n";
    return text;
}

/// Keys of the node that no code reads.
void collect_unknown(const Node& node, const std::string& path, const KnownKeys& known,
                     std::vector<std::string>& unknown) {
    for (const Node& item : node.items)
        collect_unknown(item, path, known, unknown);
    for (const Entry& entry : node.entries) {
        auto key = path.empty() ? entry.key : path + "." + entry.key;
        if (!known.has(key)) {
            unknown.push_back(key);
            continue;
        }
        // Every field is read alike; all keys of one are known by the example of birthDate.
        if (path == "his.fields") key = "his.fields.birthDate";
        if (!key.ends_with(".map")) collect_unknown(entry.value, key, known, unknown);
    }
}

std::vector<std::string> unknown_in(const std::string& block, const KnownKeys& known) {
    Report report("block", drafts::environment());
    const auto root = read_document(without_indentation(block), report);
    for (const auto& mistake : report.take_mistakes())
        ADD_FAILURE() << mistake.to_string() << "\n" << block;
    std::vector<std::string> unknown;
    if (!root) return unknown;
    // A block may be a part of a source.
    const bool is_whole = std::ranges::all_of(
        root->entries, [&](const Entry& entry) { return known.has(entry.key); });
    collect_unknown(*root, is_whole ? "" : "his", known, unknown);
    return unknown;
}

TEST(DocumentedKeysTest, EveryKeyOfAnExampleIsRead) {
    const KnownKeys known;
    std::size_t blocks = 0;
    for (const auto& path : pages()) {
        for (const auto& block : yaml_blocks(drafts::source_file(path))) {
            ++blocks;
            for (const auto& key : unknown_in(block, known))
                ADD_FAILURE() << path << ": nothing reads `" << key << "`";
        }
    }
    EXPECT_GE(blocks, 7u);
}

TEST(DocumentedKeysTest, EveryKeyOfATableIsRead) {
    const KnownKeys known;
    std::size_t keys = 0;
    for (const auto& path : pages()) {
        bool in_keys = false;
        std::string above;
        for (const auto& line : lines_of(drafts::source_file(path))) {
            const bool is_row = line.starts_with("|");
            if (is_row && !above.starts_with("|"))
                in_keys = line.starts_with("| key ") ||
                          (line.starts_with("| field ") && path == "docs/configuration.md");
            above = line;
            if (!is_row || !in_keys) continue;
            for (const auto& key : found(line.substr(0, line.find('|', 1)), "`([^`]+)`")) {
                ++keys;
                EXPECT_TRUE(known.ends(key)) << path << ": nothing reads `" << key << "`";
            }
        }
    }
    EXPECT_GT(keys, 100u);
}

TEST(DocumentedKeysTest, EveryKeyThatTheTextNamesIsRead) {
    const KnownKeys known;
    const auto events = found(drafts::source_file("docs/events.md"), R"re(\| `(\w+\.\w+)` \|)re");
    std::size_t keys = 0;
    for (const auto& path : pages()) {
        for (const auto& name :
             found(drafts::source_file(path),
                   "`((?:medicapp|his|sync|identity|state|log|audit|http|control|query|"
                   "fields|safety)\\.[A-Za-z_.]+)`")) {
            if (std::ranges::find(events, name) != events.end()) continue;
            if (name.starts_with("state.db") || name.ends_with(".hpp") || name.ends_with(".sock"))
                continue; // files
            ++keys;
            // Every field is read alike.
            static const std::regex field(R"(fields\.[A-Za-z]+\.(at|format|map|default)$)");
            EXPECT_TRUE(known.ends(std::regex_replace(name, field, "fields.birthDate.$1")))
                << path << ": nothing reads `" << name << "`";
        }
    }
    EXPECT_GT(keys, 30u);
}

TEST(DocumentedKeysTest, EveryKeyThatTheSampleShowsBehindACommentIsRead) {
    const KnownKeys known;
    std::size_t keys = 0;
    for (const auto& line : lines_of(drafts::source_file("config/medibridge.sample.yaml"))) {
        std::smatch match;
        static const std::regex comment(R"( *# +(?:- )?([a-z][A-Za-z_.]*):(?: .*)?)");
        if (line.starts_with("# medibridge:") || !std::regex_match(line, match, comment)) continue;
        ++keys;
        EXPECT_TRUE(known.ends(match[1].str())) << line;
    }
    EXPECT_GT(keys, 30u);
}

TEST(DocumentedKeysTest, AKeyThatNothingReadsIsFound) {
    const KnownKeys known;
    const auto unknown = [&](const std::string& block) {
        const auto keys = unknown_in(block, known);
        return keys.empty() ? std::string() : keys.front();
    };
    EXPECT_EQ(unknown("sync: {intervall: 5m}\n"), "sync.intervall");
    EXPECT_EQ(unknown("his:\n  - {type: rest, query: {par_page: n}}\n"), "his.query.par_page");
    EXPECT_EQ(unknown("his:\n  - fields: {gender: {map: {\"1\": M}, at: /x, formt: y}}\n"),
              "his.fields.birthDate.formt");
    EXPECT_EQ(unknown("his:\n  - fields: {genre: /x}\n"), "his.fields.genre");
    EXPECT_EQ(unknown("    null_query: x\n    timezones: x\n"), "his.timezones");
    EXPECT_EQ(unknown("    null_query: x\n    timezone: x\n"), "");
    EXPECT_EQ(yaml_blocks("a\n  ```yaml\n  b: 1\n  ```\n```json\n{}\n```\n").front(), "b: 1\n");
    EXPECT_TRUE(known.ends("query.per_page"));
    EXPECT_FALSE(known.ends("uery.per_page"));
    EXPECT_FALSE(known.ends("per"));
}

} // namespace
} // namespace medibridge::config
