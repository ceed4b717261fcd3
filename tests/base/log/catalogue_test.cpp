#include "base/log/catalogue.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <sstream>

namespace medibridge::log {
namespace {

std::string source_file(const std::string& path) {
    std::ifstream file(std::string(MEDIBRIDGE_SOURCE_DIR) + "/" + path, std::ios::binary);
    EXPECT_TRUE(file) << path;
    return {std::istreambuf_iterator<char>(file), {}};
}

/// Every first group of `pattern` in `text`.
std::vector<std::string> found(const std::string& text, const std::string& pattern) {
    const std::regex expression(pattern);
    std::vector<std::string> all;
    for (std::sregex_iterator at(text.begin(), text.end(), expression), end; at != end; ++at)
        all.push_back((*at)[1].str());
    return all;
}

struct Row {
    std::string level;
    std::vector<std::string> fields;
};

/// The tables of docs/events.md: a row begins with an event's name and its level.
std::map<std::string, Row> documented() {
    std::map<std::string, Row> rows;
    const std::regex row(R"re(\| `(\w+\.\w+)` \| (\w+) \| [^|]+ \|([^|]*)\| [^|]+ \|)re");
    std::istringstream lines(source_file("docs/events.md"));
    std::string line;
    std::smatch match;
    while (std::getline(lines, line)) {
        if (!line.starts_with("| `") || !std::regex_match(line, match, row)) continue;
        EXPECT_FALSE(rows.contains(match[1].str())) << match[1].str() << " stands there twice";
        rows[match[1].str()] = {match[2].str(), found(match[3].str(), "`(\\w+)`")};
    }
    return rows;
}

std::set<std::string> key_names() {
    std::set<std::string> names;
    for (std::size_t i = 0; i < key_count; ++i)
        names.emplace(name(static_cast<Key>(i)));
    return names;
}

TEST(CatalogueTest, ListsEveryEventOfTheHeader) {
    std::set<std::string> declared;
    for (const auto& event :
         found(source_file("base/log/catalogue.hpp"), R"re(\{\s*"(\w+\.\w+)",)re"))
        EXPECT_TRUE(declared.insert(event).second) << event;
    std::set<std::string> listed;
    for (const auto* type : events::all())
        EXPECT_TRUE(listed.emplace(type->name).second) << type->name << " is listed twice";
    EXPECT_FALSE(listed.empty());
    EXPECT_EQ(listed, declared);
}

TEST(CatalogueTest, NamesAreTwoWordsAndMessagesAreOneSentence) {
    const std::regex form("[a-z]+\\.[a-z]+(_[a-z]+)*");
    for (const auto* type : events::all()) {
        EXPECT_TRUE(std::regex_match(std::string(type->name), form)) << type->name;
        EXPECT_FALSE(type->message.empty()) << type->name;
        EXPECT_EQ(type->message.find_first_of("\n\"\\."), std::string_view::npos) << type->name;
    }
}

TEST(CatalogueTest, IsWhatTheDocumentationSays) {
    const auto rows = documented();
    for (const auto* type : events::all()) {
        const auto row = rows.find(std::string(type->name));
        ASSERT_NE(row, rows.end()) << type->name << " is missing in docs/events.md";
        EXPECT_EQ(row->second.level, name(type->level)) << type->name;
    }
    EXPECT_EQ(rows.size(), events::all().size()) << "docs/events.md has an event that is no more";
}

TEST(CatalogueTest, DocumentedFieldsAreThoseThatExist) {
    const auto known = key_names();
    std::set<std::string> used;
    for (const auto& [event, row] : documented()) {
        for (const auto& field : row.fields) {
            EXPECT_TRUE(known.contains(field)) << event << ": " << field;
            used.insert(field);
        }
    }
    EXPECT_EQ(used, known);
}

TEST(CatalogueTest, KeysAndLevelsHaveNamesOfTheirOwn) {
    EXPECT_EQ(key_names().size(), key_count);
    EXPECT_FALSE(key_names().contains(""));
    EXPECT_EQ(name(Level::debug), "debug");
    EXPECT_EQ(name(Level::info), "info");
    EXPECT_EQ(name(Level::warn), "warn");
    EXPECT_EQ(name(Level::error), "error");
}

} // namespace
} // namespace medibridge::log
