#include "reconcile/instant.hpp"

#include "generators.hpp"

#include <gtest/gtest.h>
#include <limits>

namespace medibridge::reconcile {
namespace {

using std::chrono::milliseconds;

std::optional<std::int64_t> milliseconds_of(std::string_view text) {
    const auto stamp = parse_rfc3339(text);
    if (!stamp) return std::nullopt;
    return stamp->instant.time_since_epoch().count();
}

TEST(Rfc3339Test, ReadsEveryOffsetAsTheSameMoment) {
    constexpr std::int64_t moment = 1'769'850'300'000; // as `date -d` says
    for (const auto* text :
         {"2026-01-31T09:05:00Z", "2026-01-31t09:05:00z", "2026-01-31T10:05:00+01:00",
          "2026-01-31T10:05:00+0100", "2026-01-31T03:35:00-05:30", "2026-01-31T09:05:00-00:00",
          "2026-02-01T08:04:00+22:59", "2026-01-31T09:05:00.000Z"})
        EXPECT_EQ(milliseconds_of(text), moment) << text;
}

TEST(Rfc3339Test, CutsFractionsAndNeverRoundsUp) {
    EXPECT_EQ(milliseconds_of("1970-01-01T00:00:00.1Z"), 100);
    EXPECT_EQ(milliseconds_of("1970-01-01T00:00:00.12Z"), 120);
    EXPECT_EQ(milliseconds_of("1970-01-01T00:00:00.1239999999999999999999999Z"), 123);
    EXPECT_EQ(milliseconds_of("1969-12-31T23:59:59.9999Z"), -1);
    EXPECT_EQ(milliseconds_of("2016-12-31T23:59:60Z"),
              *milliseconds_of("2017-01-01T00:00:00Z") - 1);
    EXPECT_EQ(milliseconds_of("2017-01-01T00:59:60.5+01:00"),
              *milliseconds_of("2017-01-01T00:00:00Z") - 1);
}

TEST(Rfc3339Test, TellsThePrecision) {
    EXPECT_EQ(parse_rfc3339("2026-01-31T09:05:00Z")->precision, Precision::seconds);
    EXPECT_EQ(parse_rfc3339("2026-01-31T09:05:00.000Z")->precision, Precision::milliseconds);
}

TEST(Rfc3339Test, RefusesWhatIsNotExactlyATimestamp) {
    for (const auto* text : {"",
                             "2026-01-31",
                             "2026-01-31T09:05:00",
                             "2026-01-31 09:05:00Z",
                             " 2026-01-31T09:05:00Z",
                             "2026-01-31T09:05:00Z ",
                             "2026-01-31T09:05Z",
                             "2026-01-31T09:05:00.Z",
                             "2026-01-31T09:05:00,5Z",
                             "2026-01-31T24:00:00Z",
                             "2026-01-31T09:60:00Z",
                             "2026-01-31T09:05:61Z",
                             "2026-01-31T09:05:60Z",
                             "2026-02-29T09:05:00Z",
                             "2026-13-01T09:05:00Z",
                             "2026-00-01T09:05:00Z",
                             "2026-01-31T09:05:00+24:00",
                             "2026-01-31T09:05:00+01:60",
                             "2026-01-31T09:05:00+1:00",
                             "2026-01-31T09:05:00+01",
                             "2026-01-31T09:05:00ZZ",
                             "+2026-01-31T09:05:00Z",
                             "26-01-31T09:05:00Z"})
        EXPECT_EQ(milliseconds_of(text), std::nullopt) << text;
}

TEST(Rfc3339Test, WritesUtcWithOrWithoutMilliseconds) {
    const Instant instant(milliseconds(1'769'850'300'123));
    EXPECT_EQ(format_rfc3339(instant, Precision::seconds), "2026-01-31T09:05:00Z");
    EXPECT_EQ(format_rfc3339(instant, Precision::milliseconds), "2026-01-31T09:05:00.123Z");
    EXPECT_EQ(format_rfc3339(Instant(milliseconds(-1)), Precision::milliseconds),
              "1969-12-31T23:59:59.999Z");
    EXPECT_EQ(format_rfc3339(Instant(milliseconds(-1)), Precision::seconds),
              "1969-12-31T23:59:59Z");
}

TEST(Rfc3339Test, WritesMomentsOutsideOfItsYearsAsTheNearest) {
    EXPECT_EQ(format_rfc3339(Instant::max(), Precision::milliseconds), "9999-12-31T23:59:59.999Z");
    EXPECT_EQ(format_rfc3339(Instant::min(), Precision::seconds), "0000-01-01T00:00:00Z");
}

TEST(Rfc3339Test, ReadsBackWhatItWrote) {
    EXPECT_TRUE(rc::check([] {
        const auto count =
            *rc::gen::inRange<std::int64_t>(-62'167'219'200'000, 253'402'300'799'999);
        const Instant instant{milliseconds(count)};
        const auto exact = parse_rfc3339(format_rfc3339(instant, Precision::milliseconds));
        RC_ASSERT(exact.has_value());
        RC_ASSERT(exact->instant == instant);
        const auto floored = parse_rfc3339(format_rfc3339(instant, Precision::seconds));
        RC_ASSERT(floored.has_value());
        RC_ASSERT(floored->instant == std::chrono::floor<std::chrono::seconds>(instant));
    }));
}

TEST(Rfc3339Test, AnyBytesAreReadOrRefused) {
    EXPECT_TRUE(rc::check([] {
        const auto text = *rc::gen::oneOf(
            any_bytes(),
            pieces({"2026-01-31", "T", "09:05:00", ".123", "Z", "+01:00", "-", "9", ":"}));
        if (const auto stamp = parse_rfc3339(text)) {
            RC_ASSERT(parse_rfc3339(format_rfc3339(stamp->instant, Precision::milliseconds)));
        }
    }));
}

} // namespace
} // namespace medibridge::reconcile
