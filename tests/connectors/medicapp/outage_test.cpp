#include "rig.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

namespace medibridge::test {
namespace {

using connectors::Failure;
using connectors::ListQuery;
using runtime::Duration;
using Names = std::vector<std::string>;

runtime::Task<bool> slept(runtime::Clock& clock, Duration duration) {
    co_await clock.sleep_for(duration);
    co_return true;
}

TEST(OutageTest, IsOneEventAtItsStartAndOneAtItsEnd) {
    Rig rig;
    bool down = true;
    rig.transport.otherwise([&](const http::Request&) { return down ? html(503) : page_answer(); });
    for (int i = 0; i < 4; ++i) {
        const auto reply = rig.run(rig.client.list(ListQuery()));
        EXPECT_EQ(reply.error().failure, Failure::unavailable);
        EXPECT_EQ(reply.error().status, 503);
    }
    EXPECT_TRUE(rig.client.failing());
    down = false;
    for (int i = 0; i < 4; ++i)
        EXPECT_TRUE(rig.run(rig.client.list(ListQuery())));
    EXPECT_FALSE(rig.client.failing());
    const Names expected{"medicapp.unavailable", "medicapp.recovered"};
    EXPECT_EQ(rig.log.names(), expected);
    EXPECT_EQ(rig.log.events()[0].fields()[0].first, log::Key::status);
    EXPECT_EQ(rig.log.events()[1].fields()[0].first, log::Key::duration_ms);
}

/// A firewall drops what is sent: long before an attempt has failed it is known.
TEST(OutageTest, BySilenceIsToldOnceAndEndsWithTheNextAnswer) {
    for (const bool fails : {true, false}) {
        Rig rig;
        rig.client.note_silence("it has not answered so far", Duration(10'000));
        bool down = fails;
        rig.transport.otherwise(
            [&](const http::Request&) { return down ? html(503) : page_answer(); });
        if (fails) EXPECT_FALSE(rig.run(rig.client.list(ListQuery())));
        down = false;
        EXPECT_TRUE(rig.run(rig.client.list(ListQuery())));
        const Names expected{"medicapp.unavailable", "medicapp.recovered"};
        EXPECT_EQ(rig.log.names(), expected);
        const auto lasted = std::get<std::int64_t>(rig.log.events()[1].fields()[0].second);
        EXPECT_GE(lasted, 10'000);
    }
}

/// As the service does it: a cycle a minute, each of which begins with the list.
TEST(OutageTest, OfAnHourIsTwoEventsAndFewRequests) {
    Rig rig;
    constexpr Duration minute(60'000);
    const auto returns = rig.clock.now() + 60 * minute;
    rig.transport.otherwise([&](const http::Request&) {
        return rig.clock.now() < returns ? html(502) : page_answer();
    });
    bool answered = false;
    for (int cycle = 0; cycle < 100 && !answered; ++cycle) {
        answered = rig.run(rig.client.list(ListQuery())).has_value();
        rig.run(slept(rig.clock, minute));
    }
    EXPECT_TRUE(answered);
    EXPECT_LT(rig.clock.now(), returns + 3 * minute) << "taken up at once when Medicapp is back";
    EXPECT_LT(rig.requests(), 60u * 4) << "in an hour";
    const Names expected{"medicapp.unavailable", "medicapp.recovered"};
    EXPECT_EQ(rig.log.names(), expected);
}

TEST(OutageTest, AHiccupIsNoOutage) {
    Rig rig;
    for (int i = 0; i < 20; ++i) {
        rig.transport.then(html(502));
        rig.transport.then(page_answer());
        EXPECT_TRUE(rig.run(rig.client.list(ListQuery())));
    }
    EXPECT_EQ(rig.log.names(), Names());
    EXPECT_EQ(rig.client.requests().retries, 20);
}

TEST(OutageTest, IsRiddenOutWithinTheBudget) {
    Rig rig;
    rig.transport.otherwise([&](const http::Request&) {
        return rig.elapsed() < Duration(10'000) ? html(503) : page_answer();
    });
    EXPECT_TRUE(rig.run(rig.client.list(ListQuery())));
    EXPECT_LT(rig.requests(), 9u);
}

TEST(OutageTest, OfManyCallsIsProbedByOneAtATimeAndEndsForAllInTime) {
    Rig rig;
    rig.transport.otherwise([&](const http::Request&) { return html(503); });
    std::vector<std::shared_ptr<std::optional<connectors::Reply<connectors::MedicappPage>>>>
        results;
    for (int i = 0; i < 40; ++i)
        results.push_back(rig.start(rig.client.list(ListQuery())));
    rig.drive([&] {
        return std::ranges::all_of(results, [](const auto& result) { return result->has_value(); });
    });
    for (const auto& result : results)
        EXPECT_EQ((**result).error().failure, Failure::unavailable);
    EXPECT_LE(rig.elapsed(), Duration(61'000));
    EXPECT_LE(rig.requests(), 40u); // far fewer than 40 calls of 8 attempts
    const Names expected{"medicapp.unavailable"};
    EXPECT_EQ(rig.log.names(), expected);
}

TEST(OutageTest, RetriesStopWhenTheBudgetIsUsedUpAndComeBackWithSuccesses) {
    auto settings = default_settings();
    settings.retry_budget = 5;
    Rig rig(settings);
    bool down = true;
    rig.transport.otherwise([&](const http::Request&) { return down ? html(503) : page_answer(); });
    EXPECT_FALSE(rig.run(rig.client.list(ListQuery())));
    EXPECT_EQ(rig.requests(), 6u);
    EXPECT_FALSE(rig.run(rig.client.list(ListQuery())));
    EXPECT_EQ(rig.requests(), 7u);
    down = false;
    for (int i = 0; i < 21; ++i)
        EXPECT_TRUE(rig.run(rig.client.list(ListQuery())));
    const auto before = rig.requests();
    down = true;
    EXPECT_FALSE(rig.run(rig.client.list(ListQuery())));
    EXPECT_EQ(rig.requests(), before + 3);
}

TEST(OutageTest, A429DoesNotTouchTheBudget) {
    auto settings = default_settings();
    settings.retry_budget = 1;
    settings.most_attempts = 2;
    Rig rig(settings);
    for (int i = 0; i < 10; ++i)
        rig.transport.then(json_error(429, "RATE"));
    rig.transport.then(html(503));
    rig.transport.then(page_answer());
    EXPECT_TRUE(rig.run(rig.client.list(ListQuery())));
    EXPECT_EQ(rig.requests(), 12u);
    EXPECT_EQ(rig.client.requests().rate_limited, 10);
    EXPECT_EQ(rig.client.requests().retries, 1);
}

TEST(OutageTest, ThrottlingIsOneEventAnEpisode) {
    Rig rig;
    for (int episode = 0; episode < 2; ++episode) {
        for (int i = 0; i < 5; ++i) {
            rig.transport.then(json_error(429, "RATE", {{"Retry-After", "2"}}));
            rig.transport.then(page_answer());
            EXPECT_TRUE(rig.run(rig.client.list(ListQuery())));
        }
        auto quiet = rig.start(rig.client.get("")); // anything, to have something to drive
        rig.drive([&] { return quiet->has_value(); });
        const auto later = rig.clock.now() + Duration(700'000);
        boost::asio::co_spawn(rig.io, rig.clock.sleep_until(later), [](std::exception_ptr) {});
        rig.drive([&] { return rig.clock.now() >= later; });
    }
    const Names expected{"medicapp.rate_limited", "medicapp.rate_limited"};
    EXPECT_EQ(rig.log.names(), expected);
}

// --- credentials -------------------------------------------------------------------------------

TEST(CredentialsTest, ARefusalStopsAllRequestsAtOnceWithOneEvent) {
    Rig rig;
    rig.transport.otherwise([](const http::Request&) { return json_error(401, "BAD_KEY"); });
    for (int i = 0; i < 5; ++i) {
        const auto reply = rig.run(rig.client.create(planted_patient()));
        EXPECT_EQ(reply.error().failure, Failure::unauthorized);
    }
    EXPECT_EQ(rig.requests(), 2u) << "the first call, and a plain read";
    EXPECT_TRUE(rig.client.credentials_refused());
    const Names expected{"auth.refused"};
    EXPECT_EQ(rig.log.names(), expected);
    EXPECT_NE(rig.log.text().find("request_id=req-7"), std::string::npos);
}

TEST(CredentialsTest, CallsThatWaitEndToo) {
    auto settings = default_settings();
    settings.concurrency = 1;
    Rig rig(settings);
    rig.transport.otherwise([](const http::Request&) { return json_error(403, "NO_RIGHT"); });
    std::vector<std::shared_ptr<std::optional<connectors::Reply<connectors::MedicappPatient>>>>
        results;
    for (int i = 0; i < 5; ++i) {
        results.push_back(rig.start(rig.client.create(planted_patient())));
    }
    rig.drive([&] {
        return std::ranges::all_of(results, [](const auto& result) { return result->has_value(); });
    });
    EXPECT_EQ(rig.requests(), 2u);
    for (const auto& result : results) {
        EXPECT_EQ((**result).error().failure, Failure::unauthorized);
    }
}

TEST(CredentialsTest, ATrialSendsOneRequestAndTheOthersWaitForIt) {
    Rig rig;
    rig.transport.otherwise([](const http::Request&) { return json_error(401, "BAD_KEY"); });
    (void)rig.run(rig.client.get("p-1"));
    for (int trial = 1; trial <= 3; ++trial) {
        rig.client.try_credentials();
        std::vector<std::shared_ptr<std::optional<connectors::Reply<connectors::MedicappPatient>>>>
            results;
        for (int i = 0; i < 8; ++i)
            results.push_back(rig.start(rig.client.get("p-1")));
        rig.drive([&] {
            return std::ranges::all_of(results,
                                       [](const auto& result) { return result->has_value(); });
        });
        EXPECT_EQ(rig.requests(), 2u + static_cast<std::size_t>(trial));
        EXPECT_EQ(rig.transport.sent().back().request.target, "/v5/patients?page=1&per_page=1");
    }
    const Names expected{"auth.refused"};
    EXPECT_EQ(rig.log.names(), expected);
}

TEST(CredentialsTest, ANewKeyIsUsedAndItsAcceptanceIsAnEvent) {
    Rig rig;
    rig.transport.otherwise([](const http::Request& request) {
        if (request.headers[0].second != "Bearer new-key") return json_error(401, "BAD_KEY");
        return request.target.ends_with("/p-1") ? patient_answer(200) : page_answer();
    });
    (void)rig.run(rig.client.get("p-1"));
    rig.client.credentials_renewed(config::Secret("new-key"));
    for (int i = 0; i < 3; ++i)
        EXPECT_TRUE(rig.run(rig.client.get("p-1")));
    EXPECT_FALSE(rig.client.credentials_refused());
    const Names expected{"auth.refused", "auth.accepted"};
    EXPECT_EQ(rig.log.names(), expected);
}

TEST(CredentialsTest, TheFormerKeysRefusalDoesNotSpeakAgainstTheNewOne) {
    Rig rig;
    rig.transport.otherwise([](const http::Request& request) {
        return request.headers[0].second == "Bearer new-key" ? patient_answer(200)
                                                             : json_error(401, "BAD_KEY");
    });
    const auto result = rig.start(rig.client.get("p-1"));
    rig.settle();
    ASSERT_EQ(rig.requests(), 1u);
    rig.client.credentials_renewed(config::Secret("new-key"));
    rig.drive([&] { return result->has_value(); });
    EXPECT_TRUE(**result);
    EXPECT_EQ(rig.log.names(), Names());
}

} // namespace
} // namespace medibridge::test
