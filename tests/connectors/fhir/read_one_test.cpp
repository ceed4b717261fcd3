#include "simulated_fhir.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::connectors::fhir_read_one_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string first_page = "/Patient?_count=2";
const std::string second_page = "/Patient?_getpages=1";

std::string holder(const std::string& ipp) {
    return "/Patient?identifier=urn%3Aoid%3A1.2.250.1.999.1%7C" + ipp;
}

std::string identifier(const std::string& value, const std::string& use) {
    return R"({"system":")" + std::string(ipp_system) + R"(","use":")" + use + R"(","value":")" +
           value + R"("})";
}

/// A list of three patients on two pages.
class ServerOfThree : public SimulatedFhir {
  public:
    ServerOfThree() {
        answer(first_page, searchset({fhir_patient("p1", "1"), fhir_patient("p2", "2")},
                                     "/fhir" + second_page));
        answer(second_page, searchset({fhir_patient("p3", "3")}));
    }

    Pass one(const std::string& external_id) { return run_reading(*source->read_one(external_id)); }
};

TEST(FhirReadOneTest, AsksForOnePatient) {
    ServerOfThree his;
    his.answer(holder("2"), searchset({fhir_patient("p2", "2")}));
    EXPECT_TRUE(his.source->reads_one());
    const auto pass = his.one("2");
    ASSERT_FALSE(pass.error) << pass.error->what;
    EXPECT_THAT(pass.ids(), ElementsAre("2"));
    EXPECT_TRUE(pass.proven);
    EXPECT_TRUE(pass.pages.back().server_time);
    EXPECT_THAT(his.targets(), ElementsAre(holder("2")));
}

TEST(FhirReadOneTest, EscapesTheIdentifier) {
    ServerOfThree his;
    const auto target = holder("a%26b%5C%7Cc%5C%2Cd%5C%24e%5C%5C%C3%A9%27");
    his.answer(target, searchset({fhir_patient("p2", R"(a&b|c,d$e\\é')")}));
    EXPECT_THAT(his.one(R"(a&b|c,d$e\é')").ids(), ElementsAre(R"(a&b|c,d$e\é')"));
    EXPECT_THAT(his.targets(), ElementsAre(target));
}

TEST(FhirReadOneTest, ShowsDoublesAndFollowsPages) {
    ServerOfThree his;
    his.answer(holder("2"), searchset({fhir_patient("p2", "2")}, "/fhir/Patient?_getpages=9"));
    his.answer("/Patient?_getpages=9", searchset({fhir_patient("old", "2", R"(,"active":false)")}));
    const auto pass = his.one("2");
    EXPECT_THAT(pass.ids(), ElementsAre("2")) << "the closed double does not count, as in a poll";
    EXPECT_TRUE(pass.proven);
    his.answer("/Patient?_getpages=9", searchset({fhir_patient("twin", "2")}));
    EXPECT_THAT(his.one("2").ids(), ElementsAre("2", "2"));
}

TEST(FhirReadOneTest, ShowsWhereAMergeLedTo) {
    ServerOfThree his;
    his.answer(
        holder("2"),
        searchset({fhir_patient(
            "p2", "2", R"(,"link":[{"type":"replaced-by","other":{"reference":"Patient/p3"}}])")}));
    his.answer("/Patient/p3", fhir_patient("p3", "3"));
    const auto pass = his.one("2");
    ASSERT_THAT(pass.ids(), ElementsAre("2"));
    EXPECT_EQ(pass.records[0].merged_into, "3");

    // Of the retired one nothing is left but the survivor's old identifier.
    his.answer(holder("7"), R"({"resourceType":"Bundle","type":"searchset","entry":[{"resource":)"
                            R"({"resourceType":"Patient","id":"p3","identifier":[)" +
                                identifier("3", "official") + "," + identifier("7", "old") +
                                "]}}]}");
    const auto former = his.one("7");
    ASSERT_THAT(former.ids(), ElementsAre("3", "7"));
    EXPECT_EQ(former.records[1].merged_into, "3");
    EXPECT_TRUE(his.source->reads_one());
}

TEST(FhirReadOneTest, AnIdentifierThatHoldsNoMoreIsStillHis) {
    ServerOfThree his;
    his.answer(holder("7"), R"({"resourceType":"Bundle","type":"searchset","entry":[{"resource":)"
                            R"({"resourceType":"Patient","id":"p3","identifier":[)" +
                                identifier("3", "official") + "," + identifier("7", "secondary") +
                                "]}}]}");
    EXPECT_THAT(his.one("7").ids(), ElementsAre("3"));
    EXPECT_TRUE(his.source->reads_one());
}

TEST(FhirReadOneTest, WhoIsNotThereIsNotThere) {
    ServerOfThree his;
    his.answer(holder("9"), searchset({}));
    const auto pass = his.one("9");
    EXPECT_FALSE(pass.error);
    EXPECT_THAT(pass.ids(), IsEmpty());
    EXPECT_TRUE(pass.proven);
}

TEST(FhirReadOneTest, ShowsWhoWasDeleted) {
    ServerOfThree his;
    his.answer("/metadata", capability({"_lastUpdated"}, {"history-type", "history-instance"}));
    his.answer(holder("9"), searchset({}));
    // The Date of the answers, and a week before it.
    const std::string history = "/Patient/_history?_count=2&_since=2026-01-24T12%3A00%3A00Z";
    his.answer(history,
               bundle("history", {deletion("p9", "2026-01-31T10:00:00Z"),
                                  version(fhir_patient("p9", "9"), "p9", "2026-01-31T09:30:00Z")}));
    const auto pass = his.one("9");
    ASSERT_FALSE(pass.error) << pass.error->what;
    ASSERT_THAT(pass.ids(), ElementsAre("9"));
    EXPECT_TRUE(pass.records[0].deleted);
    const auto asked = his.transport.asked.size();
    EXPECT_TRUE(his.one("9").records.at(0).deleted);
    EXPECT_EQ(his.transport.asked.size(), asked + 1) << "it is known by heart";
}

TEST(FhirReadOneTest, AServerThatShowsOthersIsReadWhole) {
    ServerOfThree his;
    his.answer(holder("3"), searchset({fhir_patient("p1", "1"), fhir_patient("p2", "2")}));
    EXPECT_THAT(his.one("3").ids(), ElementsAre("1", "2", "3"));
    EXPECT_FALSE(his.source->reads_one());
    EXPECT_THAT(his.one("3").ids(), ElementsAre("1", "2", "3"));
    EXPECT_THAT(his.reasons("source.warning"), testing::Contains(HasSubstr("it shows others")));
    his.answer(holder("3"), searchset({fhir_patient("p3", "3")}));
    EXPECT_THAT(his.one("3").ids(), ElementsAre("3"));
    EXPECT_TRUE(his.source->reads_one());
}

TEST(FhirReadOneTest, AServerThatRefusesTheSearchIsReadWhole) {
    for (const int status : {400, 403, 404, 501}) {
        ServerOfThree his;
        his.answer(holder("3"), {json_answer(outcome("error", "not-supported", "x"), status)});
        const auto pass = his.one("3");
        EXPECT_FALSE(pass.error) << status;
        EXPECT_THAT(pass.ids(), ElementsAre("1", "2", "3")) << status;
    }
}

TEST(FhirReadOneTest, AnUnavailableServerIsAnError) {
    ServerOfThree his;
    his.answer(holder("3"), {json_answer("", 503)});
    const auto pass = his.one("3");
    ASSERT_TRUE(pass.error);
    EXPECT_EQ(pass.error->kind, SourceError::Kind::unavailable);
    EXPECT_TRUE(his.source->reads_one());
}

TEST(FhirReadOneTest, IsNoPassOfTheList) {
    ServerOfThree his;
    his.answer(holder("3"), searchset({fhir_patient("p1", "1")}));
    EXPECT_EQ(his.one("3").ids().size(), 3u);
    EXPECT_FALSE(his.pass().proven) << "nothing came before it";
    his.one("3");
    EXPECT_TRUE(his.pass().proven) << "what came before is still remembered";
}

TEST(FhirReadOneTest, BetweenTwoPagesItDisturbsNothing) {
    ServerOfThree his;
    his.answer(holder("2"), searchset({fhir_patient("p2", "2")}));
    his.answer(holder("3"), searchset({fhir_patient("p1", "1")}));
    his.pass();
    const auto reading = his.source->read(std::nullopt);
    std::vector<std::string> ids;
    for (bool last = false; !last;) {
        const auto page = next_page(*reading);
        ASSERT_TRUE(page);
        for (const auto& record : page->records)
            ids.push_back(record.patient.external_id());
        last = page->last;
        EXPECT_THAT(his.one("2").ids(), ElementsAre("2"));
        EXPECT_EQ(his.one("3").ids().size(), 3u);
    }
    EXPECT_THAT(ids, ElementsAre("1", "2", "3"));
    EXPECT_TRUE(reading->proven());
    EXPECT_EQ(reading->fingerprint(), his.pass().fingerprint);
}

} // namespace
} // namespace medibridge::connectors::fhir_read_one_test
