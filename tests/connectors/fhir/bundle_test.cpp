#include "simulated_fhir.hpp"

#include "connectors/fhir/requests.hpp"
#include "connectors/fhir/server.hpp"
#include "connectors/fhir_resource/bundle.hpp"
#include "peak_memory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::connectors {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

FhirBundle read(const std::string& body, FhirBundleKind kind = FhirBundleKind::search) {
    FhirRules rules;
    rules.identifier_system = ipp_system;
    return read_fhir_bundle(body, kind, rules, "page 1, record ");
}

TEST(FhirBundleTest, ReadsAPage) {
    const auto page =
        read(searchset({fhir_patient("a", "1"), fhir_patient("b", "2")}, "?p=2", R"(,"total":5)"));
    EXPECT_EQ(page.fault, "");
    EXPECT_EQ(page.entries, 2u);
    EXPECT_EQ(page.total, 5);
    EXPECT_EQ(page.next, "?p=2");
    ASSERT_EQ(page.patients.size(), 2u);
    EXPECT_EQ(page.patients[1].id, "b");
    EXPECT_EQ(page.patients[1].record.place, "page 1, record 2");
}

TEST(FhirBundleTest, APageWithoutEntriesIsAPage) {
    const auto page = read(R"({"resourceType":"Bundle","type":"searchset","total":0})");
    EXPECT_EQ(page.fault, "");
    EXPECT_EQ(page.entries, 0u);
}

TEST(FhirBundleTest, WhatIsNoPatientDoesNotHideTheOthers) {
    const auto page = read(
        bundle("searchset",
               {"7", "null", R"({"resource":{"resourceType":"Patient"}})", R"({"resource":[]})",
                R"({"search":{"mode":"include"},"resource":{"resourceType":"Organization"}})",
                R"({"resource":{"resourceType":"Practitioner"}})",
                R"({"resource":)" + fhir_patient("b", "2") + "}"}));
    EXPECT_EQ(page.fault, "");
    ASSERT_EQ(page.patients.size(), 6u);
    EXPECT_EQ(page.patients.back().record.patient.external_id(), "2");
    EXPECT_EQ(page.patients.front().record.patient[reconcile::Field::last_name].state(),
              reconcile::FieldValue::State::unreadable);
}

TEST(FhirBundleTest, OutcomesGiveCodesAndNoWords) {
    const auto entry = [](const std::string& resource) {
        return R"({"search":{"mode":"outcome"},"resource":)" + resource + "}";
    };
    const auto page =
        read(bundle("searchset", {entry(outcome("warning", "not-supported", "planted")),
                                  entry(outcome("warning", "dupont-marie", "planted")),
                                  entry(outcome("information", "informational", "planted"))}));
    EXPECT_THAT(page.outcome.warnings, ElementsAre("not-supported", "unknown"));
    EXPECT_EQ(page.outcome.error, "");
    EXPECT_FALSE(page.outcome.shifted);
    EXPECT_EQ(page.entries, 0u);
    EXPECT_TRUE(
        read(bundle("searchset", {entry(outcome("warning", "processing", "Pages have shifted"))}))
            .outcome.shifted);
    const auto failed = read(outcome("fatal", "timeout", "planted"));
    EXPECT_EQ(failed.outcome.error, "timeout");
    EXPECT_TRUE(failed.outcome.passing);
    EXPECT_THAT(failed.fault, HasSubstr("OperationOutcome"));
    EXPECT_FALSE(read(outcome("error", "forbidden", "")).outcome.passing);
}

TEST(FhirBundleTest, OtherDocumentsAreNoPages) {
    for (const std::string body :
         {"[]", "7", "{}", R"({"resourceType":"Patient"})", "<html></html>", "",
          R"({"resourceType":"Bundle","entry":{"a":1}})",
          R"({"resourceType":"Bundle","entry":[{})"})
        EXPECT_NE(read(body).fault, "") << body;
}

TEST(FhirBundleTest, ReadsAHistory) {
    const auto page =
        read(bundle("history", {deletion("a", "2026-01-02T00:00:00Z"),
                                version(fhir_patient("b", "2"), "b", "2026-01-01T00:00:00Z"),
                                R"({"request":{"method":"DELETE"}})"}),
             FhirBundleKind::history);
    ASSERT_EQ(page.versions.size(), 2u);
    EXPECT_TRUE(page.versions[0].deleted);
    EXPECT_EQ(page.versions[0].id, "a");
    EXPECT_EQ(page.versions[0].external_id, "");
    EXPECT_EQ(page.versions[0].at, reconcile::parse_rfc3339("2026-01-02T00:00:00Z")->instant);
    EXPECT_FALSE(page.versions[1].deleted);
    EXPECT_EQ(page.versions[1].external_id, "2");
    EXPECT_EQ(page.entries, 3u);
}

TEST(FhirReferenceTest, OnlyPatientsOfThisServerAreItsOwn) {
    const FhirRequests requests(fhir_settings());
    EXPECT_EQ(requests.own_patient("Patient/a-1.B"), "a-1.B");
    EXPECT_EQ(requests.own_patient("Patient/a/_history/3"), "a");
    EXPECT_EQ(requests.own_patient("https://his.local/fhir/Patient/a"), "a");
    for (const std::string other :
         {"https://his.local/other/Patient/a", "https://elsewhere/fhir/Patient/a",
          "http://his.local/fhir/Patient/a", "Person/a", "Patient/", "Patient/..", "#a",
          "urn:uuid:a", "Patient/a b", "/Patient/a", "x/Patient/a", ""})
        EXPECT_EQ(requests.own_patient(other), "") << other;
}

TEST(FhirCapabilityTest, ReadsWhatIsSaidOfPatients) {
    const auto all = read_fhir_capability(
        capability({"name", "_lastUpdated", "_sort"}, {"history-type", "history-instance"}));
    ASSERT_TRUE(all);
    EXPECT_TRUE(all->last_updated && all->sort && all->history_of_type && all->history_of_each);
    const auto none = read_fhir_capability(capability({"name"}, {"read"}));
    ASSERT_TRUE(none);
    EXPECT_FALSE(none->last_updated || none->sort || none->history_of_type ||
                 none->history_of_each);
}

TEST(FhirCapabilityTest, ParametersMayStandBesideTheTypes) {
    const auto found = read_fhir_capability(
        R"({"resourceType":"CapabilityStatement","rest":[{"searchParam":[{"name":"_lastUpdated"}],)"
        R"("resource":[{"type":"Patient"}]}]})");
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->last_updated);
}

TEST(FhirCapabilityTest, OtherDocumentsSayNothing) {
    for (
        const std::string body :
        {"", "{}", "[]", R"({"resourceType":"CapabilityStatement"})",
         R"({"resourceType":"CapabilityStatement","rest":[{"mode":"client","resource":[{"type":"Patient"}]}]})"})
        EXPECT_FALSE(read_fhir_capability(body)) << body;
}

TEST(FhirBundleTest, ALinkThatCannotBeReadIsNotTheEnd) {
    const auto with_link = [](const std::string& links) {
        return bundle("searchset", {"{}"}, "", R"(,"link":)" + links);
    };
    for (const std::string url : {"7", "null", "{}", R"(["?p=2"])", R"("")", "true"})
        EXPECT_EQ(read(with_link(R"([{"relation":"next","url":)" + url + "}]")).fault,
                  "the Bundle's link to the next page is not a text")
            << url;
    EXPECT_NE(read(with_link(R"([{"relation":"next"}])")).fault, "");
    for (const std::string links : {"{}", R"("?p=2")", "1"})
        EXPECT_EQ(read(with_link(links)).fault, "the Bundle's links are not a list") << links;
    EXPECT_EQ(read(with_link("null")).fault, "");
    EXPECT_EQ(read(with_link(R"([{"relation":"self","url":7}])")).fault, "");
}

TEST(FhirBundleTest, APageOfMoreEntriesThanAllowedIsRefused) {
    const FhirRules rules;
    const auto body = bundle("searchset", {"{}", "{}", "{}"});
    EXPECT_EQ(read_fhir_bundle(body, FhirBundleKind::search, rules, "", 3).fault, "");
    const auto page = read_fhir_bundle(body, FhirBundleKind::search, rules, "", 2);
    EXPECT_EQ(page.fault, "a page has more than 2 entries: set a smaller `page_size`, and check "
                          "that the server follows `_count`");
    EXPECT_EQ(page.patients.size(), 2u);
}

TEST(FhirBundleTest, AnEntryOfMoreThanAnyPatientHoldsSpoilsItselfOnly) {
    std::string names = "[0";
    for (int i = 0; i < 20'000; ++i)
        names += ",0";
    const auto page =
        read(searchset({fhir_patient("a", "1"), fhir_patient("b", "2", R"(,"name":)" + names + "]"),
                        fhir_patient("c", "3")}));
    EXPECT_EQ(page.fault, "");
    ASSERT_EQ(page.patients.size(), 3u);
    EXPECT_EQ(page.matches, 3u);
    EXPECT_EQ(page.patients[1].record.patient.external_id(), "");
    EXPECT_EQ(page.patients[2].record.patient.external_id(), "3");
}

#ifndef MEDIBRIDGE_SANITIZED
TEST(FhirBundleTest, NoAnswerTakesMoreThanAFewTimesItsText) {
    const auto many = [](std::string_view entry) {
        std::string body = R"({"resourceType":"Bundle","entry":[)";
        while (body.size() < (16u << 20))
            body.append(entry).append(",");
        body.back() = ']';
        return body + "}";
    };
    const auto patient = fhir_patient("a", "1");
    for (const auto& body :
         {many("{}"), many("0"), many("[0]"), many(R"({"resource":)" + patient + "}"),
          R"({"resourceType":"Bundle","entry":)" + std::string(16u << 20, '['),
          R"({"entry":[{"resource":{"name":[)" + many("0") + "]}}]}",
          R"({"resourceType":"Bundle","link":)" + many("{\"relation\":0}") + "}"}) {
        PeakMemory memory;
        read(body);
        EXPECT_LT(memory.mib(), 80u) << body.substr(0, 40);
    }
}
#endif

} // namespace
} // namespace medibridge::connectors
