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
    end.waiting.oldest_to_decide_ms = 1'000;
    const auto text = to_text(end, false, 1'000 + 3 * 86'400'000LL);
    EXPECT_THAT(text, HasSubstr("incomplete: source his: it does not answer\n"));
    EXPECT_THAT(text, HasSubstr("held in all: 4 to decide, oldest 3 days; 2 excluded"));
    EXPECT_THAT(text, HasSubstr("1.5 s"));
    const auto complete = to_text(ended(Outcome::complete), true, 0);
    EXPECT_THAT(complete, HasSubstr("nothing was sent or kept"));
    EXPECT_THAT(complete, HasSubstr("held in all: 2 excluded\n"));
}

TEST(Results, ADryRunShowsWhomAGuardStopped) {
    auto end = ended(Outcome::guarded);
    sync::Changes changes;
    reconcile::FieldSet fields;
    fields.add(reconcile::Field::last_name);
    for (int i = 0; i < 25; ++i)
        changes.note(sync::Change::update("P" + std::to_string(i), fields, {}));
    end.report.alarms = {sync::GuardAlarm{"guard.rewound", {}, {}, "it went back", changes, 30}};
    const auto text = to_text(end, true, 0);
    EXPECT_THAT(text, HasSubstr("guard.rewound: 25 of 30 linked patients: update 25, lastName 25"));
    EXPECT_THAT(text, HasSubstr("stopped\tP0\tlastName\n"));
    EXPECT_THAT(text, HasSubstr("stopped\tand 5 more\n"));
    EXPECT_THAT(to_text(end, false, 0), testing::Not(HasSubstr("P0")));
    sync::Changes others;
    others.note(sync::Change::hold("P1", reconcile::HoldReason::deceased, {}));
    others.note(sync::Change::merge("P2", "P9", false, {}));
    others.note(sync::Change::missing("P3"));
    end.report.alarms.front().changes = others;
    EXPECT_THAT(to_text(end, true, 0), HasSubstr("stopped\tP1\theld deceased\n"
                                                 "stopped\tP2\tmerged into P9\n"
                                                 "stopped\tP3\tis not in Medicapp\n"));
}

TEST(Results, JsonOfADryRunSaysWhomAGuardStopped) {
    auto end = ended(Outcome::guarded);
    sync::Changes changes;
    reconcile::FieldSet fields;
    fields.add(reconcile::Field::phone);
    changes.note(sync::Change::reassertion("P1", fields));
    end.report.alarms = {sync::GuardAlarm{"guard.rewound", {}, {}, "it went back", changes, 30}};
    EXPECT_THAT(control::to_json(end, true),
                HasSubstr(R"("guards":[{"guard":"guard.rewound","source":null,)"
                          R"("reason":"it went back","fields":{"phone":1},"count":1,"linked":30,)"
                          R"("kinds":{"update":1},"holds":{},"keys":[],"examples":[)"
                          R"({"external_id":"P1","kind":"update","detail":null,)"
                          R"("fields":["phone"]}]}])"));
    EXPECT_THAT(control::to_json(end), testing::Not(HasSubstr("P1"))) << "a timer's goes to a log";
}

TEST(Results, AnAgeHasOneUnit) {
    EXPECT_EQ(age_text(-5), "0 seconds");
    EXPECT_EQ(age_text(61'000), "1 minute");
    EXPECT_EQ(age_text(47 * 3'600'000LL), "47 hours");
    EXPECT_EQ(age_text(72 * 3'600'000LL), "3 days");
}

} // namespace
} // namespace medibridge::daemon
