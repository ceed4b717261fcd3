#include "reconcile/normal_form.hpp"

#include "generators.hpp"

#include <gtest/gtest.h>

namespace medibridge::reconcile {
namespace {

Instant at(std::string_view text) {
    return parse_rfc3339(text)->instant;
}

TEST(BirthDateTest, TakesRealDaysFrom1850On) {
    for (const auto* text :
         {"1850-01-01", "1984-02-29", "2000-02-29", "2026-12-31", "9999-12-31"}) {
        EXPECT_TRUE(normal_birth_date(text).ok()) << text;
        EXPECT_EQ(normal_birth_date(text).text, text);
    }
    EXPECT_EQ(normal_birth_date(" \u00A01984-02-29\r\n").text, "1984-02-29");
    EXPECT_TRUE(normal_birth_date("  ").ok());
    EXPECT_EQ(normal_birth_date("  ").text, "");
}

TEST(BirthDateTest, RefusesEverythingElse) {
    for (const auto* text :
         {"1983-02-29", "1900-02-29", "1984-13-01", "1984-00-01", "1984-01-00", "1984-04-31",
          "1984-1-1", "19840101", "01/02/1984", "1984-02", "1984", "1984-02-29T00:00:00Z",
          "1984-02-29 ?", "+984-02-29", "1984_02_29", "１984-02-29"})
        EXPECT_EQ(normal_birth_date(text).defect, "is not a real date of the form YYYY-MM-DD")
            << text;
    EXPECT_EQ(normal_birth_date("1849-12-31").defect, "is before 1850");
    EXPECT_EQ(normal_birth_date("0001-01-01").defect, "is before 1850");
}

TEST(BirthDateTest, ABirthMayBeADayAfterTheRecord) {
    EXPECT_FALSE(is_born_after("2026-03-01", at("2026-03-01T23:00:00Z")));
    EXPECT_FALSE(is_born_after("2026-03-02", at("2026-03-01T00:00:00Z")));
    EXPECT_TRUE(is_born_after("2026-03-03", at("2026-03-01T23:59:59Z")));
    EXPECT_FALSE(is_born_after("1960-01-01", at("1959-12-31T12:00:00Z")));
    EXPECT_TRUE(is_born_after("1960-01-02", at("1959-12-31T12:00:00Z")));
}

TEST(BirthDateTest, AnyMomentCanBeCompared) {
    EXPECT_TRUE(is_born_after("1984-02-29", Instant::min()));
    EXPECT_FALSE(is_born_after("1984-02-29", Instant::max()));
    EXPECT_FALSE(is_born_after("no date", Instant::min()));
}

TEST(BirthDateTest, AnyBytesAreReadOrRefused) {
    EXPECT_TRUE(rc::check([] {
        const auto normal = normal_birth_date(
            *rc::gen::oneOf(any_bytes(), pieces({"1984", "-", "02", "29", " ", "\u00A0"})));
        RC_ASSERT(!normal.ok() || normal.text.empty() || normal.text.size() == 10);
    }));
}

} // namespace
} // namespace medibridge::reconcile
