#include "simulated_his.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::connectors {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// A HIS with a list that may move while it is read.
class MovingHis {
  public:
    explicit MovingHis(bool total_pages, bool total, bool repeats = false) {
        auto settings = simple_settings();
        settings.repeats = repeats;
        if (total_pages) settings.total_pages = "/pages";
        if (total) settings.total = "/total";
        his = std::make_unique<SimulatedHis>(settings);
        his->transport.answer = [this](const http::Request& request) { return serve(request); };
    }

    http::Result serve(const http::Request& request) {
        const auto number = std::stoul(*parameter(request.target, "page"));
        const auto asked = std::stoul(*parameter(request.target, "taille"));
        const auto size = std::min<std::size_t>(asked, cap);
        const auto pages = (ids.size() + size - 1) / size;
        std::vector<std::string> records;
        for (auto i = (number - 1) * size; i < std::min(number * size, ids.size()); ++i)
            records.push_back(patient_json(ids[i]));
        auto answer =
            json_answer(list_json(records, "\"pages\":" + std::to_string(pages) +
                                               ",\"total\":" + std::to_string(ids.size())));
        if (records.empty() && number > 1 && absent_behind_end) answer.status = 404;
        if (after_page) after_page(number);
        return answer;
    }

    std::vector<std::string> ids = {"1", "2", "3", "4", "5"};
    std::size_t cap = 100;
    bool absent_behind_end = false;
    std::function<void(std::size_t)> after_page;
    std::unique_ptr<SimulatedHis> his;
};

TEST(RestPagingTest, ReadsEveryPageOnceWhereTheirNumberIsSaid) {
    for (const bool total : {false, true}) {
        MovingHis list(true, total);
        const auto pass = list.his->pass();
        EXPECT_THAT(pass.ids(), ElementsAre("1", "2", "3", "4", "5"));
        EXPECT_EQ(list.his->source->requests(), 3) << total;
        EXPECT_FALSE(pass.proven) << "one may have gone while another came";
        EXPECT_TRUE(list.his->pass().proven) << "everybody came again";
        EXPECT_EQ(pass.records[4].place, "page 3, record 1");
    }
}

TEST(RestPagingTest, ReadsUntilTheTotal) {
    MovingHis list(false, true);
    list.ids.pop_back();
    const auto pass = list.his->pass();
    EXPECT_EQ(pass.records.size(), 4u);
    EXPECT_EQ(list.his->source->requests(), 3) << "the last page is full: is it the last?";
    EXPECT_TRUE(list.his->pass().proven);
}

TEST(RestPagingTest, ReadsEverythingFromAHisThatCapsItsPages) {
    for (const bool totals : {false, true}) {
        for (std::size_t count = 0; count <= 6; ++count) {
            MovingHis list(totals, totals);
            list.cap = 1;
            list.ids.resize(0);
            for (std::size_t i = 0; i < count; ++i)
                list.ids.push_back(std::to_string(i));
            const auto pass = list.his->pass();
            EXPECT_FALSE(pass.error);
            EXPECT_EQ(pass.ids(), list.ids);
        }
    }
}

TEST(RestPagingTest, ReadsEverythingWithoutTotals) {
    for (const bool absent : {false, true}) {
        for (std::size_t count = 0; count <= 9; ++count) {
            MovingHis list(false, false);
            list.absent_behind_end = absent;
            list.ids.resize(0);
            for (std::size_t i = 0; i < count; ++i)
                list.ids.push_back(std::to_string(i));
            const auto pass = list.his->pass();
            ASSERT_FALSE(pass.error) << pass.error->what;
            EXPECT_EQ(pass.ids(), list.ids);
            EXPECT_EQ(pass.proven, count <= 1) << count;
            EXPECT_TRUE(list.his->pass().proven) << "the same again";
        }
    }
}

TEST(RestPagingTest, AnAttemptThatWasCutOffLeavesNothingBehindForA404) {
    MovingHis list(false, false);
    list.ids = {"1", "2"};
    bool cut = false;
    list.his->transport.answer = [&](const http::Request& request) -> http::Result {
        if (parameter(request.target, "page") == "1") return list.serve(request);
        if (cut) return json_answer("{}", 404);
        cut = true;
        return json_answer("{\"patients\":[" + patient_json("9"));
    };
    EXPECT_THAT(list.his->pass().ids(), ElementsAre("1", "2"));
}

TEST(RestPagingTest, A404WhereTheNumberOfPagesIsSaidContradictsIt) {
    MovingHis list(true, false);
    list.his->transport.answer = [&list](const http::Request& request) -> http::Result {
        if (parameter(request.target, "page") == "2") return json_answer("{}", 404);
        return list.serve(request);
    };
    const auto pass = list.his->pass();
    EXPECT_FALSE(pass.error);
    EXPECT_THAT(pass.contradiction, HasSubstr("total_pages says 3, 2 shown in 1 page of 2"));
    EXPECT_FALSE(list.his->pass().proven) << "however often";
}

TEST(RestPagingTest, ARecordThatGoesWhileTheListIsReadSpoilsTheProof) {
    MovingHis list(true, true);
    list.after_page = [&list](std::size_t page) {
        if (page == 1) list.ids.erase(list.ids.begin()); // "3" moves onto page 1, unseen
    };
    const auto pass = list.his->pass();
    EXPECT_THAT(pass.ids(), ElementsAre("1", "2", "4", "5"));
    EXPECT_FALSE(pass.proven);
    list.after_page = nullptr;
    EXPECT_FALSE(list.his->pass().proven) << "somebody of the pass before has gone";
    EXPECT_TRUE(list.his->pass().proven);
}

TEST(RestPagingTest, ARecordThatGoesWhileAnotherComesLeavesTheTotalAsItWas) {
    MovingHis list(true, true);
    list.after_page = [&list](std::size_t page) {
        if (page != 1) return;
        list.ids.erase(list.ids.begin()); // "3" moves onto page 1, unseen
        list.ids.push_back("6");
    };
    const auto pass = list.his->pass();
    EXPECT_THAT(pass.ids(), ElementsAre("1", "2", "4", "5", "6"));
    EXPECT_FALSE(pass.proven);
    list.after_page = nullptr;
    EXPECT_FALSE(list.his->pass().proven);
    EXPECT_TRUE(list.his->pass().proven);
}

TEST(RestPagingTest, ARecordThatComesWhileTheListIsReadSpoilsTheProof) {
    MovingHis list(true, false);
    list.after_page = [&list](std::size_t page) {
        if (page == 1) list.ids.insert(list.ids.begin(), "0"); // "2" is seen again
    };
    const auto pass = list.his->pass();
    EXPECT_THAT(pass.ids(), ElementsAre("1", "2", "2", "3", "4", "5"));
    EXPECT_FALSE(pass.proven);
}

TEST(RestPagingTest, OneGoneAndOneComeAreSeenByTheRepeatedIdentifier) {
    MovingHis list(true, true);
    list.after_page = [&list](std::size_t page) {
        if (page != 2) return;
        list.ids.erase(list.ids.end() - 1);
        list.ids.insert(list.ids.begin(), "0");
    };
    EXPECT_FALSE(list.his->pass().proven);
}

TEST(RestPagingTest, ARepeatThatComesAgainInAnEqualPassIsTheHissOwnIfItIsSaid) {
    MovingHis list(true, true, true);
    list.ids = {"1", "2", "3", "1", "5"};
    const auto first = list.his->pass();
    EXPECT_FALSE(first.proven);
    const auto second = list.his->pass();
    EXPECT_TRUE(second.proven);
    EXPECT_EQ(first.fingerprint, second.fingerprint);
    list.ids.push_back("6");
    const auto third = list.his->pass();
    EXPECT_FALSE(third.proven);
    EXPECT_NE(third.fingerprint, second.fingerprint);
}

TEST(RestPagingTest, APassOfAnotherTimeProvesNothing) {
    MovingHis list(false, false);
    EXPECT_FALSE(list.his->pass(reconcile::Instant(std::chrono::hours(1))).proven);
    EXPECT_FALSE(list.his->pass().proven);
    EXPECT_TRUE(list.his->pass().proven);
}

TEST(RestPagingTest, OnePageIsProvenEvenWithARepeat) {
    MovingHis list(true, false);
    list.ids = {"1", "1"};
    EXPECT_TRUE(list.his->pass().proven);
}

TEST(RestPagingTest, AHisThatIgnoresThePageNumberIsAnError) {
    SimulatedHis his;
    his.transport.answer = [](const http::Request&) {
        return json_answer(list_json({patient_json("1"), patient_json("2")}));
    };
    const auto pass = his.pass();
    ASSERT_TRUE(pass.error);
    EXPECT_EQ(pass.error->kind, SourceError::Kind::unreadable);
    EXPECT_THAT(pass.error->what, HasSubstr("query.page"));
    EXPECT_EQ(his.source->requests(), 2);
}

TEST(RestPagingTest, AnEndlessListEndsAtTheLimit) {
    RestLimits limits;
    limits.pages = 7;
    auto settings = simple_settings();
    settings.next = "/next";
    SimulatedHis his(settings, limits);
    int page = 0;
    his.transport.answer = [&page](const http::Request&) {
        ++page;
        return json_answer(list_json({patient_json(std::to_string(page))},
                                     "\"next\":\"?c=" + std::to_string(page) + "\""));
    };
    const auto pass = his.pass();
    ASSERT_TRUE(pass.error);
    EXPECT_THAT(pass.error->what, HasSubstr("more than 7 pages"));
    EXPECT_EQ(his.source->requests(), 7);
}

/// Serves pages by link: the link of each is given.
Pass linked_pass(SimulatedHis& his, const std::vector<std::string>& links) {
    std::size_t page = 0;
    his.transport.answer = [&page, &links](const http::Request&) {
        const auto link = links.at(page++);
        return json_answer(list_json({patient_json(std::to_string(page))}, "\"next\":" + link));
    };
    return his.pass();
}

RestSettings linked_settings() {
    auto settings = simple_settings();
    settings.next = "/next";
    settings.query.page = "";
    return settings;
}

TEST(RestPagingTest, FollowsLinksToTheirEnd) {
    for (const auto* end : {"null", "\"\"", "false"}) {
        SimulatedHis his(linked_settings());
        const std::vector<std::string> links{"\"/api/patients?c=1\"", "\"http://his.local/x?c=2\"",
                                             end};
        const auto pass = linked_pass(his, links);
        ASSERT_FALSE(pass.error) << pass.error->what;
        EXPECT_THAT(pass.ids(), ElementsAre("1", "2", "3"));
        ASSERT_EQ(his.transport.asked.size(), 3u);
        EXPECT_EQ(his.transport.asked[0].target, "/api/patients?taille=2");
        EXPECT_EQ(his.transport.asked[1].target, "/api/patients?c=1");
        EXPECT_EQ(his.transport.asked[2].target, "/x?c=2");

        EXPECT_FALSE(pass.proven) << "a link may be an offset into a list that moved";
        EXPECT_TRUE(linked_pass(his, links).proven) << "the same once more";
    }
}

TEST(RestPagingTest, TheCredentialsNeverGoToAnotherServer) {
    auto settings = linked_settings();
    settings.auth = config::BearerAuth{config::Secret("planted")};
    SimulatedHis his(settings);
    const auto pass = linked_pass(his, {"\"https://evil.example/api\"", "null"});
    ASSERT_TRUE(pass.error);
    EXPECT_EQ(pass.error->kind, SourceError::Kind::unreadable);
    EXPECT_THAT(pass.error->what, HasSubstr("another server"));
    EXPECT_EQ(his.source->requests(), 1);
}

TEST(RestPagingTest, LinksInACircleAreAnError) {
    SimulatedHis his(linked_settings());
    const auto pass = linked_pass(his, {"\"?c=1\"", "\"?c=2\"", "\"?c=1\""});
    ASSERT_TRUE(pass.error);
    EXPECT_THAT(pass.error->what, HasSubstr("already read"));
}

TEST(RestPagingTest, ALinkThatIsNoTextIsAnError) {
    SimulatedHis his(linked_settings());
    const auto pass = linked_pass(his, std::vector<std::string>(5, "{\"href\":\"?c=1\"}"));
    ASSERT_TRUE(pass.error);
    EXPECT_THAT(pass.error->what, HasSubstr("`next`"));
}

TEST(RestPagingTest, ARepeatBetweenLinkedPagesSpoilsTheProof) {
    SimulatedHis his(linked_settings());
    int page = 0;
    his.transport.answer = [&page](const http::Request&) {
        const bool first = ++page % 2 == 1;
        const auto record =
            patient_json("1", first ? "2026-01-01T00:00:00Z" : "2026-02-02T00:00:00Z");
        return json_answer(list_json({record}, first ? "\"next\":\"?c=2\"" : "\"next\":null"));
    };
    EXPECT_FALSE(his.pass().proven);
    EXPECT_TRUE(his.pass().proven);
}

} // namespace
} // namespace medibridge::connectors
