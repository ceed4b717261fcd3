#include "base/bytes/id_numbers.hpp"
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

TEST(IdNumbersTest, KeepTheLargestOfEachOfManyIdentifiers) {
    IdNumbers numbers;
    EXPECT_FALSE(numbers.find("P1"));
    for (int i = 0; i < 50'000; ++i)
        numbers.raise("P" + std::to_string(i), i - 10);
    numbers.raise("P7", -20);
    numbers.raise("P8", 20);
    EXPECT_EQ(numbers.find("P7"), -3);
    EXPECT_EQ(numbers.find("P8"), 20);
    EXPECT_EQ(numbers.find("P49999"), 49'989);
    EXPECT_FALSE(numbers.find("P50000"));
}

} // namespace
} // namespace medibridge::base
