#include "desk.hpp"

#include <csignal>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>

// Each guard: seen, accepted through the running service, gone, audited.
namespace medibridge::tests {
namespace {

using Method = http::Method;
using Json = nlohmann::json;
using testing::HasSubstr;

class GuardDesk : public testing::Test {
  protected:
    explicit GuardDesk(const std::string& yaml = "")
        : desk({"--patients", "12", "--invalid-share", "0"}, yaml) {
        desk.sync();
        desk.sync();
    }

    /// A cycle is stopped, and the guard that stopped it is shown.
    Json stopped_by(const std::string& guard, bool full = false) {
        std::vector<std::string> words{"sync"};
        if (full) words.emplace_back("--full");
        EXPECT_EQ(desk.ask(words, 69)["outcome"], "guarded");
        const auto shown = desk.ask({"guard", "show"});
        EXPECT_EQ(shown["guards"].size(), 1u) << shown;
        const auto first = shown["guards"].empty() ? Json::object() : shown["guards"][0];
        EXPECT_EQ(first.value("guard", ""), guard) << shown;
        EXPECT_EQ(desk.ask({"status"})["guards"].size(), 1u);
        return first;
    }

    void expect_over(const std::string& words) {
        EXPECT_TRUE(desk.ask({"guard", "show"})["guards"].empty());
        desk.sync();
        const auto audit = desk.type({"audit", "--limit", "20"});
        EXPECT_THAT(audit.out, HasSubstr(words));
        EXPECT_EQ(desk.type({"audit", "--verify"}).exit, 0);
        EXPECT_EQ(desk.end(), 0) << desk.service->err();
    }

    Desk desk;
};

class ChangesGuard : public GuardDesk {
  protected:
    ChangesGuard() : GuardDesk("sync: {interval: 1h, max_changes: {ratio: 0.1, at_least: 2}}") {}
};

TEST_F(ChangesGuard, IsAcceptedForTheNumberThatWasSeen) {
    desk.change_in_his(5);
    const auto guard = stopped_by("guard.changes");
    EXPECT_EQ(guard["count"], 5) << guard;
    EXPECT_EQ(guard["linked"], 12);
    EXPECT_EQ(guard["examples"].size(), 5u);
    EXPECT_THAT(guard["accept"].get<std::string>(), HasSubstr("accept-changes --expect 5"));
    const auto text = desk.type({"guard", "show"});
    EXPECT_THAT(text.out, HasSubstr("accept-changes --expect 5"));

    desk.ask({"accept-changes", "--expect", "4"}, 65);
    EXPECT_EQ(desk.hospital.stats()["medicapp"]["requests"]["PUT"], 0);
    EXPECT_EQ(desk.ask({"accept-changes", "--expect", "5"})["updated"], 5);
    expect_over("5 changes accepted");
}

/// Several installations share a machine: a command without its configuration is another one's.
TEST_F(ChangesGuard, IsToldWithCommandsThatNameTheConfiguration) {
    const auto plan = desk.hospital.directory() / "plan.json";
    desk.change_in_his(1);
    desk.ask({"plan", "save", plan});
    desk.change_in_his(5);
    const auto guard = stopped_by("guard.changes");
    const auto command = "medibridgectl --config " + desk.hospital.config().string() + " ";
    EXPECT_THAT(guard["accept"].get<std::string>(), HasSubstr(command + "accept-changes"));
    EXPECT_THAT(desk.ask({"status"})["reason"].get<std::string>(),
                HasSubstr(command + "accept-changes --expect 5"));
    const auto left = desk.ask({"plan", "apply", plan}, 69)["left"];
    ASSERT_FALSE(left.empty());
    EXPECT_THAT(left[0]["reason"].get<std::string>(), HasSubstr(command + "accept-changes"));
    EXPECT_THAT(desk.type({"plan", "apply", plan, "--yes"}).out,
                HasSubstr(command + "accept-changes"));
    EXPECT_EQ(desk.end(), 0);
    EXPECT_THAT(desk.service->err(), HasSubstr(command + "accept-changes --expect 5"));
    EXPECT_THAT(desk.service->err(), testing::Not(HasSubstr("medibridgectl accept")));
}

/// Who was held within the hour counts along, in what only looks as well.
TEST_F(ChangesGuard, StopsADryRunAsItStopsTheCycle) {
    desk.in_his({{"ipp", desk.ids().at(11)}, {"decede", true}});
    desk.sync();
    desk.change_in_his(1);
    const auto plan = desk.hospital.directory() / "plan.json";
    const auto expect_stopped = [&](std::vector<std::string> words) {
        const auto looked = desk.type(std::move(words));
        EXPECT_EQ(looked.exit, 69) << looked.out << looked.err;
        EXPECT_THAT(looked.out + looked.err, HasSubstr("accept-changes --expect 2"));
    };
    for (int time = 0; time < 2; ++time) { // before and after a cycle that it stopped
        expect_stopped({"sync", "--dry-run"});
        expect_stopped({"plan", "save", plan});
        EXPECT_FALSE(std::filesystem::exists(plan));
        EXPECT_EQ(stopped_by("guard.changes")["count"], 2);
    }
    EXPECT_EQ(desk.ask({"accept-changes", "--expect", "2"})["updated"], 1);
    expect_over("2 changes accepted");
}

/// Whatever stopped the last cycle is shown, and can be accepted: of a configuration that is gone
/// nothing stands.
TEST_F(ChangesGuard, AfterAnAcceptedMappingGoesWithAMappingThatIsReplaced) {
    const auto before = read_file(desk.hospital.config());
    const auto reload_with = [&](const std::string& place, const std::string& other) {
        auto text = before;
        ASSERT_NE(text.find(place), std::string::npos) << text;
        write_file(desk.hospital.config(), text.replace(text.find(place), place.size(), other));
        desk.service->signal(SIGHUP);
    };
    const auto guard = [&](const std::string& command) {
        auto words = std::vector<std::string>{"guard", "show"};
        if (command == "status") words = {"status"};
        const auto guards = desk.ask(words)["guards"];
        return guards.empty() ? Json::object() : guards[0];
    };
    const auto stands = [&](const std::string& name, const Json& keys) {
        const auto shown = guard("guard show");
        return shown.value("guard", "") == name && shown["keys"] == keys;
    };
    reload_with("/etatCivil/prenoms/0", "/etatCivil/prenoms/1");
    wait_until(*desk.service,
               [&] { return stands("guard.mapping", Json::array({"fields.firstName"})); });
    desk.ask({"accept-mapping"}, 69);
    EXPECT_EQ(guard("guard show")["guard"], "guard.changes");
    // A cycle by itself, and one that reads a part, find what was accepted as it was.
    desk.ask({"sync"}, 69);
    EXPECT_EQ(guard("guard show")["guard"], "guard.changes");

    const auto cycles = desk.ask({"status"})["cycles"].get<int>();
    reload_with("/contact/mail", "/contact/nothing");
    wait_until(*desk.service, [&] { return desk.ask({"status"})["cycles"].get<int>() > cycles; });
    EXPECT_TRUE(stands("guard.mapping", Json::array({"fields.email"})))
        << desk.ask({"guard", "show"});
    EXPECT_EQ(guard("status")["guard"], "guard.mapping");
    EXPECT_EQ(desk.ask({"accept-changes", "--expect", "12"}, 65)["error"]["code"], "refused");
    EXPECT_EQ(desk.ask({"accept-mapping"})["outcome"], "complete");
    expect_over("mapping accepted");
}

TEST_F(ChangesGuard, ADryRunSaysWhomItStopped) {
    desk.change_in_his(5);
    const auto end = desk.ask({"sync", "--dry-run"}, 69);
    ASSERT_EQ(end["guards"].size(), 1u) << end;
    EXPECT_EQ(end["guards"][0]["fields"]["email"], 5);
    EXPECT_EQ(end["guards"][0]["examples"].size(), 5u);
    const auto text = desk.type({"sync", "--dry-run"}).out;
    EXPECT_THAT(text, HasSubstr("what stopped it\n"));
    EXPECT_THAT(text, HasSubstr(end["guards"][0]["examples"][4]["pseudonym"].get<std::string>()));
    EXPECT_TRUE(desk.ask({"guard", "show"})["guards"].empty()) << "it was only tried";
    EXPECT_EQ(desk.end(), 0) << desk.service->err();
}

TEST_F(ChangesGuard, ASecondWaveIsNotWavedThroughWithTheFirst) {
    desk.change_in_his(5);
    stopped_by("guard.changes");
    desk.change_in_his(12);
    EXPECT_EQ(desk.ask({"accept-changes", "--expect", "5"}, 69)["outcome"], "guarded");
    EXPECT_EQ(desk.hospital.stats()["medicapp"]["requests"]["PUT"], 0);
    const auto shown = desk.ask({"guard", "show"});
    EXPECT_EQ(shown["guards"][0]["count"], 12);
    EXPECT_EQ(desk.ask({"accept-changes", "--expect", "12"})["updated"], 12);
    expect_over("12 changes accepted");
}

TEST_F(GuardDesk, AnEmptiedMedicappStopsAFullCompare) {
    desk.hospital.control(Method::post, "/medicapp/snapshot");
    desk.hospital.control(Method::post, "/medicapp/erase?count=12");
    const auto guard = stopped_by("guard.emptied", true);
    EXPECT_THAT(guard["reason"].get<std::string>(), HasSubstr("12"));
    EXPECT_EQ(guard["count"], 12);
    EXPECT_EQ(guard["linked"], 12);
    EXPECT_EQ(guard["kinds"]["missing"], 12);
    EXPECT_EQ(guard["examples"].size(), 12u);
    EXPECT_EQ(guard["examples"][0]["pseudonym"].get<std::string>().size(), 12u);
    // What is to be accepted here is that there is somebody again.
    desk.hospital.control(Method::post, "/medicapp/restore");
    desk.ask({"accept-rewind"});
    expect_over("rewind accepted");
}

/// Medicapp was put back to before the last edits.
class RewoundDesk : public GuardDesk {
  protected:
    RewoundDesk() {
        desk.hospital.control(Method::post, "/medicapp/snapshot");
        // The HIS states its times in whole seconds: what it edits is to be newer than the backup.
        const auto now = std::chrono::ceil<std::chrono::seconds>(std::chrono::system_clock::now());
        std::this_thread::sleep_until(now + std::chrono::milliseconds(1'010));
        desk.change_in_his(8);
        EXPECT_EQ(desk.sync()["updated"], 8);
        desk.sync();
        desk.hospital.control(Method::post, "/medicapp/restore");
    }
};

TEST_F(RewoundDesk, IsShownWithEverybodyAndAccepted) {
    const auto guard = stopped_by("guard.rewound");
    EXPECT_THAT(guard["accept"].get<std::string>(), HasSubstr("accept-rewind"));
    EXPECT_EQ(guard["count"], 8) << guard;
    EXPECT_EQ(guard["linked"], 12);
    EXPECT_EQ(guard["fields"], (Json{{"email", 8}}));
    EXPECT_EQ(guard["examples"].size(), 8u);
    EXPECT_EQ(desk.ask({"accept-rewind"})["outcome"], "complete");
    expect_over("rewind accepted");
}

TEST_F(RewoundDesk, IsShownWhereAPlanOrADryRunIsStopped) {
    const auto plan = desk.hospital.directory() / "plan.json";
    const auto refused = desk.type({"plan", "save", plan.string()});
    EXPECT_EQ(refused.exit, 69);
    EXPECT_FALSE(std::filesystem::exists(plan));
    EXPECT_THAT(refused.err, HasSubstr("8 of 12 linked"));
    EXPECT_THAT(refused.err, HasSubstr("email 8"));
    const auto error = desk.ask({"plan", "save", plan.string()}, 69)["error"];
    EXPECT_EQ(error["guards"][0]["examples"].size(), 8u) << error;
    const auto end = desk.ask({"sync", "--dry-run"}, 69);
    EXPECT_EQ(end["guards"][0]["fields"], (Json{{"email", 8}}));
    EXPECT_EQ(desk.end(), 0) << desk.service->err();
    const auto once = desk.hospital.once({"--dry-run", "--output", "json"});
    EXPECT_EQ(once.exit, 69);
    EXPECT_EQ(once.json()["guards"][0]["fields"], (Json{{"email", 8}})) << once.out;
    EXPECT_THAT(desk.hospital.once({"--dry-run"}).out,
                HasSubstr("guard.rewound: 8 of 12 linked patients: update 8, email 8\nstopped\t"));
}

TEST_F(RewoundDesk, AndAChangedMappingAreAcceptedOneAfterTheOther) {
    auto text = read_file(desk.hospital.config());
    const std::string mobile = "/contact/mobile";
    write_file(desk.hospital.config(),
               text.replace(text.find(mobile), mobile.size(), "/contact/bureau"));
    desk.service->signal(SIGHUP);
    wait_until(*desk.service, [&] { return desk.ask({"guard", "show"})["guards"].size() == 2; });
    const auto guards = desk.ask({"guard", "show"})["guards"];
    EXPECT_EQ(guards[0]["guard"], "guard.mapping");
    EXPECT_EQ(guards[1]["guard"], "guard.rewound");
    const auto first = desk.ask({"accept-rewind"}, 69);
    ASSERT_EQ(first["guards"].size(), 1u) << first;
    EXPECT_EQ(first["guards"][0]["guard"], "guard.mapping");
    EXPECT_EQ(desk.hospital.stats()["medicapp"]["requests"]["PUT"], 8) << "those before";
    EXPECT_EQ(desk.ask({"accept-mapping"})["outcome"], "complete");
    expect_over("rewind accepted");
}

TEST_F(GuardDesk, AMedicappAtAnotherAddressIsAccepted) {
    auto text = read_file(desk.hospital.config());
    const std::string before = "base_url: http://127.0.0.1:";
    const auto place = text.find(before);
    ASSERT_NE(place, std::string::npos) << text;
    write_file(desk.hospital.config(),
               text.replace(place, before.size(), "base_url: http://localhost:"));
    desk.change_in_his(5);
    EXPECT_EQ(desk.end(), 0);
    desk.start();
    wait_until(*desk.service, [&] { return !desk.ask({"guard", "show"})["guards"].empty(); });
    const auto guard = stopped_by("guard.space");
    EXPECT_THAT(guard["accept"].get<std::string>(), HasSubstr("accept-space"));
    EXPECT_THAT(guard["reason"].get<std::string>(), HasSubstr("localhost"));
    EXPECT_EQ(desk.hospital.stats()["medicapp"]["requests"]["PUT"], 0) << "nothing before a word";
    EXPECT_EQ(desk.type({"accept-rewind", "--yes"}).exit, 65) << "another guard's";
    const auto accepted = desk.ask({"accept-space"});
    EXPECT_EQ(accepted["outcome"], "complete");
    EXPECT_EQ(accepted["updated"], 5);
    expect_over("space accepted");
}

TEST_F(GuardDesk, AChangedMappingIsAccepted) {
    auto text = read_file(desk.hospital.config());
    const std::string mobile = "/contact/mobile";
    const auto place = text.find(mobile);
    ASSERT_NE(place, std::string::npos) << text;
    write_file(desk.hospital.config(), text.replace(place, mobile.size(), "/contact/bureau"));
    desk.service->signal(SIGHUP);
    wait_until(*desk.service, [&] { return !desk.ask({"guard", "show"})["guards"].empty(); });
    const auto guard = stopped_by("guard.mapping");
    EXPECT_EQ(guard["source"], desk.ask({"status"})["sides"][1]["name"]);
    EXPECT_THAT(guard["accept"].get<std::string>(), HasSubstr("accept-mapping"));
    EXPECT_EQ(guard["keys"], Json::array({"fields.phone"}));
    EXPECT_EQ(guard["linked"], 12);
    const auto id = desk.ids().front();
    const auto why = desk.ask({"why", id})["stopped"];
    EXPECT_EQ(why["guard"], "guard.mapping");
    EXPECT_EQ(why["concerned"], guard["count"] == 12) << guard;
    const auto plan = desk.hospital.directory() / "plan.json";
    EXPECT_EQ(desk.ask({"plan", "save", plan}, 69)["error"]["code"], "guarded") << "as its cycle";
    EXPECT_FALSE(std::filesystem::exists(plan));
    EXPECT_EQ(desk.ask({"accept-changes", "--expect", "1"}, 65)["error"]["code"], "refused");
    EXPECT_EQ(desk.ask({"accept-mapping"})["outcome"], "complete");
    expect_over("mapping accepted");
}

} // namespace
} // namespace medibridge::tests
