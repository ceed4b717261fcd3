#include "rig.hpp"

#include <algorithm>
#include <gmock/gmock.h>
#include <numeric>
#include <rapidcheck/gtest.h>

// Which of two messages about a patient is the newer one. No time decides alone: it may come from a
// clock that is wrong, name something planned, or stand in an hour that comes twice.

namespace medibridge::tests {
namespace {

using reconcile::Field;
using reconcile::FieldValue;
using reconcile::SourceRecord;
using testing::ElementsAre;

constexpr auto old_phone = "0612345678";
constexpr auto new_phone = "0698765432";

/// Two messages, the second of which says another phone.
struct Pair {
    const char* what;
    Adt first;
    Adt second;
    bool second_counts;
    const char* authority;
};

Adt at(const std::string& recorded, const std::string& sent, const std::string& event = "A31") {
    Adt adt;
    adt.event = event;
    adt.recorded = recorded;
    adt.sent = sent;
    return adt;
}

class InboxOrderTest : public InboxRig {
  protected:
    void say(Adt adt, const std::string& its_phone, const std::string& id) {
        adt.id = id;
        adt.pid = anne({{13, its_phone + "^PRN^CP"}});
        send(adt);
    }
};

TEST_F(InboxOrderTest, OlderTakesTwoBelievableTimesOfOneKind) {
    const std::string today = "20261128110000"; // 10:00 UTC; the clock shows 12:00 UTC
    const std::vector<Pair> pairs{
        {"newer", at("20261127090000", today), at("20261128090000", today), true, "EVN-2"},
        {"older", at("20261128090000", today), at("20261127090000", today), false, "EVN-2"},
        {"the same moment", at(today, today), at(today, today), true, "order of arrival"},
        {"the same EVN-2, MSH-7 older", at(today, "20261128110500"), at(today, "20261128110100"),
         false, "MSH-7 against MSH-7"},
        {"EVN-2 of 2062", at("20620601100100", "20620601100100"), at(today, today), true,
         "later than every clock at hand and a day: not believed"},
        {"only EVN-2 of 2062", at("20620601100100", today), at("20261128105900", "20261128110001"),
         true, "the other kind decides"},
        {"only EVN-2 of 2062, and an older message", at("20620601100100", today),
         at("20261127090000", "20261127090000"), false, "MSH-7 against MSH-7"},
        {"EVN-2 of 9999", at("99991231235959", today), at(today, today), true, "null date"},
        {"two days ahead", at("20261130110000", "20261130110000"), at(today, today), true,
         "a day is believed, two are not"},
        {"an hour ahead, then put right", at("20261128140000", "20261128140000"),
         at("20261128130000", "20261128130000"), true, "a clock that goes ahead proves nothing"},
        {"an hour ahead, both", at("20261128145000", "20261128145000"),
         at("20261128144000", "20261128144000"), false, "one clock: its order stands"},
        {"pre-admission in 90 days", at("20270226080000", "20261127080000", "A05"),
         at(today, today), true, "EVN-2 may be planned"},
        {"pre-admission in two hours", at("20261128150000", "20261127080000", "A05"),
         at("20261128125000", "20261128125000"), true, "EVN-2 may be planned"},
        {"pending admission tomorrow", at("20261129080000", "20261127080000", "A14"),
         at(today, today), true, "EVN-2 may be planned"},
        {"a planned one that comes late", at("20261128090000", "20261128090000"),
         at("20270226080000", "20261127080000", "A05"), false, "MSH-7 against MSH-7"},
        {"October, the hour twice", at("20261025024500", "20261025024500"),
         at("20261025021000", "20261025021000"), true, "the hour comes twice"},
        {"October, with offsets", at("20261025024500+0100", "20261025024500+0100"),
         at("20261025021000+0100", "20261025021000+0100"), false, "offsets say which"},
        {"October, the offset in MSH-7", at("20261025024500", "20261025024500+0200"),
         at("20261025021000", "20261025021000+0100"), true, "MSH-7's offset is the default"},
        {"October, the offset in MSH-7, older", at("20261025024500", "20261025024500+0100"),
         at("20261025021000", "20261025021000+0100"), false, "MSH-7's offset is the default"},
        {"October, an hour before", at("20261025024500", "20261025024500"),
         at("20261025014500", "20261025014500"), false, "no moment of it is later"},
        {"March, the hour that never is", at("20260329024500", "20260329024500"),
         at("20260329031000", "20260329031000"), true, "it proves nothing"},
        {"EVN-2 of year 1", at(today, today), at("00010101000000", today), true, "null date"},
        {"EVN-2 of 1899", at(today, today), at("18991230000000", today), true, "null date"},
        {"EVN-2 of 1970", at(today, today), at("19700101010000", today), true, "null date"},
        {"EVN-2 of 1899, MSH-7 older", at(today, today), at("18991230000000", "20261127090000"),
         false, "the other kind decides"},
        {"EVN-2 first absent", at("", today), at("20261128090000", "20261128111000"), true,
         "MSH-7 against MSH-7, never EVN-2 against MSH-7"},
        {"EVN-2 then absent", at("20261128110000", today), at("", "20261128110500"), true,
         "MSH-7 against MSH-7"},
        {"no times at all", at(today, today), at("", ""), true, "order of arrival"},
        {"no seconds", at("20261128101030", today), at("202611281010", today), true,
         "it may be any second of that minute"},
        {"no seconds, a minute earlier", at("20261128101030", today), at("202611281009", today),
         false, "no moment of it is later"},
        {"no seconds, MSH-7 older", at("20261128101030", "20261128110500"),
         at("202611281010", "20261128110100"), false, "MSH-7 against MSH-7"},
        {"a half second, then none", at("20261128101030.500", today), at("20261128101030", today),
         true, "it may be any moment of that second"},
        {"only days", at("20261128", "20261128"), at("20261127", "20261127"), true,
         "a day orders nothing"},
    };
    int number = 8000;
    for (const auto& pair : pairs) {
        const auto id = std::to_string(++number);
        say(pair.first, old_phone, id);
        say(pair.second, new_phone, id);
        EXPECT_EQ(phone(id), pair.second_counts ? new_phone : old_phone)
            << pair.what << ": " << pair.authority;
    }
}

TEST_F(InboxOrderTest, NoMessageClosesItsPatient) {
    send({.pid = anne({{13, "0611111111^PRN^CP"}})});
    send({.recorded = "20620601100100", .pid = anne({{13, "0622222222^PRN^CP"}})});
    EXPECT_EQ(phone(), "0622222222");
    send({.recorded = "20261128100500", .pid = anne({{13, "0633333333^PRN^CP"}})});
    EXPECT_EQ(phone(), "0633333333");
    send({.recorded = "20261128100400", .pid = anne({{13, "0644444444^PRN^CP"}})});
    EXPECT_EQ(phone(), "0633333333") << "order is back";
}

TEST_F(InboxOrderTest, AnAbsurdTimeIsToldOnceAndIsNoTimeOfTheRecord) {
    send({.recorded = "20620601100100", .pid = anne()});
    EXPECT_THAT(told_of(), ElementsAre("7001"));
    EXPECT_FALSE(shown().modified_at);
    send({.recorded = "20620601100200", .pid = anne()});
    EXPECT_THAT(told_of(), ElementsAre("7001")) << "once for each patient";
    send({.event = "A05",
          .recorded = "20270226080000",
          .id = "7002",
          .pid = anne(),
          .sent = "20261128100000"});
    send({.recorded = "18991230000000", .id = "7003", .pid = anne(), .sent = ""});
    send({.id = "7004", .pid = anne()});
    EXPECT_THAT(told_of(), ElementsAre("7001")) << "planned and null dates are in order";
    EXPECT_FALSE(shown("7003").modified_at);
    EXPECT_TRUE(shown("7004").modified_at);
}

TEST_F(InboxOrderTest, AWholeFileOfAbsurdTimesFloodsNoLog) {
    std::vector<SourceRecord> rows;
    for (int i = 0; i < 100; ++i) {
        SourceRecord row;
        row.patient.set_external_id(std::to_string(9000 + i));
        row.modified_at = now + std::chrono::days(3);
        rows.push_back(row);
    }
    put_records(rows);
    EXPECT_EQ(log_.events.size(), 20u);
}

TEST_F(InboxOrderTest, WhatAFormerVersionKeptOf2062ClosesNobody) {
    store_text("7001", R"({"f":["MOREL","Anne","1980-01-01","F",null,"0611111111",null,null,null,)"
                       R"(null],"id":"7001","m":2916000060000})");
    EXPECT_FALSE(shown().modified_at);
    send({.pid = anne({{13, "0622222222^PRN^CP"}})});
    EXPECT_EQ(phone(), "0622222222");
    EXPECT_EQ(field(Field::last_name), "MOREL");
}

TEST_F(InboxOrderTest, WhatAFormerVersionKeptOrdersLaterMessages) {
    store_text("7001", R"({"f":["MOREL","Anne","1980-01-01","F",null,"0611111111",null,null,null,)"
                       R"(null],"id":"7001","m":1795860000000})"); // 2026-11-28T10:00Z
    send({.recorded = "20261128100000", .pid = anne({{13, "0622222222^PRN^CP"}})});
    EXPECT_EQ(phone(), "0611111111");
    send({.recorded = "20261128120000", .pid = anne({{13, "0633333333^PRN^CP"}})});
    EXPECT_EQ(phone(), "0633333333");
}

TEST_F(InboxOrderTest, RowsOfFilesAreJudgedAlike) {
    const auto row = [&](std::optional<reconcile::Instant> at, const std::string& its_phone) {
        SourceRecord record;
        record.patient.set_external_id("7001");
        record.patient[Field::phone] = FieldValue::known(its_phone);
        record.modified_at = at;
        put_records({record});
    };
    row(now + std::chrono::days(13'000), "1");
    row(now - std::chrono::hours(2), "2");
    EXPECT_EQ(phone(), "2");
    row(now - std::chrono::hours(3), "3");
    EXPECT_EQ(phone(), "2");
    row(reconcile::Instant(std::chrono::sys_days(std::chrono::year(1900) / 1 / 1)), "4");
    EXPECT_EQ(phone(), "4");
    row(std::nullopt, "5");
    EXPECT_EQ(phone(), "5");
    row(now - std::chrono::hours(3), "6");
    EXPECT_EQ(phone(), "5") << "the last time that was believed still stands";
}

TEST_F(InboxOrderTest, AnOlderMessageStillSaysWhatTheNewerLeftOut) {
    send({.recorded = "20261128100000", .pid = anne()});
    send({.recorded = "20261127100000",
          .pid = anne({{5, "MOREL^Annie^^^^^L"}, {13, "0611111111^PRN^CP"}})});
    EXPECT_EQ(phone(), "0611111111");
    EXPECT_EQ(field(Field::first_name), "Anne");
    send({.recorded = "20261126100000", .pid = anne({{30, "Y"}})});
    EXPECT_TRUE(shown().deceased);
}

RC_GTEST_FIXTURE_PROP(InboxOrderTest, TheOrderOfArrivalOfDatedMessagesChangesNoEndState, ()) {
    const auto count = *rc::gen::inRange(2, 6);
    std::vector<int> order(static_cast<std::size_t>(count));
    std::iota(order.begin(), order.end(), 0);
    for (std::size_t i = order.size(); i > 1; --i)
        std::swap(order[i - 1], order[*rc::gen::inRange<std::size_t>(0, i)]);
    // Of these some have both times, some MSH-7 alone, and all say another phone.
    const bool with_event = *rc::gen::arbitrary<bool>();
    for (const int minute : order) {
        const auto time = std::to_string(20261128100000 + minute * 100);
        Adt adt = at(with_event ? time : "", time);
        adt.pid = anne({{13, "061234567" + std::to_string(minute) + "^PRN^CP"}});
        if (minute == 0) adt.pid[30] = "Y";
        if (minute == count - 1) adt.pid[30] = "N";
        send(adt);
    }
    RC_ASSERT(phone() == "061234567" + std::to_string(count - 1));
    RC_ASSERT(!shown().deceased);
}

TEST_F(InboxOrderTest, NobodyInheritsThePhoneOfSomebodyElse) {
    send({.pid = anne({{13, "0611111111^PRN^CP"}})});
    take();
    send({.recorded = "20261128100100",
          .pid = {{5, "GARNIER^Luc^^^^^L"}, {7, "19550505"}, {8, "M"}}});
    EXPECT_EQ(phone(), "(unknown)");
    send({.recorded = "20261128100200", .id = "7002", .pid = anne({{13, "0611111111^PRN^CP"}})});
    send({.recorded = "20261128100300", .id = "7002", .pid = anne({{5, "ROUSSEL^Anne^^^^^L"}})});
    EXPECT_EQ(phone("7002"), "0611111111") << "a name that changes is no other person";
}

} // namespace
} // namespace medibridge::tests
