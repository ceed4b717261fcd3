#include "base/bytes/arguments.hpp"

#include <gmock/gmock.h>
#include <vector>

namespace medibridge::base {
namespace {

std::string empty_in(std::vector<const char*> words) {
    words.insert(words.begin(), "program");
    return empty_argument(words);
}

TEST(EmptyArgumentTest, IsNamedByWhatStandsBeforeIt) {
    using testing::HasSubstr;
    EXPECT_THAT(empty_in({"pause", "--until", ""}), HasSubstr("follows `--until` is empty"));
    EXPECT_THAT(empty_in({"pause", "--until="}), HasSubstr("follows `--until=` is empty"));
    EXPECT_THAT(empty_in({"why", " \t"}), HasSubstr("follows `why` is empty"));
    EXPECT_THAT(empty_in({"why", "--", ""}), HasSubstr("follows `--` is empty"));
    EXPECT_THAT(empty_in({"", "status"}), HasSubstr("follows `program` is empty"));
}

TEST(EmptyArgumentTest, IsNotWhatSaysSomething) {
    EXPECT_EQ(empty_in({}), "");
    EXPECT_EQ(empty_in({"pause", "--until", "2h"}), "");
    EXPECT_EQ(empty_in({"held", "ignore", "7", "--reason=a="}), "");
    EXPECT_EQ(empty_in({"held", "ignore", "--", "--7="}), "") << "an identifier, not an option";
    EXPECT_EQ(empty_argument({}), "");
}

} // namespace
} // namespace medibridge::base
