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

std::string id(int number) {
    return "P" + std::to_string(number);
}

TEST(IdSetTest, TakesThoseOfAnotherSet) {
    for (const int size : {10, many}) {
        SCOPED_TRACE(size);
        IdSet set;
        for (int i = 0; i < size; ++i)
            set.insert(id(i));
        IdSet others;
        others.insert("P1");
        others.insert("Q");
        EXPECT_FALSE(set.contains(others));
        others.insert(set);
        EXPECT_EQ(others.size(), static_cast<std::size_t>(size) + 1);
        EXPECT_FALSE(others.insert("P2")) << "as the identifier itself";
        EXPECT_TRUE(others.contains(set));
        const IdSet copy = others;
        EXPECT_TRUE(copy.contains(others) && others.contains(copy));
        EXPECT_EQ(copy.size(), others.size());
    }
}

TEST(IdSetTest, ACopyOfFewHasRoomForMore) {
    for (int size = 0; size < 40; ++size) {
        IdSet set;
        for (int i = 0; i < size; ++i)
            set.insert(id(i));
        auto copy = set;
        for (int i = size; i < size + 20; ++i) {
            ASSERT_FALSE(copy.contains(id(i))) << size;
            ASSERT_TRUE(copy.insert(id(i))) << size;
        }
    }
}

TEST(IdSetTest, SetsThatAreAlikeKeepApartWhatEachHas) {
    for (const int size : {10, many}) {
        SCOPED_TRACE(size);
        IdSet set;
        auto even = set.alike(); // of an empty one, too
        for (int i = 0; i < size; ++i)
            set.insert(id(i));
        for (int i = 0; i < size; i += 2) {
            ASSERT_TRUE(even.insert(id(i)));
            ASSERT_FALSE(even.insert(id(i)));
        }
        EXPECT_TRUE(even.insert("Q"));
        EXPECT_FALSE(set.contains("Q"));
        for (int i = 0; i < size; ++i)
            ASSERT_EQ(even.contains(id(i)), i % 2 == 0) << i;
        EXPECT_EQ(set.size(), static_cast<std::size_t>(size));
        EXPECT_EQ(even.size(), static_cast<std::size_t>(size / 2) + 1);
        EXPECT_FALSE(set.contains(even) || even.contains(set));
        auto all = set.alike();
        all.insert(even);
        all.insert(set);
        EXPECT_EQ(all.size(), set.size() + 1);
        EXPECT_TRUE(all.contains(set) && all.contains(even));
    }
}

TEST(IdSetTest, WhatOneLeavesBehindIsNotInTheNext) {
    IdSet set;
    set.insert("P1");
    // More than can be alike at once, and each of them after another one.
    for (int round = 0; round < 10; ++round) {
        std::vector<IdSet> more;
        for (int i = 0; i < 6; ++i) {
            EXPECT_FALSE(more.emplace_back(set.alike()).contains("P1")) << round;
            EXPECT_TRUE(more.back().insert("P1"));
            more.back().insert("P" + std::to_string(round));
        }
        auto moved = std::move(more.front());
        more.clear();
        EXPECT_TRUE(moved.contains("P1"));
        EXPECT_EQ(set.size(), 1U);
    }
    EXPECT_FALSE(set.alike().contains("P5"));
}

/// As a list is read again for years.
TEST(IdSetTest, ForgetsWhomNoneOfThoseThatAreAlikeHas) {
    IdSet now;
    int first = 0;
    for (int round = 0; round < 200; ++round, first += 500) {
        auto next = now.alike();
        for (int i = first; i < first + 1'000; ++i)
            next.insert(id(i));
        now = std::move(next);
        ASSERT_EQ(now.size(), 1'000U);
    }
    EXPECT_FALSE(now.contains(id(first - 501)));
    EXPECT_TRUE(now.contains(id(first + 499)));
    EXPECT_LT(now.room(), 8'000U) << "and not for 100,000";
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
