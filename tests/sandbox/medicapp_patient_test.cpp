#include "running_sandbox.hpp"

#include <gtest/gtest.h>
#include <regex>

namespace medibridge::sandbox {
namespace {

TEST(MedicappPatientTest, PostAnswers201WithTheWholePatient) {
    RunningSandbox sandbox;
    const auto answer = sandbox.medicapp("POST", "/patients", patient_json("E1"));
    ASSERT_EQ(answer.status, 201U);
    const auto patient = answer.json();
    EXPECT_TRUE(std::regex_match(patient["id"].get<std::string>(), std::regex("pat_[0-9a-f]{16}")));
    EXPECT_EQ(patient["externalId"], "E1");
    EXPECT_EQ(patient["lastName"], "Lefèvre");
    EXPECT_EQ(patient["address"]["postalCode"], "44000");
    EXPECT_EQ(patient["createdAt"], "2026-05-28T20:26:40.123Z");
    EXPECT_EQ(patient["modifiedAt"], patient["createdAt"]);
    EXPECT_EQ(answer.headers.at("date"), "Thu, 28 May 2026 20:26:40 GMT");
}

TEST(MedicappPatientTest, DetailHasTheAddressAndTheListHasNot) {
    RunningSandbox sandbox;
    const auto id = sandbox.create("E1");
    EXPECT_EQ(sandbox.medicapp("GET", "/patients/" + id).json()["address"]["city"], "Nantes");
    const auto item = sandbox.medicapp("GET", "/patients").json()["data"][0];
    EXPECT_EQ(item["id"], id);
    EXPECT_EQ(item["phone"], "+33199001234");
    EXPECT_FALSE(item.contains("address"));
}

TEST(MedicappPatientTest, PutMergesAndMovesModifiedAt) {
    RunningSandbox sandbox;
    const auto id = sandbox.create("E1");
    sandbox.clock().pass(5'000);
    const auto answer = sandbox.medicapp("PUT", "/patients/" + id, R"({"phone":"+33261910000"})");
    ASSERT_EQ(answer.status, 200U);
    const auto patient = sandbox.medicapp("GET", "/patients/" + id).json();
    EXPECT_EQ(answer.json(), patient);
    EXPECT_EQ(patient["phone"], "+33261910000");
    EXPECT_EQ(patient["email"], "chloe@example.org");
    EXPECT_EQ(patient["createdAt"], "2026-05-28T20:26:40.123Z");
    EXPECT_EQ(patient["modifiedAt"], "2026-05-28T20:26:45.123Z");
}

TEST(MedicappPatientTest, DeleteIsForGood) {
    RunningSandbox sandbox;
    const auto id = sandbox.create("E1");
    EXPECT_EQ(sandbox.medicapp("DELETE", "/patients/" + id).status, 204U);
    EXPECT_EQ(sandbox.medicapp("GET", "/patients/" + id).code(), "NOT_FOUND");
    EXPECT_EQ(sandbox.medicapp("PUT", "/patients/" + id, "{}").status, 404U);
    EXPECT_EQ(sandbox.medicapp("DELETE", "/patients/" + id).status, 404U);
    EXPECT_TRUE(sandbox.listed().empty());
    EXPECT_NE(sandbox.create("E1"), id);
    EXPECT_EQ(sandbox.stats()["medicapp"]["created_again_after_erasure"], 1);
}

TEST(MedicappPatientTest, ExternalIdIsUniqueAndTheConflictDoesNotNameTheHolder) {
    RunningSandbox sandbox;
    const auto first = sandbox.create("E1");
    const auto answer = sandbox.medicapp("POST", "/patients", patient_json("E1"));
    EXPECT_EQ(answer.status, 409U);
    EXPECT_EQ(answer.code(), "CONFLICT");
    EXPECT_EQ(answer.body.find(first), std::string::npos);
    const auto second = sandbox.create("E2");
    EXPECT_EQ(sandbox.medicapp("PUT", "/patients/" + second, R"({"externalId":"E1"})").status,
              409U);
    EXPECT_EQ(sandbox.medicapp("PUT", "/patients/" + first, R"({"externalId":"E1"})").status, 200U);
    EXPECT_EQ(sandbox.medicapp("PUT", "/patients/" + first, R"({"externalId":"E9"})").status, 200U);
    EXPECT_EQ(sandbox.medicapp("PUT", "/patients/" + second, R"({"externalId":"E1"})").status,
              200U);
}

TEST(MedicappPatientTest, PatientsWithoutExternalIdDoNotConflict) {
    RunningSandbox sandbox;
    const std::string body = R"({"lastName":"A","firstName":"B","birthDate":"1980-01-01"})";
    EXPECT_EQ(sandbox.medicapp("POST", "/patients", body).status, 201U);
    EXPECT_EQ(sandbox.medicapp("POST", "/patients", body).status, 201U);
}

TEST(MedicappPatientTest, ErrorsHaveCodeStatusMessageAndRequestId) {
    RunningSandbox sandbox;
    const auto error = sandbox.medicapp("GET", "/patients/pat_0000000000000000").json()["error"];
    EXPECT_EQ(error["code"], "NOT_FOUND");
    EXPECT_EQ(error["status"], 404);
    EXPECT_FALSE(error["message"].get<std::string>().empty());
    const auto other = sandbox.medicapp("GET", "/patients/x").json()["error"];
    EXPECT_NE(error["requestId"], other["requestId"]);
}

TEST(MedicappPatientTest, AsksForTheRightBearerKey) {
    RunningSandbox sandbox;
    const Headers wrong{{"Authorization", "Bearer " + sandbox.key() + "x"}};
    const Headers basic{{"Authorization", "Basic " + sandbox.key()}};
    for (const auto& headers : {Headers{}, wrong, basic}) {
        const auto answer = sandbox.medicapp("GET", "/patients", headers, "");
        EXPECT_EQ(answer.status, 401U);
        EXPECT_EQ(answer.code(), "UNAUTHORIZED");
    }
}

TEST(MedicappPatientTest, RefusesOtherPlacesMethodsAndContentTypes) {
    RunningSandbox sandbox;
    const auto id = sandbox.create("E1");
    const Headers text{{"Authorization", "Bearer " + sandbox.key()},
                       {"Content-Type", "text/plain"}};
    EXPECT_EQ(sandbox.medicapp("GET", "/people").status, 404U);
    EXPECT_EQ(sandbox.medicapp("GET", "/patientsx").status, 404U);
    EXPECT_EQ(sandbox.medicapp("PATCH", "/patients/" + id, "{}").status, 405U);
    EXPECT_EQ(sandbox.medicapp("DELETE", "/patients").status, 405U);
    EXPECT_EQ(sandbox.medicapp("POST", "/patients", text, patient_json("E2")).status, 415U);
}

TEST(MedicappPatientTest, KeepsTheConnectionOpen) {
    RunningSandbox sandbox;
    RawClient client(sandbox.medicapp_port());
    const Headers headers{{"Authorization", "Bearer " + sandbox.key()},
                          {"Content-Type", "application/json"}};
    for (int i = 0; i < 3; ++i) {
        const auto body = patient_json("K" + std::to_string(i));
        EXPECT_EQ(client.send("POST", "/v5/patients", headers, body).status, 201U);
    }
}

} // namespace
} // namespace medibridge::sandbox
