#include "simulated_his.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::connectors::rest_read_one_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

RestSettings settings_with_filter() {
    auto settings = simple_settings();
    settings.query.external_id = "ipp";
    return settings;
}

/// A HIS with a list of pages of two that follows the filter `ipp`, or does with it what a test
/// says.
class FilteringHis : public SimulatedHis {
  public:
    explicit FilteringHis(RestSettings settings = settings_with_filter())
        : SimulatedHis(std::move(settings)) {
        transport.answer = [this](const http::Request& request) -> http::Result {
            if (const auto ipp = parameter(request.target, "ipp")) return filtered(*ipp);
            const auto number = std::stoul(parameter(request.target, "page").value_or("1"));
            return number <= pages.size() ? json_answer(list_json(pages[number - 1]))
                                          : json_answer(list_json({}));
        };
    }

    Pass one(const std::string& external_id) { return run_reading(*source->read_one(external_id)); }

    std::vector<std::vector<std::string>> pages{{patient_json("1"), patient_json("2")},
                                                {patient_json("3"), patient_json("4")},
                                                {patient_json("5")}};
    std::function<http::Result(const std::string& ipp)> filtered = [](const std::string& ipp) {
        return json_answer(list_json({patient_json(ipp)}));
    };
};

TEST(RestReadOneTest, AsksForOnePatient) {
    FilteringHis his;
    EXPECT_TRUE(his.source->reads_one());
    const auto pass = his.one("3");
    ASSERT_FALSE(pass.error) << pass.error->what;
    EXPECT_THAT(pass.ids(), ElementsAre("3"));
    EXPECT_TRUE(pass.proven);
    EXPECT_TRUE(pass.pages.back().server_time);
    ASSERT_EQ(his.transport.asked.size(), 1u);
    EXPECT_EQ(his.transport.asked[0].target, "/api/patients?ipp=3&page=1&taille=2");
    EXPECT_EQ(his.source->requests(), 1);
}

TEST(RestReadOneTest, ThePageIsOnlySaidWhereItIsKnown) {
    auto settings = settings_with_filter();
    settings.first_page.reset();
    FilteringHis his(settings);
    his.one("3");
    EXPECT_EQ(his.transport.asked[0].target, "/api/patients?ipp=3&taille=2");
}

TEST(RestReadOneTest, EscapesTheIdentifier) {
    FilteringHis his;
    const std::string odd = "a&b=c|d'\"é%/ +";
    his.filtered = [](const std::string&) {
        return json_answer(list_json({patient_json(R"(a&b=c|d'\"é%/ +)")}));
    };
    EXPECT_THAT(his.one(odd).ids(), ElementsAre(odd));
    EXPECT_EQ(parameter(his.transport.asked[0].target, "ipp"),
              "a%26b%3Dc%7Cd%27%22%C3%A9%25%2F%20%2B");
    EXPECT_EQ(his.transport.asked.size(), 1u);
}

TEST(RestReadOneTest, ShowsAllRecordsOfTheIdentifier) {
    auto settings = settings_with_filter();
    settings.total = "/total";
    FilteringHis his(settings);
    his.filtered = [](const std::string& ipp) {
        return json_answer(list_json({patient_json(ipp), patient_json(ipp, "2026-02-01T00:00:00Z")},
                                     "\"total\":2"));
    };
    EXPECT_THAT(his.one("3").ids(), ElementsAre("3", "3"));
    EXPECT_EQ(his.transport.asked.size(), 1u);
}

TEST(RestReadOneTest, AHisThatIgnoresTheFilterIsReadWhole) {
    FilteringHis his;
    his.filtered = [&his](const std::string&) { return json_answer(list_json(his.pages[0])); };
    EXPECT_THAT(his.one("3").ids(), ElementsAre("1", "2", "3", "4", "5"));
    EXPECT_FALSE(his.source->reads_one());
    his.one("3");
    ASSERT_EQ(his.log.events.size(), 1u) << "once";
    EXPECT_THAT(his.log.text(), HasSubstr("query.external_id"));
    // Once it follows it again, so do we.
    his.filtered = [](const std::string& ipp) {
        return json_answer(list_json({patient_json(ipp)}));
    };
    EXPECT_THAT(his.one("3").ids(), ElementsAre("3"));
    EXPECT_TRUE(his.source->reads_one());
}

TEST(RestReadOneTest, APageThatHappensToHoldOnlyHimIsNoAnswerWhereMoreIsSaid) {
    for (const auto* more : {"\"total\":5", "\"pages\":5", "\"next\":\"/api/patients?page=2\""}) {
        auto settings = settings_with_filter();
        if (std::string(more).starts_with("\"total")) settings.total = "/total";
        if (std::string(more).starts_with("\"pages")) settings.total_pages = "/pages";
        if (std::string(more).starts_with("\"next")) settings.next = "/next";
        FilteringHis his(settings);
        his.filtered = [more](const std::string&) {
            return json_answer(list_json({patient_json("1")}, more));
        };
        his.one("1");
        EXPECT_GT(his.transport.asked.size(), 1u) << more;
        EXPECT_FALSE(his.source->reads_one()) << more;
    }
    FilteringHis his;
    his.filtered = [](const std::string&) {
        return json_answer(list_json({patient_json("1"), patient_json("1")}));
    };
    his.one("1");
    EXPECT_GT(his.transport.asked.size(), 1u) << "a full page, and no numbers";
}

TEST(RestReadOneTest, ThatNobodyIsThereIsBelievedOfAFilterThatFoundSomebody) {
    const std::vector<http::Result> nobody = {json_answer(list_json({})), json_answer("", 204),
                                              json_answer("{}", 404)};
    for (const auto& answer : nobody) {
        FilteringHis his;
        his.filtered = [&answer](const std::string&) { return answer; };
        EXPECT_THAT(his.one("3").ids(), testing::Contains("3"))
            << "the parameter means something else";
        EXPECT_TRUE(his.source->reads_one());
        his.filtered = [&answer](const std::string& ipp) -> http::Result {
            return ipp == "3" ? http::Result(json_answer(list_json({patient_json("3")}))) : answer;
        };
        EXPECT_THAT(his.one("3").ids(), ElementsAre("3"));
        const auto asked = his.transport.asked.size();
        const auto pass = his.one("9");
        EXPECT_FALSE(pass.error);
        EXPECT_THAT(pass.ids(), IsEmpty());
        EXPECT_TRUE(pass.proven);
        EXPECT_EQ(his.transport.asked.size(), asked + 1);
    }
}

TEST(RestReadOneTest, ARefusalOfTheFilterIsNoneOfTheList) {
    for (const int status : {400, 403, 501}) {
        FilteringHis his;
        his.filtered = [status](const std::string&) { return json_answer("{}", status); };
        const auto pass = his.one("3");
        EXPECT_FALSE(pass.error) << status;
        EXPECT_THAT(pass.ids(), testing::Contains("3"));
        EXPECT_THAT(his.log.text(), Not(HasSubstr("ipp=3")));
    }
}

TEST(RestReadOneTest, AnUnavailableHisIsAnError) {
    FilteringHis his;
    his.filtered = [](const std::string&) { return json_answer("{}", 503); };
    const auto pass = his.one("3");
    ASSERT_TRUE(pass.error);
    EXPECT_EQ(pass.error->kind, SourceError::Kind::unavailable);
    EXPECT_EQ(his.transport.asked.size(), 5u);
    EXPECT_TRUE(his.source->reads_one());
    his.source->cancel();
    const auto cancelled = his.one("3");
    ASSERT_TRUE(cancelled.error);
    EXPECT_EQ(cancelled.error->kind, SourceError::Kind::cancelled);
}

TEST(RestReadOneTest, WithoutTheSettingTheListIsRead) {
    FilteringHis his(simple_settings());
    EXPECT_FALSE(his.source->reads_one());
    EXPECT_THAT(his.one("3").ids(), ElementsAre("1", "2", "3", "4", "5"));
    EXPECT_THAT(his.log.events, IsEmpty());
}

// A pass is proven by the one before it, of the list: one that was read for a patient is none.
TEST(RestReadOneTest, IsNoPassOfTheList) {
    FilteringHis his;
    his.filtered = [](const std::string&) { return json_answer(list_json({})); };
    EXPECT_EQ(his.one("3").ids().size(), 5u);
    EXPECT_FALSE(his.pass().proven) << "nothing came before it";
    his.one("3");
    EXPECT_TRUE(his.pass().proven) << "what came before is still remembered";
}

TEST(RestReadOneTest, BetweenTwoPagesItDisturbsNothing) {
    FilteringHis his;
    his.pass();
    const auto reading = his.source->read(std::nullopt);
    std::vector<std::string> ids;
    for (bool last = false; !last;) {
        const auto page = next_page(*reading);
        ASSERT_TRUE(page);
        for (const auto& record : page->records)
            ids.push_back(record.patient.external_id());
        last = page->last;
        his.filtered = [](const std::string& ipp) {
            return json_answer(list_json({patient_json(ipp)}));
        };
        EXPECT_THAT(his.one("3").ids(), ElementsAre("3"));
        his.filtered = [&his](const std::string&) { return json_answer(list_json(his.pages[0])); };
        EXPECT_EQ(his.one("3").ids().size(), 5u);
    }
    EXPECT_THAT(ids, ElementsAre("1", "2", "3", "4", "5"));
    EXPECT_TRUE(reading->proven());
    EXPECT_EQ(reading->fingerprint(), his.pass().fingerprint);
}

} // namespace
} // namespace medibridge::connectors::rest_read_one_test
