#include "tree.hpp"

#include "base/log/event.hpp"

#include <algorithm>
#include <gmock/gmock.h>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <sstream>

namespace medibridge::house {
namespace {

using testing::IsEmpty;

/// An event as a header of ours declares it.
struct Declaration {
    std::string file;
    std::string variable;
    std::string name;
    std::string level;
    std::string message;
};

bool is_ours(const SourceFile& file) {
    return file.is_code() && file.room() != "tests";
}

/// Where a room declares its events; those of several rooms stand in the catalogue.
bool declares_events(const SourceFile& file) {
    return file.path == "base/log/catalogue.hpp" || file.path.ends_with("/events.hpp");
}

std::vector<Declaration> declarations(const SourceFile& file) {
    static const std::regex one(R"re(EventType (\w+)\{\s*"([^"]*)",\s*(?:log::)?Level::(\w+),)re"
                                R"re(\s*"([^"]*)"\s*\};)re");
    std::vector<Declaration> found;
    for (std::sregex_iterator at(file.text.begin(), file.text.end(), one), end; at != end; ++at)
        found.push_back({file.path, (*at)[1], (*at)[2], (*at)[3], (*at)[4]});
    return found;
}

std::vector<Declaration> all_declarations(const std::vector<SourceFile>& tree) {
    std::vector<Declaration> all;
    for (const SourceFile& file : tree) {
        if (!is_ours(file) || !declares_events(file)) continue;
        std::ranges::move(declarations(file), std::back_inserter(all));
    }
    return all;
}

/// Names that two declarations share.
std::set<std::string> repeated_names(const std::vector<Declaration>& all) {
    std::set<std::string> names;
    std::set<std::string> repeated;
    for (const auto& event : all) {
        if (!names.insert(event.name).second) repeated.insert(event.name);
    }
    return repeated;
}

struct Row {
    std::string level;
    std::vector<std::string> fields;
};

/// The tables of docs/events.md: a row begins with an event's name and its level.
std::map<std::string, Row> documented(const std::vector<SourceFile>& tree) {
    static const std::regex row(R"re(\| `(\w+\.\w+)` \| (\w+) \| [^|]+ \|([^|]*)\| [^|]+ \|)re");
    static const std::regex field("`(\\w+)`");
    const auto page = std::ranges::find(tree, "docs/events.md", &SourceFile::path);
    std::istringstream lines(page->text);
    std::map<std::string, Row> rows;
    std::string line;
    std::smatch match;
    while (std::getline(lines, line)) {
        if (!std::regex_match(line, match, row)) continue;
        const auto [at, is_new] = rows.try_emplace(match[1], Row{match[2], {}});
        EXPECT_TRUE(is_new) << at->first << " is documented twice";
        const std::string fields = match[3];
        for (std::sregex_iterator its(fields.begin(), fields.end(), field), end; its != end; ++its)
            at->second.fields.push_back((*its)[1]);
    }
    return rows;
}

std::set<std::string> names_of_fields() {
    std::set<std::string> names;
    for (std::size_t i = 0; i < log::key_count; ++i)
        names.emplace(log::name(static_cast<log::Key>(i)));
    return names;
}

TEST(EventsTest, EachIsDeclaredOnceInAHeaderOfEvents) {
    const auto tree = read_tree();
    const auto all = all_declarations(tree);
    EXPECT_FALSE(all.empty());
    EXPECT_THAT(repeated_names(all), IsEmpty());
    static const std::regex any(R"(EventType \w+\{)");
    std::size_t declared = 0;
    for (const SourceFile& file : tree) {
        if (!is_ours(file)) continue;
        const auto here = std::distance(
            std::sregex_iterator(file.text.begin(), file.text.end(), any), std::sregex_iterator());
        EXPECT_TRUE(here == 0 || declares_events(file))
            << file.path << ": an event stands in the events.hpp of its room";
        declared += static_cast<std::size_t>(here);
    }
    EXPECT_EQ(declared, all.size()) << "a declaration has a form that this test does not read";
}

TEST(EventsTest, NamesAreTwoWordsAndMessagesAreOneSentence) {
    const std::regex form("[a-z]+\\.[a-z]+(_[a-z]+)*");
    for (const auto& event : all_declarations(read_tree())) {
        EXPECT_TRUE(std::regex_match(event.name, form)) << event.name;
        EXPECT_FALSE(event.message.empty()) << event.name;
        EXPECT_EQ(event.message.find_first_of("\n\\."), std::string::npos) << event.name;
    }
}

TEST(EventsTest, EachIsLogged) {
    const auto tree = read_tree();
    for (const auto& event : all_declarations(tree)) {
        const std::regex use("events::" + event.variable + "\\b");
        const bool used = std::ranges::any_of(tree, [&use](const SourceFile& file) {
            return is_ours(file) && std::regex_search(file.text, use);
        });
        EXPECT_TRUE(used) << event.file << ": nothing logs " << event.name;
    }
}

TEST(EventsTest, TheDocumentationHasARowForEach) {
    const auto tree = read_tree();
    const auto all = all_declarations(tree);
    const auto rows = documented(tree);
    for (const auto& event : all) {
        const auto row = rows.find(event.name);
        ASSERT_NE(row, rows.end()) << event.name << " is missing in docs/events.md";
        EXPECT_EQ(row->second.level, event.level) << event.name;
    }
    EXPECT_EQ(rows.size(), all.size()) << "docs/events.md has an event that is no more";
}

TEST(EventsTest, DocumentedFieldsAreThoseThatExist) {
    const auto known = names_of_fields();
    std::set<std::string> used;
    for (const auto& [event, row] : documented(read_tree())) {
        for (const auto& field : row.fields) {
            EXPECT_TRUE(known.contains(field)) << event << ": " << field;
            used.insert(field);
        }
    }
    EXPECT_EQ(used, known);
}

TEST(EventsTest, FindsANameThatTwoRoomsDeclare) {
    const SourceFile one{"connectors/a/events.hpp",
                         "inline constexpr log::EventType x{\"a.b\", log::Level::info, \"c\"};\n"};
    const SourceFile other{
        "base/log/catalogue.hpp",
        "inline constexpr EventType y{\n    \"a.b\", Level::warn,\n    \"d\"};\n"};
    const auto all = all_declarations({one, other});
    ASSERT_EQ(all.size(), 2u);
    EXPECT_EQ(all[1].level, "warn");
    EXPECT_EQ(repeated_names(all), std::set<std::string>{"a.b"});
}

} // namespace
} // namespace medibridge::house
