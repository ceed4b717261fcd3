#include "rig.hpp"

#include "control/doctor/configuration.hpp"
#include "control/doctor/disk.hpp"
#include "control/doctor/files.hpp"
#include "control/doctor/medicapp.hpp"
#include "control/doctor/server.hpp"
#include "control/doctor/source.hpp"
#include "control/doctor/systemd.hpp"
#include "control/hidden_peers.hpp"

#include <algorithm>
#include <fstream>
#include <gmock/gmock.h>
#include <sys/stat.h>

namespace medibridge::tests {
namespace {

using namespace control::doctor;
using reconcile::Field;
using reconcile::FieldValue;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::int64_t now_ms = 1'795'867'200'000;
constexpr std::uint64_t gibibyte = 1u << 30;

TEST(Doctor, APushedSourceThatTheCyclesCannotTakeFromFails) {
    control::SideStatus side;
    side.name = "drop";
    EXPECT_THAT(judge_cycles("drop", {side}), IsEmpty());
    side.up = false;
    side.reason = "the folder /in is missing";
    const auto checks = judge_cycles("drop", {side});
    ASSERT_THAT(checks, SizeIs(1));
    EXPECT_EQ(checks[0].verdict, Verdict::fail);
    EXPECT_THAT(checks[0].message, HasSubstr("the folder /in is missing"));
    EXPECT_THAT(judge_cycles("other", {side}), IsEmpty());
}

/// What must hold of every line: who reads it knows what to do.
Check sound(const Check& check) {
    EXPECT_NE(check.message, "") << check.name;
    EXPECT_EQ(check.fix.empty(), check.verdict == Verdict::ok) << check.name;
    return check;
}

Verdict verdict(const Checks& checks, std::size_t at = 0) {
    return checks.size() > at ? sound(checks[at]).verdict : Verdict::ok;
}

TEST(Doctor, MistakesOfTheConfigurationFailAndAdviceWarns) {
    EXPECT_EQ(verdict(judge_configuration({})), Verdict::ok);
    const auto checks = judge_configuration({{"a.yaml:1:2: no"}, {"a.yaml:3:4: better not"}});
    EXPECT_EQ(verdict(checks, 0), Verdict::fail);
    EXPECT_EQ(verdict(checks, 1), Verdict::warn);
    config::SourceSettings source;
    source.name = "dpi";
    EXPECT_THAT(judge_mapping(source), IsEmpty());
    source.unseen = {"deceased", "active"};
    EXPECT_THAT(judge_mapping(source)[0].message, HasSubstr("deceased, active"));
}

TEST(Doctor, ASecretIsTheServicesAlone) {
    const auto of_mode = [](std::uint32_t mode, std::uint32_t owner = 7) {
        return sound(judge_secret_file("key", {"/k", mode, owner, {}}, 7)).verdict;
    };
    EXPECT_EQ(of_mode(0600), Verdict::ok);
    EXPECT_EQ(of_mode(0400), Verdict::ok);
    EXPECT_EQ(of_mode(0400, 0), Verdict::ok);
    EXPECT_EQ(of_mode(0640), Verdict::warn);
    EXPECT_EQ(of_mode(0600, 8), Verdict::warn);
    EXPECT_EQ(of_mode(0604), Verdict::fail);
    EXPECT_EQ(sound(judge_secret_file("key", {"/k", {}, 0, "gone"}, 7)).verdict, Verdict::fail);
    EXPECT_EQ(sound(judge_state_folder({"/s", 0750, 7, {}}, 7)).verdict, Verdict::ok);
    EXPECT_EQ(sound(judge_state_folder({"/s", 01777, 0, {}}, 7)).verdict, Verdict::warn);
    EXPECT_EQ(sound(judge_state_folder({"/s", 0777, 7, {}}, 7)).verdict, Verdict::fail);
}

TEST(Doctor, AKeyThatIsLeftBesideTheStateIsNamed) {
    const TemporaryDirectory directory;
    config::StateSettings state;
    state.path = directory.path() / "state.db";
    const auto key = state.path.string() + ".key";
    state.key = config::Secret(std::string(64, 'b'));
    const auto named = [&] {
        return std::ranges::count_if(check_files("/no/such/file", state, 7), [&](const Check& it) {
            return it.name == "state key" && it.message.contains(key) &&
                   it.verdict == Verdict::warn;
        });
    };
    EXPECT_EQ(named(), 0);
    std::ofstream(key) << std::string(64, 'a');
    EXPECT_EQ(named(), 1);
}

/// A site's state folder is not there until its unit starts.
TEST(Doctor, AStateFolderThatSystemdIsToMakeIsNoFault) {
    config::StateSettings state;
    state.path = "/var/lib/medibridge-nosuchsite/state.db";
    const auto of = [&](const char* config, bool is_to_come) {
        return check_files(config, state, 7, is_to_come).back();
    };
    EXPECT_EQ(sound(of("/etc/medibridge/nosuchsite.yaml", true)).verdict, Verdict::ok);
    EXPECT_THAT(of("/etc/medibridge/nosuchsite.yaml", true).message,
                HasSubstr("medibridge@nosuchsite.service"));
    EXPECT_EQ(sound(of("/etc/medibridge/nosuchsite.yaml", false)).verdict, Verdict::fail);
    EXPECT_EQ(sound(of("/etc/medibridge/other.yaml", true)).verdict, Verdict::fail);
    EXPECT_EQ(sound(of("/home/ana/try.yaml", true)).verdict, Verdict::fail);
    EXPECT_EQ(disk_space_at(standing_folder_of("/no/such/folder")).trouble, "");
}

TEST(Doctor, AFolderThatTheUnitMayNotWriteInIsNamed) {
    struct Its final : config::KindSettings {
        config::Mapping mapping() const override { return {}; }
        std::filesystem::path rejected_folder() const override {
            return "/var/spool/medibridge/in/rejected";
        }
    };
    config::SourceSettings source;
    source.name = "drop";
    source.its = std::make_shared<Its>();
    const auto of = [&](const char* config, bool is_tried = false) {
        return judge_folder(source, config, is_tried);
    };
    ASSERT_THAT(of("/etc/medibridge/nosuchsite.yaml"), SizeIs(1));
    EXPECT_EQ(verdict(of("/etc/medibridge/nosuchsite.yaml")), Verdict::warn);
    EXPECT_EQ(of("/etc/medibridge/nosuchsite.yaml").front().name, "source drop: folder");
    EXPECT_THAT(of("/etc/medibridge/nosuchsite.yaml", true), IsEmpty()) << "it can";
    EXPECT_THAT(of("/etc/medibridge/medibridge.yaml"), IsEmpty());
    source.its.reset();
    EXPECT_THAT(of("/etc/medibridge/nosuchsite.yaml"), IsEmpty());
}

TEST(Doctor, SecretsAreFoundWhereverTheConfigurationNamesThem) {
    const TemporaryDirectory directory;
    const auto file = directory.path() / "m.yaml";
    std::ofstream(file) << "medicapp: {api_key: {file: /a}}\n"
                           "his: [{name: x, auth: {bearer: {file: /b}}, password: {env: Y}}]\n";
    EXPECT_EQ(secret_files_in(file), (std::vector<std::filesystem::path>{"/a", "/b"}));
    EXPECT_THAT(secret_files_in("/no/such/file"), IsEmpty());
}

TEST(Doctor, TheDiskHasRoom) {
    EXPECT_EQ(sound(judge_disk({50 * gibibyte, 100 * gibibyte, {}})).verdict, Verdict::ok);
    EXPECT_EQ(sound(judge_disk({9 * gibibyte, 100 * gibibyte, {}})).verdict, Verdict::warn);
    EXPECT_EQ(sound(judge_disk({gibibyte / 2, gibibyte, {}})).verdict, Verdict::warn);
    EXPECT_EQ(sound(judge_disk({1000, 100 * gibibyte, {}})).verdict, Verdict::fail);
    EXPECT_EQ(sound(judge_disk({0, 0, "no such folder"})).verdict, Verdict::fail);
    EXPECT_EQ(disk_space_at("/").trouble, "");
}

TEST(Doctor, SystemdIsAskedOnlyWhereItRunsTheService) {
    EXPECT_THAT(judge_systemd({}), IsEmpty());
    EXPECT_EQ(verdict(judge_systemd({true, "/run/n", "60000000", {}}), 1), Verdict::ok);
    EXPECT_EQ(verdict(judge_systemd({true, {}, {}, {}}), 0), Verdict::warn);
    EXPECT_EQ(verdict(judge_systemd({true, {}, {}, {}}), 1), Verdict::warn);
}

TEST(Doctor, UsersWhomTheServiceCannotSeeAreLookedFor) {
    SystemdFacts facts;
    facts.hidden_peers = "";
    EXPECT_EQ(verdict(judge_systemd(facts)), Verdict::ok);
    facts.hidden_peers = control::fault_of_peers("");
    const auto checks = judge_systemd(facts);
    EXPECT_EQ(verdict(checks), Verdict::fail);
    EXPECT_THAT(checks[0].fix, HasSubstr("PrivateUsers=no"));
    EXPECT_THAT(control::fault_of_peers("/nowhere/peers.sock"),
                HasSubstr("restart medibridge-peers.socket"));
}

TEST(Doctor, TheWayToAServerIsNamedByTheStepAtWhichItEnds) {
    http::ClientSettings settings;
    settings.origin = *http::parse_url("https://medicapp.example/v5");
    http::Reach reach;
    EXPECT_EQ(verdict(judge_reach("medicapp", settings, reach, now_ms)), Verdict::ok);
    const std::chrono::sys_seconds today{std::chrono::seconds(now_ms / 1000)};
    reach.certificate_ends = today + std::chrono::days(31);
    EXPECT_EQ(verdict(judge_reach("medicapp", settings, reach, now_ms), 1), Verdict::ok);
    reach.certificate_ends = today + std::chrono::days(29);
    EXPECT_EQ(verdict(judge_reach("medicapp", settings, reach, now_ms), 1), Verdict::warn);
    using http::ErrorKind;
    const std::pair<ErrorKind, const char*> steps[] = {{ErrorKind::resolve, "medicapp: name"},
                                                       {ErrorKind::connect, "medicapp: connection"},
                                                       {ErrorKind::timeout, "medicapp: connection"},
                                                       {ErrorKind::tls, "medicapp: TLS"},
                                                       {ErrorKind::proxy, "medicapp: proxy"}};
    for (const auto& [kind, name] : steps) {
        reach.failure = http::Error(kind, false, "it failed");
        const auto checks = judge_reach("medicapp", settings, reach, now_ms);
        ASSERT_THAT(checks, SizeIs(1));
        EXPECT_EQ(checks[0].name, name);
        EXPECT_EQ(verdict(checks), Verdict::fail);
    }
}

TEST(Doctor, ClocksMayDifferByAMinute) {
    const reconcile::Instant server{std::chrono::milliseconds(now_ms)};
    EXPECT_THAT(judge_clock("medicapp", {}, now_ms), IsEmpty());
    EXPECT_EQ(verdict(judge_clock("medicapp", server, now_ms + 60'000)), Verdict::ok);
    const auto ahead = judge_clock("medicapp", server, now_ms + 61'000);
    EXPECT_EQ(verdict(ahead), Verdict::warn);
    EXPECT_THAT(ahead[0].message, HasSubstr("61 s ahead"));
    EXPECT_THAT(judge_clock("medicapp", server, now_ms - 90'000)[0].message, HasSubstr("behind"));
}

TEST(Doctor, MedicappsAnswerSaysWhetherTheKeyIsTaken) {
    connectors::MedicappPage page;
    EXPECT_EQ(sound(judge_credentials(page)).verdict, Verdict::ok);
    const auto refused =
        judge_credentials(std::unexpected(connectors::ApiError(connectors::Failure::unauthorized)));
    EXPECT_EQ(sound(refused).verdict, Verdict::fail);
    EXPECT_THAT(refused.fix, HasSubstr("medicapp.api_key"));
    EXPECT_THAT(refused.fix, HasSubstr("not every systemd hands it over anew at a reload"));
    connectors::ApiError error(connectors::Failure::unavailable);
    error.what = "502 from a proxy";
    EXPECT_EQ(judge_credentials(std::unexpected(error)).message, "502 from a proxy");
}

TEST(Doctor, PagesWhoseNumbersDisagreeAreReported) {
    connectors::MedicappPage page;
    page.page = 1;
    page.per_page = 100;
    page.total_pages = 0;
    EXPECT_EQ(sound(judge_pages(page, {})).verdict, Verdict::ok);
    page.total = 250;
    page.total_pages = 2;
    EXPECT_EQ(sound(judge_pages(page, {})).verdict, Verdict::warn);
}

reconcile::SourceRecord record(const std::string& id, const std::string& birth_date) {
    reconcile::SourceRecord it;
    it.patient.set_external_id(id);
    it.patient[Field::last_name] = FieldValue::known("Martin");
    it.patient[Field::first_name] = FieldValue::known("Anne");
    it.patient[Field::birth_date] = FieldValue::known(birth_date);
    it.patient[Field::email] = FieldValue::known("nonsense");
    return it;
}

TEST(Doctor, ASourcesRecordsAreCountedByWhatIsWrongWithThem) {
    RecordFacts facts({});
    facts.take({record("A", "1980-01-01"), record("B", "80/13/45"), record("", "1980-01-01")});
    EXPECT_EQ(facts.records, 3);
    EXPECT_EQ(facts.with_external_id, 2);
    EXPECT_EQ(facts.invalid, 2);
    control::SourceLook look;
    const auto checks = judge_source("dpi", look, facts);
    ASSERT_THAT(checks, SizeIs(3));
    EXPECT_EQ(verdict(checks, 0), Verdict::ok);
    EXPECT_THAT(checks[0].message, HasSubstr("3 records, 2 with an externalId"));
    EXPECT_EQ(verdict(checks, 1), Verdict::warn);
    EXPECT_THAT(checks[1].message, HasSubstr("birthDate"));
    EXPECT_THAT(checks[2].message, HasSubstr("email"));
    for (const auto& check : checks)
        EXPECT_THAT(check.message, testing::Not(HasSubstr("80/13/45"))) << "no values";
    EXPECT_EQ(verdict(judge_source("dpi", look, RecordFacts({}))), Verdict::warn);
    look.contradiction = "total says 23, 12 shown";
    EXPECT_EQ(verdict(judge_source("dpi", look, facts), 1), Verdict::warn);
    look.trouble = "401";
    EXPECT_EQ(verdict(judge_source("dpi", look, facts)), Verdict::fail);
    look.unauthorized = true;
    EXPECT_EQ(judge_source("dpi", look, facts)[0].name, "source dpi: credentials");
}

TEST(Doctor, WhatCannotBeReadBesidesTheFieldsIsCounted) {
    auto untimed = record("A", "1980-01-01");
    untimed.unread = {{"modifiedAt", "is not a date"}, {"deceased", "is neither yes nor no"}};
    auto other = record("B", "1980-01-01");
    other.unread = {{"modifiedAt", "is not a date"}};
    RecordFacts facts({});
    facts.take({untimed, other});
    const auto checks = judge_source("dpi", {}, facts);
    EXPECT_EQ(verdict(checks, checks.size() - 1), Verdict::warn);
    EXPECT_EQ(checks.back().name, "source dpi: facts");
    EXPECT_THAT(checks.back().message,
                HasSubstr("2 records: modifiedAt is not a date (2), deceased is neither"));
}

class DoctorTest : public ApiTest {
  protected:
    nlohmann::json line(const nlohmann::json& result, const std::string& name) {
        for (const auto& check : result["checks"])
            if (check["name"] == name) return check;
        ADD_FAILURE() << "no line " << name << " in " << result;
        return {};
    }
};

TEST_F(DoctorTest, WorksWhileBothSidesAreDown) {
    backend_.its.medicapp.base_url = *http::parse_url("http://127.0.0.1:1/v5");
    backend_.look.trouble = "cannot connect";
    backend_.findings.advice = {"m.yaml:3:1: chmod 600 it"};
    const auto answer = get("/doctor");
    ASSERT_THAT(answer.lines, SizeIs(3)) << "each side, and the result";
    const auto& result = answer.json["result"];
    EXPECT_EQ(result["ok"], false);
    EXPECT_EQ(line(result, "medicapp: connection")["result"], "fail");
    EXPECT_THAT(line(result, "medicapp: connection")["message"].get<std::string>(),
                HasSubstr("127.0.0.1:1"));
    EXPECT_EQ(line(result, "source dpi: answer")["message"], "cannot connect");
    EXPECT_EQ(line(result, "configuration")["result"], "warn");
    EXPECT_EQ(line(result, "state file")["result"], "ok");
    EXPECT_NE(line(result, "disk space")["message"], "");
    for (const auto& check : result["checks"])
        EXPECT_EQ(check["fix"].is_null(), check["result"] == "ok") << check;
}

/// A source that reads files from a folder.
struct FilesOfFolder final : config::KindSettings {
    explicit FilesOfFolder(std::filesystem::path its) : folder(std::move(its)) {}
    config::Mapping mapping() const override { return {}; }
    std::filesystem::path rejected_folder() const override { return folder; }
    std::filesystem::path folder;
};

TEST_F(DoctorTest, FilesThatWereRejectedAreToldHereAndInTheStatus) {
    backend_.its.medicapp.base_url = *http::parse_url("http://127.0.0.1:1/v5");
    const auto folder = directory_.path() / "rejected";
    backend_.its.his[0].its = std::make_shared<FilesOfFolder>(folder);
    const std::string name = "source dpi: rejected files";
    EXPECT_EQ(line(get("/doctor").json["result"], name)["result"], "ok") << "no such folder yet";
    EXPECT_EQ(get("/status").json["sides"][1]["rejected"], nullptr);
    std::filesystem::create_directory(folder);
    for (const char* file : {"DUPONT.csv", "DUPONT.csv.reason.txt", "b.csv", "b.csv.reason.txt"})
        std::ofstream(folder / file) << "x";
    const auto told = line(get("/doctor").json["result"], name);
    EXPECT_EQ(told["result"], "warn");
    EXPECT_THAT(told["message"].get<std::string>(), HasSubstr("2 files were rejected"));
    EXPECT_THAT(told["message"].get<std::string>(), HasSubstr(folder.string()));
    EXPECT_THAT(told["message"].get<std::string>(), testing::Not(HasSubstr("DUPONT")));
    const auto side = get("/status").json["sides"][1];
    EXPECT_EQ(side["rejected"]["files"], 2);
    EXPECT_EQ(side["rejected"]["told"], told["message"]);
    EXPECT_EQ(get("/status").json["sides"][0]["rejected"], nullptr);
}

TEST_F(DoctorTest, FilesThatTheCyclesLeaveAreToldHereAndInTheStatus) {
    backend_.its.medicapp.base_url = *http::parse_url("http://127.0.0.1:1/v5");
    const std::string name = "source dpi: unread files";
    auto& left = backend_.known.sides[1].left;
    EXPECT_EQ(get("/status").json["sides"][1]["left"], nullptr) << "no cycle has looked yet";
    left = figures::LeftFiles{"/srv/drop", {}};
    EXPECT_EQ(line(get("/doctor").json["result"], name)["result"], "ok");
    EXPECT_EQ(get("/status").json["sides"][1]["left"], nullptr);
    left->reasons = {{"cannot be moved", 1}, {"cannot be opened for reading", 2}};
    const auto told = line(get("/doctor").json["result"], name);
    EXPECT_EQ(told["result"], "warn");
    EXPECT_EQ(told["message"], "3 files lie unread in /srv/drop: cannot be opened for reading (2); "
                               "cannot be moved (1)");
    const auto side = get("/status").json["sides"][1];
    EXPECT_EQ(side["left"]["files"], 3);
    EXPECT_EQ(side["left"]["told"], told["message"]);
    EXPECT_EQ(side["left"]["reasons"][0],
              nlohmann::json({{"reason", "cannot be moved"}, {"files", 1}}));
    EXPECT_EQ(get("/status").json["sides"][0]["left"], nullptr);
}

} // namespace
} // namespace medibridge::tests
