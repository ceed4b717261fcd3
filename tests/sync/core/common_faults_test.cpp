#include "sync/core/common_faults.hpp"

#include "base/log/catalogue.hpp"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace medibridge::tests {
namespace {

using log::Key;
using log::Level;
using sync::CommonFaults;

log::Event dropped(int number, const std::string& field = "gender") {
    return log::Event(log::events::field_dropped)
        .with(Key::source, "his")
        .with(Key::patient, "P" + std::to_string(number))
        .with(Key::fields, field)
        .with(Key::reason, "is not M, F or O");
}

log::Event nameless(int line) {
    return log::Event(log::events::patient_held)
        .with(Key::source, "his")
        .with(Key::patient, "record:" + std::to_string(line))
        .with(Key::reason, "invalid")
        .with(Key::detail, "is missing: a.csv line " + std::to_string(line))
        .with(Key::fields, "externalId");
}

std::vector<log::Event> many(int count, log::Event (*make)(int)) {
    std::vector<log::Event> events;
    for (int i = 0; i < count; ++i)
        events.push_back(make(i));
    return events;
}

log::Event gender(int number) {
    return dropped(number);
}

std::ptrdiff_t count_at(const std::vector<log::Event>& events, Level level) {
    return std::ranges::count(events, level, &log::Event::level);
}

std::int64_t patients_of(const log::Event& event) {
    for (const auto& [key, value] : event.fields())
        if (key == Key::patients) return std::get<std::int64_t>(value);
    return -1;
}

TEST(CommonFaultsTest, WhatMostHaveInCommonIsOneLine) {
    CommonFaults faults;
    faults.see(0, 100);
    const auto first = faults.sift(many(84, gender));
    EXPECT_EQ(count_at(first, Level::debug), 84);
    faults.see(0, 100);
    EXPECT_EQ(count_at(faults.sift(many(90, gender)), Level::debug), 90);
    const auto last = faults.end();
    ASSERT_EQ(last.size(), 1u);
    EXPECT_EQ(last[0].type().name, "mapping.suspected");
    EXPECT_EQ(last[0].level(), Level::warn);
    EXPECT_EQ(patients_of(last[0]), 174);
}

TEST(CommonFaultsTest, WhatAFewHaveIsALineEach) {
    CommonFaults faults;
    faults.see(0, 250);
    EXPECT_EQ(count_at(faults.sift(many(84, gender)), Level::warn), 84);
    EXPECT_TRUE(faults.end().empty());
}

TEST(CommonFaultsTest, FewRecordsTellNothingUntilTheEnd) {
    CommonFaults faults;
    faults.see(19, 19);
    EXPECT_TRUE(faults.sift(many(19, gender)).empty());
    const auto rest = faults.end();
    EXPECT_EQ(count_at(rest, Level::warn), 19);
    EXPECT_EQ(rest[0].type().name, "field.dropped");
    EXPECT_TRUE(faults.end().empty());
}

TEST(CommonFaultsTest, ThoseKeptBackAreReleasedOnceEnoughWasSeen) {
    CommonFaults faults;
    faults.see(10, 10);
    EXPECT_TRUE(faults.sift(many(5, gender)).empty());
    faults.see(40, 40);
    EXPECT_EQ(count_at(faults.sift({}), Level::warn), 5);
}

TEST(CommonFaultsTest, ThePlacesOfRecordsWithoutIdentifierAreNoCausesOfTheirOwn) {
    CommonFaults faults;
    faults.see(30, 0);
    EXPECT_EQ(count_at(faults.sift(many(30, nameless)), Level::debug), 30);
    const auto last = faults.end();
    ASSERT_EQ(last.size(), 1u);
    EXPECT_EQ(patients_of(last[0]), 30);
    for (const auto& [key, value] : last[0].fields())
        EXPECT_NE(key, Key::detail) << std::get<std::string>(value);
}

TEST(CommonFaultsTest, AHoldIsLoggedBeforeWhatFollowsOnIt) {
    CommonFaults faults;
    faults.see(1, 1);
    EXPECT_TRUE(faults.sift(many(2, nameless)).empty());
    std::vector<log::Event> events;
    events.push_back(
        log::Event(log::events::patient_released).with(Key::patient, std::string("record:1")));
    const auto now = faults.sift(std::move(events));
    ASSERT_EQ(now.size(), 2u);
    EXPECT_EQ(now[0].type().name, "patient.held");
    EXPECT_EQ(now[1].type().name, "patient.released");
    EXPECT_EQ(faults.end().size(), 1u);
}

TEST(CommonFaultsTest, OtherEventsAndCausesBeyondTheLimitPass) {
    CommonFaults faults;
    std::vector<log::Event> events;
    for (int i = 0; i < 120; ++i)
        events.push_back(dropped(i, "field" + std::to_string(i)));
    events.emplace_back(log::events::cycle_started);
    EXPECT_EQ(faults.sift(std::move(events)).size(), 21u);
    EXPECT_EQ(faults.end().size(), 100u);
}

} // namespace
} // namespace medibridge::tests
