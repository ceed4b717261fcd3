#include "simulated_fhir.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::connectors::fhir_deletion_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string first_search = "/Patient?_count=2";
const auto since = reconcile::parse_rfc3339("2026-01-31T09:00:00Z")->instant;
const std::string delta_page = "/Patient?_count=2&_lastUpdated=ge2026-01-31T09%3A00%3A00Z";
const std::string history = "/Patient/_history?_count=2&_since=2026-01-31T09%3A00%3A00Z";

std::string holder(const std::string& ipp) {
    return "/Patient?identifier=urn%3Aoid%3A1.2.250.1.999.1%7C" + ipp;
}

/// A server that keeps a history, and on which nothing else happens.
class KeepingServer : public SimulatedFhir {
  public:
    KeepingServer() {
        answer("/metadata", capability({"_lastUpdated"}, {"history-type", "history-instance"}));
        answer(delta_page, searchset({}));
        answer(holder("1"), searchset({}));
    }
};

TEST(FhirDeletionTest, ADeletedPatientIsKnownByTheVersionBefore) {
    KeepingServer his;
    his.answer(history,
               bundle("history", {deletion("p1", "2026-01-31T10:00:00Z"),
                                  version(fhir_patient("p1", "1"), "p1", "2026-01-31T09:30:00Z")}));
    const auto pass = his.pass(since);
    ASSERT_FALSE(pass.error);
    ASSERT_THAT(pass.ids(), ElementsAre("1"));
    EXPECT_TRUE(pass.records[0].deleted);
    EXPECT_FALSE(pass.records[0].modified_at) << "it must not move the watermark";
    EXPECT_TRUE(pass.pages.back().last);
    EXPECT_TRUE(pass.proven);
}

TEST(FhirDeletionTest, AnOlderVersionIsAskedForWhereTheHistoryDoesNotShowIt) {
    KeepingServer his;
    his.answer(history, bundle("history", {deletion("p1", "2026-01-31T10:00:00Z")}));
    his.answer("/Patient/p1/_history",
               bundle("history", {deletion("p1", "2026-01-31T10:00:00Z"),
                                  version(fhir_patient("p1", "1"), "p1", "2025-01-01T00:00:00Z")}));
    EXPECT_THAT(his.pass(since).ids(), ElementsAre("1"));
    const auto asked = his.transport.asked.size();
    EXPECT_THAT(his.pass(since).ids(), ElementsAre("1"));
    EXPECT_EQ(his.transport.asked.size(), asked + 2) << "what is known is not looked up again";
}

TEST(FhirDeletionTest, AnIdentifierThatCannotBeKnownIsReportedOnce) {
    KeepingServer his;
    his.answer(history, bundle("history", {deletion("p1", "2026-01-31T10:00:00Z"),
                                           deletion("p2", "2026-01-31T10:00:00Z")}));
    his.answer("/Patient/p1/_history", {json_answer("", 410)});
    EXPECT_THAT(his.pass(since).ids(), IsEmpty());
    EXPECT_THAT(his.pass(since).ids(), IsEmpty());
    EXPECT_THAT(his.reasons("source.warning"),
                ElementsAre(HasSubstr("identifier cannot be known")));
}

TEST(FhirDeletionTest, WhoCameBackIsNotDeleted) {
    KeepingServer his;
    his.answer(history,
               bundle("history", {version(fhir_patient("p1", "1"), "p1", "2026-01-31T11:00:00Z"),
                                  deletion("p1", "2026-01-31T10:00:00Z")}));
    EXPECT_THAT(his.pass(since).ids(), IsEmpty());
    // The same from a server that puts the oldest first.
    his.answer(history,
               bundle("history", {deletion("p1", "2026-01-31T10:00:00Z"),
                                  version(fhir_patient("p1", "1"), "p1", "2026-01-31T11:00:00Z")}));
    EXPECT_THAT(his.pass(since).ids(), IsEmpty());
}

TEST(FhirDeletionTest, ADuplicateThatWasDeletedDoesNotTakeThePatientAlong) {
    const auto deleted =
        bundle("history", {deletion("copy", "2026-01-31T10:00:00Z"),
                           version(fhir_patient("copy", "1"), "copy", "2026-01-31T09:30:00Z")});
    KeepingServer his;
    his.answer(history, deleted);
    his.answer(holder("1"), searchset({fhir_patient("p1", "1")}));
    EXPECT_THAT(his.pass(since).ids(), IsEmpty());

    KeepingServer shown;
    shown.answer(history, deleted);
    shown.answer(delta_page, searchset({fhir_patient("p1", "1")}));
    const auto pass = shown.pass(since);
    ASSERT_THAT(pass.ids(), ElementsAre("1"));
    EXPECT_FALSE(pass.records[0].deleted);
}

TEST(FhirDeletionTest, WhoComesBackUnderAnotherResourceIsNotDeletedAnyMore) {
    KeepingServer his;
    his.answer(history,
               bundle("history", {deletion("p1", "2026-01-31T10:00:00Z"),
                                  version(fhir_patient("p1", "1"), "p1", "2026-01-31T09:30:00Z")}));
    EXPECT_TRUE(his.pass(since).records.at(0).deleted);
    his.answer(delta_page, searchset({fhir_patient("p9", "1")}));
    const auto pass = his.pass(since);
    ASSERT_THAT(pass.ids(), ElementsAre("1"));
    EXPECT_FALSE(pass.records[0].deleted);
}

TEST(FhirDeletionTest, AHistoryOfSeveralPagesIsReadAgainWhereItsPagesAreGone) {
    KeepingServer his;
    his.answer(
        history,
        {json_answer(bundle("history", {deletion("p1", "2026-01-31T10:00:00Z")}, "_history?old")),
         json_answer(bundle("history", {deletion("p1", "2026-01-31T10:00:00Z")}, "_history?new"))});
    his.answer("/Patient/_history?old", {json_answer("", 410)});
    his.answer("/Patient/_history?new",
               bundle("history", {version(fhir_patient("p1", "1"), "p1", "2026-01-31T09:30:00Z")}));
    EXPECT_THAT(his.pass(since).ids(), ElementsAre("1"));
}

TEST(FhirDeletionTest, AWholeReadingLooksAWeekBack) {
    KeepingServer his;
    his.answer(first_search, searchset({fhir_patient("p2", "2")}));
    his.answer("/Patient/_history?_count=2&_since=2026-01-24T12%3A00%3A00Z",
               bundle("history", {deletion("p1", "2026-01-31T10:00:00Z"),
                                  version(fhir_patient("p1", "1"), "p1", "2026-01-31T09:30:00Z")}));
    EXPECT_THAT(his.pass().ids(), ElementsAre("2", "1"));
}

TEST(FhirDeletionTest, WithoutAHistoryTheRestIsReadAndItIsSaidOnce) {
    for (const int status : {403, 404, 501}) {
        KeepingServer his;
        his.answer(delta_page, searchset({fhir_patient("p2", "2")}));
        his.answer(history, {json_answer("", status)});
        const auto pass = his.pass(since);
        ASSERT_FALSE(pass.error) << status;
        EXPECT_THAT(pass.ids(), ElementsAre("2"));
        EXPECT_THAT(his.reasons("source.warning"),
                    ElementsAre(HasSubstr("deletions are not seen")));
    }
    SimulatedFhir none;
    none.answer(delta_page, searchset({}));
    EXPECT_TRUE(none.pass(since).pages.back().last);
    EXPECT_THAT(none.reasons("source.warning"), ElementsAre(HasSubstr("history-type")));
}

TEST(FhirDeletionTest, AHistoryThatCannotBeReadNowEndsThePass) {
    KeepingServer his;
    his.answer(history, {json_answer("", 503)});
    EXPECT_EQ(his.pass(since).error.value().kind, SourceError::Kind::unavailable);
}

} // namespace
} // namespace medibridge::connectors::fhir_deletion_test
