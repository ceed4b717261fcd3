#include "base/log/line.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <rapidcheck.h>

namespace medibridge::log {
namespace {

using std::chrono::milliseconds;

constexpr EventType something{"test.something", Level::warn, "something happened"};
constexpr WallTime when{milliseconds(1'769'850'300'007)}; // 2026-01-31T09:05:00.007Z

std::string json_of(const Event& event, const Pseudonym& pseudonym = {}) {
    std::string out;
    append_json(out, event, when, pseudonym);
    return out;
}

std::string text_of(const Event& event, const Pseudonym& pseudonym = {}) {
    std::string out;
    append_text(out, event, when, pseudonym);
    return out;
}

TEST(LineTest, IsOneJsonObjectWithItsKeysInOrder) {
    auto event = Event(something)
                     .with(Key::deferred, 4)
                     .with(Key::reason, "asked to stop")
                     .with(Key::status, 503)
                     .with(Key::cycle, "17");
    EXPECT_EQ(json_of(event),
              R"({"ts":"2026-01-31T09:05:00.007Z","level":"warn","event":"test.something",)"
              R"("msg":"something happened","cycle":"17","status":503,"reason":"asked to stop",)"
              R"("deferred":4})");
}

TEST(LineTest, IsOneLineForPeople) {
    auto event = Event(something)
                     .with(Key::reason, "asked to \"stop\"")
                     .with(Key::created, 3)
                     .with(Key::source, "dpi")
                     .with(Key::fields, "");
    EXPECT_EQ(text_of(event),
              "2026-01-31T09:05:00.007Z WARN  test.something: something happened source=dpi "
              "fields=\"\" reason=\"asked to \\\"stop\\\"\" created=3");
    EXPECT_EQ(text_of(Event(something)),
              "2026-01-31T09:05:00.007Z WARN  test.something: something happened");
}

TEST(LineTest, AKeyGivenTwiceIsWrittenOnceWithItsLastValue) {
    auto event = Event(something).with(Key::status, 500).with(Key::status, 503);
    const auto line = json_of(event);
    EXPECT_EQ(line.find("status"), line.rfind("status"));
    EXPECT_EQ(nlohmann::json::parse(line).at("status"), 503);
}

TEST(LineTest, PatientsAppearUnderTheirPseudonym) {
    const Pseudonym pseudonym = [](const std::string& id) {
        return "p-" + std::to_string(id.size());
    };
    const auto event = Event(something).with(Key::patient, "800012345");
    EXPECT_EQ(nlohmann::json::parse(json_of(event, pseudonym)).at("patient"), "p-9");
    EXPECT_EQ(nlohmann::json::parse(json_of(event)).at("patient"), "800012345");
    EXPECT_NE(text_of(event, pseudonym).find(" patient=p-9"), std::string::npos);
    EXPECT_EQ(text_of(event, pseudonym).find("8000"), std::string::npos);
    const auto number = Event(something).with(Key::patient, 800012345);
    EXPECT_EQ(nlohmann::json::parse(json_of(number, pseudonym)).at("patient"), "p-9");
}

TEST(LineTest, NoValueForgesALineOrAKey) {
    const std::string attack = "x\n{\"level\":\"error\"}\r\n\",\"event\":\"auth.refused\",\"a\":\"";
    const auto event = Event(something).with(Key::reason, attack).with(Key::patient, attack);
    const auto line = json_of(event);
    EXPECT_EQ(line.find_first_of("\r\n"), std::string::npos);
    const auto parsed = nlohmann::json::parse(line);
    EXPECT_EQ(parsed.size(), 6u);
    EXPECT_EQ(parsed.at("event"), "test.something");
    EXPECT_EQ(parsed.at("reason"), attack);
    EXPECT_EQ(parsed.at("patient"), attack);
    const auto text = text_of(Event(something).with(Key::reason, "x held=9\n2026 ERROR forged"));
    EXPECT_TRUE(text.ends_with(R"( reason="x held=9\n2026 ERROR forged")")) << text;
}

TEST(LineTest, TimesAreWrittenInFullFarBackAndAhead) {
    const auto at = [](std::chrono::sys_days day, milliseconds time) {
        std::string out;
        append_json(out, Event(something), day + time, {});
        return out.substr(7, 24);
    };
    using namespace std::chrono;
    EXPECT_EQ(at(2024y / February / 29, hours(23) + minutes(59) + milliseconds(59'999)),
              "2024-02-29T23:59:59.999Z");
    EXPECT_EQ(at(1969y / December / 31, hours(23)), "1969-12-31T23:00:00.000Z");
    EXPECT_EQ(at(9999y / December / 31, milliseconds(0)), "9999-12-31T00:00:00.000Z");
}

TEST(LineTest, AnyValuesGiveOneObjectOnOneLine) {
    rc::check("parses",
              [](const std::string& reason, const std::string& patient, std::int64_t number) {
                  const auto event = Event(something)
                                         .with(Key::reason, reason)
                                         .with(Key::patient, patient)
                                         .with(Key::attempt, number);
                  const auto line = json_of(event);
                  RC_ASSERT(line.find_first_of("\r\n") == std::string::npos);
                  const auto parsed = nlohmann::json::parse(line);
                  RC_ASSERT(parsed.size() == 7u);
                  RC_ASSERT(parsed.at("attempt").get<std::int64_t>() == number);
                  RC_ASSERT(text_of(event).find_first_of("\r\n") == std::string::npos);
              });
}

} // namespace
} // namespace medibridge::log
