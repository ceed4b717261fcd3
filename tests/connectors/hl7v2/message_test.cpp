#include "connectors/hl7v2/message.hpp"
#include "connectors/hl7v2/time.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::connectors::hl7 {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> names(std::string_view text) {
    const auto message = Message::parse(text);
    std::vector<std::string> all;
    if (!message) return {message.error().reason};
    for (const auto& segment : message->segments())
        all.emplace_back(segment.name);
    return all;
}

std::string refusal(std::string_view text) {
    const auto message = Message::parse(text);
    return message ? "taken" : message.error().reason;
}

std::string pid_field(std::string_view text, std::size_t n) {
    const auto message = Message::parse(text);
    if (!message || message->first("PID") == nullptr) return "none";
    return std::string(message->first("PID")->field(n));
}

std::string unescaped(std::string_view leaf, Delimiters delimiters = Delimiters()) {
    return Leaves(delimiters, Decoder()).text(leaf);
}

TEST(Hl7MessageTest, SegmentsEndAsTheMessageHasThem) {
    const auto all = ElementsAre("MSH", "EVN", "PID");
    EXPECT_THAT(names("MSH|^~\\&|A\rEVN||1\rPID|1\r"), all);
    EXPECT_THAT(names("MSH|^~\\&|A\nEVN||1\nPID|1\n"), all);
    EXPECT_THAT(names("MSH|^~\\&|A\r\nEVN||1\r\nPID|1"), all);
    EXPECT_THAT(names("\xEF\xBB\xBF\r\n MSH|^~\\&|A\r\r\nEVN||1\r\nPID|1"), all);
    EXPECT_THAT(names("MSH|^~\\&|A\rZPA|x\rEVN\rPIDX|2\rpid|3\rPID|1"), all);
}

TEST(Hl7MessageTest, ALineFeedInsideAFieldIsPartOfIt) {
    EXPECT_EQ(pid_field("MSH|^~\\&|A\rPID|a\nPID|c|d\r", 1), "a\nPID");
    EXPECT_EQ(pid_field("MSH|^~\\&|A\nPID|a\nEVN|c\n", 1), "a");
}

TEST(Hl7MessageTest, FieldsAreCountedAsTheStandardDoes) {
    const auto message = Message::parse("MSH|^~\\&|A|B||D\rPID|1||x^y\r");
    ASSERT_TRUE(message);
    EXPECT_EQ(message->header().field(2), "^~\\&");
    EXPECT_EQ(message->header().field(3), "A");
    EXPECT_EQ(message->header().field(6), "D");
    EXPECT_EQ(message->header().field(7), "");
    EXPECT_EQ(message->first("PID")->field(3), "x^y");
    EXPECT_EQ(message->first("PID")->field(30), "");
    EXPECT_EQ(message->first("MRG"), nullptr);
}

TEST(Hl7MessageTest, DelimitersAreThoseOfTheMessage) {
    const auto message = Message::parse("MSH#*~!$#A\rPID#a|b*c\r");
    ASSERT_TRUE(message);
    EXPECT_EQ(message->delimiters().component, '*');
    EXPECT_EQ(message->delimiters().escape, '!');
    EXPECT_EQ(message->first("PID")->field(1), "a|b*c");
    const auto few = Message::parse("MSH|^|A\rPID|a~b\r");
    ASSERT_TRUE(few);
    EXPECT_EQ(few->delimiters().repetition, 0);
    EXPECT_EQ(part("a~b", few->delimiters().repetition, 1), "a~b")
        << "what is not named is no sign";
    const auto five = Message::parse("MSH|^~\\&#|A");
    ASSERT_TRUE(five);
    EXPECT_EQ(five->delimiters().truncation, '#');
}

TEST(Hl7MessageTest, SaysWhatIsNoMessage) {
    EXPECT_THAT(refusal(""), HasSubstr("does not begin with MSH"));
    EXPECT_THAT(refusal("hello world"), HasSubstr("does not begin with MSH"));
    EXPECT_THAT(refusal("MSH"), HasSubstr("MSH-1"));
    EXPECT_THAT(refusal("MSHA^~\\&A"), HasSubstr("MSH-1"));
    EXPECT_THAT(refusal("MSH|"), HasSubstr("MSH-2 is empty"));
    EXPECT_THAT(refusal("MSH|^~\\&#!|"), HasSubstr("too many characters"));
    EXPECT_THAT(refusal("MSH|^^\\&|"), HasSubstr("one twice"));
    EXPECT_THAT(refusal("MSH|^~\\a|"), HasSubstr("cannot be a delimiter"));
    EXPECT_THAT(refusal("MSH|^~\\&|A\rMSH|^~\\&|B"), HasSubstr("the message has two MSH segments"));
}

TEST(Hl7MessageTest, LimitsAreRefusals) {
    std::string many = "MSH|^~\\&|A\r";
    for (int i = 0; i < 300; ++i)
        many += "PID|1\r";
    EXPECT_THAT(refusal(many), HasSubstr("too many segments"));
    EXPECT_THAT(refusal("MSH|^~\\&|A\rPID" + std::string(600, '|')), HasSubstr("too many fields"));
    EXPECT_THAT(refusal("MSH|^~\\&|A\rPID|" + std::string(600, '~')),
                HasSubstr("too many repetitions"));
    EXPECT_EQ(refusal("MSH|^~\\&|A\rZZZ|" + std::string(100'000, '~')), "taken");
    std::string observations = "MSH|^~\\&|A\r";
    for (int i = 0; i < 10'000; ++i)
        observations += "OBX|1\r";
    EXPECT_EQ(refusal(observations), "taken");
}

TEST(Hl7MessageTest, PartsOfAWhole) {
    EXPECT_EQ(part("a^b^^d", '^', 1), "a");
    EXPECT_EQ(part("a^b^^d", '^', 3), "");
    EXPECT_EQ(part("a^b^^d", '^', 4), "d");
    EXPECT_EQ(part("a^b^^d", '^', 5), "");
    EXPECT_EQ(part("", '^', 1), "");
    EXPECT_EQ(part("a^b", 0, 1), "a^b");
    EXPECT_EQ(part("a^b", 0, 2), "");
}

TEST(Hl7EscapeTest, SequencesBecomeWhatTheyStandFor) {
    EXPECT_EQ(unescaped("A \\F\\ B \\S\\ C \\T\\ D \\R\\ E \\E\\"), "A | B ^ C & D ~ E \\");
    EXPECT_EQ(unescaped("a\\.br\\b\\.sp2\\c\\.in+4\\d"), "a\nb\ncd");
    EXPECT_EQ(unescaped("\\H\\bold\\N\\"), "bold");
    EXPECT_EQ(unescaped("\\Z1\\\\C2842\\\\M2442FF\\x"), "x");
}

TEST(Hl7EscapeTest, HexadecimalDigitsAreBytesOfTheCharacterSet) {
    EXPECT_EQ(unescaped("No\\XC3A9\\mie"), "Noémie");
    EXPECT_EQ(unescaped("No\\XC3\\\\XA9\\mie"), "Noémie");
    Charsets charsets("ISO-8859-1");
    const Leaves latin(Delimiters(), *charsets.decoder("8859/1", "No\\XE9\\mie"));
    EXPECT_EQ(latin.text("LEF\\XC8\\VRE"), "LEFÈVRE");
    EXPECT_EQ(unescaped("a\\X0D0A\\b"), "a\r\nb");
}

TEST(Hl7EscapeTest, WhatIsNoSequenceStaysAsItIs) {
    EXPECT_EQ(unescaped("5 rue A\\B"), "5 rue A\\B");
    EXPECT_EQ(unescaped("\\"), "\\");
    EXPECT_EQ(unescaped("C:\\temp\\x"), "C:\\temp\\x");
    EXPECT_EQ(unescaped("\\Xzz\\"), "\\Xzz\\");
    EXPECT_EQ(unescaped("\\X123\\"), "\\X123\\");
    EXPECT_EQ(unescaped("\\\\F\\"), "\\|");
    EXPECT_EQ(unescaped("\\P\\"), "\\P\\") << "the message has no sign for truncation";
    Delimiters none;
    none.escape = 0;
    EXPECT_EQ(unescaped("\\F\\", none), "\\F\\");
}

TEST(Hl7TimeTest, ReadsMomentsOnTheConfiguredClock) {
    MessageClock clock{TimeZone("Europe/Paris")};
    const auto text = [&clock](std::string_view time) {
        const auto its = read_time(time, clock);
        return its ? reconcile::format_rfc3339(its->earliest, reconcile::Precision::milliseconds)
                   : "none";
    };
    EXPECT_EQ(text("20240601080000"), "2024-06-01T06:00:00.000Z");
    EXPECT_EQ(text("202401010800"), "2024-01-01T07:00:00.000Z");
    EXPECT_EQ(text("20240601080000.1234"), "2024-06-01T06:00:00.123Z");
    EXPECT_EQ(text("20240601080000+0400"), "2024-06-01T04:00:00.000Z");
    EXPECT_EQ(text("202406010800-0500"), "2024-06-01T13:00:00.000Z");
    for (const auto* bad :
         {"", "2024", "20240601", "2024060108", "20241301080000", "20240230080000",
          "20240601250000", "20240601080000X", "\"\"", "yesterday"})
        EXPECT_EQ(text(bad), "none") << bad;
    clock.set_default_offset(offset_of("20240601080000+1100"));
    EXPECT_EQ(text("20240601080000"), "2024-05-31T21:00:00.000Z") << "MSH-7's offset";
    EXPECT_EQ(text("20240601080000+0400"), "2024-06-01T04:00:00.000Z") << "its own";
}

TEST(Hl7TimeTest, AnHourThatComesTwiceLeavesOpenWhichIsMeant) {
    const MessageClock clock{TimeZone("Europe/Paris")};
    constexpr auto rest_of_second = std::chrono::milliseconds(999);
    const auto twice = *read_time("20261025023000", clock);
    EXPECT_EQ(twice.latest - twice.earliest, std::chrono::hours(1) + rest_of_second);
    const auto once = *read_time("20261025033000", clock);
    EXPECT_EQ(once.latest - once.earliest, rest_of_second);
    const auto told = *read_time("20261025023000+0100", clock);
    EXPECT_EQ(told.latest - told.earliest, rest_of_second);
}

TEST(Hl7TimeTest, APeriodIncludesTheDaysThatItNames) {
    const MessageClock clock{TimeZone("Europe/Paris")};
    const auto holds = [&clock](std::string_view from, std::string_view until,
                                std::string_view now) {
        const auto period = read_period(from, until, clock);
        return period.holds(reconcile::parse_rfc3339(now)->instant);
    };
    struct Case {
        const char* from;
        const char* until;
        const char* now;
        bool right;
    };
    for (const auto& [from, until, now, right] : std::vector<Case>{
             {"", "", "2026-01-31T09:00:00Z", true},
             {"20260131", "", "2026-01-30T23:00:00Z", true}, // midnight in Paris
             {"20260131", "", "2026-01-30T22:59:59Z", false},
             {"", "20260131", "2026-01-31T22:59:59Z", true},
             {"", "20260131", "2026-01-31T23:00:00Z", false},
             {"", "202601", "2026-01-31T22:59:59Z", true},
             {"", "202601", "2026-01-31T23:00:00Z", false},
             {"", "2025", "2026-01-01T00:00:00Z", false},
             {"2027", "", "2026-01-01T00:00:00Z", false},
             {"", "202601311200", "2026-01-31T10:59:00Z", true},
             {"", "202601311200", "2026-01-31T11:01:00Z", false},
             {"", "20261231235959+0000", "2026-12-31T23:59:59Z", true},
             {"", "00000000", "2026-01-01T00:00:00Z", true},
             {"", "\"\"", "2026-01-01T00:00:00Z", true},
             {"20250101", "99991231", "2026-01-01T00:00:00Z", true},
         })
        EXPECT_EQ(holds(from, until, now), right) << from << " to " << until << " at " << now;
}

TEST(Hl7TimeTest, ABirthDateIsTheDayThatIsWritten) {
    const auto text = [](std::string_view time) {
        const auto value = read_birth_date(time);
        return value.is_known() ? value.text() : std::to_string(static_cast<int>(value.state()));
    };
    EXPECT_EQ(text("19600509"), "1960-05-09");
    EXPECT_EQ(text("19600509000000"), "1960-05-09");
    EXPECT_EQ(text("202406021532"), "2024-06-02");
    EXPECT_EQ(text("19600509233000-0500"), "1960-05-09");
    const auto state = [](reconcile::FieldValue::State its) {
        return std::to_string(static_cast<int>(its));
    };
    EXPECT_EQ(text(""), state(reconcile::FieldValue::State::unknown));
    EXPECT_EQ(text("\"\""), state(reconcile::FieldValue::State::cleared));
    for (const auto* bad : {"1980", "198005", "19800231", "1980-05-01", "19800501xx", "00000000"})
        EXPECT_EQ(text(bad), state(reconcile::FieldValue::State::unreadable)) << bad;
}

} // namespace
} // namespace medibridge::connectors::hl7
