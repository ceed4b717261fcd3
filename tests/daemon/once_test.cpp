#include "hospital.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>

namespace medibridge::tests {
namespace {

using http::Method;
using nlohmann::json;

std::set<std::string> keys(const json& object) {
    std::set<std::string> names;
    for (const auto& [name, value] : object.items())
        names.insert(name);
    return names;
}

TEST(Once, BringsEveryPatientToMedicappAndThenWritesNothing) {
    Hospital hospital;
    const auto first = hospital.once();
    ASSERT_EQ(first.exit, 0) << first.err;
    const auto result = first.json();
    EXPECT_EQ(result["outcome"], "complete");
    EXPECT_EQ(result["created"].get<int>() + result["held"].get<int>(), 200);
    EXPECT_EQ(hospital.medicapp_patients().size(), result["created"].get<std::size_t>());

    hospital.reset_stats();
    const auto second = hospital.once();
    EXPECT_EQ(second.exit, 0);
    const auto stats = hospital.stats();
    EXPECT_EQ(stats["medicapp"]["requests"]["POST"], 0);
    EXPECT_EQ(stats["medicapp"]["requests"]["PUT"], 0);
    EXPECT_EQ(stats["medicapp"]["requests"]["DELETE"], 0);
    EXPECT_EQ(second.json()["held"], 0);
}

TEST(Once, PrintsOneJsonObjectWithExactlyTheseKeys) {
    Hospital hospital({"--patients", "5"});
    const auto ended = hospital.once();
    const auto result = ended.json();
    EXPECT_EQ(std::ranges::count(ended.out, '\n'), 1);
    EXPECT_EQ(keys(result),
              (std::set<std::string>{"outcome", "created", "updated", "linked", "unchanged", "held",
                                     "deferred", "requests", "duration_ms", "waiting"}));
    EXPECT_EQ(keys(result["waiting"]), (std::set<std::string>{"to_decide", "excluded", "reasons"}));
    EXPECT_EQ(keys(result["requests"]), (std::set<std::string>{"medicapp", "his"}));
    EXPECT_EQ(keys(result["requests"]["medicapp"]),
              (std::set<std::string>{"GET", "POST", "PUT", "retries", "rate_limited"}));
}

TEST(Once, AnIdleCycleCostsOneRequestASide) {
    // No more than a page: a fast first load gives more patients than that the same millisecond,
    // and all who share the watermark's time are shown again.
    Hospital hospital({"--patients", "80"});
    hospital.configure("sync: {overlap: 0s}");
    hospital.once();
    hospital.once();
    std::this_thread::sleep_for(std::chrono::milliseconds(1100)); // the grain of HTTP's Date
    hospital.once();
    hospital.reset_stats();
    const auto idle = hospital.once();
    EXPECT_EQ(idle.exit, 0);
    EXPECT_EQ(idle.json()["requests"]["medicapp"]["GET"], 1);
    EXPECT_EQ(idle.json()["requests"]["his"], 1);
    EXPECT_EQ(hospital.stats()["medicapp"]["requests"]["GET"], 1);
}

TEST(Once, AChangeCostsOneWriteWithTheChangedFieldsOnly) {
    Hospital hospital;
    hospital.once();
    hospital.reset_stats();
    hospital.control(Method::post, "/his/edit?count=7");
    const auto ended = hospital.once();
    EXPECT_EQ(ended.json()["updated"], 7);
    const auto stats = hospital.stats();
    EXPECT_EQ(stats["medicapp"]["requests"]["PUT"], 7);
    EXPECT_EQ(stats["medicapp"]["requests"]["POST"], 0);
    EXPECT_EQ(stats["medicapp"]["puts"]["without_change"], 0);
}

TEST(Once, FindsTheHolderOfAnExternalIdThatIsTaken) {
    Hospital hospital({"--patients", "100", "--preload", "0.5", "--invalid-share", "0"});
    const auto ended = hospital.once();
    EXPECT_EQ(ended.exit, 0) << ended.err;
    EXPECT_EQ(ended.json()["created"].get<int>() + ended.json()["linked"].get<int>(), 100);
    EXPECT_EQ(hospital.medicapp_patients().size(), 100u);
    EXPECT_EQ(hospital.stats()["medicapp"]["duplicates"], 0);
}

TEST(DryRun, WritesNothingAndLeavesTheStateAsItIs) {
    Hospital hospital({"--patients", "50"});
    hospital.once();
    hospital.control(Method::post, "/his/edit?count=3");
    hospital.reset_stats();
    const auto before = read_file(hospital.state());
    const auto ended = hospital.once({"--dry-run"});
    EXPECT_EQ(ended.exit, 0) << ended.err;
    EXPECT_EQ(read_file(hospital.state()), before);
    const auto stats = hospital.stats();
    EXPECT_EQ(stats["medicapp"]["requests"]["POST"], 0);
    EXPECT_EQ(stats["medicapp"]["requests"]["PUT"], 0);
    EXPECT_EQ(std::ranges::count(ended.out, '\t'), 6) << ended.out;
    EXPECT_THAT(ended.out, testing::HasSubstr("updated\t"));

    EXPECT_EQ(hospital.once().json()["updated"], 3) << "the dry run took nothing away";
}

TEST(DryRun, BesideTheServiceSaysWhatToRunInstead) {
    Hospital hospital({"--patients", "5"});
    hospital.configure("sync: {interval: 1h}");
    const auto service = hospital.start({});
    wait_until(*service, [&] { return said(*service, "cycle.finished"); });
    const auto ended = hospital.once({"--dry-run"});
    EXPECT_EQ(ended.exit, 75) << ended.out;
    EXPECT_THAT(ended.err, testing::HasSubstr("for this run: medibridgectl --config " +
                                              hospital.config().string() + " sync --dry-run"));
    const auto told = hospital.once({"--output", "json"});
    EXPECT_EQ(told.exit, 75);
    EXPECT_EQ(told.json()["outcome"], "incomplete") << "one object, whatever happens";
    EXPECT_THAT(
        told.json()["reason"].get<std::string>(),
        testing::HasSubstr("medibridgectl --config " + hospital.config().string() + " sync"));
    service->signal(SIGTERM);
    EXPECT_EQ(service->wait(), 0);
}

TEST(DryRun, UsesThePseudonymsOfTheService) {
    Hospital hospital({"--patients", "20", "--invalid-share", "0"});
    hospital.configure("log: {level: debug}");
    hospital.once();
    hospital.control(Method::post, "/his/edit?count=1");
    const auto rehearsed = hospital.once({"--dry-run", "--output", "json"});
    const auto done = hospital.once();
    ASSERT_EQ(rehearsed.events("patient.updated").size(), 1u) << rehearsed.err;
    ASSERT_EQ(done.events("patient.updated").size(), 1u) << done.err;
    EXPECT_EQ(rehearsed.events("patient.updated")[0]["patient"],
              done.events("patient.updated")[0]["patient"]);
}

TEST(DryRun, ShowsWhomAGuardStopped) {
    Hospital hospital({"--patients", "60", "--invalid-share", "0"});
    hospital.configure("sync: {max_changes: {ratio: 0.1, at_least: 5}}");
    hospital.once();
    hospital.once();
    hospital.control(Method::post, "/his/edit?count=150");
    const auto ended = hospital.once({"--dry-run"});
    EXPECT_EQ(ended.exit, 69) << ended.out;
    EXPECT_THAT(ended.out, testing::HasSubstr(" of 60 linked patients would be changed ("));
    EXPECT_EQ(std::ranges::count(ended.out, '\t'), 2 * 20 + 1) << ended.out;
    EXPECT_THAT(ended.out, testing::HasSubstr("stopped\tand "));
}

TEST(DryRun, OfAFirstLoadMakesNoFile) {
    Hospital hospital({"--patients", "5"});
    const auto ended = hospital.once({"--dry-run", "--output", "json"});
    EXPECT_EQ(ended.exit, 0) << ended.err;
    EXPECT_GT(ended.json()["created"].get<int>(), 0);
    EXPECT_THAT(ended.events("space.bound"), testing::IsEmpty()) << "the copy is gone";
    const auto finished = ended.events("cycle.finished");
    ASSERT_EQ(finished.size(), 1u) << ended.err;
    EXPECT_THAT(finished[0]["detail"].get<std::string>(), testing::HasSubstr("dry run"));
    EXPECT_FALSE(std::filesystem::exists(hospital.state()));
    EXPECT_FALSE(std::filesystem::exists(hospital.state().string() + ".key"));
    EXPECT_TRUE(hospital.medicapp_patients().empty());
}

TEST(ExitCode, ForUsageIs64) {
    Hospital hospital({"--patients", "1"});
    EXPECT_EQ(hospital.once({"--nonsense"}).exit, 64);
    EXPECT_EQ(hospital.once({"--source", "nobody"}).exit, 64);
    EXPECT_THAT(hospital.once({"--output", "xml"}).err,
                testing::HasSubstr("`xml` is neither text nor json"));
    const auto empty = hospital.once({"--source", ""});
    EXPECT_EQ(empty.exit, 64);
    EXPECT_THAT(empty.err, testing::HasSubstr("follows `--source` is empty"));
    EXPECT_EQ(hospital.start({"--dry-run"})->wait(), 64) << "only with --once";
}

TEST(ExitCode, ForMistakesInTheConfigurationIs78WithAllOfThem) {
    Hospital hospital({"--patients", "1"});
    hospital.configure("sync: {intervall: 5m, overlap: 5}\nlog: {level: loud}");
    const auto ended = hospital.once();
    EXPECT_EQ(ended.exit, 78);
    EXPECT_EQ(std::ranges::count(ended.err, '\n'), 3) << ended.err;
    EXPECT_THAT(ended.err, testing::HasSubstr("interval"));
    EXPECT_EQ(hospital.start({"--check-config"})->wait(), 78);
}

TEST(ExitCode, ForSomethingHeldUnderStrictIs65) {
    Hospital hospital({"--patients", "100", "--invalid-share", "0.1"});
    EXPECT_EQ(hospital.once({"--strict"}).exit, 65);
    EXPECT_EQ(hospital.once({"--strict"}).exit, 65) << "still held";
    EXPECT_EQ(hospital.once({}).exit, 0);
}

TEST(ExitCode, ForRefusedCredentialsIs77AndNothingIsLost) {
    Hospital hospital({"--patients", "20", "--invalid-share", "0"});
    const auto key_file = hospital.directory() / "medicapp-api-key";
    const auto key = read_file(key_file);
    write_file(key_file, "wrong");
    const auto refused = hospital.once();
    EXPECT_EQ(refused.exit, 77);
    EXPECT_EQ(refused.json()["outcome"], "unauthorized");
    EXPECT_EQ(refused.events("auth.refused").size(), 1u);
    EXPECT_EQ(refused.err.find("wrong"), std::string::npos);
    write_file(key_file, key);
    EXPECT_EQ(hospital.once().json()["created"], 20);
}

TEST(ExitCode, ForAnUnreachableSideIs75) {
    Hospital hospital({"--patients", "5"});
    hospital.configure("sync: {deadline: 2s}");
    hospital.stop_sandbox();
    const auto ended = hospital.once();
    EXPECT_EQ(ended.exit, 75);
    EXPECT_EQ(ended.json()["outcome"], "incomplete");
}

TEST(ExitCode, ForAGuardIs69) {
    Hospital hospital({"--patients", "50", "--invalid-share", "0"});
    hospital.configure("sync: {max_changes: {ratio: 0.1, at_least: 10}}");
    hospital.once();
    hospital.control(Method::post, "/his/edit?count=40");
    hospital.reset_stats();
    const auto ended = hospital.once();
    EXPECT_EQ(ended.exit, 69) << ended.out;
    EXPECT_EQ(ended.json()["outcome"], "guarded");
    EXPECT_EQ(hospital.stats()["medicapp"]["requests"]["PUT"], 0);
    EXPECT_EQ(ended.events("cycle.guarded").size(), 1u);
}

TEST(ExitCode, ForAStateThatAnotherInstanceHoldsIs75AndSaysWho) {
    Hospital hospital({"--patients", "5"});
    const auto service = hospital.start({});
    while (!std::filesystem::exists(hospital.state())) {
        ASSERT_FALSE(service->ended()) << service->err();
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    const auto ended = hospital.once();
    EXPECT_EQ(ended.exit, 75);
    EXPECT_THAT(ended.err, testing::HasSubstr(std::to_string(service->pid())));
}

TEST(Privacy, NoPersonalDataInStateLogOrResult) {
    Hospital hospital({"--patients", "60", "--invalid-share", "0.2"});
    hospital.configure("log: {level: debug}");
    hospital.set("error-codes", "generic");
    auto ended = hospital.once({});
    hospital.control(Method::post, "/his/edit?count=20");
    const auto again = hospital.once({});
    const auto state = read_file(hospital.state());
    const auto key = read_file(hospital.directory() / "medicapp-api-key");
    for (const auto& text : {ended.err, ended.out, again.err, again.out, state}) {
        EXPECT_EQ(text.find(key), std::string::npos);
        for (const auto& patient : hospital.his_patients()) {
            for (const auto* place :
                 {"/etatCivil/nomNaissance", "/contact/mail", "/contact/mobile", "/adresse/voie"}) {
                const auto& value = patient.value(json::json_pointer(place), json());
                if (!value.is_string() || value.get<std::string>().size() < 5) continue;
                ASSERT_EQ(text.find(value.get<std::string>()), std::string::npos) << place;
            }
        }
    }
}

} // namespace
} // namespace medibridge::tests
