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

} // namespace
} // namespace medibridge::log
