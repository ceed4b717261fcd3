#include "connectors/mapping/field_rule.hpp"

#include <gmock/gmock.h>

namespace medibridge::connectors {
namespace {

using reconcile::FieldValue;
using testing::HasSubstr;
using Kind = RawValue::Kind;

const TimeZone paris("Europe/Paris");

RawValue raw(Kind kind, std::string text = {}) {
    return {kind, std::move(text)};
}

RawValue text(std::string value) {
    return raw(Kind::text, std::move(value));
}

FieldRule rule(config::FieldPlace place = {}) {
    return FieldRule(place, paris);
}

FieldRule with_map(std::map<std::string, std::string> map) {
    config::FieldPlace place;
    place.map = std::move(map);
    return rule(place);
}

FieldRule with_default(std::string value) {
    config::FieldPlace place;
    place.default_value = std::move(value);
    return rule(place);
}

FieldRule with_format(std::string format) {
    config::FieldPlace place;
    place.format = std::move(format);
    return rule(place);
}

/// A value in a few characters: `=text`, `?`, `!reason`.
std::string shown(const FieldValue& value) {
    switch (value.state()) {
    case FieldValue::State::unknown:
        return "?";
    case FieldValue::State::known:
        return "=" + value.text();
    case FieldValue::State::cleared:
        return "cleared";
    case FieldValue::State::unreadable:
        return "!" + value.text().substr(0, 12);
    }
    return {};
}

const std::vector<RawValue> every_kind = {
    raw(Kind::absent),          raw(Kind::null),
    raw(Kind::boolean, "true"), raw(Kind::integer, "18446744073709551615"),
    raw(Kind::decimal, "1.5"),  raw(Kind::text, "  Doe "),
    raw(Kind::text, ""),        raw(Kind::text, " \t"),
    raw(Kind::composite),
};

std::string all_kinds(const FieldRule& field,
                      FieldValue (FieldRule::*read)(const RawValue&) const) {
    std::string all;
    for (const auto& value : every_kind)
        all += shown((field.*read)(value)) + " ";
    return all;
}

TEST(FieldRuleTest, ReadsEveryKindOfTextValue) {
    EXPECT_EQ(all_kinds(rule(), &FieldRule::text),
              "? ? !true or fals =18446744073709551615 !a number wit =Doe cleared cleared "
              "!an object or ");
}

TEST(FieldRuleTest, GivesTheDefaultForWhatIsNotThereOnly) {
    EXPECT_EQ(all_kinds(with_default("FR"), &FieldRule::text),
              "=FR =FR !true or fals =18446744073709551615 !a number wit =Doe =FR =FR !an object "
              "or ");
}

TEST(FieldRuleTest, TakesOnlyWhatTheMapNames) {
    const auto field = with_map({{"1", "M"}, {"2", "F"}, {"true", "F"}, {"1.5", "O"}, {"x", ""}});
    EXPECT_EQ(all_kinds(field, &FieldRule::text),
              "? ? =F !not in the m =O !not in the m cleared cleared !an object or ");
    EXPECT_EQ(shown(field.text(raw(Kind::integer, "1"))), "=M");
    EXPECT_EQ(shown(field.text(text("2  "))), "=F");
    EXPECT_EQ(shown(field.text(text("x"))), "?");
}

TEST(FieldRuleTest, TheDefaultIsNotMapped) {
    config::FieldPlace place;
    place.map = {{"1", "M"}};
    place.default_value = "O";
    EXPECT_EQ(shown(rule(place).text(raw(Kind::null))), "=O");
}

TEST(FieldRuleTest, RefusesTextWithLostCharacters) {
    EXPECT_EQ(shown(rule().text(text("Lef\xEF\xBF\xBDvre"))), "!holds charac");
}

TEST(FieldRuleTest, NoReasonHoldsTheValue) {
    const std::string planted = "Zanzibar77";
    for (const auto& field : {rule(), with_map({{"1", "M"}}), with_format("%d/%m/%Y")}) {
        for (const auto kind : {Kind::boolean, Kind::integer, Kind::decimal, Kind::text}) {
            const RawValue value = raw(kind, planted);
            for (const auto& read : {field.text(value), field.date(value)}) {
                if (read.is_known()) continue;
                EXPECT_EQ(read.text().find(planted), std::string::npos);
            }
            EXPECT_EQ(field.moment(value).fault.find(planted), std::string_view::npos);
            EXPECT_EQ(field.flag(value).fault.find(planted), std::string_view::npos);
        }
    }
}

TEST(FieldRuleTest, ReadsBirthDatesAsTheyAreWritten) {
    EXPECT_EQ(shown(rule().date(text("1980-05-12"))), "=1980-05-12");
    EXPECT_EQ(shown(rule().date(text(" 1980-05-12 "))), "=1980-05-12");
    EXPECT_EQ(shown(rule().date(text("1980-05-12T23:30:00Z"))), "=1980-05-12");
    EXPECT_EQ(shown(rule().date(text("1980-05-12T00:30:00+02:00"))), "=1980-05-12");
    EXPECT_EQ(shown(rule().date(text("1980-05-12 00:00:00.0"))), "=1980-05-12");
    EXPECT_EQ(shown(rule().date(text("12/05/1980"))), "!not a date i");
    EXPECT_EQ(shown(rule().date(text("1980"))), "!not a date i");
    // What is expected is what counts there: the form that is configured, or the usual one.
    EXPECT_THAT(rule().date(text("12/05/1980")).text(), HasSubstr("the form 1980-05-31"));
    EXPECT_THAT(with_format("%d/%m/%Y").date(text("1980-05-12")).text(),
                HasSubstr("in the form of `format`"));
    EXPECT_THAT(rule().moment(text("12/05/1980")).fault, HasSubstr("form 2026-01-31T09:05:00"));
    EXPECT_THAT(with_format("%d/%m/%Y").moment(text("1980-05-12")).fault,
                HasSubstr("in the form of `format`"));
    EXPECT_EQ(shown(rule().date(text("1980-02-30"))), "!not a date i");
    EXPECT_EQ(shown(with_format("%d/%m/%Y").date(text("12/05/1980"))), "=1980-05-12");
    EXPECT_EQ(shown(with_format("%d/%m/%Y").date(text("1980-05-12"))), "!not a date i");
    EXPECT_EQ(shown(with_format("%d/%m/%Y").date(text("12/05/80"))), "!not a date i");
    EXPECT_EQ(shown(with_format("%Y%m%d").date(raw(Kind::integer, "19800512"))), "=1980-05-12");
    EXPECT_EQ(shown(with_format("%Y%m%d").date(raw(Kind::null))), "?");
}

std::string moment_text(const FieldRule& field, const RawValue& value) {
    const auto moment = field.moment(value);
    if (!moment.fault.empty()) return "!" + std::string(moment.fault.substr(0, 10));
    if (!moment.timestamp) return "?";
    return reconcile::format_rfc3339(moment.timestamp->instant, moment.timestamp->precision);
}

TEST(FieldRuleTest, ReadsModificationTimes) {
    EXPECT_EQ(moment_text(rule(), text("2026-01-31T09:05:07.12Z")), "2026-01-31T09:05:07.120Z");
    EXPECT_EQ(moment_text(rule(), text("2026-01-31T09:05:07")), "2026-01-31T08:05:07Z");
    EXPECT_EQ(moment_text(rule(), text("yesterday")), "!not a time");
    EXPECT_EQ(moment_text(rule(), raw(Kind::null)), "?");
    EXPECT_EQ(moment_text(rule(), raw(Kind::composite)), "!an object ");
    EXPECT_EQ(moment_text(with_format("%Q"), raw(Kind::integer, "1769850307123")),
              "2026-01-31T09:05:07.123Z");
    EXPECT_EQ(moment_text(with_format("%s.%f"), raw(Kind::decimal, "1769850307.123")),
              "2026-01-31T09:05:07.123Z");
    EXPECT_EQ(moment_text(with_format("%d/%m/%Y %H:%M"), text("14/07/2026 10:05")),
              "2026-07-14T08:05:00Z");
}

TEST(FieldRuleTest, KnowsHowFineAModificationTimeIs) {
    using namespace std::chrono;
    const auto grain = [](const FieldRule& field, const char* written) {
        return field.moment(text(written)).timestamp.value().grain;
    };
    EXPECT_EQ(grain(rule(), "2026-01-31T09:05:07.12Z"), milliseconds(1));
    EXPECT_EQ(grain(rule(), "2026-01-31T09:05:07Z"), seconds(1));
    EXPECT_EQ(grain(rule(), "2026-01-31 09:05"), minutes(1));
    EXPECT_EQ(grain(rule(), "2026-01-31"), days(1));
    EXPECT_EQ(grain(with_format("%d/%m/%Y"), "31/01/2026"), days(1));
    EXPECT_EQ(grain(with_format("%d/%m/%Y %H:%M"), "31/01/2026 09:05"), minutes(1));
    EXPECT_EQ(grain(with_format("%d/%m/%Y %H:%M:%S"), "31/01/2026 09:05:07"), seconds(1));
    EXPECT_EQ(grain(with_format("%d/%m/%Y %H:%M:%S"), "31/01/2026 09:05:07,5"), milliseconds(1));
    EXPECT_EQ(grain(with_format("%s"), "1769850307"), seconds(1));
    EXPECT_EQ(grain(with_format("%Q"), "1769850307123"), milliseconds(1));
}

std::string flag_text(const FieldRule& field, const RawValue& value) {
    const auto flag = field.flag(value);
    const std::string said = flag.value ? (*flag.value ? "yes" : "no") : "?";
    return flag.fault.empty() ? said : said + "!";
}

TEST(FieldRuleTest, ReadsYesAndNoInTheWordsOfFrenchSources) {
    for (const auto* yes : {"true", "TRUE", "1", "O", "o", "Oui", "Y", "vrai", " t "})
        EXPECT_EQ(flag_text(rule(), text(yes)), "yes") << yes;
    for (const auto* no : {"false", "0", "N", "Non", "no", "FAUX", "f"})
        EXPECT_EQ(flag_text(rule(), text(no)), "no") << no;
    EXPECT_EQ(flag_text(rule(), raw(Kind::boolean, "true")), "yes");
    EXPECT_EQ(flag_text(rule(), raw(Kind::boolean, "false")), "no");
    EXPECT_EQ(flag_text(rule(), raw(Kind::integer, "0")), "no");
    EXPECT_EQ(flag_text(rule(), raw(Kind::null)), "?");
    EXPECT_EQ(flag_text(rule(), text("")), "?");
    EXPECT_EQ(flag_text(rule(), text("V")), "?!");
    EXPECT_EQ(flag_text(rule(), raw(Kind::composite)), "?!");
    EXPECT_EQ(flag_text(with_default("false"), raw(Kind::absent)), "no");
}

TEST(FieldRuleTest, ADateIsAYesButAnEmptyOneIsANo) {
    EXPECT_EQ(flag_text(rule(), text("2025-11-02")), "yes");
    EXPECT_EQ(flag_text(rule(), text("02/11/2025")), "yes");
    EXPECT_EQ(flag_text(rule(), text("2025-11-02T10:00:00Z")), "yes");
    EXPECT_EQ(flag_text(with_format("%d %B %Y"), text("2 November 2025")), "yes");
    EXPECT_EQ(flag_text(rule(), text("0000-00-00")), "no");
    EXPECT_EQ(flag_text(rule(), text("0000-00-00 00:00:00")), "no");
}

TEST(FieldRuleTest, AFlagsMapDecidesAlone) {
    const auto field = with_map({{"DCD", "true"}, {"VIV", "false"}});
    EXPECT_EQ(flag_text(field, text("DCD")), "yes");
    EXPECT_EQ(flag_text(field, text("VIV")), "no");
    EXPECT_EQ(flag_text(field, text("1")), "?!");
    EXPECT_TRUE(field.flag(text("1")).mapped);
}

} // namespace
} // namespace medibridge::connectors
