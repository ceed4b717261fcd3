#include "desk.hpp"

#include <csignal>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

// Where no daemon runs, medibridgectl opens the state itself.
namespace medibridge::tests {
namespace {

namespace fs = std::filesystem;
using Method = http::Method;
using Json = nlohmann::json;
using testing::HasSubstr;

class LocalTest : public testing::Test {
  protected:
    LocalTest() { EXPECT_EQ(desk.end(), 0); }

    Desk desk;
    const fs::path backup = desk.hospital.directory() / "saved.db";
};

TEST_F(LocalTest, EverythingIsAskedAndDecidedWithoutADaemon) {
    const auto status = desk.ask({"status"});
    EXPECT_EQ(status["linked"], 6) << status;
    EXPECT_EQ(status["outcome"], "complete") << "of the service";
    EXPECT_EQ(status["cycles"], 0);
    desk.in_medicapp(medicapp_person());
    desk.in_his(his_person(newcomer));
    EXPECT_EQ(desk.sync()["held"], 1);
    EXPECT_EQ(desk.held(newcomer)["reason"], "possible_duplicate");
    const auto rehearsed = desk.type({"sync", "--dry-run", "--full"});
    EXPECT_EQ(rehearsed.exit, 0) << rehearsed.err;
    EXPECT_THAT(rehearsed.out, HasSubstr("dry run"));
    const auto seen = desk.ask({"held", "show", newcomer});
    const auto linked =
        desk.ask({"held", "link", newcomer, seen["candidates"][0]["medicapp_id"].get<std::string>(),
                  "--token", seen["token"].get<std::string>()});
    EXPECT_EQ(linked["result"], "applied") << linked;
    EXPECT_TRUE(desk.held(newcomer).is_null());
    EXPECT_EQ(desk.hospital.stats()["medicapp"]["patients"], 7);
    EXPECT_TRUE(desk.ask({"audit", "--verify"})["intact"]);
    const auto refused = desk.ask({"held", "retry", newcomer}, 65);
    EXPECT_EQ(refused["result"], "refused");
}

TEST_F(LocalTest, WithoutAConfigurationItSaysHowToMakeOne) {
    fs::remove(desk.hospital.config());
    const auto status = desk.type({"status"});
    EXPECT_EQ(status.exit, 78);
    EXPECT_THAT(status.err,
                HasSubstr("medibridgectl --config " + desk.hospital.config().string() + " setup"));
}

TEST_F(LocalTest, TheDoctorLooksAtTheSameWithoutADaemon) {
    const auto names = [](const Json& answer) {
        std::vector<std::string> all;
        for (const auto& check : answer["checks"])
            all.push_back(check["name"].get<std::string>() + " " +
                          check["result"].get<std::string>());
        return all;
    };
    const auto local = desk.ask({"doctor"});
    desk.start();
    EXPECT_EQ(names(local), names(desk.ask({"doctor"})));
    EXPECT_EQ(desk.end(), 0) << desk.service->err();
}

/// Before the first start.
class NoStateYet : public testing::Test {
  protected:
    Json line(const Json& answer, const std::string& name) {
        for (const auto& check : answer["checks"])
            if (check["name"] == name) return check;
        return nullptr;
    }

    Desk desk{{"--patients", "6", "--invalid-share", "0"}, "", false};
};

TEST_F(NoStateYet, TheDoctorLooksAtAllThatNeedsNone) {
    const auto well = desk.ask({"doctor"});
    EXPECT_EQ(well["ok"], true) << well;
    EXPECT_EQ(line(well, "state")["result"], "ok");
    EXPECT_THAT(line(well, "state")["message"].get<std::string>(),
                HasSubstr("none yet at " + desk.hospital.state().string() + ", which is right"));
    for (const char* name :
         {"configuration", "state folder", "disk space", "medicapp: connection",
          "medicapp: credentials", "source his: connection", "source his: answer"})
        EXPECT_EQ(line(well, name)["result"], "ok") << name << well;
    EXPECT_TRUE(line(well, "state file").is_null());
    desk.hospital.set_faults({"ANY:1+:401"});
    const auto refused = desk.ask({"doctor"}, 65);
    EXPECT_EQ(line(refused, "medicapp: credentials")["result"], "fail") << refused;
    desk.hospital.set_faults({});
    for (const auto& entry : fs::directory_iterator(desk.hospital.directory()))
        EXPECT_FALSE(entry.path().filename().string().starts_with("state.db")) << entry.path();
    const auto status = desk.type({"status"});
    EXPECT_EQ(status.exit, 75);
    EXPECT_THAT(status.err, HasSubstr("there is no state yet"));
}

TEST_F(NoStateYet, AConfigurationWithoutItsPlaceIsAMistakeOfTheConfiguration) {
    desk.hospital.configure("control: {socket: " + desk.socket().string() + "}");
    auto text = read_file(desk.hospital.config());
    const auto place = text.find("state:");
    ASSERT_NE(place, std::string::npos);
    write_file(desk.hospital.config(), text.replace(place, 6, "stat:"));
    for (const char* command : {"status", "doctor"}) {
        const auto typed = desk.type({command});
        EXPECT_EQ(typed.exit, 78) << typed.err;
        EXPECT_THAT(typed.err, HasSubstr("unknown key `stat`"));
        EXPECT_THAT(typed.err, HasSubstr("give at least state.path"));
    }
    fs::remove(desk.hospital.config());
    const auto none = desk.type({"status"});
    EXPECT_EQ(none.exit, 78);
}

TEST_F(LocalTest, AnErasureThatWasCutOffIsSettledBeforeACycle) {
    const auto erased = desk.ids().front();
    desk.hospital.set_faults({"DELETE:1:hang-after"});
    const auto cut_off = desk.begin({"--yes", "erase", erased});
    wait_until(*cut_off, [&] { return desk.hospital.stats()["medicapp"]["patients"] == 5; });
    cut_off->signal(SIGKILL);
    cut_off->wait();
    desk.hospital.set_faults({});
    EXPECT_EQ(desk.sync(true)["outcome"], "complete");
    EXPECT_EQ(desk.hospital.stats()["medicapp"]["patients"], 5) << "not created again";
    EXPECT_THAT(desk.audited(erased), testing::Contains(testing::HasSubstr(":erased")));
    EXPECT_EQ(desk.held(erased)["kind"], "excluded") << "a person erased them on purpose";
}

TEST_F(LocalTest, APauseIsTheServicesToo) {
    EXPECT_EQ(desk.ask({"pause"})["paused"], true);
    desk.ask({"sync"}, 65);
    desk.start();
    EXPECT_EQ(desk.ask({"status"})["paused"], true);
    EXPECT_EQ(desk.end(), 0);
    EXPECT_EQ(desk.ask({"resume"})["paused"], false);
    EXPECT_EQ(desk.sync()["outcome"], "complete");
}

TEST_F(LocalTest, APauseHoldsForARunByATimerToo) {
    desk.change_in_his(2);
    EXPECT_EQ(desk.ask({"pause"})["paused"], true);
    const auto paused = desk.hospital.once({"--output", "json"});
    EXPECT_EQ(paused.exit, 75) << paused.err;
    EXPECT_EQ(paused.json()["outcome"], "incomplete");
    EXPECT_THAT(paused.json()["reason"].get<std::string>(), testing::HasSubstr("paused"));
    EXPECT_EQ(desk.hospital.once({"--dry-run", "--output", "json"}).json()["updated"], 2)
        << "a rehearsal changes nothing";
    EXPECT_EQ(desk.ask({"resume"})["paused"], false);
    const auto run = desk.hospital.once({"--output", "json"});
    EXPECT_EQ(run.exit, 0) << run.err;
    EXPECT_EQ(run.json()["updated"], 2);
}

TEST_F(LocalTest, ACycleThatIsInterruptedEndsBetweenTwoPatients) {
    desk.change_in_his(6);
    desk.hospital.set_faults({"PUT:1+:hang"});
    const auto puts = [&] {
        return desk.hospital.stats()["medicapp"]["requests"]["PUT"].get<int>();
    };
    const auto cycle = desk.begin({"sync", "--output", "json"});
    wait_until(*cycle, [&] { return puts() > 0; });
    cycle->signal(SIGINT);
    cycle->signal(SIGTERM);
    EXPECT_EQ(cycle->wait(), 75) << cycle->err();
    EXPECT_EQ(Json::parse(cycle->out())["outcome"], "incomplete");
    desk.hospital.set_faults({});
    desk.sync();
    EXPECT_EQ(differences_between_sides(desk.hospital), "");
}

TEST_F(LocalTest, AGuardIsShownAndAccepted) {
    auto text = read_file(desk.hospital.config());
    const std::string interval = "sync: {interval: 1h";
    text.replace(text.find(interval), interval.size(),
                 interval + ", max_changes: {ratio: 0.1, at_least: 2}");
    write_file(desk.hospital.config(), text);
    desk.change_in_his(5);
    const auto shown = desk.ask({"guard", "show"});
    ASSERT_EQ(shown["guards"].size(), 1u) << shown;
    EXPECT_EQ(shown["guards"][0]["count"], 5);
    EXPECT_EQ(desk.hospital.stats()["medicapp"]["requests"]["PUT"], 0);
    EXPECT_EQ(desk.ask({"accept-changes", "--expect", "5"})["updated"], 5);
}

TEST_F(LocalTest, AChangedMappingIsShownAndAccepted) {
    auto text = read_file(desk.hospital.config());
    const std::string mobile = "/contact/mobile";
    write_file(desk.hospital.config(),
               text.replace(text.find(mobile), mobile.size(), "/contact/bureau"));
    const auto shown = desk.ask({"guard", "show"});
    ASSERT_EQ(shown["guards"].size(), 1u) << shown;
    EXPECT_EQ(shown["guards"][0]["guard"], "guard.mapping");
    EXPECT_EQ(shown["guards"][0]["linked"], 6);
    EXPECT_EQ(desk.ask({"sync", "--dry-run"})["outcome"], "complete") << "it is not stopped";
    EXPECT_EQ(desk.ask({"accept-mapping"})["outcome"], "complete");
    EXPECT_TRUE(desk.ask({"guard", "show"})["guards"].empty());
}

TEST_F(LocalTest, AStateThatSomebodyHoldsIsNotOpened) {
    desk.hospital.configure(
        "control: {socket: " + (desk.hospital.directory() / "other.sock").string() + "}");
    desk.start();
    fs::remove(desk.hospital.directory() / "other.sock");
    const auto locked = desk.type({"status"});
    EXPECT_EQ(locked.exit, 75) << locked.out << locked.err;
    EXPECT_THAT(locked.err, HasSubstr("in use by process " + std::to_string(desk.service->pid())));
    const auto restored = desk.type({"restore", backup, "--yes"});
    EXPECT_NE(restored.exit, 0);
    EXPECT_EQ(desk.end(), 0) << desk.service->err();
}

TEST_F(LocalTest, RootWorksAsTheStatesOwner) {
    if (!desk.is_root()) GTEST_SKIP() << "only root can be somebody else";
    constexpr uid_t nobody = 65534;
    ASSERT_EQ(::chown(desk.hospital.directory().c_str(), nobody, nobody), 0);
    for (const auto& entry : fs::directory_iterator(desk.hospital.directory()))
        ASSERT_EQ(::chown(entry.path().c_str(), nobody, nobody), 0);
    const auto status = desk.type({"status", "--output", "json"});
    EXPECT_EQ(status.exit, 0) << status.err;
    EXPECT_EQ(status.json()["linked"], 6);
    EXPECT_THAT(status.err, HasSubstr("working as the user nobody"));
    desk.sync();
    struct stat of{};
    for (const char* ending : {"", ".lock", ".key"}) {
        const auto file = desk.hospital.state().string() + ending;
        ASSERT_EQ(::stat(file.c_str(), &of), 0) << file;
        EXPECT_EQ(of.st_uid, nobody) << file;
    }
    const auto audit = desk.type({"audit", "--limit", "5", "--output", "json"});
    EXPECT_THAT(audit.out, HasSubstr("\"root\"")) << "who asked, not whom the state belongs to";
}

TEST_F(LocalTest, ABackupIsRestoredAndTheErasedStayErased) {
    const auto erased = desk.ids().front();
    const auto nowhere = desk.type({"backup", "/no/such/folder/state.db"});
    EXPECT_EQ(nowhere.exit, 65) << nowhere.err;
    EXPECT_THAT(nowhere.err, HasSubstr("may not write in /no/such/folder"));
    desk.ask({"backup", backup});
    desk.hospital.control(Method::delete_, "/medicapp/patients/" + erased);
    desk.sync(true);
    EXPECT_EQ(desk.held(erased)["reason"], "erased_in_medicapp");

    const auto refused = desk.type({"restore", backup});
    EXPECT_EQ(refused.exit, 64) << "nobody can be asked";
    EXPECT_THAT(refused.err, HasSubstr("is forgotten"));
    const auto restored = desk.ask({"restore", backup});
    const auto kept = restored["kept"].get<std::string>();
    EXPECT_TRUE(fs::exists(kept)) << restored;
    EXPECT_TRUE(desk.held(erased).is_null()) << "the state is the older one";
    desk.start();
    desk.wait_for_first_cycle();
    desk.sync(true);
    EXPECT_EQ(desk.held(erased)["reason"], "erased_in_medicapp");
    EXPECT_EQ(desk.hospital.stats()["medicapp"]["created_again_after_erasure"], 0);
    EXPECT_EQ(desk.type({"audit", "--verify"}).exit, 0);
    const auto running = desk.type({"restore", backup, "--yes"});
    EXPECT_EQ(running.exit, 75);
    EXPECT_THAT(running.err, HasSubstr("the daemon runs"));
    EXPECT_EQ(desk.end(), 0) << desk.service->err();
}

TEST_F(LocalTest, AFileThatIsNoBackupIsNotRestored) {
    const auto before = read_file(desk.hospital.state());
    write_file(backup, std::string(8192, 'x'));
    const auto refused = desk.type({"restore", backup, "--yes"});
    EXPECT_EQ(refused.exit, 78) << refused.out << refused.err;
    EXPECT_THAT(refused.err, HasSubstr("not a state file"));
    const auto absent = desk.type({"restore", "/nonexistent/saved.db", "--yes"});
    EXPECT_EQ(absent.exit, 64) << absent.err;
    EXPECT_EQ(read_file(desk.hospital.state()), before);
}

/// SQLite finds no fault with a bit of a table's definition.
TEST_F(LocalTest, ABackupThatNoServiceCouldStartWithIsNotRestored) {
    desk.ask({"backup", backup});
    auto bytes = read_file(backup);
    const std::string kinds = "CHECK (kind IN ('retry'";
    ASSERT_NE(bytes.find(kinds), std::string::npos);
    write_file(backup, bytes.replace(bytes.find(kinds), kinds.size(), "CHECK (khnd IN ('retry'"));
    const auto before = read_file(desk.hospital.state());
    const auto refused = desk.type({"restore", backup, "--yes"});
    EXPECT_EQ(refused.exit, 70) << refused.out << refused.err;
    EXPECT_THAT(refused.err, HasSubstr("damaged"));
    EXPECT_THAT(refused.err, testing::Not(HasSubstr("is a whole state")));
    EXPECT_EQ(read_file(desk.hospital.state()), before);
}

TEST_F(LocalTest, ALostStateComesBackFromItsBackup) {
    desk.ask({"backup", backup});
    fs::remove(desk.hospital.state());
    fs::remove(desk.hospital.state().string() + ".facts");
    const auto status = desk.type({"status"});
    EXPECT_EQ(status.exit, 75) << status.out;
    EXPECT_THAT(status.err, HasSubstr("there is no state yet"));
    EXPECT_EQ(desk.ask({"restore", backup})["kept"], nullptr);
    EXPECT_EQ(desk.ask({"status"})["linked"], 6);
}

} // namespace
} // namespace medibridge::tests
