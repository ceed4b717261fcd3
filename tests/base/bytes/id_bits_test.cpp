#include "base/bytes/id_bits.hpp"

#include <gtest/gtest.h>
#include <string>

namespace medibridge::tests {
namespace {

TEST(IdBitsTest, EachBitOfAnIdentifierIsAddedOnce) {
    base::IdBits marks;
    EXPECT_FALSE(marks.contains("P1"));
    EXPECT_EQ(marks.add("P1", 0b0101), 0b0101u);
    EXPECT_EQ(marks.add("P1", 0b0111), 0b0010u) << "only what is new";
    EXPECT_EQ(marks.add("P1", 0b0111), 0u);
    EXPECT_EQ(marks.add("P2", 0b0001), 0b0001u) << "another one's";
    EXPECT_EQ(marks.size(), 2u);
}

TEST(IdBitsTest, AnIdentifierWithoutBitsIsThere) {
    base::IdBits marks;
    EXPECT_EQ(marks.add("P1", 0), 0u);
    EXPECT_TRUE(marks.contains("P1"));
    EXPECT_EQ(marks.size(), 1u);
}

TEST(IdBitsTest, NothingIsLostWhileItGrows) {
    base::IdBits marks;
    constexpr int many = 10'000;
    for (int i = 0; i < many; ++i)
        marks.add("P" + std::to_string(i), i % 2 == 0 ? 1u : 2u);
    EXPECT_EQ(marks.size(), static_cast<std::size_t>(many));
    for (int i = 0; i < many; ++i)
        ASSERT_EQ(marks.add("P" + std::to_string(i), 3u), i % 2 == 0 ? 2u : 1u) << i;
    EXPECT_FALSE(marks.contains("P10000"));
}

} // namespace
} // namespace medibridge::tests
