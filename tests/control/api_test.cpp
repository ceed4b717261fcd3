#include "rig.hpp"

#include "base/bytes/ascii.hpp"
#include "control/socket_path.hpp"

#include <gmock/gmock.h>
#include <map>
#include <sys/stat.h>
#include <unistd.h>

namespace medibridge::tests {
namespace {

using reconcile::HoldReason;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

state::Held held(const std::string& key, HoldReason reason, const std::string& detail = "") {
    state::Held it;
    it.key = key;
    it.source = "dpi";
    it.reason = reason;
    it.detail = detail;
    it.held_at_ms = 1'795'000'000'000;
    return it;
}

state::Batch some_holds() {
    state::Batch batch;
    batch.hold(held("IPP1", HoldReason::invalid, "birth date is missing"));
    batch.hold(held("IPP2", HoldReason::invalid, "birth date is missing"));
    batch.hold(held("IPP3", HoldReason::deceased));
    auto mismatch = held("IPP4", HoldReason::identity_mismatch);
    mismatch.field = "lastName,birthDate";
    mismatch.medicapp_id = "m-4";
    mismatch.held_at_ms = 1'790'000'000'000;
    batch.hold(mismatch);
    auto left = held("record:00112233445566778899aabbccddeeff", HoldReason::invalid, "no id");
    left.acknowledged = true;
    batch.hold(left);
    return batch;
}

std::vector<std::string> ids(const Answer& answer) {
    std::vector<std::string> all;
    for (const auto& it : answer.json["held"])
        all.push_back(it["id"].get<std::string>());
    return all;
}

TEST_F(ApiTest, EveryDocumentedOperationIsServedAndEveryOtherPathIsNot) {
    for (const auto& [method, path] : schema_.operations()) {
        const auto answer = ask("PUT", path, "", path);
        expect_error(answer, 400, "usage");
        EXPECT_THAT(answer.json["error"]["message"].get<std::string>(),
                    HasSubstr(base::ascii_upper_case(method)))
            << path;
    }
    for (const char* path : {"", "/", "/nonsense", "/status/more", "/pseudonyms/"})
        expect_error(ask("GET", path, "", ""), 404, "not_found");
}

TEST_F(ApiTest, StatusSaysHowTheServiceFares) {
    auto answer = get("/status");
    EXPECT_EQ(answer.json["outcome"], "none");
    EXPECT_EQ(answer.json["last_complete"], nullptr);
    EXPECT_EQ(answer.json["sides"][1]["watermark"], nullptr);

    commit(some_holds());
    state::Batch batch;
    state::Watermark mark;
    mark.side = "his:dpi";
    mark.stamp = reconcile::Instant(std::chrono::milliseconds(1'795'000'000'123));
    batch.put_watermark(mark);
    commit(std::move(batch));
    auto& known = backend_.known;
    known.last_report = sync::Report();
    known.last_report->outcome = sync::Outcome::incomplete;
    known.last_report->reason = "source dpi: it does not answer";
    known.last_cycle_ms = backend_.now - 5'000;
    known.running = control::RunningCycle{backend_.now - 1'000, backend_.now, {}};
    known.running->so_far.created = 7;
    known.sides[0].last_success_ms = backend_.now - 90'500;
    known.sides[0].rate = 12.5;
    known.sides[0].trying_since_ms = backend_.now - 3'000;
    known.sides[1].up = false;
    known.sides[1].reason = "it does not answer";
    known.sides[1].down_since_ms = backend_.now - 60'000;
    known.pause = control::Pause{backend_.now + 60'000};
    answer = get("/status");
    const auto& json = answer.json;
    EXPECT_EQ(json["outcome"], "incomplete");
    EXPECT_EQ(json["service"], true);
    EXPECT_EQ(json["reason"], "source dpi: it does not answer");
    EXPECT_EQ(json["to_decide"], 3);
    EXPECT_EQ(json["excluded"], 2);
    EXPECT_EQ(json["reasons"]["invalid"], 3);
    EXPECT_EQ(json["oldest_to_decide"], "2026-09-21T14:13:20Z");
    EXPECT_EQ(json["progress"]["created"], 7);
    EXPECT_EQ(json["sides"][0]["lag_s"], 90);
    EXPECT_EQ(json["sides"][0]["rate"], 12.5);
    EXPECT_EQ(json["sides"][0]["trying_since"], "2026-11-28T11:59:57Z");
    EXPECT_EQ(json["sides"][1]["down_since"], "2026-11-28T11:59:00Z");
    EXPECT_THAT(json["sides"][1]["watermark"].get<std::string>(), HasSubstr(".123Z"));
    EXPECT_EQ(json["paused_until"], "2026-11-28T12:01:00Z");
    known.last_report.reset();
    known.failure = "the disk is full";
    EXPECT_EQ(get("/status").json["outcome"], "failed");
    EXPECT_EQ(get("/status").json["reason"], "the disk is full");
}

TEST_F(ApiTest, TheHeldListFiltersGroupsAndCounts) {
    commit(some_holds());
    auto answer = get("/held");
    EXPECT_THAT(answer.json["held"], SizeIs(5));
    EXPECT_EQ(answer.json["to_decide"], 3);
    EXPECT_EQ(answer.json["excluded"], 2);
    ASSERT_FALSE(answer.json["groups"].empty());
    EXPECT_EQ(answer.json["groups"][0]["count"], 2);
    EXPECT_EQ(answer.json["groups"][0]["to_decide"], 2);
    for (const auto& group : answer.json["groups"])
        if (group["reason"] == "deceased") EXPECT_EQ(group["to_decide"], 0) << group;
    EXPECT_EQ(answer.json["groups"][0]["detail"], "birth date is missing");
    EXPECT_THAT(ids(get("/held?kind=decide&reason=invalid")), ElementsAre("IPP1", "IPP2"));
    EXPECT_THAT(ids(get("/held?kind=excluded")), SizeIs(2));
    EXPECT_THAT(ids(get("/held?search=M-4")), ElementsAre("IPP4"));
    EXPECT_THAT(ids(get("/held?since=2026-11-01T00:00:00Z&reason=identity_mismatch")), IsEmpty());
    const auto other = get("/held?source=other");
    expect_error(other, 400, "usage");
    EXPECT_THAT(other.json["error"]["message"].get<std::string>(), HasSubstr("it has: dpi"));
    answer = get("/held?limit=2");
    EXPECT_THAT(answer.json["held"], SizeIs(2));
    EXPECT_EQ(answer.json["left_out"], 3);
    const auto mismatch = get("/held?reason=identity_mismatch").json["held"][0];
    EXPECT_EQ(mismatch["medicapp_id"], "m-4");
    EXPECT_EQ(mismatch["fields"], nlohmann::json::array({"lastName", "birthDate"}));
    const auto groups = get("/held?reason=identity_mismatch").json["groups"];
    EXPECT_EQ(groups[0]["fields"], nlohmann::json::array({"lastName", "birthDate"}));
    EXPECT_EQ(mismatch["decided"], nullptr);
    for (const char* query : {"reason=none", "kind=x", "since=yesterday", "limit=0", "page=2"})
        expect_error(get(std::string("/held?") + query), 400, "usage");
}

TEST_F(ApiTest, TheHeldListSaysWhatWasDecidedAndIsNotCarriedOutYet) {
    auto batch = some_holds();
    state::OperatorDecision decision;
    decision.external_id = "IPP4";
    decision.kind = state::OperatorDecision::Kind::link;
    decision.actor = {"bob", 1001};
    batch.put_decision(decision);
    commit(std::move(batch));
    const auto item = get("/held?search=ipp4").json["held"][0];
    EXPECT_EQ(item["decided"], "link");
    EXPECT_EQ(item["decided_by"], "bob");
    EXPECT_EQ(item["ignored"], nullptr);
}

TEST_F(ApiTest, WhoIgnoredAPatientIsSaidInTheListAndOfThePatient) {
    auto ignored = held("IPP4", HoldReason::identity_mismatch);
    ignored.acknowledged = true;
    auto erased = held("IPP5", HoldReason::erased_in_medicapp);
    erased.acknowledged = true;
    state::Batch batch;
    batch.hold(ignored);
    batch.hold(erased);
    const auto line = [&](const char* key, const char* action, const char* detail,
                          const char* name) {
        state::AuditEntry entry;
        entry.external_id = key;
        entry.action = action;
        entry.detail = detail;
        entry.actor = {name, 1001};
        entry.at_ms = 1'795'000'060'000;
        batch.audit(entry);
    };
    line("IPP4", "decided", "retry", "bob");
    line("IPP4", "decided", "ignore: known twins", "ana");
    line("IPP5", "erased", "", "eva");
    line("IPP4", "looked", "values", "bob");
    commit(std::move(batch));
    const auto list = get("/held").json["held"];
    ASSERT_THAT(list, SizeIs(2));
    EXPECT_EQ(list[0]["ignored"]["by"], "ana") << list;
    EXPECT_EQ(list[0]["ignored"]["because"], "known twins");
    EXPECT_EQ(list[1]["ignored"]["by"], "eva");
    EXPECT_EQ(get("/held/IPP4", "/held/{id}").json["ignored"], list[0]["ignored"]);
    EXPECT_EQ(get("/patients/IPP4", "/patients/{id}").json["held"]["ignored"], list[0]["ignored"]);
}

TEST_F(ApiTest, AGuardIsShownWithWhatAcceptsIt) {
    EXPECT_THAT(get("/guard").json["guards"], IsEmpty());
    backend_.known.alarms = {
        sync::GuardAlarm{"guard.mapping", "dpi", "fields.email,timezone", "it was changed"}};
    const auto guards = get("/guard").json["guards"];
    ASSERT_THAT(guards, SizeIs(1));
    EXPECT_EQ(guards[0]["source"], "dpi");
    EXPECT_EQ(guards[0]["keys"], nlohmann::json({"fields.email", "timezone"}));
    EXPECT_TRUE(guards[0]["fields"].empty()) << "nobody was counted";
    EXPECT_EQ(guards[0]["accept"], "medibridgectl accept-mapping");
    EXPECT_EQ(get("/status").json["guards"], guards);
    backend_.config = "/etc/medibridge/north.yaml";
    EXPECT_EQ(get("/guard").json["guards"][0]["accept"],
              "medibridgectl --config /etc/medibridge/north.yaml accept-mapping");
}

TEST_F(ApiTest, WithoutAGuardItIsSaidWhetherTheLastCycleCameSoFar) {
    EXPECT_EQ(get("/guard").json["outcome"], "none");
    backend_.known.last_report.emplace();
    backend_.known.last_report->outcome = sync::Outcome::unauthorized;
    backend_.known.last_report->reason = "Medicapp refuses the API key";
    EXPECT_EQ(get("/guard").json["outcome"], "unauthorized");
    EXPECT_EQ(get("/guard").json["reason"], "Medicapp refuses the API key");
}

TEST_F(ApiTest, PausingAndResumingAreRememberedAndInTheAudit) {
    auto answer = post("/pause", {{"until", "2026-11-28T22:00:00+01:00"}});
    EXPECT_EQ(answer.json["until"], "2026-11-28T21:00:00Z");
    EXPECT_TRUE(backend_.known.pause);
    expect_error(post("/cycles"), 409, "refused");
    EXPECT_EQ(post("/cycles", {{"dry_run", true}}).status, 200);
    EXPECT_EQ(post("/resume").json["paused"], false);
    EXPECT_EQ(post("/pause").json["until"], nullptr);
    const auto lines = audit();
    ASSERT_THAT(lines, SizeIs(3));
    EXPECT_EQ(lines[0].action, "paused");
    EXPECT_EQ(lines[1].action, "resumed");
    EXPECT_EQ(lines[2].actor.uid, ::geteuid());
    expect_error(post("/pause", {{"until", "2026-11-28T11:00:00Z"}}), 400, "usage");
    expect_error(post("/pause", {{"until", 3}}), 400, "usage");
    expect_error(post("/pause", {{"untill", nullptr}}), 400, "usage");
    expect_error(ask("POST", "/pause", "[]", ""), 400, "usage");
    expect_error(ask("POST", "/pause", "{", ""), 400, "usage");
}

TEST_F(ApiTest, ACycleIsRunAsAskedForAndShowsItsProgress) {
    backend_.cycle = [](sync::Observer& observer) {
        sync::Report report;
        report.created = 2;
        observer.acted("IPP1", sync::Action::created, "");
        observer.progressed(report);
        control::CycleEnd end;
        end.report = report;
        end.waiting.to_decide = 1;
        return end;
    };
    backend_.known.alarms = {{"guard.rewound", "dpi", "", "it went back"}};
    backend_.known.alarms.front().evidence = {7};
    auto answer = post("/cycles", {{"accept", {{"rewind", true}}}, {"source", "dpi"}});
    EXPECT_EQ(answer.json["result"]["created"], 2);
    EXPECT_EQ(answer.json["result"]["waiting"]["to_decide"], 1);
    ASSERT_THAT(answer.lines, SizeIs(2));
    EXPECT_EQ(answer.lines[0]["progress"]["created"], 2);
    EXPECT_TRUE(backend_.requests[0].full);
    EXPECT_TRUE(backend_.requests[0].accept_rewind.given());
    EXPECT_FALSE(backend_.requests[0].accept_mapping.given());
    EXPECT_EQ(backend_.requests[0].only_source, "dpi");
    ASSERT_THAT(audit(), SizeIs(1));
    EXPECT_EQ(audit()[0].detail, "full, source dpi, rewind accepted");

    answer = post("/cycles", {{"dry_run", true}});
    ASSERT_THAT(answer.lines, SizeIs(3));
    EXPECT_EQ(answer.lines[0]["progress"]["acted"]["external_id"], "IPP1");
    EXPECT_THAT(audit(), SizeIs(1)) << "a dry run does nothing";
    expect_error(post("/cycles", {{"source", "none"}}), 400, "usage");
    expect_error(post("/cycles", {{"full", "yes"}}), 400, "usage");
    expect_error(post("/cycles", {{"accept", true}}), 400, "usage");
}

TEST_F(ApiTest, ACycleThatFailsSaysSoInItsLastLine) {
    backend_.cycle = [](sync::Observer&) -> control::CycleEnd {
        throw state::StoreError(state::StoreError::Kind::unavailable, "the disk is full");
    };
    auto answer = post("/cycles");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.json["error"]["code"], "unavailable");
    EXPECT_EQ(answer.json["error"]["exit"], 75);
    backend_.cycle = [](sync::Observer&) -> control::CycleEnd {
        throw control::Unavailable("the service is stopping");
    };
    EXPECT_EQ(post("/cycles").json["error"]["message"], "the service is stopping");
}

TEST_F(ApiTest, PseudonymsAreFoundBothWays) {
    state::Batch batch;
    state::Link link;
    link.external_id = "IPP 7/é";
    link.medicapp_id = "m-7";
    batch.put_link(link);
    batch.hold(held("IPP8", HoldReason::invalid));
    commit(std::move(batch));
    for (const std::string id : {"IPP 7/é", "IPP8"}) {
        const auto pseudonym = backend_.digester().pseudonym(id);
        const auto answer = get("/pseudonyms/" + pseudonym, "/pseudonyms/{text}");
        EXPECT_EQ(answer.json["external_id"], id);
    }
    const auto answer = get("/pseudonyms/IPP%207%2F%C3%A9", "/pseudonyms/{text}");
    EXPECT_EQ(answer.json["pseudonym"], backend_.digester().pseudonym("IPP 7/é"));
}

TEST_F(ApiTest, TheAuditIsShownAndVerified) {
    post("/pause");
    state::Batch batch;
    state::AuditEntry entry;
    entry.external_id = "IPP1";
    entry.action = "created";
    batch.audit(entry);
    commit(std::move(batch));
    auto lines = get("/audit").json["audit"];
    ASSERT_THAT(lines, SizeIs(2));
    EXPECT_EQ(lines[0]["action"], "created");
    EXPECT_EQ(lines[0]["uid"], nullptr);
    EXPECT_EQ(lines[1]["uid"], ::geteuid());
    EXPECT_THAT(get("/audit?patient=IPP1").json["audit"], SizeIs(1));
    EXPECT_THAT(get("/audit?limit=1").json["audit"], SizeIs(1));
    EXPECT_EQ(get("/audit?after=0").json["audit"][0]["action"], "paused") << "oldest first";
    expect_error(get("/audit?limit=x"), 400, "usage");
    const auto found = get("/audit/verification").json;
    EXPECT_EQ(found["intact"], true);
    EXPECT_EQ(found["lines"], 2);
}

TEST_F(ApiTest, ABackupIsWrittenWhereNothingIs) {
    const auto file = (directory_.path() / "backup.db").string();
    const auto answer = post("/backup", {{"file", file}});
    EXPECT_EQ(answer.json["file"], file);
    EXPECT_EQ(answer.json["bytes"], std::filesystem::file_size(file));
    expect_error(post("/backup", {{"file", file}}), 409, "refused");
    expect_error(post("/backup", {{"file", "relative.db"}}), 400, "usage");
    expect_error(post("/backup"), 400, "usage");
    expect_error(post("/backup", {{"file", "/no/such/folder/backup.db"}}), 409, "refused");
    EXPECT_EQ(audit().back().action, "backup");
}

/// systemd gives the service a /tmp of its own, which goes when it stops.
TEST_F(ApiTest, ABackupIsNotWrittenWhereOnlyTheServiceSeesIt) {
    const auto folder = directory_.path();
    const auto file = (folder / "backup.db").string();
    struct stat info{};
    ASSERT_EQ(::stat(folder.c_str(), &info), 0);
    const auto device = std::to_string(info.st_dev) + ":";
    const auto refused =
        post("/backup", {{"file", file}, {"folder", device + std::to_string(info.st_ino + 1)}});
    expect_error(refused, 409, "refused");
    EXPECT_THAT(refused.json["error"]["message"].get<std::string>(), HasSubstr("PrivateTmp"));
    EXPECT_FALSE(std::filesystem::exists(file));
    EXPECT_THAT(audit(), IsEmpty()) << "nothing was done";
    EXPECT_EQ(
        post("/backup", {{"file", file}, {"folder", device + std::to_string(info.st_ino)}}).status,
        200);
}

TEST_F(ApiTest, ABackupsNameHidesNothing) {
    for (const auto& name : {std::string("a\0b", 3), std::string("a\x1b[2J"), std::string("a\nb"),
                             std::string("a\x7f")}) {
        const auto answer = post("/backup", {{"file", (directory_.path() / name).string()}});
        expect_error(answer, 400, "usage");
        EXPECT_THAT(answer.json["error"]["message"].get<std::string>(),
                    HasSubstr("control character at byte"));
    }
    EXPECT_THAT(audit(), IsEmpty());
}

TEST_F(ApiTest, TheStatesKeyIsReplacedByOneThatIsMadeOrGiven) {
    const std::string new_key(64, 'a');
    const auto made = post("/key/rotation");
    EXPECT_EQ(made.json["key"], "aaaaaaaaaaaa");
    EXPECT_EQ(made.json["file"], "/state.db.key");
    EXPECT_EQ(audit()[0].action, "key_rotated");
    EXPECT_EQ(get("/key").json,
              (nlohmann::json{{"key", "bbbbbbbbbbbb"}, {"file", "/state.db.key"}}));
    expect_error(post("/key/rotation", {{"key", new_key}}), 400, "usage");

    backend_.its.state.key = config::Secret(std::string(64, 'b'));
    expect_error(post("/key/rotation"), 400, "usage");
    for (const auto& odd : {std::string(), std::string(63, 'a'), std::string(64, 'g')}) {
        const auto refused = post("/key/rotation", {{"key", odd}});
        expect_error(refused, 400, "usage");
        EXPECT_THAT(refused.json["error"]["message"].get<std::string>(), HasSubstr("openssl"));
    }
    EXPECT_EQ(get("/key").json["file"], nullptr);
    EXPECT_EQ(post("/key/rotation", {{"key", new_key}}).json["file"], nullptr);
    post("/key/rotation", {{"key", new_key}, {"abandon", "0123456789ab"}});
    EXPECT_EQ(backend_.keys_abandoned.back(), "0123456789ab");
    EXPECT_THAT(backend_.keys, SizeIs(3));
}

TEST_F(ApiTest, AKeyOrAParameterThatStandsTwiceIsRefusedWithItsName) {
    const auto said = [](const Answer& answer) {
        return answer.json["error"]["message"].get<std::string>();
    };
    for (const auto& [body, words] :
         std::map<std::string, std::string>{{R"({"until":null,"until":null})",
                                             "`until` stands twice in the same object, at depth 1"},
                                            {R"({"until":{"a":1,"b":{"c":1,"c":2}}})",
                                             "`c` stands twice in the same object, at depth 3"},
                                            {R"({"\u001b":1,"\u001b":2})", "a key stands twice"},
                                            {R"({"until":)", "cannot be read at byte"},
                                            {R"({"until":null} {})", "cannot be read at byte"},
                                            {R"([])", "one JSON object"}}) {
        const auto refused = ask("POST", "/pause", body, "/pause");
        expect_error(refused, 400, "usage");
        EXPECT_THAT(said(refused), HasSubstr(words)) << body;
    }
    EXPECT_FALSE(backend_.known.pause);
    // In two objects it stands once in each.
    EXPECT_EQ(ask("POST", "/pause", R"({"until":null})", "/pause").status, 200);
    for (const char* target : {"/held?reason=invalid&reason=deceased", "/audit?limit=1&limit=1"}) {
        const auto refused = get(target);
        expect_error(refused, 400, "usage");
        EXPECT_THAT(said(refused), HasSubstr("twice")) << target;
    }
}

TEST_F(ApiTest, WhoMayLookMayNotDecideUnlessNamed) {
    constexpr std::uint32_t nobody = 65534;
    backend_.its.control.decide = {"root"};
    peer_ = {nobody, nobody, 1};
    EXPECT_EQ(get("/status").status, 200);
    for (const char* path : {"/pause", "/resume", "/cycles", "/backup", "/key/rotation"}) {
        const auto answer = post(path);
        expect_error(answer, 403, "forbidden");
        EXPECT_EQ(answer.json["error"]["exit"], 77);
    }
    for (const char* path : {"/decider", "/key"})
        expect_error(get(path), 403, "forbidden");
    EXPECT_FALSE(backend_.known.pause);
    EXPECT_THAT(audit(), IsEmpty());
    backend_.its.control.decide = {"nogroup"};
    EXPECT_EQ(post("/pause").status, 200);
    EXPECT_EQ(audit()[0].actor.name, "nobody");
}

TEST(SocketPath, IsTheConfiguredOneOrThatOfSystemdOrBesideTheState) {
    config::Settings settings;
    settings.state.path = "/var/lib/medibridge/state.db";
    EXPECT_EQ(control::socket_path(settings, ""), "/var/lib/medibridge/control.sock");
    EXPECT_EQ(control::socket_path(settings, "/run/medibridge:/run/other"),
              "/run/medibridge/control.sock");
    settings.control.socket = "/tmp/here";
    EXPECT_EQ(control::socket_path(settings, "/run/medibridge"), "/tmp/here");
}

} // namespace
} // namespace medibridge::tests
