#include "using_rule.hpp"

#include <gtest/gtest.h>

namespace medibridge::house {
namespace {

TEST(UsingRuleTest, EachSourceUsesWhatItDeclares) {
    for (const SourceFile& file : read_tree()) {
        if (!file.path.ends_with(".cpp")) continue;
        for (const Finding& finding : unused_usings(file))
            ADD_FAILURE() << finding;
    }
}

TEST(UsingRuleTest, ANameInCommentsAndTextIsNotUsed) {
    const SourceFile file{"a.cpp", "using std::sort; // sort\n"
                                   "using std::string;\n"
                                   "const string text = \"sort\";\n"
                                   "using Text = std::string_view;\n"
                                   "using namespace std::chrono;\n"};
    const auto found = unused_usings(file);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found.front().line, 1);
}

} // namespace
} // namespace medibridge::house
