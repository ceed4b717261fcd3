#include "running_sandbox.hpp"

#include "sandbox/token_bucket.hpp"

#include <gtest/gtest.h>

namespace medibridge::sandbox {
namespace {

/// A sandbox that takes two requests at once and four a second.
std::unique_ptr<RunningSandbox> limited(RetryAfter retry_after) {
    auto settings = RunningSandbox::quiet();
    settings.medicapp.rate_limit = 4;
    settings.medicapp.burst = 2;
    settings.medicapp.retry_after = retry_after;
    return std::make_unique<RunningSandbox>(settings);
}

Answer refused(RunningSandbox& sandbox) {
    EXPECT_EQ(sandbox.medicapp("GET", "/patients").status, 200U);
    EXPECT_EQ(sandbox.medicapp("GET", "/patients").status, 200U);
    auto answer = sandbox.medicapp("GET", "/patients");
    EXPECT_EQ(answer.status, 429U);
    EXPECT_EQ(answer.code(), "RATE_LIMITED");
    return answer;
}

TEST(PacingTest, ABucketFillsAtItsRateUpToTheBurst) {
    TokenBucket bucket;
    EXPECT_TRUE(bucket.take(10, 2, 0));
    EXPECT_TRUE(bucket.take(10, 2, 0));
    EXPECT_FALSE(bucket.take(10, 2, 0));
    EXPECT_EQ(bucket.wait(), 100);
    EXPECT_FALSE(bucket.take(10, 2, 99));
    EXPECT_TRUE(bucket.take(10, 2, 101));
    EXPECT_TRUE(bucket.take(10, 2, 10'000));
    EXPECT_TRUE(bucket.take(10, 2, 10'000));
    EXPECT_FALSE(bucket.take(10, 2, 10'000));
    EXPECT_TRUE(bucket.take(0, 0, 10'000));
}

TEST(PacingTest, A429SaysSeconds) {
    const auto sandbox = limited(RetryAfter::seconds);
    EXPECT_EQ(refused(*sandbox).headers.at("retry-after"), "1");
    sandbox->clock().pass(250);
    EXPECT_EQ(sandbox->medicapp("GET", "/patients").status, 200U);
    EXPECT_EQ(sandbox->medicapp("GET", "/patients").status, 429U);
}

TEST(PacingTest, A429SaysADate) {
    const auto sandbox = limited(RetryAfter::date);
    EXPECT_EQ(refused(*sandbox).headers.at("retry-after"), "Thu, 28 May 2026 20:26:41 GMT");
}

TEST(PacingTest, A429SaysRateLimitHeaders) {
    const auto sandbox = limited(RetryAfter::ratelimit);
    const auto answer = refused(*sandbox);
    EXPECT_FALSE(answer.headers.contains("retry-after"));
    EXPECT_EQ(answer.headers.at("x-ratelimit-limit"), "4");
    EXPECT_EQ(answer.headers.at("x-ratelimit-remaining"), "0");
    EXPECT_EQ(answer.headers.at("x-ratelimit-reset"), "1780000001");
    sandbox->clock().pass(1'000);
    EXPECT_EQ(sandbox->medicapp("GET", "/patients").headers.at("x-ratelimit-remaining"), "1");
}

TEST(PacingTest, A429SaysNothing) {
    const auto sandbox = limited(RetryAfter::none);
    for (const auto& [name, value] : refused(*sandbox).headers) {
        EXPECT_NE(name, "retry-after");
        EXPECT_FALSE(name.starts_with("x-ratelimit")) << name;
    }
}

TEST(PacingTest, ARefusedRequestHasNoEffect) {
    const auto sandbox = limited(RetryAfter::none);
    refused(*sandbox);
    EXPECT_EQ(sandbox->medicapp("POST", "/patients", patient_json("E1")).status, 429U);
    EXPECT_EQ(sandbox->stats()["medicapp"]["patients"], 0);
}

} // namespace
} // namespace medibridge::sandbox
