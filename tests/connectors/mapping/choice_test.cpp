#include "connectors/mapping/choice.hpp"

#include <gtest/gtest.h>
#include <string>
#include <vector>

// Choose after validating, among what is valid today, preference last.

namespace medibridge::connectors {
namespace {

using reconcile::Field;
using reconcile::Instant;
using std::chrono::days;

constexpr Instant today{days(20'000)};
constexpr Instant yesterday = today - days(1);
constexpr Instant tomorrow = today + days(1);

struct Repetition {
    std::string text;
    int rank = 0;
    Period period = {};
};

/// The text that counts; `-`: none.
std::string phone_of(const std::vector<Repetition>& all, std::optional<Instant> now = today) {
    std::vector<Candidate> candidates;
    for (const auto& one : all)
        candidates.push_back({one.period, one.rank});
    const auto chosen = choose(candidates, now, [&all](std::size_t i) {
        return is_usable(Field::phone, all[i].text, "FR");
    });
    return chosen ? all[*chosen].text : "-";
}

TEST(Choice, ChoosesAfterValidatingAmongWhatHoldsPreferenceLast) {
    const std::string good = "0612345678";
    const std::string other = "0380300001";
    const std::string junk = "0000000000";
    struct Case {
        const char* what;
        std::vector<Repetition> all;
        std::string right;
    };
    const std::vector<Case> cases{
        {"nothing", {}, "-"},
        {"one", {{good}}, good},
        {"the first of equals", {{good}, {other}}, good},
        {"the preferred", {{other, 2}, {good, 1}}, good},
        {"the next best that is valid", {{junk, 0}, {other, 3}, {good, 1}}, good},
        {"blank is none", {{" ", 0}, {good, 5}}, good},
        {"none is valid: the preferred, to be refused", {{"fax", 2}, {junk, 1}}, junk},
        {"one that is over", {{good, 0, {{}, today}}, {other, 9}}, other},
        {"one to come", {{good, 0, {tomorrow, {}}}, {other, 9}}, other},
        {"one that holds", {{other, 9}, {good, 0, {yesterday, tomorrow}}}, good},
        {"its first moment is in", {{other, 9}, {good, 0, {today, {}}}}, good},
        {"all are over", {{good, 0, {{}, yesterday}}}, "-"},
        {"one that is over is not told of", {{good, 0, {{}, yesterday}}, {junk, 1}}, junk},
    };
    for (const auto& one : cases)
        EXPECT_EQ(phone_of(one.all), one.right) << one.what;
}

TEST(Choice, WithoutAClockEverythingHolds) {
    EXPECT_EQ(phone_of({{"0612345678", 0, {{}, yesterday}}}, std::nullopt), "0612345678");
}

TEST(Choice, AValueIsUsableWhereItWouldBeTaken) {
    EXPECT_TRUE(is_usable(Field::last_name, "d'Été", "FR"));
    EXPECT_FALSE(is_usable(Field::last_name, "12", "FR"));
    EXPECT_FALSE(is_usable(Field::last_name, " ", "FR"));
    EXPECT_TRUE(is_usable(Field::email, "a@example.org", "FR"));
    EXPECT_FALSE(is_usable(Field::email, "a@b@c", "FR"));
    EXPECT_TRUE(is_usable(Field::street, "12", "FR"));
    EXPECT_FALSE(is_usable(Field::city, "S\xEF\xBF\xBDte", "FR")) << "a letter was lost";
    EXPECT_TRUE(is_usable(Field::birth_date, "1980-01-31", "FR"));
    EXPECT_FALSE(is_usable(Field::birth_date, "1980-02-31", "FR"));
    EXPECT_FALSE(is_usable(Field::phone, "612345678", "BE")) << "dialled from elsewhere";
    for (const auto* garbled : {"LefÃ¨vre", "Lef?vre", "Lef&egrave;vre"})
        EXPECT_FALSE(is_usable(Field::last_name, garbled, "FR")) << garbled;
    for (const auto* garbled : {"OrlÃ©ans", "NULL", "75001.0", "Nan?tes"})
        EXPECT_FALSE(is_usable(Field::city, garbled, "FR")) << garbled;
}

} // namespace
} // namespace medibridge::connectors
