#include "rig.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

namespace medibridge::test {
namespace {

using connectors::Failure;
using connectors::MedicappPatient;
using connectors::Reply;
using runtime::Duration;
using Results = std::vector<std::shared_ptr<std::optional<Reply<MedicappPatient>>>>;

Results start_creates(Rig& rig, int count) {
    Results results;
    for (int i = 0; i < count; ++i) {
        results.push_back(rig.start(rig.client.create(planted_patient())));
    }
    return results;
}

bool all_ended(const Results& results) {
    return std::ranges::all_of(results, [](const auto& result) { return result->has_value(); });
}

TEST(WaitingTest, NoMoreRequestsAreUnderWayThanAllowed) {
    auto settings = default_settings();
    settings.concurrency = 3;
    Rig rig(settings);
    rig.transport.otherwise([](const http::Request&) { return patient_answer(201); });
    const auto results = start_creates(rig, 50);
    rig.drive([&] { return all_ended(results); });
    EXPECT_EQ(rig.transport.most_under_way(), 3u);
    EXPECT_EQ(rig.requests(), 50u);
    EXPECT_EQ(rig.elapsed(), Duration(10 * 17));
}

TEST(WaitingTest, RequestsGoInTheOrderInWhichTheyCame) {
    auto settings = default_settings();
    settings.concurrency = 2;
    Rig rig(settings);
    rig.transport.otherwise([](const http::Request& request) {
        return patient_answer(200, request.target.substr(std::string("/v5/patients/").size()));
    });
    Results results;
    for (int i = 0; i < 20; ++i) {
        results.push_back(rig.start(rig.client.get("p-" + std::to_string(i))));
    }
    rig.drive([&] { return all_ended(results); });
    for (std::size_t i = 0; i < 20; ++i) {
        EXPECT_EQ(rig.transport.sent()[i].request.target, "/v5/patients/p-" + std::to_string(i));
    }
}

TEST(WaitingTest, AFixedRateIsKept) {
    auto settings = default_settings();
    settings.rate_limit = 10;
    Rig rig(settings);
    rig.transport.otherwise([](const http::Request&) { return patient_answer(201); });
    const auto results = start_creates(rig, 101);
    rig.drive([&] { return all_ended(results); });
    EXPECT_NEAR(static_cast<double>(rig.elapsed().count()), 10'000, 200);
    EXPECT_GE(rig.clock.shortest(), Duration(1));
}

TEST(WaitingTest, A429PausesTheWholeClientAsLongAsMedicappSays) {
    Rig rig;
    rig.transport.then(json_error(429, "RATE", {{"Retry-After", "7"}}));
    rig.transport.otherwise([](const http::Request&) { return patient_answer(201); });
    rig.transport.take_as_long_as(Duration(10));
    const auto first = start_creates(rig, 1);
    rig.drive([&] { return rig.client.requests().rate_limited == 1; });
    const auto others = start_creates(rig, 20);
    rig.drive([&] { return all_ended(first) && all_ended(others); });
    EXPECT_EQ(rig.requests(), 22u);
    EXPECT_GE(rig.transport.sent()[1].at - rig.transport.sent()[0].at, Duration(7'010));
    EXPECT_LE(rig.transport.sent()[1].at - rig.transport.sent()[0].at, Duration(7'400));
    // The first one after the pause goes alone.
    EXPECT_GE(rig.transport.sent()[2].at - rig.transport.sent()[1].at, Duration(10));
    EXPECT_EQ(rig.client.requests().retries, 0);
}

TEST(WaitingTest, EveryFormOfRetryAfterIsHonoured) {
    const std::vector<http::Headers> forms{
        {{"Retry-After", "30"}},
        {{"retry-after", "Wed, 21 Oct 2015 07:28:30 GMT"},
         {"DATE", "Wed, 21 Oct 2015 07:28:00 GMT"}},
        {{"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", "30"}},
        {{"X-RateLimit-Reset", "1445412510"}, {"Date", "Wed, 21 Oct 2015 07:28:00 GMT"}},
    };
    for (const auto& headers : forms) {
        Rig rig;
        rig.transport.then(json_error(429, "RATE", headers));
        rig.transport.then(patient_answer(201));
        ASSERT_TRUE(rig.run(rig.client.create(planted_patient())));
        EXPECT_GE(rig.elapsed(), Duration(30'000)) << headers[0].first;
        EXPECT_LE(rig.elapsed(), Duration(32'000)) << headers[0].first;
    }
}

TEST(WaitingTest, An429ThatNeverEndsIsWaitedForWithoutABusyLoopUntilCancelled) {
    Rig rig;
    rig.transport.otherwise([](const http::Request&) { return html(429); });
    const auto results = start_creates(rig, 8);
    rig.drive([&] { return rig.elapsed() > Duration(3'600'000); });
    EXPECT_FALSE(
        std::ranges::any_of(results, [](const auto& result) { return result->has_value(); }));
    EXPECT_LT(rig.requests(), 600u);
    rig.client.cancel();
    rig.drive([&] { return all_ended(results); });
    for (const auto& result : results)
        EXPECT_EQ((**result).error().failure, Failure::cancelled);
    const std::vector<std::string> one{"medicapp.rate_limited"};
    EXPECT_EQ(rig.log.names(), one);
}

TEST(WaitingTest, CancelEndsAllWaitingAndEveryLaterCall) {
    auto settings = default_settings();
    settings.concurrency = 2;
    Rig rig(settings);
    rig.transport.otherwise([](const http::Request&) { return patient_answer(201); });
    rig.transport.take_as_long_as(Duration(60'000));
    const auto results = start_creates(rig, 6);
    rig.settle();
    rig.client.cancel();
    rig.settle();
    // What is under way goes on, and its result is not lost.
    EXPECT_EQ(rig.requests(), 2u);
    EXPECT_FALSE(results[0]->has_value());
    for (std::size_t i = 2; i < 6; ++i) {
        ASSERT_TRUE(results[i]->has_value());
        EXPECT_EQ((**results[i]).error().failure, Failure::cancelled);
    }
    rig.drive([&] { return all_ended(results); });
    EXPECT_TRUE(**results[0]);
    EXPECT_EQ(rig.run(rig.client.get("p-1")).error().failure, Failure::cancelled);
    EXPECT_EQ(rig.requests(), 2u);
}

TEST(WaitingTest, CancelEndsABackoffAndAPause) {
    Rig rig;
    rig.transport.otherwise(
        [](const http::Request&) { return html(503, {{"Retry-After", "60"}}); });
    const auto result = rig.start(rig.client.get("p-1"));
    rig.drive([&] { return rig.requests() == 1; });
    const auto before = rig.clock.now() + Duration(10);
    rig.drive([&] { return rig.clock.now() >= before; });
    rig.client.cancel();
    rig.settle();
    ASSERT_TRUE(result->has_value());
    EXPECT_EQ((**result).error().failure, Failure::cancelled);
}

} // namespace
} // namespace medibridge::test
