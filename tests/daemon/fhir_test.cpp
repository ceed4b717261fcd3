#include "hospital.hpp"

#include <cstdio>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

namespace medibridge::tests {
namespace {

using http::Method;
using nlohmann::json;

std::vector<std::string> fhir(std::vector<std::string> more) {
    more.insert(more.end(), {"--his-type", "fhir", "--invalid-share", "0"});
    return more;
}

/// Ends a synchronisation's first overlap, so that later ones are incremental.
Ended first_load(Hospital& hospital) {
    auto ended = hospital.once();
    EXPECT_EQ(ended.exit, 0) << ended.err;
    hospital.reset_stats();
    return ended;
}

void write_key(const std::filesystem::path& path) {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-384"),
                                                                  EVP_PKEY_free);
    auto* file = std::fopen(path.c_str(), "we");
    ASSERT_NE(file, nullptr);
    PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(file);
}

TEST(FhirHospital, BringsEveryPatientToMedicappAndThenWritesNothing) {
    Hospital hospital(fhir({"--patients", "450"}));
    const auto first = first_load(hospital);
    EXPECT_EQ(first.json()["outcome"], "complete");
    EXPECT_EQ(first.json()["created"].get<int>() + first.json()["held"].get<int>(), 450);
    EXPECT_EQ(hospital.medicapp_patients().size(), first.json()["created"].get<std::size_t>());
    const auto second = hospital.once();
    EXPECT_EQ(second.exit, 0);
    const auto stats = hospital.stats();
    EXPECT_EQ(stats["medicapp"]["requests"]["POST"], 0);
    EXPECT_EQ(stats["medicapp"]["requests"]["PUT"], 0);
}

TEST(FhirHospital, GivesMedicappTheSameAsTheRestInterface) {
    Hospital by_fhir(fhir({"--patients", "100"}));
    Hospital by_rest({"--patients", "100", "--invalid-share", "0"});
    first_load(by_fhir);
    first_load(by_rest);
    auto left = by_fhir.medicapp_patients();
    auto right = by_rest.medicapp_patients();
    ASSERT_EQ(left.size(), right.size());
    for (auto& [id, patient] : left) {
        for (const auto* name :
             {"lastName", "firstName", "birthDate", "gender", "email", "phone", "address"})
            EXPECT_EQ(patient[name], right[id][name]) << id << " " << name;
    }
}

TEST(FhirHospital, AChangeCostsOneWrite) {
    Hospital hospital(fhir({"--patients", "100"}));
    first_load(hospital);
    hospital.control(Method::post, "/his/edit?count=7");
    EXPECT_EQ(hospital.once().json()["updated"], 7);
    EXPECT_EQ(hospital.stats()["medicapp"]["puts"]["without_change"], 0);
}

TEST(FhirHospital, ADeletedPatientIsHeldAndStaysInMedicapp) {
    Hospital hospital(fhir({"--patients", "30"}));
    const auto first = first_load(hospital);
    const auto ipp = hospital.medicapp_patients().begin()->first;
    hospital.control(Method::delete_, "/his/patients/" + ipp);
    const auto ended = hospital.once();
    ASSERT_EQ(ended.events("patient.held").size(), 1u) << ended.err;
    EXPECT_EQ(ended.events("patient.held")[0]["reason"], "deleted_in_his");
    EXPECT_TRUE(hospital.medicapp_patients().contains(ipp));
    EXPECT_EQ(hospital.once().json()["held"], 0) << "held once";
    EXPECT_EQ(hospital.medicapp_patients().size(), first.json()["created"].get<std::size_t>());
}

TEST(FhirHospital, AMergedPatientIsHeldAndTheSurvivorGoesOn) {
    Hospital hospital(fhir({"--patients", "30"}));
    first_load(hospital);
    const auto patients = hospital.medicapp_patients();
    const auto retired = patients.begin()->first;
    const auto survivor = patients.rbegin()->first;
    json merge;
    merge["ipp"] = retired;
    merge["remplacePar"] = survivor;
    hospital.control(Method::post, "/his/patients", merge);
    const auto ended = hospital.once();
    ASSERT_EQ(ended.events("patient.held").size(), 1u) << ended.err;
    EXPECT_EQ(ended.events("patient.held")[0]["reason"], "merged_in_his");
    EXPECT_EQ(hospital.stats()["medicapp"]["requests"]["DELETE"], 0);
}

TEST(FhirHospital, FaultsOfEveryKindLoseNothing) {
    Hospital hospital(
        fhir({"--patients", "900", "--fault", "his/GET:2:reset", "--fault", "his/GET:3:502",
              "--fault", "his/GET:5:truncate", "--fault", "his/GET:6:garbage", "--fault",
              "his/GET:7:html", "--fault", "his/GET:8:410"}));
    const auto ended = first_load(hospital);
    EXPECT_EQ(ended.json()["outcome"], "complete") << ended.err;
    EXPECT_EQ(ended.json()["created"].get<int>() + ended.json()["held"].get<int>(), 900);
    EXPECT_EQ(hospital.once().json()["created"], 0);
}

TEST(FhirHospital, FetchesTokensForASecretAndRenewsThem) {
    Hospital hospital(fhir({"--patients", "450", "--his-auth", "client_credentials:me:s3cret",
                            "--his-token-lifetime", "1"}));
    const auto ended = first_load(hospital);
    EXPECT_EQ(ended.json()["outcome"], "complete");
    EXPECT_EQ(ended.err.find("s3cret"), std::string::npos);
    write_file(hospital.directory() / "his-secret", "wrong");
    EXPECT_EQ(hospital.once().exit, 77);
}

TEST(FhirHospital, FetchesTokensWithASignedAssertion) {
    const TemporaryDirectory keys;
    const auto key = keys.path() / "key.pem";
    write_key(key);
    Hospital hospital(
        fhir({"--patients", "20", "--his-auth", "private_key_jwt:medibridge:" + key.string()}));
    EXPECT_EQ(first_load(hospital).json()["outcome"], "complete");
    write_key(key); // another one, which the server reads too
    EXPECT_EQ(hospital.once().exit, 0);
}

} // namespace
} // namespace medibridge::tests
