#include "hospital.hpp"

#include <gtest/gtest.h>
#include <string>

// Medicapp's patients, read by template=FHIR.

namespace medibridge::tests {
namespace {

using http::Method;
using nlohmann::json;

Hospital hospital_with(std::vector<std::string> more) {
    std::vector<std::string> arguments{"--patients", "30", "--invalid-share", "0"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Hospital(arguments);
}

void demand(Hospital& hospital, const std::string& representation) {
    auto text = read_file(hospital.config());
    const std::string automatic = "representation: auto";
    const auto at = text.find(automatic);
    ASSERT_NE(at, std::string::npos) << text;
    write_file(hospital.config(),
               text.replace(at, automatic.size(), "representation: " + representation));
}

/// One run that compares everybody and ends well; gives the writes that it sent.
json writes_of_a_run(Hospital& hospital) {
    hospital.reset_stats();
    const auto ended = hospital.once({"--output", "json", "--full"});
    EXPECT_EQ(ended.exit, 0) << ended.err;
    const auto requests = hospital.stats()["medicapp"]["requests"];
    return {{"POST", requests["POST"]}, {"PUT", requests["PUT"]}};
}

json nothing() {
    return {{"POST", 0}, {"PUT", 0}};
}

TEST(FhirTemplate, AChangeOfTheFormWritesNothing) {
    auto hospital = hospital_with({"--template", "data"});
    hospital.once();
    hospital.once();
    for (const auto& [form, id, address] :
         {std::tuple("data", "resource", "details"), std::tuple("bundle", "identifier", "lists"),
          std::tuple("links", "resource", "lists"), std::tuple("ignored", "resource", "details"),
          std::tuple("links", "identifier", "details"),
          std::tuple("refused", "resource", "details")}) {
        hospital.set("template", form);
        hospital.set("template-id", id);
        hospital.set("template-address", address);
        EXPECT_EQ(writes_of_a_run(hospital), nothing()) << form << " " << id << " " << address;
    }
    EXPECT_EQ(differences_between_sides(hospital), "");
}

TEST(FhirTemplate, WhatItNeverShowsIsNotTakenForEmptied) {
    for (const char* hidden : {"phone", "gender"}) {
        auto hospital = hospital_with({"--template", "bundle", "--template-hides", hidden});
        hospital.once();
        demand(hospital, "fhir");
        EXPECT_EQ(writes_of_a_run(hospital), nothing()) << hidden;
        const auto ipp = hospital.his_patients().at(0)["ipp"].get<std::string>();
        hospital.control(Method::post, "/his/patients",
                         {{"ipp", ipp}, {"contact", {{"mobile", "01 99 00 77 77"}}}});
        EXPECT_EQ(writes_of_a_run(hospital), (json{{"POST", 0}, {"PUT", 1}})) << hidden;
        EXPECT_EQ(hospital.medicapp_patients()[ipp]["phone"], "+33199007777");
        EXPECT_EQ(differences_between_sides(hospital), "") << hidden;
    }
}

TEST(FhirTemplate, AnEditInMedicappIsSeenThroughIt) {
    auto hospital = hospital_with({"--template", "links", "--template-address", "lists"});
    hospital.configure("sync: {overlap: 1s, authority: {default: his, phone: medicapp}}");
    hospital.once();
    const auto ipp = hospital.his_patients().at(0)["ipp"].get<std::string>();
    hospital.control(Method::put, "/medicapp/patients/" + ipp,
                     {{"phone", "+33199006666"}, {"firstName", "Autrement"}});
    EXPECT_EQ(writes_of_a_run(hospital), (json{{"POST", 0}, {"PUT", 1}}));
    const auto patient = hospital.medicapp_patients()[ipp];
    EXPECT_EQ(patient["phone"], "+33199006666");
    EXPECT_NE(patient["firstName"], "Autrement");
}

} // namespace
} // namespace medibridge::tests
