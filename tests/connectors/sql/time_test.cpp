#include "connectors/sql/query.hpp"
#include "connectors/sql/time.hpp"

#include <date/tz.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace medibridge::connectors {
namespace {

using reconcile::Instant;
using std::chrono::milliseconds;

SqlTime sql_time(const std::string& zone, const std::string& format = {}) {
    config::FieldPlace place;
    place.format = format;
    return {place, zone};
}

Instant moment(std::int64_t ms) {
    return Instant(milliseconds(ms));
}

/// What a database on that clock stores at a moment.
std::string stored(Instant instant, const std::string& zone) {
    const auto shown = TimeZone(zone).shown(instant).wall;
    return date::format("%F %T", date::local_time<milliseconds>(shown));
}

const std::vector<std::string> zones = {"Europe/Paris",        "America/St_Johns",
                                        "Australia/Lord_Howe", "Indian/Reunion",
                                        "Africa/Casablanca",   "UTC"};

/// Around the changes of clocks as well as anywhere between 1995 and 2037.
rc::Gen<std::int64_t> moments() {
    const auto anywhere = rc::gen::inRange<std::int64_t>(788'918'400'000, 2'114'380'800'000);
    // 2026-10-25T01:00Z, the end of summer time in the EU, and 2026-03-29T01:00Z, its beginning.
    const auto autumn = rc::gen::map(rc::gen::inRange<std::int64_t>(-10'000'000, 10'000'000),
                                     [](auto ms) { return 1'792'890'000'000 + ms; });
    const auto spring = rc::gen::map(rc::gen::inRange<std::int64_t>(-10'000'000, 10'000'000),
                                     [](auto ms) { return 1'774'746'000'000 + ms; });
    return rc::gen::oneOf(anywhere, autumn, spring);
}

RC_GTEST_PROP(SqlTimeTest, NoLaterMomentIsStoredAsALesserText, ()) {
    const auto zone = *rc::gen::elementOf(zones);
    const auto since = *moments();
    const auto later = since + *rc::gen::inRange<std::int64_t>(0, 14'000'000);
    RC_ASSERT(sql_time(zone).bound(moment(since), false) <= stored(moment(later), zone));
    RC_ASSERT(sql_time(zone, "%Y-%m-%dT%H:%M:%S").bound(moment(since), false).replace(10, 1, " ") <=
              stored(moment(later), zone));
}

RC_GTEST_PROP(SqlTimeTest, TheBoundIsAReadingOfThatClockAndLessThanThreeHoursBack, ()) {
    const auto zone = *rc::gen::elementOf(zones);
    const auto since = *moments();
    const auto bound = sql_time(zone).bound(moment(since), false);
    const auto at = sql_time(zone).position(bound);
    RC_ASSERT(at.has_value());
    RC_ASSERT(!at->has_offset);
    const auto info = date::locate_zone(zone)->get_info(date::local_time<milliseconds>(at->at));
    RC_ASSERT(info.result != date::local_info::nonexistent);
    const auto back = TimeZone(zone).shown(moment(since)).wall - at->at;
    RC_ASSERT(back.count() >= 0);
    RC_ASSERT(back < std::chrono::hours(3));
}

RC_GTEST_PROP(SqlTimeTest, WithAnOffsetTheBoundIsThatVeryMoment, ()) {
    const auto since = *moments();
    const auto time = sql_time("Europe/Paris");
    const auto at = time.position(time.bound(moment(since), true));
    RC_ASSERT(at.has_value());
    RC_ASSERT(at->has_offset);
    RC_ASSERT(at->at == milliseconds(since));
}

TEST(SqlTimeTest, WritesTheLeastTextOfAMoment) {
    const auto time = sql_time("Europe/Paris");
    EXPECT_EQ(time.bound(moment(1'780'300'800'000), false), "2026-06-01 10:00:00");
    EXPECT_EQ(time.bound(moment(1'780'300'800'500), false), "2026-06-01 10:00:00.5");
    EXPECT_EQ(time.bound(moment(1'780'300'800'005), true), "2026-06-01 08:00:00.005+00:00");
    EXPECT_EQ(time.bound(moment(1'780'300'800'000), true), "2026-06-01 08:00:00+00:00");
}

TEST(SqlTimeTest, TheHourThatIsRepeatedIsAskedForFromItsBeginning) {
    const auto time = sql_time("Europe/Paris");
    EXPECT_EQ(time.bound(moment(1'792'886'399'000), false), "2026-10-25 01:59:59");
    EXPECT_EQ(time.bound(moment(1'792'888'200'000), false), "2026-10-25 02:00:00"); // first 02:30
    EXPECT_EQ(time.bound(moment(1'792'891'800'000), false), "2026-10-25 02:00:00"); // second 02:30
    EXPECT_EQ(time.bound(moment(1'792'893'600'000), false), "2026-10-25 03:00:00");
}

TEST(SqlTimeTest, EverythingBeginsBeforeAllThatAColumnHolds) {
    const auto first = [](const char* product, const std::string& format = {}) {
        return sql_time("Europe/Paris", format).beginnings(SqlDialect(product));
    };
    EXPECT_THAT(first("PostgreSQL"),
                testing::ElementsAre("", "-infinity", "0001-01-01 00:00:00", "1753-01-01 00:00:00",
                                     "1900-01-01 00:00:00"));
    EXPECT_THAT(first("MariaDB"), testing::Contains("0000-00-00 00:00:00"));
    EXPECT_THAT(first("SQLite"), testing::Contains(""));
    // It takes the empty text for 1900-01-01.
    EXPECT_THAT(
        first("Microsoft SQL Server"),
        testing::ElementsAre("0001-01-01 00:00:00", "1753-01-01 00:00:00", "1900-01-01 00:00:00"));
    EXPECT_THAT(first("Oracle", "%d/%m/%Y %H:%M"),
                testing::ElementsAre("01/01/0001 00:00", "01/01/1753 00:00", "01/01/1900 00:00",
                                     "01/01/1902 00:00", "01/01/1970 00:00"));
    EXPECT_THAT(first("SQLite", "%s"), testing::Contains("0")) << "a number without a sign";
    EXPECT_THAT(first("SQLite", "%s").front(), "-62135596800");
}

TEST(SqlTimeTest, KnowsWhatIsBeyondFourDigitsOfAYear) {
    using Beyond = SqlTime::Beyond;
    for (const auto* text : {"infinity", "12026-01-01 10:00:00", "294276-12-31", "infinity  "})
        EXPECT_EQ(SqlTime::beyond(text), Beyond::for_ever) << text;
    for (const auto* text : {"-infinity", "0044-03-15 12:00:00 BC", "0000-00-00 00:00:00.000000"})
        EXPECT_EQ(SqlTime::beyond(text), Beyond::before) << text;
    for (const auto* text : {"", "9999-12-31", "0001-01-01", "12026", "hier"})
        EXPECT_EQ(SqlTime::beyond(text), Beyond::none) << text;
}

TEST(SqlDialectTest, ReadsTheClockOfADatabase) {
    const auto at = Instant(std::chrono::seconds(1'780'300'800));
    EXPECT_EQ(SqlDialect::read_clock("1780300800"), at);
    EXPECT_EQ(SqlDialect::read_clock("2026-06-01T08:00:00"), at);
    for (const auto* text : {"", "-1", "1e9", "hier", "1780300800.5 x"})
        EXPECT_EQ(SqlDialect::read_clock(text), std::nullopt) << text;
    EXPECT_EQ(SqlDialect("DB2").clock_query(), "") << "what is not known is not guessed";
}

TEST(SqlDialectTest, EndsAConnectionByItsNumberAndNothingElse) {
    EXPECT_EQ(SqlDialect("MariaDB").session_query(), "SELECT CONNECTION_ID()");
    EXPECT_EQ(SqlDialect("PostgreSQL").session_query(), "") << "its driver does it";
    EXPECT_EQ(SqlDialect::ending_of("42"), "KILL 42");
    for (const auto* text : {"", "-1", "1 2", "42; DROP TABLE patients", "1234567890123456789"})
        EXPECT_EQ(SqlDialect::ending_of(text), "") << text;
}

TEST(SqlTimeTest, ReadsWhatDatabasesShow) {
    const auto time = sql_time("Europe/Paris");
    for (const std::string text :
         {"2024-06-01 10:00:00", "2024-06-01T10:00:00", "2024-06-01 10:00:00.000",
          "2024-06-01 10:00:00.000000", "2024-06-01 10:00:00.0000000", "2024-06-01 10:00",
          "2024-06-01 10:00:00  "}) {
        const auto at = time.position(text);
        ASSERT_TRUE(at) << text;
        EXPECT_EQ(at->at, milliseconds(1'717'236'000'000)) << text;
        EXPECT_FALSE(at->has_offset) << text;
    }
    for (const std::string text :
         {"2024-06-01 12:00:00+02", "2024-06-01 12:00:00.0000000 +02:00", "2024-06-01T10:00:00Z"}) {
        const auto at = time.position(text);
        ASSERT_TRUE(at) << text;
        EXPECT_EQ(at->at, milliseconds(1'717'236'000'000)) << text;
        EXPECT_TRUE(at->has_offset) << text;
    }
    EXPECT_FALSE(time.position("01/06/2024 10:00"));
    EXPECT_FALSE(time.position(""));
}

TEST(SqlQueryTest, GivesAValueForEachPlaceholderInTheirOrder) {
    const SqlQuery query("SELECT 1 WHERE t > :modified_after OR (t = :modified_after AND k > "
                         ":after_id) LIMIT :limit");
    EXPECT_EQ(query.text(), "SELECT 1 WHERE t > ? OR (t = ? AND k > ?) LIMIT ?");
    SqlPosition position;
    position.modified_after = "T";
    position.after_id = "K";
    position.limit = 7;
    EXPECT_THAT(query.values(position),
                testing::ElementsAre(OdbcValue("T"), OdbcValue("T"), OdbcValue("K"),
                                     OdbcValue(std::int64_t{7})));
    EXPECT_THROW(SqlQuery(":other"), std::invalid_argument);
}

} // namespace
} // namespace medibridge::connectors
