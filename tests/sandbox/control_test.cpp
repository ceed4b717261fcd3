#include "running_sandbox.hpp"

#include <gtest/gtest.h>

namespace medibridge::sandbox {
namespace {

TEST(ControlTest, CountsRequestsByMethodAndStatus) {
    RunningSandbox sandbox;
    const auto id = sandbox.create("E1");
    sandbox.medicapp("POST", "/patients", patient_json("E1"));
    sandbox.medicapp("PUT", "/patients/" + id, "{}");
    sandbox.medicapp("GET", "/patients");
    sandbox.medicapp("GET", "/patients/" + id);
    sandbox.his("");
    const auto stats = sandbox.stats();
    EXPECT_EQ(stats["medicapp"]["requests"],
              nlohmann::json::parse(R"({"DELETE":0,"GET":2,"OTHER":0,"POST":2,"PUT":1})"));
    EXPECT_EQ(stats["medicapp"]["statuses"], nlohmann::json::parse(R"({"200":3,"201":1,"409":1})"));
    EXPECT_EQ(stats["medicapp"]["lists"], 1);
    EXPECT_EQ(stats["medicapp"]["patients"], 1);
    EXPECT_EQ(stats["medicapp"]["most_in_flight"], 1);
    EXPECT_EQ(stats["his"]["requests"]["GET"], 1);
    const auto reset = sandbox.control("DELETE", "/stats").json();
    EXPECT_EQ(reset["medicapp"]["requests"]["GET"], 0);
    EXPECT_EQ(reset["medicapp"]["patients"], 1);
}

TEST(ControlTest, AddsEditsAndErasesMedicappPatientsWhateverTheSwitches) {
    auto settings = RunningSandbox::quiet();
    settings.medicapp.put_names = Permission::refuse;
    settings.medicapp.rate_limit = 0.001;
    RunningSandbox sandbox(settings);
    const std::string two = '[' + patient_json("E1") + ',' + patient_json("E2") + ']';
    EXPECT_EQ(sandbox.control("POST", "/medicapp/patients", two).json()["done"], 2);
    EXPECT_EQ(sandbox.control("POST", "/medicapp/patients", patient_json("E3")).status, 201U);
    EXPECT_EQ(sandbox.control("POST", "/medicapp/patients", patient_json("E3")).status, 409U);
    const auto changed =
        sandbox.control("PUT", "/medicapp/patients/E1", R"({"lastName":"Durand"})").json();
    EXPECT_EQ(changed["lastName"], "Durand");
    const auto id = changed["id"].get<std::string>();
    EXPECT_EQ(sandbox.control("GET", "/medicapp/patients/" + id).json(), changed);
    EXPECT_EQ(sandbox.control("DELETE", "/medicapp/patients/E2").status, 204U);
    EXPECT_EQ(sandbox.control("GET", "/medicapp/patients/E2").status, 404U);
    const auto dump = sandbox.control("GET", "/medicapp/patients").json();
    EXPECT_EQ(dump["total"], 2);
    ASSERT_EQ(dump["patients"].size(), 2U);
    EXPECT_EQ(dump["patients"][0], changed);
    EXPECT_EQ(sandbox.control("GET", "/medicapp/patients?offset=1&limit=5").json()["patients"],
              nlohmann::json::array({dump["patients"][1]}));
    EXPECT_EQ(sandbox.stats()["medicapp"]["requests"]["POST"], 0);
}

TEST(ControlTest, GoesBackInTimeToASnapshotOfMedicapp) {
    RunningSandbox sandbox;
    EXPECT_EQ(sandbox.control("POST", "/medicapp/restore").status, 409U);
    sandbox.create("E1");
    const auto erased_later = sandbox.create("E2");
    const auto before = sandbox.control("GET", "/medicapp/patients").json();
    EXPECT_EQ(sandbox.control("POST", "/medicapp/snapshot").status, 200U);

    sandbox.control("PUT", "/medicapp/patients/E1", R"({"lastName":"Durand"})");
    sandbox.control("DELETE", "/medicapp/patients/E2");
    sandbox.create("E3");
    EXPECT_EQ(sandbox.control("POST", "/medicapp/restore").status, 200U);
    EXPECT_EQ(sandbox.control("GET", "/medicapp/patients").json(), before);
    EXPECT_EQ(sandbox.medicapp("GET", "/patients").json()["pagination"]["total"], 2);
    EXPECT_EQ(sandbox.medicapp("GET", "/patients/" + erased_later).status, 200U);
    EXPECT_EQ(sandbox.control("GET", "/medicapp/patients/E3").status, 404U);
    EXPECT_EQ(sandbox.medicapp("POST", "/patients", patient_json("E2")).status, 409U);
}

TEST(ControlTest, AddsEditsAndErasesHisPatients) {
    RunningSandbox sandbox;
    EXPECT_EQ(sandbox.control("POST", "/his/patients", R"([{"ipp":"1"},{"ipp":"2"}])").status,
              201U);
    const auto edited =
        sandbox
            .control("PUT", "/his/patients/1",
                     R"({"contact":{"mail":"a@example.fr"},"actif":false,"remplacePar":"2"})")
            .json();
    EXPECT_EQ(edited["contact"]["mail"], "a@example.fr");
    EXPECT_EQ(edited["actif"], false);
    EXPECT_EQ(edited["remplacePar"], "2");
    EXPECT_EQ(edited["majLe"], "2026-05-28T22:26:40+02:00");
    const auto cleared =
        sandbox.control("PUT", "/his/patients/1", R"({"contact":{"mail":null}})").json();
    EXPECT_TRUE(cleared["contact"]["mail"].is_null());
    EXPECT_EQ(cleared["actif"], false);
    EXPECT_EQ(sandbox.control("DELETE", "/his/patients/2").status, 204U);
    EXPECT_EQ(sandbox.control("GET", "/his/patients").json()["total"], 1);
    EXPECT_EQ(sandbox.his("").json()["pagination"]["total"], 1);
}

TEST(ControlTest, RefusesHisPatientsItDoesNotUnderstandAndTakesNoneOfThem) {
    RunningSandbox sandbox;
    for (const char* body :
         {"{", "1", R"([{"ipp":"1"},{"ipp":2}])", R"([{"ipp":"1"},{"nom":"x"}])",
          R"({"ipp":"1","contact":"x"})", R"({"ipp":"1","majLe":"hier"})",
          R"({"ipp":"1","etatCivil":{"prenoms":"Chloé"}})", R"({"ipp":"1","actif":"oui"})"}) {
        EXPECT_EQ(sandbox.control("POST", "/his/patients", body).status, 400U) << body;
    }
    EXPECT_EQ(sandbox.control("GET", "/his/patients").json()["total"], 0);
}

TEST(ControlTest, EditsAndErasesAtRandom) {
    Settings settings;
    settings.population.patients = 100;
    settings.population.preload = 1;
    RunningSandbox sandbox(settings);
    EXPECT_EQ(sandbox.control("POST", "/medicapp/edit?count=20").json()["done"], 20);
    const auto edited =
        sandbox.medicapp("GET", "/patients?modified_after=2026-01-01T00:00:00Z").json();
    EXPECT_GT(edited["pagination"]["total"], 10);
    const auto erased = sandbox.control("POST", "/medicapp/erase?count=1000").json();
    EXPECT_GT(erased["done"], 90);
    EXPECT_EQ(erased["done"], sandbox.stats()["medicapp"]["erased"]);
    EXPECT_EQ(sandbox.stats()["medicapp"]["patients"], 0);
    EXPECT_EQ(sandbox.control("POST", "/medicapp/edit?count=1").json()["done"], 0);
    EXPECT_EQ(sandbox.control("POST", "/his/edit?count=none").status, 400U);
}

TEST(ControlTest, ChangesFaultsAtRunTime) {
    RunningSandbox sandbox;
    sandbox.medicapp("GET", "/patients");
    const auto set = sandbox.control("POST", "/faults", R"({"faults":["GET:1:503"]})");
    EXPECT_EQ(set.status, 200U);
    EXPECT_EQ(sandbox.medicapp("GET", "/patients").status, 503U); // counted from now on
    EXPECT_EQ(sandbox.control("GET", "/faults").json()["faults"][0],
              nlohmann::json::parse(R"({"fault":"GET:1:503","seen":1,"hits":1})"));
    const auto wrong = sandbox.control("POST", "/faults", R"({"faults":["GET:1:boom"]})");
    EXPECT_EQ(wrong.status, 400U);
    EXPECT_NE(wrong.body.find("boom"), std::string::npos);
    EXPECT_EQ(sandbox.control("DELETE", "/faults").json()["faults"].size(), 0U);
}

TEST(ControlTest, ChangesSwitchesAtRunTime) {
    RunningSandbox sandbox;
    for (const char* name : {"E0", "E1", "E2"}) {
        sandbox.create(name);
        sandbox.clock().pass(10);
    }
    sandbox.control("PUT", "/medicapp/patients/E0", R"({"phone":"+33261910000"})");
    EXPECT_EQ(sandbox.control("POST", "/switches", R"({"list-order":"modified"})").status, 200U);
    EXPECT_EQ(sandbox.listed(), (std::vector<std::string>{"E1", "E2", "E0"}));
    EXPECT_EQ(sandbox.control("POST", "/switches", R"({"list-order":"created"})").status, 200U);
    EXPECT_EQ(sandbox.listed(), (std::vector<std::string>{"E0", "E1", "E2"}));
    EXPECT_EQ(sandbox.control("POST", "/switches", R"({"api-key":"other"})").status, 200U);
    EXPECT_EQ(sandbox.medicapp("GET", "/patients").status, 401U);
    for (const char* body : {R"({"list-order":"random"})", R"({"no-such":"x"})", "[]",
                             R"({"rate-limit":-1})", R"({"visibility-lag":"soon"})"})
        EXPECT_EQ(sandbox.control("POST", "/switches", body).status, 400U) << body;
}

TEST(ControlTest, RefusesWhatIsNotThere) {
    RunningSandbox sandbox;
    EXPECT_EQ(sandbox.control("GET", "/nothing").status, 404U);
    EXPECT_EQ(sandbox.control("GET", "").status, 404U);
    EXPECT_EQ(sandbox.control("PUT", "/his/patients").status, 405U);
}

TEST(ControlTest, StopsAtOnceWithConnectionsOpenAndAnswersUnderWay) {
    auto settings = RunningSandbox::quiet();
    settings.faults = {"GET:2:slow=3600000"};
    auto sandbox = std::make_unique<RunningSandbox>(settings);
    const Headers headers{{"Authorization", "Bearer " + sandbox->key()}};
    RawClient idle(sandbox->medicapp_port());
    EXPECT_EQ(idle.send("GET", "/v5/patients", headers, "").status, 200U);
    std::thread waiting([&, port = sandbox->medicapp_port()] {
        EXPECT_EQ(RawClient(port).send("GET", "/v5/patients", headers, "").status, 0U);
    });
    while (sandbox->stats()["medicapp"]["requests"]["GET"] != 2)
        std::this_thread::yield();
    sandbox.reset();
    waiting.join();
}

TEST(ControlTest, AnswersInProcessWithoutASocket) {
    boost::asio::io_context io;
    Sandbox sandbox(io, RunningSandbox::quiet());
    EXPECT_EQ(sandbox.control(Verb::post, "/his/patients", R"({"ipp":"1"})").status, 201U);
    const auto reply = sandbox.control(Verb::get, "/his/patients?limit=1");
    EXPECT_EQ(nlohmann::json::parse(reply.body)["total"], 1);
    sandbox.stop();
    io.run(); // ends by itself
}

} // namespace
} // namespace medibridge::sandbox
