#include "base/bytes/id_set.hpp"

#include <gtest/gtest.h>
#include <string>

namespace medibridge::base {
namespace {

TEST(IdSetTest, KnowsEachOfManyIdentifiersOnce) {
    IdSet set;
    EXPECT_FALSE(set.contains("P1"));
    for (int i = 0; i < 50'000; ++i)
        ASSERT_TRUE(set.insert("P" + std::to_string(i)));
    for (int i = 0; i < 50'000; ++i)
        ASSERT_FALSE(set.insert("P" + std::to_string(i)));
    EXPECT_EQ(set.size(), 50'000u);
    EXPECT_TRUE(set.contains("P49999"));
    EXPECT_FALSE(set.contains("P50000"));
    EXPECT_FALSE(set.contains(""));
}

} // namespace
} // namespace medibridge::base
