#include "peak_memory.hpp"
#include "simulated_his.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::connectors {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

/// A HIS that gives all its patients in one answer.
RestSettings unpaged() {
    auto settings = simple_settings();
    settings.query.page.clear();
    settings.query.per_page.clear();
    settings.total_pages.clear();
    settings.total.clear();
    settings.next.clear();
    return settings;
}

std::string list_of(std::size_t patients) {
    std::vector<std::string> records;
    for (std::size_t i = 1; i <= patients; ++i)
        records.push_back(patient_json(std::to_string(i)));
    return list_json(records);
}

RestLimits portions_of(std::size_t portion) {
    RestLimits limits;
    limits.portion = portion;
    return limits;
}

Pass pass_over(const std::string& body, RestLimits limits = {}) {
    SimulatedHis his(unpaged(), limits);
    his.transport.answer = [&body](const http::Request&) { return json_answer(body); };
    return his.pass();
}

TEST(RestLargePageTest, ComesInPortionsThatAreTheSameRecordsWithTheSameProof) {
    const auto body = list_of(25);
    const auto whole = pass_over(body);
    ASSERT_EQ(whole.error, std::nullopt);
    EXPECT_THAT(whole.pages, SizeIs(1));
    EXPECT_TRUE(whole.proven);
    for (const std::size_t portion : {1u, 10u, 24u, 25u}) {
        const auto pass = pass_over(body, portions_of(portion));
        ASSERT_EQ(pass.error, std::nullopt);
        EXPECT_THAT(pass.pages, SizeIs((25 + portion - 1) / portion));
        EXPECT_EQ(pass.ids(), whole.ids());
        EXPECT_EQ(pass.records.back().place, "page 1, record 25");
        EXPECT_EQ(pass.fingerprint, whole.fingerprint);
        EXPECT_TRUE(pass.proven);
    }
}

TEST(RestLargePageTest, WhatCannotBeReadSpoilsItsRecordInAPortionToo) {
    const auto body = list_json(
        {patient_json("1"), R"({"ipp":"2","nom":"\ud800","x":1e400})", "7", patient_json("4")},
        R"("y":"\udfff")");
    const auto pass = pass_over(body, portions_of(1));
    ASSERT_EQ(pass.error, std::nullopt);
    EXPECT_THAT(pass.ids(), ElementsAre("1", "2", "", "4"));
}

TEST(RestLargePageTest, FollowsPagesOfSeveralPortions) {
    auto settings = simple_settings();
    settings.next = "/next";
    settings.total_pages.clear();
    settings.total.clear();
    SimulatedHis his(settings, portions_of(2));
    his.transport.answer = [](const http::Request& request) {
        const bool second = request.target.find("p=2") != std::string::npos;
        return json_answer(
            second ? list_json({patient_json("4"), patient_json("5"), patient_json("6")})
                   : list_json({patient_json("1"), patient_json("2"), patient_json("3")},
                               R"("next":"?p=2")"));
    };
    const auto pass = his.pass();
    ASSERT_EQ(pass.error, std::nullopt);
    EXPECT_THAT(pass.ids(), ElementsAre("1", "2", "3", "4", "5", "6"));
    EXPECT_THAT(pass.pages, SizeIs(4));
    EXPECT_EQ(his.transport.asked.size(), 2u);
}

TEST(RestLargePageTest, OneWithMoreRecordsThanThereCanBeIsRefused) {
    RestLimits limits;
    limits.records = 3;
    EXPECT_EQ(pass_over(list_of(3), limits).error, std::nullopt);
    const auto pass = pass_over(list_of(4), limits);
    ASSERT_TRUE(pass.error);
    EXPECT_THAT(pass.error->what, HasSubstr("a page has more than 3 records: set a smaller "
                                            "`page_size`, and check that the HIS follows it"));
}

TEST(RestLargePageTest, OneWithTooManyRecordsThatAreNobodysIsRefused) {
    RestLimits limits;
    limits.nameless = 2;
    EXPECT_EQ(pass_over(list_json({"{}", patient_json("1"), "{}"}), limits).error, std::nullopt);
    const auto pass = pass_over(list_json({"{}", patient_json("1"), "{}", "7"}), limits);
    ASSERT_TRUE(pass.error);
    EXPECT_THAT(pass.error->what, HasSubstr("page 1: 3 of its 4 records have no identifier: check "
                                            "`fields.externalId`"));
}

TEST(RestLargePageTest, ANextLinkThatIsNoTextIsNotTheEnd) {
    auto settings = simple_settings();
    settings.next = "/next";
    for (const std::string next : {"7", "{}", "[\"?p=2\"]", "true", "1e400"}) {
        SimulatedHis his(settings);
        his.transport.answer = [&next](const http::Request&) {
            return json_answer(list_json({patient_json("1")}, "\"next\":" + next));
        };
        const auto pass = his.pass();
        ASSERT_TRUE(pass.error) << next;
        EXPECT_THAT(pass.error->what, HasSubstr("what `next` points at is not a link"));
    }
}

#ifndef MEDIBRIDGE_SANITIZED
std::string many(std::string_view record, std::size_t bytes) {
    std::string body = "{\"patients\":[";
    while (body.size() < bytes)
        body.append(record).append(",");
    body.back() = ']';
    return body + "}";
}

/// Besides its own text, of up to 32 MiB.
TEST(RestLargePageTest, NoAnswerTakesMoreThanAFewTimesItsText) {
    const std::string long_name(3u << 20, 'x');
    const std::vector<std::string> bodies = {
        many("{}", 3u << 20),
        many("0", 30u << 20),
        many(R"({"ipp":"1","nom":"A","prenom":"B","naissance":"1980-05-12"})", 20u << 20),
        many(R"({"ipp":["1",[[[[]]]]],"nom":{},"prenom":[]})", 12u << 20),
        many("{\"ipp\":\"" + long_name + "\",\"nom\":\"" + long_name + "\"}", 30u << 20),
        "{\"patients\":[{\"ipp\":\"" + std::string(8u << 20, '\xFF') + "\"}]}",
        std::string(16u << 20, '['),
    };
    PeakMemory before_all;
    for (const auto& body : bodies) {
        PeakMemory memory;
        std::size_t records = 0;
        {
            SimulatedHis his(unpaged());
            his.transport.answer = [&body](const http::Request&) { return json_answer(body); };
            const auto reading = his.source->read(std::nullopt);
            for (bool last = false; !last;) {
                const auto page = next_page(*reading);
                last = !page || page->last;
                if (page) records += page->records.size();
            }
        }
        EXPECT_LT(memory.mib(), 110u) << body.substr(0, 40) << ", " << records << " records";
    }
    EXPECT_LT(before_all.kept_mib(), 24u);
}
#endif

} // namespace
} // namespace medibridge::connectors
