#include "await_rule.hpp"

#include <gtest/gtest.h>
#include <sstream>

namespace medibridge::house {
namespace {

bool is_fixture(const SourceFile& file) {
    return file.path.starts_with("tests/house/fixtures/");
}

/// The lines that a fixture marks as breaking the rule.
std::vector<int> marked_lines(const SourceFile& file) {
    std::vector<int> lines;
    std::istringstream text(file.text);
    std::string line;
    for (int number = 1; std::getline(text, line); ++number)
        if (line.ends_with("// caught")) lines.push_back(number);
    return lines;
}

TEST(AwaitRuleTest, NoStatementOfOursHasBracesOrALambdaBesideCoAwait) {
    for (const SourceFile& file : read_tree()) {
        if (!file.is_code() || is_fixture(file)) continue;
        for (const Finding& finding : braces_beside_await(file))
            ADD_FAILURE() << finding;
    }
}

TEST(AwaitRuleTest, FindsExactlyTheMarkedLinesOfTheFixtures) {
    std::size_t fixtures = 0;
    std::size_t marked = 0;
    for (const SourceFile& file : read_tree()) {
        if (!file.is_code() || !is_fixture(file)) continue;
        ++fixtures;
        std::vector<int> found;
        for (const Finding& finding : braces_beside_await(file))
            found.push_back(finding.line);
        EXPECT_EQ(found, marked_lines(file)) << file.path;
        marked += found.size();
    }
    EXPECT_GE(fixtures, 2u);
    EXPECT_GE(marked, 10u);
}

} // namespace
} // namespace medibridge::house
