#include "simulated_fhir.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::connectors {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using Kind = SourceError::Kind;

const std::string first_page = "/Patient?_count=2";
const auto since = reconcile::parse_rfc3339("2026-01-31T09:05:07.999+01:00")->instant;
const std::string delta_page = "/Patient?_count=2&_lastUpdated=ge2026-01-31T08%3A05%3A07Z";

std::string one(const std::string& id) {
    return searchset({fhir_patient("p" + id, id)});
}

std::string linked(const std::string& id, const std::string& type, const std::string& reference) {
    return fhir_patient("p" + id, id,
                        R"(,"active":)" + std::string(type == "replaces" ? "true" : "false") +
                            R"(,"link":[{"type":")" + type + R"(","other":{"reference":")" +
                            reference + R"("}}])");
}

TEST(FhirSourceTest, AsksForWhatChangedSince) {
    SimulatedFhir his;
    his.answer(first_page, one("1"));
    his.answer(delta_page, one("2"));
    EXPECT_THAT(his.pass().ids(), ElementsAre("1"));
    EXPECT_THAT(his.pass(since).ids(), ElementsAre("2"));
    EXPECT_THAT(his.targets(), ElementsAre("/metadata", first_page, delta_page));
    const auto& headers = his.transport.asked.back().headers;
    EXPECT_THAT(headers, Contains(testing::Pair("Accept", "application/fhir+json")));
    EXPECT_THAT(headers, Contains(testing::Pair("Cache-Control", "no-cache")));
    EXPECT_EQ(his.source->requests(), 3);
}

TEST(FhirSourceTest, SortsWhereTheServerSaysThatItCan) {
    SimulatedFhir his;
    his.answer("/metadata", capability({"_lastUpdated", "_sort"}, {}));
    his.answer(first_page + "&_sort=_lastUpdated", one("1"));
    EXPECT_THAT(his.pass().ids(), ElementsAre("1"));
}

TEST(FhirSourceTest, AServerThatCannotSearchByTimeIsReadWholeEachTime) {
    SimulatedFhir his;
    his.answer("/metadata", capability({"name"}, {"search-type"}));
    his.answer(first_page, one("1"));
    EXPECT_THAT(his.pass(since).ids(), ElementsAre("1"));
    EXPECT_THAT(his.pass(since).ids(), ElementsAre("1"));
    EXPECT_THAT(his.reasons("source.warning"), Contains(HasSubstr("read completely each time")));
    EXPECT_THAT(his.reasons("source.warning"), SizeIs(2)) << "each reason once";
}

TEST(FhirSourceTest, AServerThatDoesNotSayWhatItCanDoIsReadAllTheSame) {
    for (const int status : {200, 403, 501}) {
        SimulatedFhir his;
        his.answer("/metadata", {json_answer("<html>", status),
                                 json_answer(capability({"_lastUpdated", "_sort"}, {}))});
        his.answer(delta_page, one("1"));
        his.answer(delta_page + "&_sort=_lastUpdated", one("2"));
        EXPECT_THAT(his.pass(since).ids(), ElementsAre("1")) << status;
        EXPECT_THAT(his.pass(since).ids(), ElementsAre("2")) << "it is asked again";
    }
    SimulatedFhir none;
    none.answer("/metadata", {json_answer("", 404)});
    none.answer(delta_page, one("1"));
    none.pass(since);
    EXPECT_THAT(none.pass(since).ids(), ElementsAre("1"));
    EXPECT_THAT(none.targets(), ElementsAre("/metadata", delta_page, delta_page));
}

TEST(FhirSourceTest, RecordsWithoutATimeHaveNone) {
    SimulatedFhir his;
    const std::string bare = R"({"resourceType":"Patient","id":"p1","identifier":[{"system":")" +
                             std::string(ipp_system) + R"(","value":"1"}]})";
    his.answer(first_page, searchset({bare}));
    const auto pass = his.pass();
    ASSERT_THAT(pass.records, SizeIs(1));
    EXPECT_FALSE(pass.records[0].modified_at);
    EXPECT_THAT(his.reasons("field.dropped"), IsEmpty());
}

TEST(FhirSourceTest, ASurvivorOnThePageIsKnownWithoutARequest) {
    SimulatedFhir his;
    his.answer(first_page,
               searchset({linked("2", "replaced-by", "Patient/p1"), fhir_patient("p1", "1")}));
    const auto pass = his.pass();
    EXPECT_THAT(pass.ids(), ElementsAre("1", "2"));
    EXPECT_EQ(pass.records.at(1).merged_into, "1");
    EXPECT_EQ(pass.records.at(1).active, false);
    EXPECT_THAT(his.transport.asked, SizeIs(2));
}

TEST(FhirSourceTest, ASurvivorElsewhereIsLookedUpOnce) {
    SimulatedFhir his;
    his.answer(first_page, searchset({linked("2", "replaced-by", "Patient/p1"),
                                      linked("3", "replaced-by",
                                             "https://his.local/fhir/Patient/p1/_history/4")}));
    his.answer("/Patient/p1", fhir_patient("p1", "1"));
    const auto pass = his.pass();
    EXPECT_EQ(pass.records.at(0).merged_into, "1");
    EXPECT_EQ(pass.records.at(1).merged_into, "1");
    EXPECT_THAT(his.targets(), ElementsAre("/metadata", first_page, "/Patient/p1"));
}

TEST(FhirSourceTest, ASurvivorOfAnEarlierPageIsRemembered) {
    SimulatedFhir his;
    his.answer(first_page, searchset({fhir_patient("p1", "1")}, "?p=2"));
    his.answer("/Patient?p=2", searchset({linked("2", "replaced-by", "Patient/p1")}));
    EXPECT_EQ(his.pass().records.at(1).merged_into, "1");
    EXPECT_THAT(his.transport.asked, SizeIs(3));
}

TEST(FhirSourceTest, ASurvivorWhoCannotBeFoundLeavesThePatientInactiveAndIsReported) {
    for (const std::string reference :
         {"Patient/gone", "https://elsewhere/fhir/Patient/p1", "urn:uuid:1", "Patient/../admin"}) {
        SimulatedFhir his;
        his.answer(first_page, searchset({linked("2", "replaced-by", reference)}));
        const auto pass = his.pass();
        ASSERT_FALSE(pass.error) << reference;
        EXPECT_EQ(pass.records.at(0).merged_into, "");
        EXPECT_EQ(pass.records.at(0).active, false);
        EXPECT_THAT(
            his.reasons("field.dropped"),
            ElementsAre("leads to no patient that can be found (first at page 1, record 1)"));
    }
}

TEST(FhirSourceTest, ASurvivorSaysWhomItReplaces) {
    SimulatedFhir his;
    his.answer(first_page, searchset({linked("1", "replaces", "Patient/p2")}));
    his.answer("/Patient/p2", fhir_patient("p2", "2", R"(,"active":false)"));
    const auto pass = his.pass();
    ASSERT_THAT(pass.ids(), ElementsAre("1", "2"));
    EXPECT_EQ(pass.records[1].merged_into, "1");
    EXPECT_FALSE(pass.records[1].second_hand) << "its own record agrees";
    EXPECT_FALSE(pass.records[1].modified_at) << "the survivor's time is not the retired one's";
}

TEST(FhirSourceTest, ARetiredPatientOnTheSamePageIsNotShownTwice) {
    SimulatedFhir his;
    his.answer(first_page, searchset({linked("1", "replaces", "Patient/p2"),
                                      fhir_patient("p2", "2", R"(,"active":false)")}));
    const auto pass = his.pass();
    ASSERT_THAT(pass.ids(), ElementsAre("1", "2"));
    EXPECT_EQ(pass.records[1].merged_into, "1");
}

TEST(FhirSourceTest, AnOldIdentifierIsAMergedPatient) {
    SimulatedFhir his;
    const std::string patient =
        R"({"resourceType":"Patient","id":"p1","identifier":[{"use":"old","system":")" +
        std::string(ipp_system) + R"(","value":"old"},{"use":"usual","system":")" + ipp_system +
        R"(","value":"new"}]})";
    his.answer(first_page, searchset({patient}));
    const auto pass = his.pass();
    ASSERT_THAT(pass.ids(), ElementsAre("new", "old"));
    EXPECT_EQ(pass.records[1].merged_into, "new");
    EXPECT_TRUE(pass.records[1].second_hand) << "the one who had it was not looked at";
    EXPECT_EQ(pass.records[0].merged_into, "");
}

TEST(FhirSourceTest, LookupsAreBounded) {
    FhirLimits limits;
    limits.lookups = 1;
    SimulatedFhir his(fhir_settings(), limits);
    his.answer(first_page, searchset({linked("2", "replaced-by", "Patient/a"),
                                      linked("3", "replaced-by", "Patient/b")}));
    his.answer("/Patient/a", fhir_patient("a", "1"));
    his.answer("/Patient/b", fhir_patient("b", "1"));
    const auto pass = his.pass();
    EXPECT_EQ(pass.records.at(0).merged_into, "1");
    EXPECT_EQ(pass.records.at(1).merged_into, "");
}

TEST(FhirSourceTest, ErrorsOfTheServerAreErrorsWithTheirCode) {
    SimulatedFhir his;
    his.answer(first_page, outcome("error", "forbidden", "planted"));
    const auto refused = his.pass();
    EXPECT_EQ(refused.error.value().kind, Kind::unreadable);
    EXPECT_THAT(refused.error->what, HasSubstr("forbidden"));
    EXPECT_THAT(refused.error->what, Not(HasSubstr("planted")));

    SimulatedFhir busy;
    busy.answer(first_page, outcome("error", "throttled", "planted"));
    EXPECT_EQ(busy.pass().error.value().kind, Kind::unavailable);
    EXPECT_THAT(busy.clock.sleeps, SizeIs(4));
}

TEST(FhirSourceTest, WhatMayPassIsTriedAgain) {
    SimulatedFhir his;
    his.answer(first_page, {failure(http::ErrorKind::timeout), json_answer("", 503),
                            json_answer("<html>"), json_answer(one("1"))});
    EXPECT_THAT(his.pass().ids(), ElementsAre("1"));
}

TEST(FhirSourceTest, RefusedCredentialsAreSaidAtOnce) {
    SimulatedFhir his;
    his.answer(first_page, {json_answer("", 401)});
    EXPECT_EQ(his.pass().error.value().kind, Kind::unauthorized);
    EXPECT_THAT(his.clock.sleeps, IsEmpty());
}

TEST(FhirSourceTest, AWrongSystemIsNotTakenForSoManyPatientsWithoutIdentifier) {
    auto settings = fhir_settings();
    settings.identifier_system = "urn:oid:9.9";
    SimulatedFhir his(std::move(settings));
    std::vector<std::string> patients;
    for (int i = 0; i < 20; ++i)
        patients.push_back(fhir_patient("p" + std::to_string(i), std::to_string(i)));
    his.answer(first_page, searchset(patients));
    EXPECT_THAT(his.pass().error.value().what, HasSubstr("`identifier_system`"));
}

TEST(FhirSourceTest, CancelEndsAllReadings) {
    SimulatedFhir his;
    his.answer(first_page, {json_answer("", 503)});
    his.clock.on_sleep = [&his] { his.source->cancel(); };
    EXPECT_EQ(his.pass().error.value().kind, Kind::cancelled);
    EXPECT_EQ(his.transport_cancels, 1);
    EXPECT_EQ(his.pass().error.value().kind, Kind::cancelled);
}

TEST(FhirSourceTest, ShowsTheServersClockAndTheFinestPrecision) {
    SimulatedFhir his;
    his.answer(first_page, searchset({fhir_patient("p1", "1"),
                                      fhir_patient("p2", "2", "", "2026-01-01T00:00:00.5Z")}));
    const auto pass = his.pass();
    EXPECT_EQ(pass.pages.at(0).precision, reconcile::Precision::milliseconds);
    EXPECT_EQ(pass.pages.at(0).server_time,
              reconcile::parse_rfc3339("2026-01-31T12:00:00Z")->instant);
}

TEST(FhirSourceTest, NothingOfAPatientGoesIntoTheLog) {
    SimulatedFhir his;
    his.answer(first_page,
               searchset({fhir_patient("p1", "1",
                                       R"(,"gender":"Planted","active":"Planted",)"
                                       R"("telecom":[{"system":"phone","value":"Planted"}])",
                                       "Planted"),
                          R"({"resourceType":"Planted"})"}));
    EXPECT_FALSE(his.pass().error);
    EXPECT_THAT(his.log.text(), Not(HasSubstr("Planted")));
    EXPECT_THAT(his.log.text(), HasSubstr("field.dropped"));
}

} // namespace
} // namespace medibridge::connectors
