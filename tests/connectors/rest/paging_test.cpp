#include "connectors/rest/paging.hpp"

#include "simulated_his.hpp"

#include <gtest/gtest.h>

namespace medibridge::connectors {
namespace {

using Next = Paging::Next;

struct Said {
    std::size_t records;
    std::optional<std::int64_t> total_pages = std::nullopt;
    std::optional<std::int64_t> total = std::nullopt;
};

Paging paging(bool total_pages, bool total, std::size_t most_pages = 1000) {
    auto settings = simple_settings();
    if (total_pages) settings.total_pages = "/pages";
    if (total) settings.total = "/total";
    return Paging(settings, "/api/patients?page=1", most_pages);
}

/// Tells pages, each with identifiers of its own, until the pass ends.
Next tell(Paging& paging, const std::vector<Said>& pages) {
    auto next = Next::fault;
    std::uint64_t identifiers = 1;
    for (const auto& page : pages) {
        next = paging.after({page.records, page.total_pages, page.total, "", identifiers++});
        if (next != Next::number) break;
    }
    return next;
}

TEST(PagingTest, EndsAtTheLastOfAllPages) {
    auto pages = paging(true, false);
    EXPECT_EQ(tell(pages, {{5, 3}, {5, 3}}), Next::number);
    EXPECT_EQ(pages.page(), 3);
    EXPECT_EQ(tell(pages, {{3, 3}}), Next::last);
    EXPECT_TRUE(pages.complete());
}

TEST(PagingTest, BehindAFullLastPageOneMoreIsLookedAt) {
    auto pages = paging(true, true);
    EXPECT_EQ(tell(pages, {{5, 2, 10}, {5, 2, 10}}), Next::number);
    EXPECT_TRUE(pages.is_look());
    EXPECT_EQ(tell(pages, {{0}}), Next::last);
    EXPECT_TRUE(pages.complete());
    EXPECT_EQ(pages.contradiction(10), "");
}

TEST(PagingTest, AShortPageEndsNothingWhereTheNumberOfPagesIsSaid) {
    auto pages = paging(true, false);
    EXPECT_EQ(tell(pages, {{5, 3}, {1, 3}}), Next::number);
}

TEST(PagingTest, AnEmptyListIsComplete) {
    for (const auto said : {Said{0, 0, 0}, Said{0, 1, 0}, Said{0}}) {
        auto pages = paging(true, true);
        EXPECT_EQ(tell(pages, {said}), Next::last);
        EXPECT_TRUE(pages.complete());
    }
}

TEST(PagingTest, AListThatMovedIsNotComplete) {
    auto grew = paging(true, false);
    EXPECT_EQ(tell(grew, {{5, 2}, {5, 3}, {1, 3}}), Next::last);
    EXPECT_FALSE(grew.complete());

    auto shrank = paging(true, false);
    EXPECT_EQ(tell(shrank, {{5, 3}, {5, 3}, {0, 3}}), Next::last);
    EXPECT_FALSE(shrank.complete());

    auto one_gone = paging(true, true);
    EXPECT_EQ(tell(one_gone, {{5, 2, 8}, {2, 2, 7}}), Next::last);
    EXPECT_FALSE(one_gone.complete());

    auto one_missing = paging(true, true);
    EXPECT_EQ(tell(one_missing, {{5, 2, 8}, {2, 2, 8}, {0, 2, 8}, {0, 2, 8}}), Next::number);
    EXPECT_EQ(tell(one_missing, {{0, 2, 8}}), Next::last);
    EXPECT_FALSE(one_missing.complete());
    EXPECT_NE(one_missing.contradiction(7), "");
}

TEST(PagingTest, EndsAtTheTotal) {
    auto pages = paging(false, true);
    EXPECT_EQ(tell(pages, {{5, {}, 8}}), Next::number);
    EXPECT_EQ(tell(pages, {{3, {}, 8}}), Next::last);
    EXPECT_TRUE(pages.complete());

    auto over = paging(false, true);
    EXPECT_EQ(tell(over, {{5, {}, 80}, {0, {}, 80}, {0, {}, 80}, {0, {}, 80}}), Next::last);
    EXPECT_FALSE(over.complete());
}

TEST(PagingTest, WithoutTotalsEndsAtAPageShorterThanTheFirst) {
    auto capped = paging(false, false); // page_size is 2: the HIS does what it likes
    EXPECT_EQ(tell(capped, {{5}, {5}}), Next::number);
    EXPECT_EQ(tell(capped, {{4}}), Next::last);
    EXPECT_FALSE(capped.complete());

    auto exact = paging(false, false);
    EXPECT_EQ(tell(exact, {{5}, {5}, {0}}), Next::last);
    EXPECT_FALSE(exact.complete());

    auto single = paging(false, false);
    EXPECT_EQ(tell(single, {{1}}), Next::number);
    EXPECT_EQ(tell(single, {{0}}), Next::last);
    EXPECT_TRUE(single.complete());

    auto full = paging(false, false); // another record may have moved onto it unseen
    EXPECT_EQ(tell(full, {{2}, {0}}), Next::last);
    EXPECT_FALSE(full.complete());
}

TEST(PagingTest, AHisThatIgnoresThePageNumberIsNoticed) {
    auto pages = paging(false, false);
    EXPECT_EQ(pages.after({2, {}, {}, "", 77}), Next::number);
    EXPECT_EQ(pages.after({2, {}, {}, "", 77}), Next::fault);
    EXPECT_NE(pages.fault().find("query.page"), std::string::npos);
}

TEST(PagingTest, AMissingTotalIsAFaultOfTheMapping) {
    auto pages = paging(true, false);
    EXPECT_EQ(tell(pages, {{5}}), Next::fault);
    EXPECT_NE(pages.fault().find("`total_pages`"), std::string::npos);
    auto total = paging(false, true);
    EXPECT_EQ(tell(total, {{5}}), Next::fault);
    EXPECT_NE(total.fault().find("`total`"), std::string::npos);
}

TEST(PagingTest, APageThatIsSaidButNotThereRefutesUnlessAllWasShown) {
    const auto absent_after = [](Paging& pages, const std::vector<Said>& told) {
        tell(pages, told);
        PageFacts facts;
        facts.absent = true;
        EXPECT_EQ(pages.after(facts), Next::last);
        return pages.contradiction(5);
    };
    auto pages_only = paging(true, false);
    EXPECT_NE(absent_after(pages_only, {{5, 2}}), "");
    auto all_shown = paging(true, true);
    EXPECT_EQ(absent_after(all_shown, {{5, 2, 5}}), "") << "one page too many";
    auto grown = paging(false, true);
    EXPECT_EQ(absent_after(grown, {{2, {}, 4}, {2, {}, 9}}), "") << "another pass will show";
    EXPECT_FALSE(grown.complete());
}

TEST(PagingTest, HasALimit) {
    auto pages = paging(true, false, 2);
    EXPECT_EQ(tell(pages, {{5, 3}, {5, 3}}), Next::fault);
    EXPECT_NE(pages.fault().find("more than 2 pages"), std::string::npos);
    auto just = paging(true, false, 2);
    EXPECT_EQ(tell(just, {{5, 2}, {4, 2}}), Next::last);
}

TEST(PagingTest, AListWithoutPagesIsReadAtOnce) {
    auto settings = simple_settings();
    settings.query.page = "";
    Paging pages(settings, "/api/patients", 10);
    EXPECT_EQ(pages.after({900, {}, {}, "", 1}), Next::last);
    EXPECT_TRUE(pages.complete());

    settings.total = "/total";
    Paging more(settings, "/api/patients", 10);
    EXPECT_EQ(more.after({900, {}, 901, "", 1}), Next::fault);
}

Paging linked(std::string target = "/api/patients?taille=2") {
    auto settings = simple_settings();
    settings.next = "/next";
    return Paging(settings, std::move(target), 5);
}

Next follow(Paging& pages, std::string link) {
    return pages.after({2, {}, {}, std::move(link), 1});
}

TEST(PagingTest, FollowsAbsoluteAndRelativeLinks) {
    auto pages = linked();
    EXPECT_EQ(follow(pages, "http://his.local/api/patients?cursor=a%20b"), Next::link);
    EXPECT_EQ(pages.target(), "/api/patients?cursor=a%20b");
    EXPECT_EQ(follow(pages, "?cursor=c"), Next::link);
    EXPECT_EQ(pages.target(), "/api/patients?cursor=c");
    EXPECT_EQ(follow(pages, "/other?x"), Next::link);
    EXPECT_EQ(follow(pages, "last"), Next::link);
    EXPECT_EQ(pages.target(), "/last");
    EXPECT_EQ(follow(pages, ""), Next::last);
    EXPECT_FALSE(pages.complete()) << "the links may be offsets into a list that moved";
}

TEST(PagingTest, LinkedPagesAreCompleteWithTheirTotalOrAlone) {
    auto alone = linked();
    EXPECT_EQ(follow(alone, ""), Next::last);
    EXPECT_TRUE(alone.complete());

    auto counted = linked();
    EXPECT_EQ(counted.after({2, {}, 3, "?cursor=b", 1}), Next::link);
    EXPECT_EQ(counted.after({1, {}, 3, "", 2}), Next::last);
    EXPECT_TRUE(counted.complete());

    auto shrank = linked();
    EXPECT_EQ(shrank.after({2, {}, 4, "?cursor=b", 1}), Next::link);
    EXPECT_EQ(shrank.after({1, {}, 3, "", 2}), Next::last);
    EXPECT_FALSE(shrank.complete());
}

TEST(PagingTest, NeverFollowsToAnotherServer) {
    for (const auto* link :
         {"http://evil.example/p", "https://his.local/p", "http://his.local:81/p",
          "//evil.example/p", "http://his.local.evil.example/p"}) {
        auto pages = linked();
        EXPECT_EQ(follow(pages, link), Next::fault) << link;
        EXPECT_NE(pages.fault().find("credentials"), std::string::npos) << link;
        EXPECT_EQ(pages.fault().find("evil"), std::string::npos);
    }
    auto pages = linked();
    EXPECT_EQ(follow(pages, "ftp://his.local/p"), Next::fault);
    EXPECT_EQ(follow(pages, "http://a b/"), Next::fault);
}

TEST(PagingTest, NoticesLinksThatLeadInACircle) {
    auto back = linked();
    EXPECT_EQ(follow(back, "?taille=2"), Next::fault);
    EXPECT_NE(back.fault().find("already read"), std::string::npos);
    auto circle = linked();
    EXPECT_EQ(follow(circle, "?c=1"), Next::link);
    EXPECT_EQ(follow(circle, "?c=2"), Next::link);
    EXPECT_EQ(follow(circle, "?c=1"), Next::fault);
}

TEST(PagingTest, LinksHaveALimit) {
    auto pages = linked();
    for (int i = 1; i < 5; ++i)
        EXPECT_EQ(follow(pages, "?c=" + std::to_string(i)), Next::link);
    EXPECT_EQ(follow(pages, "?c=5"), Next::fault);
}

} // namespace
} // namespace medibridge::connectors
