#include "base/bytes/id_map.hpp"
#include "base/bytes/id_set.hpp"

#include <gtest/gtest.h>
#include <string>

namespace medibridge::base {
namespace {

/// They stand in many tables then.
constexpr int many = 300'000;

TEST(IdSetTest, KnowsEachOfManyIdentifiersOnce) {
    IdSet set;
    EXPECT_FALSE(set.contains("P1"));
    for (int i = 0; i < many; ++i) {
        ASSERT_FALSE(set.contains("P" + std::to_string(i))) << i;
        ASSERT_TRUE(set.insert("P" + std::to_string(i))) << i;
    }
    for (int i = 0; i < many; ++i)
        ASSERT_FALSE(set.insert("P" + std::to_string(i))) << i;
    EXPECT_EQ(set.size(), static_cast<std::size_t>(many));
    EXPECT_TRUE(set.contains("P299999"));
    EXPECT_FALSE(set.contains("P300000"));
    EXPECT_FALSE(set.contains(""));
}

TEST(IdSetTest, TakesThoseOfAnotherSetAndThoseThatAreMarked) {
    for (const int size : {10, many}) {
        IdSet set;
        for (int i = 0; i < size; ++i)
            set.insert("P" + std::to_string(i));
        IdMarks marks(set);
        for (int i = 0; i < size; i += 2) {
            EXPECT_TRUE(marks.insert("P" + std::to_string(i)));
            EXPECT_FALSE(marks.insert("P" + std::to_string(i)));
        }
        EXPECT_FALSE(marks.insert("Q")) << "it is not in the set";
        EXPECT_TRUE(marks.contains("P0"));
        EXPECT_FALSE(marks.contains("P1"));
        EXPECT_EQ(marks.size(), static_cast<std::size_t>(size / 2));
        auto some = marks.marked();
        EXPECT_EQ(some.size(), marks.size());
        IdSet others;
        others.insert("P1");
        others.insert("Q");
        some.insert(others);
        EXPECT_EQ(some.size(), marks.size() + 2);
        for (int i = 2; i < size; ++i)
            ASSERT_EQ(some.contains("P" + std::to_string(i)), i % 2 == 0) << i;
        others.insert(set);
        EXPECT_EQ(others.size(), static_cast<std::size_t>(size) + 1);
        EXPECT_FALSE(others.insert("P2")) << "as the identifier itself";
    }
}

TEST(IdMapTest, KeepsTheValueOfEachOfManyIdentifiers) {
    IdMap<std::int64_t> numbers;
    EXPECT_EQ(numbers.find("P1"), nullptr);
    for (int i = 0; i < many; ++i)
        numbers["P" + std::to_string(i)] = i - 10;
    numbers["P7"] += 20;
    EXPECT_EQ(numbers.size(), static_cast<std::size_t>(many));
    for (int i = 0; i < many; ++i) {
        const auto* const number = numbers.find("P" + std::to_string(i));
        ASSERT_NE(number, nullptr) << i;
        ASSERT_EQ(*number, i == 7 ? 17 : i - 10) << i;
    }
    EXPECT_FALSE(numbers.contains("P300000"));
}

TEST(IdMapTest, AnIdentifierThatWasOnlyAskedForByItsValueIsThere) {
    IdMap<std::int64_t> numbers;
    EXPECT_EQ(numbers["P1"], 0);
    EXPECT_TRUE(numbers.contains("P1"));
    EXPECT_EQ(numbers.size(), 1U);
}

} // namespace
} // namespace medibridge::base
