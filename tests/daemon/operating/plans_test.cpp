#include "desk.hpp"

#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

// Plans that somebody looks at before anything is written.
namespace medibridge::tests {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class PlanDesk : public testing::Test {
  protected:
    int puts() { return desk.hospital.stats()["medicapp"]["requests"]["PUT"].get<int>(); }

    Desk desk;
    const fs::path plan = desk.hospital.directory() / "plan.json";
};

TEST_F(PlanDesk, IsNotMadeWhileASideCannotBeRead) {
    desk.change_in_his(3);
    for (const bool runs : {true, false}) {
        if (!runs) EXPECT_EQ(desk.end(), 0) << desk.service->err();
        desk.hospital.set_faults({"his/ANY:1+:503"});
        const auto refused = desk.ask({"plan", "save", plan}, 75)["error"];
        EXPECT_EQ(refused["code"], "incomplete") << refused;
        EXPECT_THAT(refused["message"].get<std::string>(), HasSubstr("503")) << refused;
        for (const std::string side : {"his/", ""}) {
            desk.hospital.set_faults({side + "ANY:1+:401"});
            const auto forbidden = desk.ask({"plan", "save", plan}, 77)["error"];
            EXPECT_EQ(forbidden["code"], "unauthorized") << forbidden;
        }
        EXPECT_FALSE(fs::exists(plan));
        desk.hospital.set_faults({});
    }
    EXPECT_EQ(desk.ask({"plan", "save", plan})["items"], 3);
    EXPECT_EQ(puts(), 0);
}

/// Somebody looks before anything is written: pause, save, look, apply, resume.
TEST_F(PlanDesk, IsAppliedWhileEverythingElseIsPaused) {
    desk.ask({"pause"});
    desk.change_in_his(3);
    EXPECT_EQ(desk.ask({"plan", "save", plan})["items"], 3);
    const auto later = desk.ids().at(4);
    desk.in_his({{"ipp", later}, {"contact", {{"mail", "later@example.org"}}}});
    desk.in_his(his_person(newcomer));
    const auto applied = desk.ask({"plan", "apply", plan}, 65);
    EXPECT_EQ(applied["applied"], 3) << applied;
    EXPECT_EQ(applied["left"].size(), 2u) << applied;
    EXPECT_EQ(puts(), 3) << "what the plan names, and no more";
    EXPECT_TRUE(desk.medicapp(newcomer).is_null());
    EXPECT_EQ(desk.ask({"status"})["paused"], true);
    desk.ask({"sync"}, 65);
    EXPECT_EQ(desk.end(), 0) << desk.service->err();
    EXPECT_EQ(desk.ask({"status"})["paused"], true) << "in the state, too";
    desk.start();
    desk.ask({"resume"});
    wait_until(*desk.service, [&] { return !desk.medicapp(newcomer).is_null(); });
    EXPECT_EQ(desk.end(), 0) << desk.service->err();
    EXPECT_EQ(differences_between_sides(desk.hospital), "");
}

TEST_F(PlanDesk, ThatCannotBeAppliedForAnOutageIsToBeTriedAgain) {
    desk.change_in_his(3);
    desk.ask({"plan", "save", plan});
    desk.hospital.set_faults({"his/ANY:1+:503"});
    const auto left = desk.ask({"plan", "apply", plan}, 75);
    EXPECT_EQ(left["left"].size(), 3u) << left;
    EXPECT_THAT(left["left"][0]["reason"].get<std::string>(), HasSubstr("503"));
    desk.hospital.set_faults({});
    EXPECT_EQ(desk.ask({"plan", "apply", plan})["applied"], 3);
}

} // namespace
} // namespace medibridge::tests
