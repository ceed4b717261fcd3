#include "running_sandbox.hpp"

#include <gtest/gtest.h>

namespace medibridge::sandbox {
namespace {

/// A sandbox with one patient, in which one switch is set.
class OnePatient {
  public:
    OnePatient(const std::string& name, const std::string& value) {
        const nlohmann::json body{{name, value}};
        EXPECT_EQ(sandbox.control("POST", "/switches", body.dump()).status, 200U);
        id_ = sandbox.create("E1");
    }
    Answer put(const std::string& body) {
        return sandbox.medicapp("PUT", "/patients/" + id_, body);
    }
    nlohmann::json get() { return sandbox.medicapp("GET", "/patients/" + id_).json(); }

    RunningSandbox sandbox;

  private:
    std::string id_;
};

TEST(MedicappWriteSwitchesTest, NullClears) {
    OnePatient patient("put-null", "clears");
    EXPECT_EQ(patient.put(R"({"phone":null,"address":{"city":null}})").status, 200U);
    EXPECT_TRUE(patient.get()["phone"].is_null());
    EXPECT_TRUE(patient.get()["address"]["city"].is_null());
    EXPECT_EQ(patient.get()["address"]["street"], "1 rue A");
    EXPECT_EQ(patient.put(R"({"address":null})").status, 200U);
    EXPECT_TRUE(patient.get()["address"].is_null());
}

TEST(MedicappWriteSwitchesTest, NullIsIgnored) {
    OnePatient patient("put-null", "ignored");
    EXPECT_EQ(patient.put(R"({"phone":null,"lastName":null,"address":null})").status, 200U);
    EXPECT_EQ(patient.get()["phone"], "+33199001234");
    EXPECT_EQ(patient.get()["address"]["city"], "Nantes");
}

TEST(MedicappWriteSwitchesTest, NullIsRejected) {
    OnePatient patient("put-null", "rejected");
    EXPECT_EQ(patient.put(R"({"phone":null})").code(), "INVALID_PHONE");
    EXPECT_EQ(patient.put(R"({"address":null})").code(), "INVALID_ADDRESS");
    EXPECT_EQ(patient.get()["phone"], "+33199001234");
}

TEST(MedicappWriteSwitchesTest, NamesMayBeAllowedRefusedOrIgnored) {
    const std::string body = R"({"lastName":"Durand","birthDate":"1981-01-01"})";
    OnePatient allowed("put-names", "allow");
    EXPECT_EQ(allowed.put(body).status, 200U);
    EXPECT_EQ(allowed.get()["lastName"], "Durand");
    OnePatient refused("put-names", "refuse");
    EXPECT_EQ(refused.put(body).code(), "IMMUTABLE_LAST_NAME");
    EXPECT_EQ(refused.put(R"({"gender":"M"})").code(), "IMMUTABLE_GENDER");
    EXPECT_EQ(refused.put(R"({"phone":"+33261910000"})").status, 200U);
    EXPECT_EQ(refused.get()["lastName"], "Lefèvre");
    OnePatient ignored("put-names", "ignore");
    EXPECT_EQ(ignored.put(body).status, 200U);
    EXPECT_EQ(ignored.get()["lastName"], "Lefèvre");
}

TEST(MedicappWriteSwitchesTest, ExternalIdMayBeAllowedRefusedOrIgnored) {
    const std::string body = R"({"externalId":"E2"})";
    OnePatient allowed("put-external-id", "allow");
    EXPECT_EQ(allowed.put(body).status, 200U);
    EXPECT_EQ(allowed.get()["externalId"], "E2");
    OnePatient refused("put-external-id", "refuse");
    EXPECT_EQ(refused.put(body).code(), "IMMUTABLE_EXTERNAL_ID");
    OnePatient ignored("put-external-id", "ignore");
    EXPECT_EQ(ignored.put(body).status, 200U);
    EXPECT_EQ(ignored.get()["externalId"], "E1");
}

TEST(MedicappWriteSwitchesTest, AnAddressIsMergedOrReplaced) {
    const std::string body = R"({"address":{"city":"Rennes"}})";
    OnePatient merged("put-address", "merge");
    merged.put(body);
    EXPECT_EQ(merged.get()["address"]["city"], "Rennes");
    EXPECT_EQ(merged.get()["address"]["street"], "1 rue A");
    OnePatient replaced("put-address", "replace");
    replaced.put(body);
    EXPECT_EQ(replaced.get()["address"]["city"], "Rennes");
    EXPECT_TRUE(replaced.get()["address"]["street"].is_null());
}

TEST(MedicappWriteSwitchesTest, APostMayAnswerWithTheIdOnly) {
    auto settings = RunningSandbox::quiet();
    settings.medicapp.post_answer = PostAnswer::id_only;
    RunningSandbox sandbox(settings);
    const auto answer = sandbox.medicapp("POST", "/patients", patient_json("E1")).json();
    EXPECT_EQ(answer.size(), 1U);
    const auto id = answer["id"].get<std::string>();
    EXPECT_EQ(sandbox.medicapp("GET", "/patients/" + id).json()["externalId"], "E1");
}

TEST(MedicappWriteSwitchesTest, DuplicatesMayBeAcceptedAndAreCounted) {
    OnePatient patient("duplicates", "accept");
    patient.sandbox.create("E1");
    patient.sandbox.create("E2");
    const auto stats = patient.sandbox.stats()["medicapp"];
    EXPECT_EQ(stats["patients"], 3);
    EXPECT_EQ(stats["duplicates"], 1);
}

TEST(MedicappWriteSwitchesTest, AbsentFieldsAreNullOrLeftOut) {
    const std::string body = R"({"lastName":"A","firstName":"B","birthDate":"1980-01-01"})";
    OnePatient nulls("absent", "null");
    EXPECT_TRUE(nulls.sandbox.medicapp("POST", "/patients", body).json().contains("phone"));
    OnePatient omitted("absent", "omit");
    const auto patient = omitted.sandbox.medicapp("POST", "/patients", body).json();
    EXPECT_FALSE(patient.contains("phone"));
    EXPECT_FALSE(patient.contains("address"));
    EXPECT_EQ(patient["lastName"], "A");
}

TEST(MedicappWriteSwitchesTest, EmailsMayBeStoredInLowerCase) {
    OnePatient patient("lowercase-email", "on");
    patient.put(R"({"email":"Chloe.LEFEVRE@Example.org"})");
    EXPECT_EQ(patient.get()["email"], "chloe.lefevre@example.org");
    OnePatient plain("lowercase-email", "off");
    plain.put(R"({"email":"Chloe@Example.org"})");
    EXPECT_EQ(plain.get()["email"], "Chloe@Example.org");
}

TEST(MedicappWriteSwitchesTest, CountsWhatPutsWereWorth) {
    OnePatient patient("put-null", "clears");
    patient.put(R"({"phone":"+33199001234","email":"chloe@example.org"})");
    patient.put(R"({"phone":"+33199001234","email":"new@example.org"})");
    EXPECT_EQ(patient.sandbox.stats()["medicapp"]["puts"],
              nlohmann::json::parse(R"({"done":2,"without_change":1,"fields":4,"same_fields":3})"));
}

} // namespace
} // namespace medibridge::sandbox
