#include "simulated_fhir.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::connectors {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using Kind = SourceError::Kind;

const std::string first_paging_page = "/Patient?_count=2";

std::string two(const std::string& a, const std::string& b, const std::string& next,
                const std::string& more = "") {
    return searchset({fhir_patient("p" + a, a), fhir_patient("p" + b, b)}, next, more);
}

TEST(FhirPagingTest, FollowsLinksRelativeAndAbsolute) {
    SimulatedFhir his;
    his.answer(first_paging_page, two("1", "2", "?_getpages=x&amp;o=2"));
    his.answer("/Patient?_getpages=x&amp;o=2", two("3", "4", "https://his.local/fhir?_getpages=x"));
    his.answer("?_getpages=x", searchset({fhir_patient("p5", "5")}));
    const auto pass = his.pass();
    EXPECT_FALSE(pass.error);
    EXPECT_THAT(pass.ids(), ElementsAre("1", "2", "3", "4", "5"));
}

TEST(FhirPagingTest, DoesNotFollowALinkToAnotherServer) {
    for (const std::string link : {"https://evil.example/fhir?p=2", "http://his.local/fhir?p=2",
                                   "https://his.local:8443/fhir?p=2", "//evil.example/x"}) {
        auto settings = fhir_settings();
        settings.auth = config::BearerAuth{config::Secret("planted")};
        SimulatedFhir his(std::move(settings));
        his.answer(first_paging_page, two("1", "2", link));
        const auto pass = his.pass();
        ASSERT_TRUE(pass.error) << link;
        EXPECT_EQ(pass.error->kind, Kind::unreadable);
        EXPECT_THAT(pass.error->what, HasSubstr("leads to another server"));
        EXPECT_THAT(pass.error->what, Not(HasSubstr("planted")));
        EXPECT_EQ(his.transport.asked.size(), 2u) << "metadata and one page";
    }
}

TEST(FhirPagingTest, ACircleOfLinksIsAnError) {
    SimulatedFhir his;
    his.answer(first_paging_page, two("1", "2", "?p=2"));
    his.answer("/Patient?p=2", two("3", "4", first_paging_page.substr(8)));
    EXPECT_THAT(his.pass().error.value().what, HasSubstr("already read"));
}

TEST(FhirPagingTest, AnEmptyPageEndsTheListWhateverItLinksTo) {
    SimulatedFhir his;
    his.answer(first_paging_page, two("1", "2", "?p=2"));
    his.answer("/Patient?p=2", searchset({}, "?p=3"));
    const auto pass = his.pass();
    EXPECT_FALSE(pass.error);
    EXPECT_THAT(pass.ids(), ElementsAre("1", "2"));
    EXPECT_TRUE(pass.proven) << "all of it stood on one page";
}

TEST(FhirPagingTest, AnEmptyPageDoesNotEndAListThatHasMore) {
    SimulatedFhir his;
    his.answer(first_paging_page, two("1", "2", "?p=2", R"(,"total":3)"));
    his.answer("/Patient?p=2", searchset({}, "?p=3", R"(,"total":3)"));
    his.answer("/Patient?p=3", searchset({fhir_patient("p3", "3")}, "", R"(,"total":3)"));
    const auto pass = his.pass();
    EXPECT_THAT(pass.ids(), ElementsAre("1", "2", "3"));
    EXPECT_TRUE(his.pass().proven);
}

TEST(FhirPagingTest, EmptyPagesWithoutEndAreNotFollowed) {
    SimulatedFhir his;
    his.answer(first_paging_page, two("1", "2", "?p=2", R"(,"total":9)"));
    for (int page = 2; page < 20; ++page)
        his.answer("/Patient?p=" + std::to_string(page),
                   searchset({}, "?p=" + std::to_string(page + 1), R"(,"total":9)"));
    const auto pass = his.pass();
    EXPECT_FALSE(pass.error);
    EXPECT_FALSE(pass.proven);
    EXPECT_EQ(pass.contradiction, "total says 9, 2 shown in 1 page of 2");
    EXPECT_EQ(his.transport.asked.size(), 6u) << "metadata, four pages, and the count";
}

TEST(FhirPagingTest, AListWhosePagesAreGoneIsReadAgainFromItsBeginning) {
    for (const int status : {410, 404}) {
        SimulatedFhir his;
        his.answer(first_paging_page,
                   {json_answer(two("1", "2", "?old")), json_answer(two("1", "2", "?new"))});
        his.answer("/Patient?old", {json_answer(outcome("error", "processing", "gone"), status)});
        his.answer("/Patient?new", searchset({fhir_patient("p3", "3")}));
        const auto pass = his.pass();
        EXPECT_FALSE(pass.error);
        EXPECT_THAT(pass.ids(), ElementsAre("1", "2", "1", "2", "3"));
    }
}

TEST(FhirPagingTest, AListWhosePagesAreAlwaysGoneIsReadLater) {
    SimulatedFhir his;
    his.answer(first_paging_page, two("1", "2", "?old"));
    his.answer("/Patient?old", {json_answer("", 410)});
    const auto pass = his.pass();
    ASSERT_TRUE(pass.error);
    EXPECT_EQ(pass.error->kind, Kind::unavailable);
    EXPECT_EQ(his.transport.asked.size(), 1u + 4 * 2u);
}

TEST(FhirPagingTest, TheFirstPageIsNeverGone) {
    SimulatedFhir his;
    his.answer(first_paging_page, {json_answer("", 410)});
    EXPECT_EQ(his.pass().error.value().kind, Kind::unreadable);
    EXPECT_THAT(his.pass().error.value().what, HasSubstr("`base_url`"));
}

TEST(FhirPagingTest, AListOfOnePageIsProven) {
    SimulatedFhir his;
    his.answer(first_paging_page, searchset({fhir_patient("p1", "1")}));
    EXPECT_TRUE(his.pass().proven);
    SimulatedFhir more;
    more.answer(first_paging_page, searchset({fhir_patient("p1", "1")}, "", R"(,"total":2)"));
    EXPECT_FALSE(more.pass().proven) << "the server speaks of two";
    EXPECT_FALSE(more.pass().proven) << "however often";
}

TEST(FhirPagingTest, AListOfSeveralPagesIsNotProvenByItsTotal) {
    const std::string total = R"(,"total":3)";
    SimulatedFhir his;
    his.answer(first_paging_page, two("1", "2", "?p=2", total));
    his.answer("/Patient?p=2", searchset({fhir_patient("p3", "3")}, "", total));
    EXPECT_FALSE(his.pass().proven) << "one may have gone while another came";
    EXPECT_TRUE(his.pass().proven) << "everybody came again";

    SimulatedFhir estimated;
    estimated.answer(first_paging_page, two("1", "2", "?p=2", R"(,"total":5)"));
    estimated.answer("/Patient?p=2", searchset({fhir_patient("p3", "3")}, "", R"(,"total":5)"));
    EXPECT_FALSE(estimated.pass().proven);

    SimulatedFhir moved;
    moved.answer(first_paging_page, two("1", "2", "?p=2", total));
    moved.answer("/Patient?p=2", searchset({fhir_patient("p2", "2")}, "", total));
    EXPECT_FALSE(moved.pass().proven) << "one came twice, so another one may be missing";

    SimulatedFhir changing;
    changing.answer(first_paging_page, two("1", "2", "?p=2", R"(,"total":4)"));
    changing.answer("/Patient?p=2", searchset({fhir_patient("p3", "3")}, "", total));
    EXPECT_FALSE(changing.pass().proven);
}

TEST(FhirPagingTest, AListWithoutTotalIsProvenByASecondPassThatShowsTheSame) {
    SimulatedFhir his;
    his.answer(first_paging_page, two("1", "2", "?p=2"));
    his.answer("/Patient?p=2", {json_answer(searchset({fhir_patient("p3", "3")})),
                                json_answer(searchset({fhir_patient("p4", "4")}))});
    EXPECT_FALSE(his.pass().proven);
    EXPECT_FALSE(his.pass().proven) << "somebody else";
    EXPECT_TRUE(his.pass().proven);
}

TEST(FhirPagingTest, AListThatSaysThatItMovedIsNotProvenAtOnce) {
    const auto shifted = R"({"search":{"mode":"outcome"},"resource":)" +
                         outcome("warning", "processing", "Pages have shifted; planted") + "}";
    SimulatedFhir his;
    his.answer(first_paging_page,
               bundle("searchset", {R"({"resource":)" + fhir_patient("p1", "1") + "}", shifted}));
    EXPECT_FALSE(his.pass().proven);
    EXPECT_TRUE(his.pass().proven);
    EXPECT_THAT(his.reasons("source.warning"),
                Contains("the server warns in its answers (processing)"));
    EXPECT_THAT(his.log.text(), Not(HasSubstr("planted")));
}

TEST(FhirPagingTest, EndlessListsEnd) {
    FhirLimits limits;
    limits.pages = 2;
    SimulatedFhir his(fhir_settings(), limits);
    his.answer(first_paging_page, two("1", "2", "?p=2"));
    his.answer("/Patient?p=2", two("3", "4", "?p=3"));
    EXPECT_THAT(his.pass().error.value().what, HasSubstr("more than 2 pages"));
}

} // namespace
} // namespace medibridge::connectors
