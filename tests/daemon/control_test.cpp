#include "controlled_service.hpp"
#include "tests/sanitized.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <optional>
#include <sys/stat.h>
#include <thread>

// The control API of the real service, over its socket.
namespace medibridge::tests {
namespace {

using http::test::UnixClient;
using testing::HasSubstr;
using testing::SizeIs;
using Json = nlohmann::json;

TEST(ControlledService, SaysHowItFares) {
    ControlledService it({"--patients", "60", "--invalid-share", "0.1"});
    it.wait_for_first_cycle();
    const auto status = it.get("/status");
    EXPECT_EQ(status["outcome"], "complete");
    EXPECT_EQ(status["cycle_running"], false);
    ASSERT_THAT(status["sides"], SizeIs(2));
    EXPECT_EQ(status["sides"][0]["name"], "medicapp");
    EXPECT_TRUE(status["sides"][0]["up"]);
    EXPECT_TRUE(status["sides"][1]["watermark"].is_string());
    EXPECT_GT(status["to_decide"].get<int>(), 0);
    EXPECT_TRUE(status["next_full_compare"].is_string());
    const auto held = it.get("/held?kind=decide");
    EXPECT_EQ(held["held"].size(), status["to_decide"].get<std::size_t>());
    EXPECT_GT(it.get("/audit")["audit"].size(), 0u);
    EXPECT_EQ(it.get("/audit/verification")["intact"], true);
    struct stat mode{};
    ASSERT_EQ(::stat(it.socket().c_str(), &mode), 0);
    EXPECT_EQ(mode.st_mode & 0777, 0660);
    EXPECT_EQ(it.end(), 0) << it.service->err();
    EXPECT_FALSE(std::filesystem::exists(it.socket()));
}

TEST(ControlledService, RunsACycleThatIsAskedForAndShowsItsProgress) {
    ControlledService it({"--patients", "60", "--invalid-share", "0"});
    it.wait_for_first_cycle();
    it.hospital.control(http::Method::post, "/his/edit?count=3");
    const auto rehearsed = it.lines("/cycles", {{"dry_run", true}});
    ASSERT_FALSE(rehearsed.empty());
    EXPECT_EQ(rehearsed.back()["result"]["updated"], 3) << rehearsed.back();
    EXPECT_EQ(std::ranges::count_if(rehearsed,
                                    [](const Json& line) {
                                        return line.contains("progress") &&
                                               line["progress"].contains("acted");
                                    }),
              3);
    const auto ended = it.lines("/cycles", {{"full", true}});
    ASSERT_FALSE(ended.empty());
    EXPECT_EQ(ended.back()["result"]["outcome"], "complete") << ended.back();
    EXPECT_EQ(ended.back()["result"]["updated"], 3) << "the dry run had sent nothing";
    EXPECT_TRUE(ended.front().contains("progress"));
    EXPECT_EQ(it.run(Json::object())["result"]["updated"], 0);
    EXPECT_EQ(it.get("/audit?limit=1")["audit"][0]["action"], "cycle");
    EXPECT_EQ(it.end(), 0) << it.service->err();
    for (const auto& entry : std::filesystem::directory_iterator(it.hospital.directory()))
        EXPECT_THAT(entry.path().string(), testing::Not(HasSubstr("dry-run")));
}

TEST(ControlledService, RunsOneCycleAtATimeAndEachThatWasAskedFor) {
    ControlledService it({"--patients", "40", "--invalid-share", "0", "--fault", "GET:1+:slow=20"});
    std::vector<std::thread> askers;
    std::array<Json, 4> ends;
    for (auto& end : ends)
        askers.emplace_back([&] { end = it.run({{"full", true}}); });
    for (auto& asker : askers)
        asker.join();
    for (const auto& end : ends)
        EXPECT_EQ(end["result"]["outcome"], "complete") << end;
    EXPECT_EQ(it.hospital.stats()["medicapp"]["duplicates"], 0);
    EXPECT_EQ(it.end(), 0) << it.service->err();
}

TEST(ControlledService, GoesOnWithACycleWhoseAskerLeft) {
    ControlledService it({"--patients", "300", "--invalid-share", "0"});
    it.wait_for_first_cycle();
    it.hospital.control(http::Method::post, "/his/edit?count=50");
    it.hospital.set_faults({"PUT:1+:slow=20"});
    {
        UnixClient client(it.socket());
        client.say(http::test::post_request("/v1/cycles", "{}"));
        client.read_until("\r\n\r\n");
    }
    wait_until(*it.service, [&] { return times_said(*it.service, "cycle.finished") == 2; });
    EXPECT_EQ(differences_between_sides(it.hospital), "");
    EXPECT_EQ(it.end(), 0) << it.service->err();
}

TEST(ControlledService, ADamagedStateEndsItAlsoWhereItOnlyWaits) {
    ControlledService it({"--patients", "1000", "--invalid-share", "0"});
    it.wait_for_first_cycle();
    EXPECT_EQ(it.post("/pause")["paused"], true);
    EXPECT_EQ(it.end(), 0) << it.service->err();
    const auto path = it.hospital.state();
    auto bytes = read_file(path);
    bytes.replace(bytes.size() / 3, 4'096, 4'096, '\x5a');
    write_file(path, bytes);
    it.service = it.hospital.start({});
    EXPECT_EQ(it.service->wait(), 70) << it.service->err();
    EXPECT_TRUE(said(*it.service, "state.failed"));
    EXPECT_THAT(it.service->err(), testing::HasSubstr("restore a backup, or move it away"));
    EXPECT_TRUE(read_file(path) == bytes);
}

TEST(ControlledService, APauseLastsAcrossARestartUntilItIsResumed) {
    ControlledService it({"--patients", "20", "--invalid-share", "0"}, "1s");
    it.wait_for_first_cycle();
    EXPECT_EQ(it.post("/pause")["paused"], true);
    wait_until(*it.service, [&] { return !it.get("/status")["cycle_running"].get<bool>(); });
    EXPECT_EQ(it.post("/cycles")["error"]["code"], "refused");
    EXPECT_EQ(it.end(), 0) << it.service->err();

    it.start();
    EXPECT_EQ(it.get("/status")["paused"], true);
    EXPECT_EQ(it.get("/status")["cycles"], 0);
    EXPECT_TRUE(it.get("/status")["last_cycle_at"].is_string()) << "of the process before";
    it.hospital.control(http::Method::post, "/his/edit?count=2");
    it.service->signal(SIGHUP);
    wait_until(*it.service, [&] { return said(*it.service, "service.reloaded"); });
    EXPECT_EQ(it.get("/status")["paused"], true);
    EXPECT_EQ(times_said(*it.service, "cycle.finished"), 0);
    EXPECT_EQ(it.post("/resume")["paused"], false);
    it.wait_for_first_cycle();
    EXPECT_TRUE(said(*it.service, "service.resumed"));
    EXPECT_EQ(it.end(), 0) << it.service->err();
}

TEST(ControlledService, APauseEndsTheCycleThatRunsAndItsEndBeginsOne) {
    constexpr int many = sanitized ? 1'500 : 20'000;
    ControlledService it({"--patients", std::to_string(many), "--invalid-share", "0"}, "1h");
    const auto there = [&] { return it.hospital.stats()["medicapp"]["patients"].get<int>(); };
    wait_until(*it.service, [&] { return there() > 0; });
    EXPECT_EQ(it.post("/pause")["paused"], true);
    wait_until(*it.service, [&] { return !it.get("/status")["cycle_running"].get<bool>(); });
    const auto status = it.get("/status");
    EXPECT_EQ(status["outcome"], "incomplete") << status;
    EXPECT_THAT(status["reason"].get<std::string>(), HasSubstr("paused"));
    const auto before = there();
    EXPECT_LT(before, many) << "as many as were written before the pause";
    EXPECT_EQ(status["linked"], before);
    EXPECT_EQ(it.post("/resume")["paused"], false);
    wait_until(*it.service, [&] { return there() == many; });
    wait_until(*it.service, [&] { return it.get("/status")["outcome"] == "complete"; });
    EXPECT_EQ(it.hospital.stats()["medicapp"]["duplicates"], 0);
    EXPECT_EQ(it.end(), 0) << it.service->err();
}

TEST(ControlledService, APauseEndsAtItsTime) {
    ControlledService it({"--patients", "20", "--invalid-share", "0"}, "1s");
    it.wait_for_first_cycle();
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    std::array<char, 32> text{};
    const std::time_t until = std::chrono::system_clock::to_time_t(now) + 3;
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", std::gmtime(&until));
    EXPECT_EQ(it.post("/pause", {{"until", text.data()}})["until"], text.data());
    EXPECT_EQ(it.get("/status")["paused_until"], text.data());
    wait_until(*it.service, [&] { return said(*it.service, "service.resumed"); });
    EXPECT_EQ(it.get("/status")["paused"], false);
    EXPECT_EQ(it.end(), 0) << it.service->err();
}

TEST(ControlledService, AReloadMovesTheSocketAndEndsWhatWasAskedFor) {
    ControlledService it({"--patients", "20", "--invalid-share", "0"});
    it.wait_for_first_cycle();
    const auto other = it.hospital.directory() / "other.sock";
    it.hospital.configure("control: {socket: " + other.string() + "}");
    it.service->signal(SIGHUP);
    wait_until(*it.service, [&] { return std::filesystem::exists(other); });
    UnixClient client(other);
    client.say(http::test::get_request("/v1/status"));
    EXPECT_THAT(client.read_answer(), HasSubstr("\"outcome\""));
    EXPECT_FALSE(std::filesystem::exists(it.socket()));
    EXPECT_EQ(it.end(), 0) << it.service->err();
}

TEST(ControlledService, ASocketThatCannotBeMadeDoesNotKeepItFromItsWork) {
    Hospital hospital({"--patients", "20", "--invalid-share", "0"});
    write_file(hospital.directory() / "control.sock", "in the way");
    const auto service = hospital.start({});
    wait_until(*service, [&] { return said(*service, "control.failed"); });
    wait_until(*service, [&] { return hospital.medicapp_patients().size() == 20; });
    service->signal(SIGTERM);
    EXPECT_EQ(service->wait(), 0) << service->err();
    EXPECT_EQ(read_file(hospital.directory() / "control.sock"), "in the way");
}

TEST(ControlledService, ANameThatNobodyHasIsToldWhereverAnOperatorLooks) {
    ControlledService it({"--patients", "1", "--invalid-share", "0"});
    it.hospital.configure("control: {decide: [root]}");
    const auto known = it.hospital.start({"--check-config"});
    EXPECT_EQ(known->wait(), 0);
    EXPECT_THAT(known->out(), testing::Not(HasSubstr("control.decide")));
    auto text = read_file(it.hospital.config());
    write_file(it.hospital.config(), text.replace(text.find("[root]"), 6, "[no-such-name]"));
    const auto checked = it.hospital.start({"--check-config"});
    EXPECT_EQ(checked->wait(), 0) << "a directory service may be down";
    EXPECT_THAT(checked->out(), HasSubstr("`control.decide` names `no-such-name`"));
    it.service->signal(SIGHUP);
    wait_until(*it.service, [&] { return said(*it.service, "control.unknown_name"); });
    const auto looked = it.lines("/doctor");
    ASSERT_FALSE(looked.empty());
    const auto& checks = looked.back()["result"]["checks"];
    EXPECT_TRUE(std::ranges::any_of(checks, [](const Json& check) {
        return check["name"] == "control.decide" && check["result"] == "warn";
    })) << checks;
    EXPECT_EQ(it.end(), 0) << it.service->err();
}

TEST(ControlledService, ASocketThatAKilledServiceLeftIsReplaced) {
    ControlledService it({"--patients", "20", "--invalid-share", "0"});
    it.service->signal(SIGKILL);
    it.service->wait();
    ASSERT_TRUE(std::filesystem::exists(it.socket()));
    it.start();
    EXPECT_EQ(it.get("/status")["paused"], false);
    EXPECT_EQ(it.end(), 0) << it.service->err();
}

TEST(ControlledService, StopsInTheMiddleOfACycleThatWasAskedFor) {
    ControlledService it(
        {"--patients", "500", "--invalid-share", "0", "--fault", "POST:1+:slow=20"});
    wait_until(*it.service,
               [&] { return it.hospital.stats()["medicapp"]["patients"].get<int>() > 5; });
    Json end;
    std::thread asker([&] { end = it.run(Json::object()); });
    wait_until(*it.service, [&] { return it.get("/status")["progress"].is_object(); });
    EXPECT_EQ(it.end(), 0) << it.service->err();
    asker.join();
    EXPECT_TRUE(end.is_null() || end["error"]["code"] == "unavailable") << end;
}

TEST(ControlledService, ChangesOfAnAcceptedMappingAreAcceptedAfterIt) {
    ControlledService it({"--patients", "30", "--invalid-share", "0"},
                         "1s, max_changes: {ratio: 0.1, at_least: 10}");
    it.wait_for_first_cycle();
    auto text = read_file(it.hospital.config());
    const std::string birth_name = "/etatCivil/nomNaissance";
    ASSERT_NE(text.find(birth_name), std::string::npos);
    write_file(it.hospital.config(),
               text.replace(text.find(birth_name), birth_name.size(), "/etatCivil/prenoms/0"));
    it.service->signal(SIGHUP);
    const auto guard = [&] { return it.get("/guard")["guards"].at(0); };
    wait_until(*it.service, [&] { return !it.get("/guard")["guards"].empty(); });
    EXPECT_EQ(guard()["guard"], "guard.mapping");
    auto stopped = it.run({{"accept", {{"mapping", true}}}});
    EXPECT_EQ(stopped["result"]["outcome"], "guarded") << stopped;
    ASSERT_TRUE(said(*it.service, "guard.changes")) << it.service->err();
    const auto cycles = [&] { return it.get("/status")["cycles"].get<int>(); };
    const int before = cycles();
    wait_until(*it.service, [&] { return cycles() >= before + 2; });
    EXPECT_EQ(guard()["guard"], "guard.changes") << "also after cycles that began by themselves";
    auto done = it.run({{"accept", {{"changes", guard()["count"]}}}});
    EXPECT_EQ(done["result"]["outcome"], "complete") << done;
    EXPECT_EQ(it.end(), 0) << it.service->err();
}

TEST(ControlledService, IsReachedWithCurl) {
    ControlledService it({"--patients", "10", "--invalid-share", "0"});
    const auto command = "curl --silent --show-error --unix-socket " + it.socket().string() +
                         " http://medibridge/v1/status 2>&1";
    std::string text;
    std::array<char, 4096> bytes{};
    FILE* curl = ::popen(command.c_str(), "r");
    ASSERT_NE(curl, nullptr);
    while (const auto size = std::fread(bytes.data(), 1, bytes.size(), curl))
        text.append(bytes.data(), size);
    const int exit = ::pclose(curl);
    if (WEXITSTATUS(exit) == 127) GTEST_SKIP() << "there is no curl";
    EXPECT_EQ(exit, 0) << text;
    EXPECT_TRUE(Json::parse(text, nullptr, false).contains("sides")) << text;
    EXPECT_EQ(it.end(), 0) << it.service->err();
}

} // namespace
} // namespace medibridge::tests
