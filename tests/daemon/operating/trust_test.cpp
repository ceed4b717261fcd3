#include "desk.hpp"

#include <array>
#include <csignal>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <thread>

// Who may decide, what several decide at once, and what survives.
namespace medibridge::tests {
namespace {

namespace fs = std::filesystem;
using Method = http::Method;
using Json = nlohmann::json;
using testing::Contains;
using testing::HasSubstr;

/// Somebody whom Medicapp may have already.
void cause_duplicate(Desk& desk) {
    desk.in_medicapp(medicapp_person());
    desk.in_his(his_person(newcomer));
    desk.held_for(newcomer, "possible_duplicate");
}

std::string candidate_of(const Json& shown) {
    return shown["candidates"][0]["medicapp_id"].get<std::string>();
}

TEST(OperatingTest, ADecisionAboutWhatHasChangedIsRefused) {
    Desk desk;
    cause_duplicate(desk);
    const auto seen = desk.ask({"held", "show", newcomer});
    auto person = his_person(newcomer);
    person["contact"] = {{"mail", "late@example.org"}};
    desk.in_his(person);
    const auto refused =
        desk.ask({"held", "create", newcomer, "--token", seen["token"].get<std::string>()}, 65);
    EXPECT_EQ(refused["id"], newcomer);
    EXPECT_EQ(refused["decision"], "create");
    EXPECT_EQ(refused["result"], "refused");
    EXPECT_TRUE(refused["reason"].is_string());
    EXPECT_FALSE(desk.held(newcomer).is_null());
    EXPECT_EQ(desk.hospital.stats()["medicapp"]["patients"], 7);
    const auto again = desk.ask({"held", "show", newcomer});
    EXPECT_NE(again["token"], seen["token"]);
    EXPECT_EQ(desk.ask({"held", "create", newcomer, "--token",
                        again["token"].get<std::string>()})["result"],
              "applied");
    EXPECT_EQ(desk.end(), 0) << desk.service->err();
}

TEST(OperatingTest, OfTwoOperatorsWhoSawTheSameOneDecides) {
    Desk desk;
    cause_duplicate(desk);
    const auto seen = desk.ask({"held", "show", newcomer});
    const auto token = seen["token"].get<std::string>();
    std::array<Typed, 2> ends;
    const std::array<std::vector<std::string>, 2> words{
        {{"held", "create", newcomer, "--token", token, "--output", "json"},
         {"held", "link", newcomer, candidate_of(seen), "--token", token, "--output", "json"}}};
    std::vector<std::thread> operators;
    for (std::size_t i = 0; i < ends.size(); ++i)
        operators.emplace_back([&, i] { ends[i] = desk.type(words[i]); });
    for (auto& one : operators)
        one.join();
    const auto applied = [](const Typed& end) { return end.json()["result"] == "applied"; };
    EXPECT_EQ(std::ranges::count_if(ends, applied), 1)
        << ends[0].out << ends[0].err << ends[1].out << ends[1].err;
    for (const auto& end : ends)
        EXPECT_EQ(end.exit, applied(end) ? 0 : 65) << end.out << end.err;
    EXPECT_TRUE(desk.held(newcomer).is_null());
    EXPECT_EQ(desk.hospital.stats()["medicapp"]["duplicates"], 0);
    EXPECT_EQ(desk.end(), 0) << desk.service->err();
}

TEST(OperatingTest, ADecisionSurvivesTheDaemonBeingKilledBeforeTheCycle) {
    Desk desk;
    cause_duplicate(desk);
    desk.ask({"pause"});
    const auto pending = desk.ask({"held", "create", newcomer});
    EXPECT_EQ(pending["result"], "pending") << pending;
    EXPECT_EQ(desk.held(newcomer)["decided"], "create");
    desk.kill();
    desk.start();
    EXPECT_EQ(desk.ask({"status"})["paused"], true);
    EXPECT_EQ(desk.held(newcomer)["decided"], "create");
    EXPECT_EQ(desk.hospital.stats()["medicapp"]["patients"], 7);
    EXPECT_EQ(desk.ask({"resume"})["paused"], false);
    wait_until(*desk.service, [&] { return desk.held(newcomer).is_null(); });
    EXPECT_EQ(desk.hospital.stats()["medicapp"]["patients"], 8);
    EXPECT_EQ(desk.type({"audit", "--verify"}).exit, 0);
    EXPECT_EQ(desk.end(), 0) << desk.service->err();
}

TEST(OperatingTest, APauseLastsAcrossARestart) {
    Desk desk({"--patients", "6", "--invalid-share", "0"}, "sync: {interval: 50ms}");
    EXPECT_EQ(desk.ask({"pause"})["paused"], true);
    EXPECT_EQ(desk.end(), 0);
    desk.start();
    const auto status = desk.type({"status"});
    EXPECT_THAT(status.out, HasSubstr("paused until resumed")) << status.err;
    desk.ask({"sync"}, 65);
    EXPECT_EQ(desk.ask({"status"})["cycles"], 0);
    EXPECT_EQ(desk.ask({"resume"})["paused"], false);
    wait_until(*desk.service, [&] { return desk.ask({"status"})["cycles"] > 0; });
    EXPECT_EQ(desk.end(), 0) << desk.service->err();
}

TEST(OperatingTest, AnotherUserIsRefusedByTheSocket) {
    Desk desk;
    if (!desk.is_root()) GTEST_SKIP() << "only root can be somebody else";
    fs::permissions(desk.hospital.directory(), fs::perms(0755));
    fs::permissions(desk.hospital.config(), fs::perms(0644));
    const auto refused = desk.type({"status"}, "nobody");
    EXPECT_EQ(refused.exit, 75) << refused.out << refused.err;
    EXPECT_THAT(refused.err, HasSubstr("you may not open"));
    EXPECT_EQ(desk.end(), 0);
    const auto alone = desk.type({"status"}, "nobody");
    EXPECT_EQ(alone.exit, 75) << alone.out << alone.err;
    EXPECT_THAT(alone.err, HasSubstr("belongs to the user root, not to nobody"));
}

TEST(OperatingTest, WhoMayLookNeedNotBeAllowedToDecide) {
    Desk desk({"--patients", "6", "--invalid-share", "0"}, "control: {decide: [root]}");
    if (!desk.is_root()) GTEST_SKIP() << "only root can be somebody else";
    cause_duplicate(desk);
    fs::permissions(desk.hospital.directory(), fs::perms(0755));
    fs::permissions(desk.hospital.config(), fs::perms(0644));
    fs::permissions(desk.socket(), fs::perms(0666));
    EXPECT_EQ(desk.type({"held", "show", newcomer}, "nobody").exit, 0);
    for (const auto& words :
         std::vector<std::vector<std::string>>{{"held", "ignore", newcomer, "--yes"},
                                               {"sync"},
                                               {"pause"},
                                               {"accept-mapping", "--yes"}}) {
        const auto refused = desk.type(words, "nobody");
        EXPECT_EQ(refused.exit, 77) << words.front() << refused.out << refused.err;
        EXPECT_THAT(refused.err, HasSubstr("nobody may look but not decide"));
    }
    EXPECT_EQ(desk.held(newcomer)["kind"], "decide");
    EXPECT_THAT(desk.audited(newcomer), Contains("nobody:looked"));
    EXPECT_EQ(desk.end(), 0) << desk.service->err();
}

TEST(OperatingTest, AnAuditThatWasChangedIsNoticed) {
    Desk desk;
    EXPECT_EQ(desk.type({"audit", "--verify"}).exit, 0);
    EXPECT_EQ(desk.end(), 0);
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(desk.hospital.state().c_str(), &database), SQLITE_OK);
    char* why = nullptr;
    EXPECT_EQ(sqlite3_exec(database, "UPDATE audit SET action = 'x' WHERE id = 3", nullptr, nullptr,
                           &why),
              SQLITE_OK)
        << why;
    sqlite3_close(database);
    desk.start();
    const auto broken = desk.type({"audit", "--verify"});
    EXPECT_EQ(broken.exit, 70) << broken.out << broken.err;
    EXPECT_THAT(broken.out, HasSubstr("BROKEN at line 3"));
    EXPECT_EQ(desk.end(), 0) << desk.service->err();
}

TEST(OperatingTest, WhatDoesNotFitIsSaidInASentence) {
    Desk desk;
    const auto unknown = desk.type({"held", "show", "no such"});
    EXPECT_EQ(unknown.exit, 65);
    EXPECT_THAT(unknown.err, HasSubstr("nobody is held under that id"));
    const auto refused = desk.ask({"held", "retry", "nobody"}, 65);
    EXPECT_EQ(refused["result"], "refused") << refused;
    EXPECT_EQ(desk.type({"held", "list", "--reason", "no-such"}).exit, 64);
    EXPECT_EQ(desk.type({"sync", "--source", "no-such"}).exit, 64);
    const auto elsewhere = desk.type({"status", "--socket", "/nonexistent/control.sock"});
    EXPECT_EQ(elsewhere.exit, 75);
    EXPECT_THAT(elsewhere.err, HasSubstr("no daemon listens at /nonexistent/control.sock"));
    EXPECT_EQ(desk.end(), 0) << desk.service->err();
}

} // namespace
} // namespace medibridge::tests
