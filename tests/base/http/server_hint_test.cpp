#include "base/http/timing_headers.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <string>
#include <string_view>

namespace medibridge::test {
namespace {

using http::PacingHeaders;
using http::requested_pause;
using std::chrono::milliseconds;

PacingHeaders retry_after(std::string_view value, std::string_view date = {}) {
    PacingHeaders headers;
    headers.retry_after = value;
    headers.date = date;
    return headers;
}

PacingHeaders rate_limit(std::string_view remaining, std::string_view reset,
                         std::string_view date = {}) {
    PacingHeaders headers;
    headers.remaining = remaining;
    headers.reset = reset;
    headers.date = date;
    return headers;
}

TEST(ServerHintTest, ReadsRetryAfterInSeconds) {
    EXPECT_EQ(requested_pause(retry_after("7"), true), milliseconds(7'000));
    EXPECT_EQ(requested_pause(retry_after(" 1.5 "), true), milliseconds(1'500));
    EXPECT_EQ(requested_pause(retry_after("0"), true), milliseconds(0));
}

TEST(ServerHintTest, ReadsARetryAfterDateRelativeToTheServersOwnDate) {
    // Both dates are years away from this machine's clock.
    EXPECT_EQ(
        requested_pause(
            retry_after("Wed, 21 Oct 1998 07:28:30 GMT", "Wed, 21 Oct 1998 07:28:00 GMT"), true),
        milliseconds(30'000));
    EXPECT_EQ(requested_pause(retry_after("Wed, 21 Oct 1998 07:28:30 GMT"), true), std::nullopt);
    EXPECT_EQ(
        requested_pause(
            retry_after("Wed, 21 Oct 1998 07:27:00 GMT", "Wed, 21 Oct 1998 07:28:00 GMT"), true),
        milliseconds(0));
}

TEST(ServerHintTest, ClampsToFiveMinutes) {
    EXPECT_EQ(requested_pause(retry_after("86400"), true), milliseconds(300'000));
    EXPECT_EQ(requested_pause(retry_after("99999999999999999999999999"), true),
              milliseconds(300'000));
    EXPECT_EQ(
        requested_pause(
            retry_after("Wed, 21 Oct 2099 07:28:30 GMT", "Wed, 21 Oct 1998 07:28:00 GMT"), true),
        milliseconds(300'000));
}

TEST(ServerHintTest, IgnoresGarbage) {
    for (const auto* text : {"", " ", "soon", "-5", "1e3", "1.2.3", "5 s", "NaN", ".", "0x10"}) {
        EXPECT_EQ(requested_pause(retry_after(text), true), std::nullopt) << text;
        EXPECT_EQ(requested_pause(rate_limit("0", text), true), std::nullopt) << text;
    }
}

TEST(ServerHintTest, ReadsTheResetAsSecondsOrAsUnixTime) {
    const auto* date = "Sun, 09 Sep 2001 01:46:40 GMT"; // Unix time 1000000000
    EXPECT_EQ(requested_pause(rate_limit("0", "12"), true), milliseconds(12'000));
    EXPECT_EQ(requested_pause(rate_limit("", "12"), true), milliseconds(12'000));
    EXPECT_EQ(requested_pause(rate_limit("0", "1000000045", date), true), milliseconds(45'000));
    EXPECT_EQ(requested_pause(rate_limit("0", "1000000045500", date), true), milliseconds(45'500));
    EXPECT_EQ(requested_pause(rate_limit("0", "1000000045"), true), std::nullopt);
}

TEST(ServerHintTest, HeedsAnExhaustedQuotaBeforeAnythingIsRefused) {
    EXPECT_EQ(requested_pause(rate_limit("0", "12"), false), milliseconds(12'000));
    EXPECT_EQ(requested_pause(rate_limit("1", "12"), false), std::nullopt);
    EXPECT_EQ(requested_pause(rate_limit("", "12"), false), std::nullopt);
    EXPECT_EQ(requested_pause(retry_after("12"), false), std::nullopt);
}

TEST(ServerHintTest, StaysWithinItsBoundsForAnyText) {
    const bool ok = rc::check("any headers", [](const std::string& a, const std::string& b,
                                                const std::string& c, bool refused) {
        PacingHeaders headers;
        headers.retry_after = a;
        headers.remaining = b;
        headers.reset = c;
        const auto pause = requested_pause(headers, refused);
        // RC_ASSERT takes an expression apart and evaluates all of it, so || would not stop early.
        const bool within =
            !pause || (*pause >= milliseconds(0) && *pause <= milliseconds(300'000));
        RC_ASSERT(within);
    });
    EXPECT_TRUE(ok);
}

} // namespace
} // namespace medibridge::test
