#include "../../reconcile/generators.hpp"
#include "base/http/timing_headers.hpp"
#include "reconcile/instant.hpp"

#include <gtest/gtest.h>

namespace medibridge::http {

using reconcile::any_bytes;
using reconcile::pieces;

namespace {

std::optional<std::string> read(std::string_view text) {
    const auto instant = parse_http_date(text);
    if (!instant) return std::nullopt;
    return format_rfc3339(*instant, reconcile::Precision::milliseconds);
}

TEST(HttpDateTest, ReadsTheThreeHistoricForms) {
    for (const auto* text : {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
                             "Sun Nov  6 08:49:37 1994"})
        EXPECT_EQ(read(text), "1994-11-06T08:49:37.000Z") << text;
    EXPECT_EQ(read("Wed Nov 16 08:49:37 1994"), "1994-11-16T08:49:37.000Z");
}

TEST(HttpDateTest, YearsOfTwoDigitsBeginIn1970) {
    EXPECT_EQ(read("Monday, 01-Jan-70 00:00:00 GMT"), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(read("Monday, 01-Jan-69 00:00:00 GMT"), "2069-01-01T00:00:00.000Z");
}

TEST(HttpDateTest, ALeapSecondIsTheSecondBeforeIt) {
    EXPECT_EQ(read("Sat, 31 Dec 2016 23:59:60 GMT"), "2016-12-31T23:59:59.000Z");
}

TEST(HttpDateTest, RefusesOtherForms) {
    for (const auto* text :
         {"", "120", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC",
          "Sun, 06 Nov 1994 08:49:37 +0000", "Sun, 6 Nov 1994 08:49:37 GMT",
          "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
          "sun, 06 nov 1994 08:49:37 gmt", "Xyz, 06 Nov 1994 08:49:37 GMT",
          "Sun, 06-Nov-1994 08:49:37 GMT", "Sunday, 06 Nov 94 08:49:37 GMT",
          "Sun Nov  6 08:49:37 1994 GMT", "Sun, 06 Nov 1994 08:49:37 GMT "})
        EXPECT_EQ(read(text), std::nullopt) << text;
}

TEST(HttpDateTest, AnyBytesAreReadOrRefused) {
    EXPECT_TRUE(rc::check([] {
        parse_http_date(*rc::gen::oneOf(any_bytes(), pieces({"Sun", "day", ",", " ", "06", "-",
                                                             "Nov", "1994", "08:49:37", "GMT"})));
    }));
}

} // namespace
} // namespace medibridge::http
