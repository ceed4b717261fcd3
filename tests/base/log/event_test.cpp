#include "base/log/event.hpp"

#include <gtest/gtest.h>
#include <set>
#include <string>

namespace medibridge::log {
namespace {

TEST(EventTest, KeysAndLevelsHaveNamesOfTheirOwn) {
    std::set<std::string> names;
    for (std::size_t i = 0; i < key_count; ++i)
        names.emplace(name(static_cast<Key>(i)));
    EXPECT_EQ(names.size(), key_count);
    EXPECT_FALSE(names.contains(""));
    EXPECT_EQ(name(Level::debug), "debug");
    EXPECT_EQ(name(Level::info), "info");
    EXPECT_EQ(name(Level::warn), "warn");
    EXPECT_EQ(name(Level::error), "error");
}

constexpr EventType weighty{"test.something", Level::warn, "something happened"};
constexpr EventVariant expected{weighty, Level::info, "something expected happened"};

TEST(EventTest, AVariantIsTheSameEventWithAnotherWeight) {
    Event event(expected);
    EXPECT_EQ(event.type().name, "test.something");
    EXPECT_EQ(event.level(), Level::info);
    EXPECT_EQ(event.message(), "something expected happened");
    event.set_level(Level::debug);
    EXPECT_EQ(event.level(), Level::debug);
    EXPECT_EQ(Event(weighty).level(), Level::warn);
}

} // namespace
} // namespace medibridge::log
