#include "base/bytes/id_map.hpp"
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

TEST(IdMapTest, KeepsTheValueOfEachOfManyIdentifiers) {
    IdMap<std::int64_t> numbers;
    EXPECT_EQ(numbers.find("P1"), nullptr);
    for (int i = 0; i < 50'000; ++i)
        numbers["P" + std::to_string(i)] = i - 10;
    numbers["P7"] += 20;
    EXPECT_EQ(numbers.size(), 50'000U);
    for (int i = 0; i < 50'000; ++i) {
        const auto* const number = numbers.find("P" + std::to_string(i));
        ASSERT_NE(number, nullptr) << i;
        ASSERT_EQ(*number, i == 7 ? 17 : i - 10) << i;
    }
    EXPECT_FALSE(numbers.contains("P50000"));
}

TEST(IdMapTest, AnIdentifierThatWasOnlyAskedForByItsValueIsThere) {
    IdMap<std::int64_t> numbers;
    EXPECT_EQ(numbers["P1"], 0);
    EXPECT_TRUE(numbers.contains("P1"));
    EXPECT_EQ(numbers.size(), 1U);
}

} // namespace
} // namespace medibridge::base
