#include "sandbox/times.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace medibridge::sandbox {
namespace {

std::string utc(Millis time, Precision precision = Precision::milliseconds) {
    std::string out;
    append_utc(out, time, precision);
    return out;
}

std::string paris(Millis time) {
    std::string out;
    append_paris(out, time);
    return out;
}

TEST(TimesTest, ReadsAndWritesRfc3339) {
    EXPECT_EQ(parse_time("1970-01-01T00:00:00Z"), 0);
    EXPECT_EQ(parse_time("2026-01-31T10:05:07.1239+01:00"), 1'769'850'307'123);
    EXPECT_EQ(utc(1'769'850'307'123), "2026-01-31T09:05:07.123Z");
    EXPECT_EQ(utc(1'769'850'307'999, Precision::seconds), "2026-01-31T09:05:07Z");
    EXPECT_EQ(parse_time("2026-01-31T10:05:07+0100"), 1'769'850'307'000);
    EXPECT_EQ(parse_time("2026-01-31"), 1'769'817'600'000);
}

TEST(TimesTest, RefusesWhatIsNoTime) {
    for (const char* text : {"", "2026", "2026-02-30", "2026-01-31T", "2026-01-31T24:00:00Z",
                             "2026-01-31T10:05:07", "2026-01-31 10:05:07Z", "2026-01-31T10:05:07.Z",
                             "2026-01-31T10:05:07Zx", "2026-01-31T10:05:07 01:00"})
        EXPECT_FALSE(parse_time(text)) << text;
}

TEST(TimesTest, WritesTheLegalTimeOfParis) {
    EXPECT_EQ(paris(*parse_time("2026-01-31T09:05:07Z")), "2026-01-31T10:05:07+01:00");
    EXPECT_EQ(paris(*parse_time("2026-03-29T00:59:59Z")), "2026-03-29T01:59:59+01:00");
    EXPECT_EQ(paris(*parse_time("2026-03-29T01:00:00Z")), "2026-03-29T03:00:00+02:00");
    EXPECT_EQ(paris(*parse_time("2026-10-25T00:59:59Z")), "2026-10-25T02:59:59+02:00");
    EXPECT_EQ(paris(*parse_time("2026-10-25T01:00:00Z")), "2026-10-25T02:00:00+01:00");
}

TEST(TimesTest, ReadsParisTimeWithoutOffsetWhereAllowed) {
    EXPECT_EQ(parse_time("2026-07-01T12:00:00", true), parse_time("2026-07-01T10:00:00Z"));
    EXPECT_EQ(parse_time("2026-01-01 12:00:00", true), parse_time("2026-01-01T11:00:00Z"));
    EXPECT_EQ(parse_time("2026-07-01T12:00:00Z", true), parse_time("2026-07-01T12:00:00Z"));
    EXPECT_EQ(parse_time("2026-07-01", true), parse_time("2026-06-30T22:00:00Z"));
}

TEST(TimesTest, WhatIsWrittenIsReadBack) {
    EXPECT_TRUE(rc::check([] {
        const Millis time = *rc::gen::inRange<Millis>(-60'000'000'000'000, 200'000'000'000'000);
        RC_ASSERT(parse_time(utc(time)) == time);
        const Millis second = time - (time % 1000 + 1000) % 1000;
        RC_ASSERT(parse_time(paris(second)) == second);
    }));
}

TEST(TimesTest, WritesHttpDates) {
    EXPECT_EQ(http_date(784'111'777'000), "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(TimesTest, KnowsTheCalendar) {
    EXPECT_TRUE(is_calendar_date("2000-02-29"));
    for (const char* text : {"1900-02-29", "2001-02-29", "2001-13-01", "2001-00-10", "2001-04-31",
                             "2001-4-01", "20010401", "2001-04-01 "})
        EXPECT_FALSE(is_calendar_date(text)) << text;
}

} // namespace
} // namespace medibridge::sandbox
