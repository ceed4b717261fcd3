#include "control/cycle_json.hpp"
#include "daemon/results.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::daemon {
namespace {

using sync::Outcome;
using testing::HasSubstr;

sync::Report report(Outcome outcome) {
    sync::Report result;
    result.outcome = outcome;
    return result;
}

TEST(Results, ExitCodesFollowTheOutcome) {
    EXPECT_EQ(exit_code(report(Outcome::complete), 0, true), ExitCode::ok);
    EXPECT_EQ(exit_code(report(Outcome::complete), 3, false), ExitCode::ok);
    EXPECT_EQ(exit_code(report(Outcome::complete), 3, true), ExitCode::held);
    EXPECT_EQ(exit_code(report(Outcome::incomplete), 3, true), ExitCode::incomplete);
    EXPECT_EQ(exit_code(report(Outcome::guarded), 0, false), ExitCode::guarded);
    EXPECT_EQ(exit_code(report(Outcome::unauthorized), 0, false), ExitCode::unauthorized);
}

TEST(Results, JsonIsOneLineInTheDocumentedOrder) {
    auto result = report(Outcome::complete);
    result.created = 2;
    result.held = 1;
    control::RequestCounts requests;
    requests.get = 1;
    requests.post = 2;
    requests.his = 3;
    EXPECT_EQ(control::to_json({result, requests, std::chrono::milliseconds(42)}),
              R"({"outcome":"complete","created":2,"updated":0,"linked":0,"unchanged":0,"held":1,)"
              R"("deferred":0,"requests":{"medicapp":{"GET":1,"POST":2,"PUT":0,"retries":0,)"
              R"("rate_limited":0},"his":3},"duration_ms":42})");
}

TEST(Results, TextSaysWhyARunIsNotComplete) {
    auto result = report(Outcome::incomplete);
    result.reason = "source his: it does not answer";
    const auto text = to_text({result, {}, std::chrono::milliseconds(1500)}, 4, false);
    EXPECT_THAT(text, HasSubstr("incomplete: source his: it does not answer\n"));
    EXPECT_THAT(text, HasSubstr("4 patients are held in total"));
    EXPECT_THAT(text, HasSubstr("1.5 s"));
    EXPECT_THAT(to_text({result, {}, {}}, 0, true), HasSubstr("nothing was sent or kept"));
}

} // namespace
} // namespace medibridge::daemon
