#include "controlled_service.hpp"

#include <algorithm>
#include <chrono>
#include <gmock/gmock.h>

// What an operator asks of one patient, of a plan and of the doctor, from the real service with a
// real Medicapp and HIS.
namespace medibridge::tests {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using Json = nlohmann::json;

std::string first_patient(ControlledService& it) {
    return it.hospital.medicapp_patients().begin()->first;
}

std::vector<std::string> verdicts(const Json& result, const std::string& verdict) {
    std::vector<std::string> names;
    for (const auto& check : result["checks"])
        if (check["result"] == verdict)
            names.push_back(check["name"].get<std::string>() + ": " +
                            check["message"].get<std::string>());
    return names;
}

TEST(Operator, SeesWhyAPatientIsAsTheyAre) {
    ControlledService it({"--patients", "20", "--invalid-share", "0"});
    it.wait_for_first_cycle();
    const auto id = first_patient(it);
    auto why = it.get("/patients/" + id);
    EXPECT_EQ(why["linked"], true) << why;
    EXPECT_EQ(why["his"]["lastName"], why["medicapp"]["lastName"]);
    EXPECT_EQ(why["agreed"]["lastName"], "same");
    EXPECT_EQ(why["history"].back()["action"], "created");
    it.hospital.control(http::Method::put, "/medicapp/patients/" + id,
                        {{"email", "someone@else.example"}});
    why = it.get("/patients/" + id);
    EXPECT_EQ(why["agreed"]["email"], "differs");
    EXPECT_EQ(why["history"][0]["action"], "looked");
    const auto found = it.get("/patients?search=" + why["his"]["lastName"].get<std::string>() +
                              "%20" + why["his"]["birthDate"].get<std::string>());
    EXPECT_EQ(found["patients"].size(), 2u) << found;
    EXPECT_EQ(found["sides"][0]["complete"], true);
    EXPECT_EQ(found["sides"][1]["complete"], true);
    EXPECT_EQ(it.end(), 0) << it.service->err();
}

TEST(Operator, DecidesAndHearsWhatBecameOfIt) {
    ControlledService it({"--patients", "20", "--invalid-share", "0"});
    it.wait_for_first_cycle();
    const auto id = first_patient(it);
    it.hospital.control(http::Method::delete_, "/medicapp/patients/" + id);
    it.run({{"full", true}});
    const auto held = it.get("/held/" + id);
    ASSERT_EQ(held["reason"], "erased_in_medicapp") << held;
    const auto target = "/held/" + id + "/decision";
    EXPECT_EQ(it.post(target, {{"decision", "create"}, {"token", "0"}})["result"], "refused");
    const auto end = it.post(target, {{"decision", "create"}, {"token", held["token"]}});
    EXPECT_EQ(end["result"], "applied") << end;
    EXPECT_THAT(it.hospital.medicapp_patients(), Contains(testing::Key(id)));
    EXPECT_EQ(it.get("/status")["to_decide"], 0);
    EXPECT_EQ(it.end(), 0) << it.service->err();
}

TEST(Operator, ErasesAPatientForGood) {
    ControlledService it({"--patients", "20", "--invalid-share", "0"});
    it.wait_for_first_cycle();
    const auto id = first_patient(it);
    const auto target = "/patients/" + id + "/erasure";
    const auto whom = it.get(target);
    ASSERT_TRUE(whom["records"].is_number()) << whom;
    const Json body{{"token", whom["token"]}, {"records", whom["records"]}};
    Json less = body;
    less["records"] = whom["records"].get<int>() + 1;
    EXPECT_EQ(it.post(target, less)["error"]["code"], "refused");
    EXPECT_EQ(it.post(target, body)["result"], "applied");
    EXPECT_THAT(it.hospital.medicapp_patients(), Not(Contains(testing::Key(id))));
    EXPECT_EQ(it.post(target, body)["error"]["code"], "not_found");

    EXPECT_EQ(it.run({{"full", true}})["result"]["outcome"], "complete");
    EXPECT_THAT(it.hospital.medicapp_patients(), Not(Contains(testing::Key(id))));
    const auto status = it.get("/status");
    EXPECT_EQ(status["to_decide"], 0) << it.get("/held");
    EXPECT_EQ(status["excluded"], 1);
    const auto why = it.get("/patients/" + id);
    EXPECT_EQ(why["linked"], false);
    EXPECT_EQ(why["erased"], whom["medicapp_id"]);
    EXPECT_EQ(it.end(), 0) << it.service->err();
}

TEST(Operator, AnErasureWhoseAnswerIsLostIsFoundOut) {
    ControlledService it({"--patients", "20", "--invalid-share", "0"});
    it.wait_for_first_cycle();
    const auto id = first_patient(it);
    const auto target = "/patients/" + id + "/erasure";
    const auto whom = it.get(target);
    it.hospital.set_faults({"DELETE:1:reset-after"});
    EXPECT_EQ(it.post(target, {{"token", whom["token"]}, {"records", whom["records"]}})["result"],
              "applied");
    EXPECT_EQ(it.get("/audit?patient=" + id)["audit"][0]["action"], "erased");
    EXPECT_EQ(it.end(), 0) << it.service->err();
}

/// Medicapp erases one of its 20 patients, and hangs before it answers; then the service is killed.
void cut_off_erasure(ControlledService& it, const std::string& target, const Json& whom) {
    it.hospital.set_faults({"DELETE:1:hang-after"});
    {
        http::test::UnixClient client(it.socket());
        client.say(http::test::post_request(
            "/v1" + target, Json{{"token", whom["token"]}, {"records", whom["records"]}}.dump()));
        wait_until(*it.service, [&] { return it.hospital.medicapp_patients().size() == 19; });
        it.service->signal(SIGKILL);
        it.service->wait();
    }
    it.hospital.set_faults({});
}

TEST(Operator, AnErasureDuringWhichTheServiceWasKilledIsFoundOut) {
    ControlledService it({"--patients", "20", "--invalid-share", "0"});
    it.wait_for_first_cycle();
    const auto id = first_patient(it);
    const auto target = "/patients/" + id + "/erasure";
    const auto whom = it.get(target);
    cut_off_erasure(it, target, whom);
    it.start();
    it.wait_for_first_cycle();
    EXPECT_EQ(it.get(target)["error"]["code"], "not_found");
    const auto why = it.get("/patients/" + id);
    EXPECT_EQ(why["linked"], false);
    EXPECT_EQ(why["erased"], whom["medicapp_id"]);
    EXPECT_EQ(it.get("/status")["to_decide"], 0);
    EXPECT_EQ(it.run({{"full", true}})["result"]["created"], 0);
    EXPECT_EQ(it.end(), 0) << it.service->err();
}

TEST(Operator, ASingleRunFindsOutAboutAnErasureThatWasCutOff) {
    ControlledService it({"--patients", "20", "--invalid-share", "0"});
    it.wait_for_first_cycle();
    const auto id = first_patient(it);
    const auto target = "/patients/" + id + "/erasure";
    const auto whom = it.get(target);
    cut_off_erasure(it, target, whom);
    const auto run = it.hospital.start({"--once", "--full", "--output", "json"});
    EXPECT_EQ(run->wait(), 0) << run->err();
    EXPECT_TRUE(said(*run, "patient.erased")) << run->err();
    EXPECT_EQ(Json::parse(run->out())["waiting"]["to_decide"], 0) << run->out();
}

TEST(Operator, AppliesJustThePlanThatWasReviewed) {
    ControlledService it({"--patients", "40", "--invalid-share", "0"});
    it.wait_for_first_cycle();
    it.hospital.control(http::Method::post, "/his/edit?count=3");
    const auto plan = it.post("/plans")["plan"];
    ASSERT_EQ(plan["items"].size(), 3u) << plan;
    EXPECT_EQ(it.hospital.stats()["medicapp"]["requests"]["PUT"], 0) << "nothing is sent";
    it.hospital.control(http::Method::post, "/his/edit?count=20");
    auto lines = it.lines("/plans/application", {{"plan", plan}});
    ASSERT_THAT(lines, Not(IsEmpty()));
    const auto result = lines.back()["result"];
    const auto applied = result["applied"].get<std::size_t>();
    EXPECT_GE(result["left"].size(), 17u) << result;
    EXPECT_EQ(it.hospital.stats()["medicapp"]["requests"]["PUT"], applied);
    lines = it.lines("/plans/application", {{"plan", it.post("/plans")["plan"]}});
    EXPECT_GE(lines.back()["result"]["applied"], 17) << lines.back();
    EXPECT_EQ(lines.back()["result"]["left"].size(), 0u) << lines.back();
    EXPECT_EQ(differences_between_sides(it.hospital), "");
    EXPECT_EQ(it.end(), 0) << it.service->err();
}

TEST(Operator, TheDoctorFindsNothingWhereAllIsWell) {
    ControlledService it({"--patients", "20", "--invalid-share", "0"});
    it.wait_for_first_cycle();
    const auto lines = it.lines("/doctor");
    ASSERT_THAT(lines, Not(IsEmpty()));
    const auto result = lines.back()["result"];
    EXPECT_EQ(result["ok"], true) << result;
    EXPECT_THAT(verdicts(result, "fail"), IsEmpty());
    const auto well = verdicts(result, "ok");
    for (const char* what : {"medicapp: connection", "medicapp: credentials", "medicapp: clock",
                             "medicapp: pages: 20 patients", "answer: the first page has 20",
                             "state file", "state key", "secret file"})
        EXPECT_THAT(well, Contains(HasSubstr(what)));
    EXPECT_EQ(it.end(), 0) << it.service->err();
}

TEST(Operator, TheDoctorSaysByItsNameWhatIsWrong) {
    ControlledService it({"--patients", "20", "--invalid-share", "0"});
    it.wait_for_first_cycle();
    it.hospital.set_faults({"LIST:1+:401"});
    auto result = it.lines("/doctor").back()["result"];
    EXPECT_EQ(result["ok"], false);
    EXPECT_THAT(verdicts(result, "fail"), Contains(HasSubstr("medicapp: credentials")));
    it.hospital.set_faults({"his/LIST:1+:hang"});
    const auto begun = std::chrono::steady_clock::now();
    result = it.lines("/doctor").back()["result"];
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(20));
    EXPECT_THAT(verdicts(result, "fail"), Contains(HasSubstr("answer")));
    it.hospital.stop_sandbox();
    result = it.lines("/doctor").back()["result"];
    EXPECT_THAT(verdicts(result, "fail"), Contains(HasSubstr("medicapp: connection")));
    EXPECT_THAT(verdicts(result, "fail"), testing::SizeIs(2)) << result;
    EXPECT_EQ(it.end(), 0) << it.service->err();
}

} // namespace
} // namespace medibridge::tests
