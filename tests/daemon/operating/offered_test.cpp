#include "desk.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// What `held show` offers is what is accepted, and a side that does not answer keeps nobody
// waiting.
namespace medibridge::tests {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;
using testing::Not;

/// The reason for which the decision is not offered; empty: it is offered, or nobody speaks of it.
std::string why_not(const Json& shown, const std::string& decision) {
    for (const auto& refused : shown["not_offered"])
        if (refused["decision"] == decision) return refused["reason"].get<std::string>();
    return {};
}

TEST(Offered, AnUpdateIsNotOfARecordThatNamesNobody) {
    Desk desk;
    desk.in_his(his_person(newcomer));
    desk.sync();
    const auto before = desk.medicapp(newcomer);
    ASSERT_FALSE(before.is_null());
    desk.in_his(
        {{"ipp", newcomer},
         {"etatCivil",
          {{"nomNaissance", "X"}, {"prenoms", {"Yvette"}}, {"dateNaissance", "01/01/1911"}}}});
    desk.held_for(newcomer, "divergence");
    const auto shown = desk.ask({"held", "show", newcomer});
    EXPECT_EQ(shown["decisions"], Json::array({"retry", "ignore"}));
    EXPECT_THAT(why_not(shown, "update"), HasSubstr("placeholder"));
    const auto text = desk.type({"held", "show", newcomer}).out;
    EXPECT_THAT(text, HasSubstr("X is a placeholder (identity.placeholders): not sent"));
    EXPECT_THAT(text, Not(HasSubstr("held update")));
    EXPECT_THAT(desk.type({"why", newcomer}).out,
                HasSubstr("X is a placeholder (identity.placeholders): not sent"));
    const auto one = desk.ask({"held", "update", newcomer}, 65);
    EXPECT_EQ(one["result"], "refused");
    EXPECT_THAT(one["reason"].get<std::string>(), HasSubstr("placeholder"));
    const auto many = desk.ask({"held", "update", "--reason", "divergence"}, 65);
    EXPECT_EQ(many["refused"], 1) << many;
    EXPECT_EQ(desk.medicapp(newcomer), before);
    EXPECT_EQ(desk.end(), 0) << desk.service->err();
}

TEST(Offered, AnErasureIsNotOfAnotherPersonWhoHasTheExternalIdByNow) {
    Desk desk;
    const auto id = desk.ids().front();
    desk.ask({"erase", id});
    desk.in_medicapp({{"externalId", id},
                      {"lastName", "Tout-Autre"},
                      {"firstName", "Berthilde"},
                      {"birthDate", "1950-01-01"}});
    desk.held_for(id, "erased_in_medicapp");
    desk.sync();
    const auto shown = desk.ask({"held", "show", id});
    EXPECT_EQ(shown["decisions"], Json::array({"retry", "ignore"})) << shown;
    EXPECT_TRUE(shown["erase"].is_null());
    const auto text = desk.type({"held", "show", id}).out;
    EXPECT_THAT(text, HasSubstr("erase is not possible: in Medicapp another person has"));
    EXPECT_THAT(text, Not(HasSubstr("medibridgectl erase")));
    const auto refused = desk.ask({"erase", id}, 65);
    EXPECT_EQ(refused["error"]["message"], shown["erase_refused"]);
    EXPECT_EQ(desk.end(), 0) << desk.service->err();
}

/// As behind a firewall that drops packets.
TEST(Offered, ASideThatSaysNothingIsToldAndKeepsNoDecisionWaiting) {
    for (const std::string side : {"medicapp", "source"}) {
        SCOPED_TRACE(side);
        Desk desk;
        desk.in_medicapp(medicapp_person());
        desk.in_his(his_person(newcomer));
        desk.held_for(newcomer, "possible_duplicate");
        desk.hospital.set_faults({side == "medicapp" ? "LIST:1+:hang" : "his/LIST:1+:hang"});
        const auto decided = desk.ask({"held", "retry", newcomer});
        EXPECT_EQ(decided["result"], "pending") << decided;
        EXPECT_THAT(decided["reason"].get<std::string>(),
                    testing::AnyOf(HasSubstr("does not answer"), HasSubstr("is down (")));
        wait_until(*desk.service, [&] { return said(*desk.service, side + ".unavailable"); });
        EXPECT_EQ(desk.ask({"status"})["cycle_running"], true) << "it has not given up";
        EXPECT_EQ(desk.held(newcomer)["decided"], "retry");
        desk.kill();
    }
}

/// A page of a proxy, or a refused key, is an answer.
TEST(Offered, ASideThatAnswersWronglyIsNotSaidToBeSilent) {
    Desk desk;
    const auto id = desk.ids().front();
    desk.hospital.set_faults({"his/ANY:1+:html", "GET:1+:401"});
    desk.type({"sync"});
    for (int look = 0; look < 4; ++look) {
        const auto sides = desk.ask({"why", id})["sides"];
        EXPECT_THAT(sides[0]["trouble"].get<std::string>(), HasSubstr("HTML")) << sides;
        EXPECT_THAT(sides[1]["trouble"].get<std::string>(), HasSubstr("401")) << sides;
    }
    EXPECT_EQ(desk.end(), 0) << desk.service->err();
}

TEST(Offered, WhyDoesNotCallTheSameWhatItDidNotRead) {
    Desk desk;
    const auto id = desk.ids().front();
    EXPECT_EQ(desk.ask({"why", id})["agreed"]["lastName"], "same");
    desk.hospital.set_faults({"his/LIST:1+:503", "his/GET:1+:503"});
    const auto unread = desk.ask({"why", id});
    EXPECT_EQ(unread["sides"][0]["look"], "not_read") << unread;
    EXPECT_EQ(unread["agreed"]["lastName"], "not_read");
    EXPECT_THAT(desk.type({"why", id}).out, HasSubstr("cannot be read now: "));
    EXPECT_EQ(desk.end(), 0) << desk.service->err();
}

} // namespace
} // namespace medibridge::tests
