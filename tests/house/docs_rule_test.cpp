#include "docs_rule.hpp"

#include <algorithm>
#include <gmock/gmock.h>

namespace medibridge::house {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

SourceFile page(const std::string& text) {
    return {"docs/page.md", text};
}

std::vector<std::string> places(const std::vector<Finding>& findings) {
    std::vector<std::string> texts;
    for (const Finding& finding : findings)
        texts.push_back(std::to_string(finding.line) + " " + finding.advice);
    return texts;
}

std::vector<SourceFile> pages_of(const std::vector<SourceFile>& tree) {
    std::vector<SourceFile> pages;
    std::ranges::copy_if(tree, std::back_inserter(pages),
                         [](const SourceFile& file) { return file.path.ends_with(".md"); });
    return pages;
}

/// What an operator reads to act on; a changelog has the same headings for each version.
bool is_manual(const SourceFile& file) {
    return file.path == "README.md" || file.room() == "docs";
}

TEST(DocsRuleTest, ThePagesOfTheProjectAreInOrder) {
    const auto tree = read_tree();
    const auto pages = pages_of(tree);
    const auto tests = test_names(tree);
    EXPECT_GT(pages.size(), 12u);
    for (const SourceFile& file : pages) {
        EXPECT_THAT(layout_faults(file), IsEmpty());
        EXPECT_THAT(dead_links(file, tree), IsEmpty());
        EXPECT_THAT(missing_sources(file, tree), IsEmpty());
        EXPECT_THAT(missing_tests(file, tests), IsEmpty());
        EXPECT_THAT(is_manual(file) ? repeated_headings(file) : std::vector<Finding>(), IsEmpty());
    }
}

TEST(DocsRuleTest, HeadingsAndTablesStandApart) {
    EXPECT_THAT(places(layout_faults(page("# A\n\n| a |\n| --- |\n| b |\n### B\n\ntext\n"))),
                ElementsAre("6 a blank line must stand before and after a heading"));
    EXPECT_THAT(places(layout_faults(page("# A\ntext\n"))),
                ElementsAre("2 a blank line must stand before and after a heading"));
    EXPECT_THAT(places(layout_faults(page("text\n| a |\n| --- |\nmore\n"))),
                ElementsAre("2 a blank line must stand before and after a table",
                            "4 a blank line must stand before and after a table"));
    EXPECT_THAT(layout_faults(page("# A\n\ntext\nmore\n\n## B\n\n| a |\n| --- |\n\nend\n")),
                IsEmpty());
}

TEST(DocsRuleTest, RowsHaveTheCellsOfTheirHeader) {
    EXPECT_THAT(
        places(layout_faults(page("| a | b |\n| --- | --- |\n| 1 |\n| 1 | 2\n"
                                  "| `x\\|y` | 2 |\n"))),
        ElementsAre("3 the row has 1 cells, its table 2", "4 the row has 1 cells, its table 2"));
}

TEST(DocsRuleTest, APartThatWasCutOffIsSeen) {
    EXPECT_THAT(places(layout_faults(page("# A\n\nThese are:\n\n## B\n\nand:\n"))),
                ElementsAre("3 what the colon announces does not follow",
                            "7 what the colon announces does not follow"));
    EXPECT_THAT(layout_faults(page("These are:\n\n- one\n")), IsEmpty());
}

TEST(DocsRuleTest, CodeIsNoPage) {
    EXPECT_THAT(layout_faults(page("Run:\n\n```\n# a comment\ntext\n| x |\nlast:\n```\n")),
                IsEmpty());
    EXPECT_THAT(repeated_headings(page("# A\n\n```\n# A\n```\n")), IsEmpty());
}

TEST(DocsRuleTest, AHeadingThatIsThereTwiceIsSeen) {
    EXPECT_THAT(
        places(repeated_headings(page("# A\n\n## Fields of `x`\n\n## B\n\n### Fields of x\n"))),
        ElementsAre("7 the heading stands in this page already"));
}

TEST(DocsRuleTest, SourcesThatAPageNamesAreThere) {
    const std::vector<SourceFile> tree = {{"sync/cycle.cpp", ""}};
    EXPECT_THAT(places(missing_sources(page("See `sync/cycle.cpp`, `sync/circle.cpp`.\n"), tree)),
                ElementsAre("1 there is no sync/circle.cpp"));
}

TEST(DocsRuleTest, TestsThatAPageNamesAreThere) {
    // Put together, as this source is in the tree, too.
    const auto test = [](const std::string& text) { return "TEST" + text + " {\n}\n"; };
    const std::vector<SourceFile> tree = {
        {"tests/a/one_test.cpp", test("(Door, StaysShut)") + test("_P(Door,\n       OpensOnce)")},
        {"docs/elsewhere.cpp", test("(Door, StaysOpen)")}};
    EXPECT_THAT(places(missing_tests(page("`Door.StaysShut` `Door.OpensOnce` `MSH.10` `Date.Of`\n"
                                          "and `Door.StaysOpen`\n"),
                                     test_names(tree))),
                ElementsAre("2 there is no test Door.StaysOpen"));
}

TEST(DocsRuleTest, LinksLeadToFilesFoldersAndHeadings) {
    const std::vector<SourceFile> tree = {
        {"README.md", "# Top\n\n## What it does, and how\n"},
        {"docs/page.md", "# Page\n\n## `sync`\n\n## Two\n\n## Two\n"},
        {"docs/decisions/0001.md", "# One\n"},
    };
    const auto links = [&](const std::string& text) {
        return places(dead_links(page("# Page\n\n## `sync`\n\n" + text + "\n"), tree));
    };
    EXPECT_THAT(links("[a](../README.md) [b](#sync) [c](page.md#two-1) [d](decisions/) "
                      "[e](../README.md#what-it-does-and-how) [f](https://example.org/#x)"),
                IsEmpty());
    EXPECT_THAT(links("[a](none.md)"), ElementsAre(HasSubstr("(none.md) leads to no file")));
    EXPECT_THAT(links("[a](../README.md#what)"), ElementsAre(HasSubstr("leads to no heading")));
    EXPECT_THAT(links("[a](#three)"), ElementsAre(HasSubstr("leads to no heading")));
    EXPECT_THAT(links("`code`\n```\n[a](none.md)\n```"), IsEmpty());
}

} // namespace
} // namespace medibridge::house
