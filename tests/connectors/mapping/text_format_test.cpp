#include "connectors/mapping/text_format.hpp"

#include <gtest/gtest.h>
#include <random>
#include <stdexcept>

namespace medibridge::connectors {
namespace {

using reconcile::format_rfc3339;

std::string read(std::string_view format, std::string_view text,
                 std::string_view zone = "Europe/Paris") {
    const auto time = TextFormat(format).read(text);
    if (!time) return "no";
    const auto stamp = moment(*time, TimeZone(zone));
    return format_rfc3339(stamp.instant, stamp.precision);
}

std::string date(std::string_view format, std::string_view text) {
    const auto time = TextFormat(format).read_date(text);
    return time ? date_text(*time) : "no";
}

std::string write(std::string_view format, std::string_view instant,
                  std::string_view zone = "Europe/Paris") {
    return TextFormat(format).write(reconcile::parse_rfc3339(instant)->instant, TimeZone(zone));
}

struct ReadCase {
    const char* format;
    const char* text;
    const char* expected;
};

class TextFormatReads : public testing::TestWithParam<ReadCase> {};

TEST_P(TextFormatReads, AsExpected) {
    EXPECT_EQ(read(GetParam().format, GetParam().text), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Table, TextFormatReads,
    testing::Values(ReadCase{"%d/%m/%Y %H:%M:%S", "31/01/2026 09:05:07", "2026-01-31T08:05:07Z"},
                    ReadCase{"%d/%m/%Y %H:%M:%S", "1/7/2026 9:05:07", "2026-07-01T07:05:07Z"},
                    ReadCase{"%d/%m/%Y %H:%M", "31/01/2026   09:05", "2026-01-31T08:05:00Z"},
                    ReadCase{"%d/%m/%Y %H:%M", "31/01/26 09:05", "no"},
                    ReadCase{"%d/%m/%Y", "31/02/2026", "no"},
                    ReadCase{"%d/%m/%Y", "29/02/2024", "2024-02-28T23:00:00Z"},
                    ReadCase{"%d/%m/%Y", "31/01/2026x", "no"}, ReadCase{"%d/%m/%Y", "", "no"},
                    ReadCase{"%Y%m%d", "20260131", "2026-01-30T23:00:00Z"},
                    ReadCase{"%Y%m%d", "2026131", "no"}, ReadCase{"%Y%m%d", "2026011", "no"},
                    ReadCase{"%Y%m%d%H%M%S", "20260131090507", "2026-01-31T08:05:07Z"},
                    ReadCase{"%Y%m%d%H%M%S%z", "20260131090507+0000", "2026-01-31T09:05:07Z"},
                    ReadCase{"%Y%m%d%H%M%S%f", "20260131090507123", "2026-01-31T08:05:07.123Z"},
                    ReadCase{"%F %T", "2026-01-31 09:05:07", "2026-01-31T08:05:07Z"},
                    ReadCase{"%F %T", "2026-01-31 09:05:07.1239", "2026-01-31T08:05:07.123Z"},
                    ReadCase{"%F %T,%f", "2026-01-31 09:05:07,5", "2026-01-31T08:05:07.500Z"},
                    ReadCase{"%F %T.%f", "2026-01-31 09:05:07", "no"},
                    ReadCase{"%F %T.", "2026-01-31 09:05:07.", "2026-01-31T08:05:07Z"},
                    ReadCase{"%F %T%z", "2026-01-31 09:05:07+05:30", "2026-01-31T03:35:07Z"},
                    ReadCase{"%F %T%z", "2026-01-31 09:05:07-0130", "2026-01-31T10:35:07Z"},
                    ReadCase{"%F %T%z", "2026-01-31 09:05:07Z", "2026-01-31T09:05:07Z"},
                    ReadCase{"%F %T%z", "2026-01-31 09:05:07+02", "2026-01-31T07:05:07Z"},
                    ReadCase{"%F %T%z", "2026-01-31 09:05:07", "no"},
                    ReadCase{"%F %T%z", "2026-01-31 09:05:07+25:00", "no"},
                    ReadCase{"%FT%TZ", "2026-01-31T09:05:07Z", "2026-01-31T09:05:07Z"},
                    ReadCase{"%F %R", "2026-01-31 24:00", "no"},
                    ReadCase{"%F %R", "2026-01-31 09:60", "no"},
                    ReadCase{"%F %T", "2026-12-31 23:59:60", "2026-12-31T22:59:59Z"},
                    ReadCase{"%F %T", "2026-12-31 23:59:61", "no"},
                    ReadCase{"%d-%b-%Y", "31-JAN-2026", "2026-01-30T23:00:00Z"},
                    ReadCase{"%d %B %Y", "14 july 2026", "2026-07-13T22:00:00Z"},
                    ReadCase{"%d-%b-%Y", "31-QQQ-2026", "no"},
                    ReadCase{"%e.%m.%Y", " 1.07.2026", "2026-06-30T22:00:00Z"},
                    ReadCase{"%Y %j", "2024 366", "2024-12-30T23:00:00Z"},
                    ReadCase{"%Y %j", "2026 366", "no"}, ReadCase{"%Y %j", "2026 0", "no"},
                    ReadCase{"%F %I:%M %p", "2026-01-31 12:05 am", "2026-01-30T23:05:00Z"},
                    ReadCase{"%F %I:%M %p", "2026-01-31 12:05 PM", "2026-01-31T11:05:00Z"},
                    ReadCase{"%F %I:%M %p", "2026-01-31 11:05 PM", "2026-01-31T22:05:00Z"},
                    ReadCase{"%F %I:%M %p", "2026-01-31 13:05 PM", "no"},
                    ReadCase{"%s", "1769850307", "2026-01-31T09:05:07Z"},
                    ReadCase{"%s", "-1", "1969-12-31T23:59:59Z"},
                    ReadCase{"%s.%f", "1769850307.123000000", "2026-01-31T09:05:07.123Z"},
                    ReadCase{"%s", "99999999999999999999", "no"},
                    ReadCase{"%s", "999999999999999999", "no"},
                    ReadCase{"%Q", "1769850307123", "2026-01-31T09:05:07.123Z"},
                    ReadCase{"le %d/%m/%Y %%", "le 31/01/2026 %", "2026-01-30T23:00:00Z"},
                    ReadCase{"%F", "0000-01-01", "no"}, ReadCase{"%F", "2026-00-10", "no"},
                    ReadCase{"%F", "2026-10-00", "no"}));

TEST(TextFormatTest, RefusesWhatCannotBeMeantAndSaysHowToMendIt) {
    const auto fault = [](std::string_view format) -> std::string {
        try {
            TextFormat{format};
        } catch (const std::invalid_argument& error) {
            return error.what();
        }
        return "accepted";
    };
    for (const auto* format : {"%d/%m/%y", "%D", "%g", "%C"})
        EXPECT_NE(fault(format).find("%Y"), std::string::npos) << format;
    EXPECT_NE(fault("%Y-%m-%k").find("%k is not known"), std::string::npos);
    EXPECT_NE(fault("%Y-%m-%").find("%%"), std::string::npos);
    EXPECT_NE(fault("%F %I:%M").find("%H"), std::string::npos);
    EXPECT_NE(fault("%F %H:%M %p").find("%H"), std::string::npos);
    EXPECT_NE(fault(""), "accepted");
    EXPECT_EQ(fault("%d/%m/%Y"), "accepted");
}

TEST(TextFormatTest, TakesTheDateOfATimestampAsItIsWritten) {
    EXPECT_EQ(date("%d/%m/%Y", "12/05/1980"), "1980-05-12");
    EXPECT_EQ(date("%d/%m/%Y", "12/05/1980 00:00:00"), "1980-05-12");
    EXPECT_EQ(date("%F", "1980-05-12T23:30:00-11:00"), "1980-05-12");
    EXPECT_EQ(date("%F", "1980-05-12T00:30:00.000+14:00"), "1980-05-12");
    EXPECT_EQ(date("%F %T%z", "1980-05-12 00:30:00+0200"), "1980-05-12");
    EXPECT_EQ(date("%d/%m/%Y", "12/05/1980 and more"), "no");
    EXPECT_EQ(date("%d/%m/%Y", "12/05/80"), "no");
    EXPECT_EQ(date("%d/%m/%Y", "12/05/19801"), "no");
}

TEST(TextFormatTest, WritesTheSourcesClockFloored) {
    EXPECT_EQ(write("%d/%m/%Y %H:%M:%S", "2026-01-31T08:05:07.999Z"), "31/01/2026 09:05:07");
    EXPECT_EQ(write("%d/%m/%Y %H:%M", "2026-07-14T08:05:59.999Z"), "14/07/2026 10:05");
    EXPECT_EQ(write("%Y%m%d", "2026-01-31T23:30:00Z"), "20260201");
    EXPECT_EQ(write("%FT%T.%f%z", "2026-07-14T08:05:07.120Z"), "2026-07-14T10:05:07.120+0200");
    EXPECT_EQ(write("%FT%T%z", "2026-07-14T08:05:07Z", "America/St_Johns"),
              "2026-07-14T05:35:07-0230");
    EXPECT_EQ(write("%FT%TZ", "2026-07-14T08:05:07Z"), "2026-07-14T08:05:07Z");
    EXPECT_EQ(write("%s|%Q", "2026-01-31T09:05:07.999Z"), "1769850307|1769850307999");
    EXPECT_EQ(write("%e %b %B %j %I %p", "2026-01-05T00:30:00Z"), " 5 Jan January 005 01 AM");
    EXPECT_EQ(write("%I %p%%", "2026-01-05T11:30:00Z"), "12 PM%");
}

TEST(TextFormatTest, WritesTheBeginningOfARepeatedHour) {
    // 02:59 for the first time: 02:10 for the second time comes later, and must not lie before.
    EXPECT_EQ(write("%F %T", "2026-10-25T00:59:00Z"), "2026-10-25 02:00:00");
    EXPECT_EQ(write("%F %T", "2026-10-25T01:10:00Z"), "2026-10-25 02:00:00");
    EXPECT_EQ(write("%F %T%z", "2026-10-25T00:59:00Z"), "2026-10-25 02:59:00+0200");
    EXPECT_EQ(write("%F %T", "2026-10-25T02:00:00Z"), "2026-10-25 03:00:00");
}

TEST(TextFormatTest, ReadsBackWhatItWroteAndNeverLater) {
    std::mt19937_64 random(7);
    std::uniform_int_distribution<std::int64_t> any(0, 4'000'000'000'000);
    const TimeZone paris("Europe/Paris");
    for (const auto* text : {"%d/%m/%Y %H:%M:%S.%f", "%Y%m%d%H%M%S%f", "%Q", "%FT%T.%f%z",
                             "%Y %j %I:%M:%S %p", "%d %B %Y %T", "%FT%T.%fZ"}) {
        const TextFormat format(text);
        for (int i = 0; i < 2000; ++i) {
            const reconcile::Instant instant{std::chrono::milliseconds(any(random))};
            const auto written = format.write(instant, paris);
            const auto back = format.read(written);
            ASSERT_TRUE(back) << text << " " << written;
            const auto stamp = moment(*back, paris);
            ASSERT_LE(stamp.instant, instant) << text;
            ASSERT_GT(stamp.instant, instant - std::chrono::minutes(121)) << text;
        }
    }
}

TEST(TextFormatTest, SurvivesAnyText) {
    std::mt19937_64 random(11);
    const std::string letters = "0123456789-/.: TZ+,apmPJan\xC3\xA9%";
    std::uniform_int_distribution<std::size_t> letter(0, letters.size() - 1);
    std::uniform_int_distribution<std::size_t> length(0, 30);
    const TextFormat formats[] = {TextFormat("%d/%m/%Y %T"), TextFormat("%Y%m%d%H%M%S%f%z"),
                                  TextFormat("%s.%f"), TextFormat("%Y %j %I %p %B")};
    for (int i = 0; i < 50'000; ++i) {
        std::string text(length(random), ' ');
        for (auto& c : text)
            c = letters[letter(random)];
        for (const auto& format : formats) {
            ASSERT_TRUE(format.read(text).value_or(CivilTime()).date.ok()) << text;
            ASSERT_TRUE(format.read_date(text).value_or(CivilTime()).date.ok()) << text;
        }
        ASSERT_TRUE(read_iso(text).value_or(CivilTime()).date.ok()) << text;
    }
}

TEST(IsoTimeTest, ReadsWhatSourcesWrite) {
    const auto iso = [](std::string_view text) -> std::string {
        const auto time = read_iso(text);
        if (!time) return "no";
        const auto stamp = moment(*time, TimeZone("Europe/Paris"));
        return format_rfc3339(stamp.instant, stamp.precision);
    };
    EXPECT_EQ(iso("2026-01-31T09:05:07Z"), "2026-01-31T09:05:07Z");
    EXPECT_EQ(iso("2026-01-31T09:05:07.1239+01:00"), "2026-01-31T08:05:07.123Z");
    EXPECT_EQ(iso("2026-01-31 09:05:07"), "2026-01-31T08:05:07Z");
    EXPECT_EQ(iso("2026-01-31 09:05:07 +0200"), "2026-01-31T07:05:07Z");
    EXPECT_EQ(iso("2026-01-31T09:05"), "2026-01-31T08:05:00Z");
    EXPECT_EQ(iso("2026-01-31"), "2026-01-30T23:00:00Z");
    for (const auto* text : {"", "2026", "26-01-31", "2026-1-31", "2026-02-30", "2026-01-31T",
                             "2026-01-31T25:00", "2026-01-31T09:05:07x", "2026-01-31T09:05:07.",
                             "2026-01-31T09:05:07+1", "0000-01-31", "2026/01/31"})
        EXPECT_EQ(iso(text), "no") << text;
}

} // namespace
} // namespace medibridge::connectors
