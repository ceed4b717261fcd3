#include "connectors/mapping/time_zone.hpp"

#include "reconcile/instant.hpp"
#include "tests/sanitized.hpp"

#include <gtest/gtest.h>
#include <stdexcept>

namespace medibridge::connectors {
namespace {

using namespace std::chrono_literals;
using reconcile::format_rfc3339;
using reconcile::Instant;
using reconcile::Precision;

WallTime wall(int year, unsigned month, unsigned day, std::chrono::milliseconds time) {
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                           std::chrono::day(day)};
    return std::chrono::sys_days(date).time_since_epoch() + time;
}

std::string utc(Instant instant) {
    return format_rfc3339(instant, Precision::seconds);
}

/// Between the moments of a year that are tried; changes of clocks happen between them, too.
constexpr std::chrono::minutes step{tests::sanitized ? 50 : 10};

TEST(TimeZoneTest, RefusesAnUnknownNameAndSaysHowToMendIt) {
    try {
        TimeZone("Europe/Pariss");
        FAIL();
    } catch (const std::invalid_argument& fault) {
        EXPECT_NE(std::string(fault.what()).find("Europe/Paris"), std::string::npos);
    }
}

TEST(TimeZoneTest, FollowsWinterAndSummer) {
    const TimeZone paris("Europe/Paris");
    EXPECT_EQ(utc(paris.instant(wall(2026, 1, 31, 9h + 5min))), "2026-01-31T08:05:00Z");
    EXPECT_EQ(utc(paris.instant(wall(2026, 7, 14, 9h + 5min))), "2026-07-14T07:05:00Z");
    EXPECT_EQ(utc(TimeZone("UTC").instant(wall(2026, 7, 14, 9h))), "2026-07-14T09:00:00Z");
    EXPECT_EQ(utc(TimeZone("Indian/Reunion").instant(wall(2026, 7, 14, 9h))),
              "2026-07-14T05:00:00Z");
}

// The hour that comes twice proves no order: whatever it shows, one may be before the other.
TEST(TimeZoneTest, ARepeatedHourIsOneMoment) {
    const TimeZone paris("Europe/Paris"); // put back on 2026-10-25 at 03:00, 01:00 UTC
    EXPECT_EQ(utc(paris.instant(wall(2026, 10, 25, 1h + 59min))), "2026-10-24T23:59:00Z");
    EXPECT_EQ(utc(paris.instant(wall(2026, 10, 25, 2h))), "2026-10-25T00:00:00Z");
    EXPECT_EQ(utc(paris.instant(wall(2026, 10, 25, 2h + 59min))), "2026-10-25T00:00:00Z");
    EXPECT_EQ(utc(paris.instant(wall(2026, 10, 25, 3h))), "2026-10-25T02:00:00Z");
    const TimeZone howe("Australia/Lord_Howe"); // by half an hour, on 2026-04-05 at 02:00
    EXPECT_EQ(utc(howe.instant(wall(2026, 4, 5, 1h + 29min))), "2026-04-04T14:29:00Z");
    EXPECT_EQ(utc(howe.instant(wall(2026, 4, 5, 1h + 59min))), "2026-04-04T14:30:00Z");
    EXPECT_EQ(utc(howe.instant(wall(2026, 4, 5, 2h))), "2026-04-04T15:30:00Z");
}

TEST(TimeZoneTest, TheHourThatIsLeftOutIsTheMomentOfTheChange) {
    const TimeZone paris("Europe/Paris"); // put forward on 2026-03-29 at 02:00, 01:00 UTC
    EXPECT_EQ(utc(paris.instant(wall(2026, 3, 29, 1h + 59min))), "2026-03-29T00:59:00Z");
    EXPECT_EQ(utc(paris.instant(wall(2026, 3, 29, 2h))), "2026-03-29T01:00:00Z");
    EXPECT_EQ(utc(paris.instant(wall(2026, 3, 29, 2h + 59min))), "2026-03-29T01:00:00Z");
    EXPECT_EQ(utc(paris.instant(wall(2026, 3, 29, 3h))), "2026-03-29T01:00:00Z");
}

TEST(TimeZoneTest, ALaterReadingIsNeverAnEarlierMomentAndNeverBeforeItsBound) {
    for (const auto* name : {"Europe/Paris", "America/St_Johns", "Australia/Lord_Howe", "UTC"}) {
        const TimeZone zone(name);
        const auto begin = wall(2026, 1, 1, 0h);
        auto before = zone.instant(begin);
        // Every reading of a clock that nobody changes, so those that are left out, too.
        for (auto at = begin + step; at < begin + 24h * 366; at += step) {
            const auto moment = zone.instant(at);
            ASSERT_GE(moment, before) << name << " " << utc(moment);
            for (auto since = moment - 3h; since <= moment; since += step)
                ASSERT_LE(zone.lower_bound(since), at) << name << " " << utc(since);
            before = moment;
        }
    }
}

TEST(TimeZoneTest, TellsAllMomentsThatMayBeMeant) {
    const TimeZone paris("Europe/Paris");
    const auto once = paris.moment(wall(2026, 7, 1, 12h));
    EXPECT_EQ(utc(once.earliest), "2026-07-01T10:00:00Z");
    EXPECT_EQ(once.latest, once.earliest);
    const auto twice = paris.moment(wall(2026, 10, 25, 2h + 30min));
    EXPECT_EQ(utc(twice.earliest), "2026-10-25T00:30:00Z");
    EXPECT_EQ(utc(twice.latest), "2026-10-25T01:30:00Z");
    const auto never = paris.moment(wall(2026, 3, 29, 2h + 30min));
    EXPECT_EQ(utc(never.earliest), "2026-03-29T00:30:00Z");
    EXPECT_EQ(utc(never.latest), "2026-03-29T01:30:00Z");
}

TEST(TimeZoneTest, NoLaterMomentShowsBeforeItsLowerBound) {
    for (const auto* name : {"Europe/Paris", "America/New_York", "Australia/Lord_Howe", "UTC"}) {
        const TimeZone zone(name);
        const auto begin = *reconcile::parse_rfc3339("2026-01-01T00:00:00Z");
        // Each step of a year against all moments of the following 3 hours.
        for (auto at = begin.instant; at < begin.instant + 24h * 366; at += step) {
            const auto bound = zone.lower_bound(at);
            ASSERT_LE(bound, zone.shown(at).wall);
            for (auto later = at; later < at + 3h; later += step)
                ASSERT_GE(zone.shown(later).wall, bound) << name << " " << utc(at);
        }
    }
}

TEST(TimeZoneTest, ReadsBackWhatItShowsAndNeverLater) {
    const TimeZone zone("Europe/Paris");
    const auto begin = *reconcile::parse_rfc3339("2026-01-01T00:00:00Z");
    for (auto at = begin.instant; at < begin.instant + 24h * 366; at += 7min) {
        const auto back = zone.instant(zone.shown(at).wall);
        ASSERT_LE(back, at);
        ASSERT_GT(back, at - 2h);
    }
}

} // namespace
} // namespace medibridge::connectors
