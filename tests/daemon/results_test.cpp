#include "control/cycle_json.hpp"
#include "daemon/results.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::daemon {
namespace {

using sync::Outcome;
using testing::HasSubstr;

control::CycleEnd ended(Outcome outcome, std::int64_t to_decide = 0) {
    control::CycleEnd end;
    end.report.outcome = outcome;
    end.waiting.to_decide = to_decide;
    end.waiting.excluded = 2;
    return end;
}

TEST(Results, ExitCodesFollowTheOutcome) {
    EXPECT_EQ(exit_code(ended(Outcome::complete), true), ExitCode::ok) << "excluded is no warning";
    EXPECT_EQ(exit_code(ended(Outcome::complete, 3), false), ExitCode::ok);
    EXPECT_EQ(exit_code(ended(Outcome::complete, 3), true), ExitCode::held);
    EXPECT_EQ(exit_code(ended(Outcome::incomplete, 3), true), ExitCode::incomplete);
    EXPECT_EQ(exit_code(ended(Outcome::guarded), true), ExitCode::guarded);
    EXPECT_EQ(exit_code(ended(Outcome::unauthorized), true), ExitCode::unauthorized);
}

TEST(Results, JsonIsOneLineInTheDocumentedOrder) {
    auto end = ended(Outcome::complete, 1);
    end.report.created = 2;
    end.report.held = 1;
    end.requests.get = 1;
    end.requests.post = 2;
    end.requests.his = 3;
    end.duration = std::chrono::milliseconds(42);
    end.waiting.reasons = {{reconcile::HoldReason::invalid, 1},
                           {reconcile::HoldReason::deceased, 2}};
    EXPECT_EQ(control::to_json(end),
              R"({"outcome":"complete","created":2,"updated":0,"linked":0,"unchanged":0,"held":1,)"
              R"("deferred":0,"requests":{"medicapp":{"GET":1,"POST":2,"PUT":0,"retries":0,)"
              R"("rate_limited":0},"his":3},"duration_ms":42,)"
              R"("waiting":{"to_decide":1,"excluded":2,"reasons":{"invalid":1,"deceased":2}}})");
}

TEST(Results, TextSaysWhyARunIsNotComplete) {
    auto end = ended(Outcome::incomplete, 4);
    end.report.reason = "source his: it does not answer";
    end.duration = std::chrono::milliseconds(1500);
    const auto text = to_text(end, false);
    EXPECT_THAT(text, HasSubstr("incomplete: source his: it does not answer\n"));
    EXPECT_THAT(text, HasSubstr("4 to decide in total"));
    EXPECT_THAT(text, HasSubstr("2 excluded"));
    EXPECT_THAT(text, HasSubstr("1.5 s"));
    EXPECT_THAT(to_text(ended(Outcome::complete), true), HasSubstr("nothing was sent or kept"));
}

} // namespace
} // namespace medibridge::daemon
