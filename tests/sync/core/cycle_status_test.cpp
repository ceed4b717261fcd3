#include "base/log/catalogue.hpp"
#include "sync/core/cycle_status.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::tests {
namespace {

using connectors::ApiError;
using connectors::Failure;
using sync::Alarm;
using sync::CycleStatus;
using sync::Effects;
using sync::Outcome;
using sync::RefusedPatient;
using testing::HasSubstr;

ApiError error_of(Failure failure, int status = 0) {
    ApiError error(failure);
    error.status = status;
    error.what = "what failed";
    return error;
}

RefusedPatient refused(const std::string& id, const ApiError& error = error_of(Failure::refused)) {
    RefusedPatient patient;
    patient.external_id = id;
    patient.error = error;
    return patient;
}

Effects served() {
    Effects effects;
    effects.counts.updated = 1;
    effects.agreed = {{"P1", ""}};
    return effects;
}

struct ErrorRow {
    Failure failure;
    int status;
    bool one_patient;
};

const ErrorRow error_rows[] = {
    {Failure::refused, 403, true},       {Failure::unknown, 500, true},
    {Failure::unavailable, 502, true},   {Failure::unavailable, 503, false},
    {Failure::unavailable, 429, false},  {Failure::unavailable, 0, false},
    {Failure::unauthorized, 401, false}, {Failure::cancelled, 0, false},
};

TEST(CycleStatusTest, AnAnswerThatConcernsOnePatientDoesNotEndTheCycle) {
    for (const auto& row : error_rows) {
        SCOPED_TRACE(std::string(name(row.failure)) + " " + std::to_string(row.status));
        CycleStatus status;
        status.heed({.refused = refused("P1", error_of(row.failure, row.status))});
        EXPECT_EQ(status.halted(), !row.one_patient);
        EXPECT_EQ(status.refused().contains("P1"), row.one_patient);
    }
}

TEST(CycleStatusTest, WhoWasRefusedAndServedLaterIsNotRefused) {
    CycleStatus status;
    status.heed({.refused = refused("P1")});
    auto effects = served();
    status.take(effects);
    EXPECT_TRUE(status.refused().empty());
    EXPECT_EQ(status.report().updated, 1);
}

TEST(CycleStatusTest, ManyRefusedAndNobodyServedIsNoFaultOfThePatients) {
    CycleStatus status;
    for (std::size_t i = 1; i < sync::limits::refused_in_a_row; ++i)
        status.heed({.refused = refused("P" + std::to_string(i))});
    EXPECT_FALSE(status.halted());
    auto other = status;
    status.heed({.refused = refused("P0")});
    EXPECT_TRUE(status.halted());
    EXPECT_THAT(status.report().reason, HasSubstr("refuses every patient"));
    other.note_served(served().counts);
    other.heed({.refused = refused("P0")});
    EXPECT_FALSE(other.halted());
}

TEST(CycleStatusTest, TheFirstReasonStandsUnlessCredentialsAreRefusedOrAGuardStopsIt) {
    CycleStatus status;
    status.heed({.left = "first"});
    status.heed({.halt = error_of(Failure::unavailable)});
    EXPECT_EQ(status.report().reason, "first");
    EXPECT_EQ(status.report().outcome, Outcome::incomplete);
    EXPECT_TRUE(status.halted());
    status.heed({.credentials = "source his: refused"});
    EXPECT_EQ(status.report().outcome, Outcome::unauthorized);
    status.heed({.alarm = Alarm{&log::events::guard_changes, {}, {}, "too many"}});
    EXPECT_EQ(status.report().outcome, Outcome::guarded);
    EXPECT_EQ(status.report().reason, "too many");
}

TEST(CycleStatusTest, AGuardsTokenStandsForAllThatItSaw) {
    const auto token = [](const Alarm& alarm) {
        CycleStatus status;
        status.heed({.alarm = alarm});
        return status.report().alarms.front().token;
    };
    const Alarm mapping{&log::events::guard_mapping, "his", "phone", "changed"};
    EXPECT_EQ(token(mapping), token(mapping));
    auto other = mapping;
    other.evidence = {sync::fingerprint_of("mapping his", "phone 00ff")};
    EXPECT_NE(token(mapping), token(other)) << "the same key has another value";
    other = mapping;
    other.source = "second";
    EXPECT_NE(token(mapping), token(other));
}

TEST(CycleStatusTest, OfOurWritesTheNewestIsKept) {
    const reconcile::Instant at(std::chrono::hours(2));
    CycleStatus status;
    status.note_written({"m1", at});
    status.note_written({"m2", at - std::chrono::hours(1)});
    status.note_written({"m3", {}});
    ASSERT_TRUE(status.newest_write());
    EXPECT_EQ(status.newest_write()->medicapp_id, "m1");
}

std::vector<std::string> reported(const CycleStatus& status, sync::Memory& memory) {
    std::vector<std::string> names;
    for (const auto& event :
         report_end(status, memory, {}, std::chrono::milliseconds(5), {}).events)
        names.emplace_back(event.type().name);
    return names;
}

TEST(CycleStatusTest, EveryEndSaysWhoIsToDecideAndWhoIsExcludedOfAllThatIsHeld) {
    sync::Memory memory;
    CycleStatus guarded;
    guarded.heed({.alarm = Alarm{&log::events::guard_emptied, "his", {}, "nobody"}});
    CycleStatus incomplete;
    incomplete.heed({.left = "something"});
    for (const auto& status : {guarded, incomplete, CycleStatus()}) {
        const auto events =
            report_end(status, memory, {}, std::chrono::milliseconds(5), {14, 400}).events;
        const auto& fields = events.back().fields();
        using Field = std::pair<log::Key, log::Event::Value>;
        EXPECT_THAT(fields, testing::Contains(Field(log::Key::to_decide, std::int64_t{14})));
        EXPECT_THAT(fields, testing::Contains(Field(log::Key::excluded, std::int64_t{400})));
        EXPECT_THAT(fields, testing::Contains(Field(log::Key::held, std::int64_t{0})));
    }
}

TEST(CycleStatusTest, WhatWasCancelledWasInterrupted) {
    CycleStatus status;
    status.heed({.halt = error_of(Failure::cancelled)});
    EXPECT_THAT(status.report().reason, HasSubstr("interrupted"));
}

TEST(CycleStatusTest, AGuardIsReportedOnceAndOnceWhenItIsOver) {
    using Names = std::vector<std::string>;
    sync::Memory memory;
    CycleStatus guarded;
    guarded.heed({.alarm = Alarm{&log::events::guard_emptied, "his", {}, "nobody"}});
    EXPECT_EQ(reported(guarded, memory), (Names{"guard.emptied", "cycle.guarded"}));
    EXPECT_EQ(reported(guarded, memory), Names{}) << "the same again";
    CycleStatus other;
    other.heed({.alarm = Alarm{&log::events::guard_emptied, "other", {}, "nobody"}});
    EXPECT_EQ(reported(other, memory), (Names{"guard.lifted", "guard.emptied", "cycle.guarded"}));
    CycleStatus incomplete;
    incomplete.heed({.left = "something"});
    EXPECT_EQ(reported(incomplete, memory), Names{"cycle.incomplete"});
    EXPECT_EQ(reported(CycleStatus(), memory), (Names{"guard.lifted", "cycle.finished"}));
    EXPECT_EQ(reported(CycleStatus(), memory), Names{"cycle.finished"});
}

TEST(CycleStatusTest, GuardsThatStandAtOnceAreToldTogetherAndEndOneByOne) {
    using Names = std::vector<std::string>;
    const Alarm mapping{&log::events::guard_mapping, "his", "phone", "the mapping was changed"};
    const Alarm rewound{&log::events::guard_rewound, {}, {}, "Medicapp has gone back"};
    sync::Memory memory;
    CycleStatus both;
    both.heed({.alarm = rewound});
    both.heed({.alarm = mapping});
    ASSERT_EQ(both.report().alarms.size(), 2u);
    EXPECT_EQ(both.report().alarms[0].guard, "guard.mapping") << "with it the cycle began";
    EXPECT_EQ(both.report().reason, "the mapping was changed; and Medicapp has gone back");
    EXPECT_EQ(reported(both, memory), (Names{"guard.mapping", "guard.rewound", "cycle.guarded"}));
    EXPECT_EQ(reported(both, memory), Names{}) << "the same again";
    CycleStatus one;
    one.heed({.alarm = mapping});
    EXPECT_EQ(reported(one, memory), Names{"guard.lifted"});
    EXPECT_EQ(reported(both, memory), (Names{"guard.rewound", "cycle.guarded"})) << "it is back";
    EXPECT_EQ(reported(CycleStatus(), memory),
              (Names{"guard.lifted", "guard.lifted", "cycle.finished"}));
}

TEST(CycleStatusTest, TheGuardsThatStandAreRecalledAsTheyWereKept) {
    EXPECT_THAT(sync::guards_from(""), testing::IsEmpty());
    EXPECT_THAT(sync::guards_from("guard.mapping of a,b\nguard.rewound"),
                testing::ElementsAre("guard.mapping of a,b", "guard.rewound"));
}

TEST(CycleStatusTest, ACycleThatDoesNotLookAtEverythingLiftsNoGuard) {
    sync::Request one_source;
    one_source.only_source = "his";
    sync::Request dry_run;
    dry_run.dry_run = true;
    for (const auto& request : {one_source, dry_run}) {
        sync::Memory memory;
        memory.guarded_by = {"guard.rewound of other"};
        const auto end =
            report_end(CycleStatus(), memory, request, std::chrono::milliseconds(5), {});
        EXPECT_EQ(end.events.size(), 1U);
        EXPECT_TRUE(end.changes.empty());
        EXPECT_THAT(memory.guarded_by, testing::ElementsAre("guard.rewound of other"));
    }
}

TEST(CycleStatusTest, AnEndThatSaysNothingNewIsNotToldAgain) {
    using log::Level;
    CycleStatus incomplete;
    incomplete.heed({.left = "Medicapp: HTTP 503"});
    CycleStatus other;
    other.heed({.left = "something else"});
    const CycleStatus idle;
    CycleStatus busy;
    Effects some;
    some.counts.updated = 1;
    busy.take(some);
    sync::Memory memory;
    const auto level = [&](const CycleStatus& status, bool by_itself) {
        sync::Request request;
        request.by_itself = by_itself;
        return report_end(status, memory, request, std::chrono::milliseconds(5), {})
            .events.back()
            .level();
    };
    EXPECT_EQ(level(idle, true), Level::info) << "the first one";
    EXPECT_EQ(level(idle, true), Level::debug);
    EXPECT_EQ(level(busy, true), Level::info);
    EXPECT_EQ(level(idle, false), Level::info) << "somebody asked for it";
    EXPECT_EQ(level(incomplete, true), Level::warn) << "the outage begins";
    EXPECT_EQ(level(incomplete, true), Level::debug);
    EXPECT_EQ(level(other, true), Level::warn);
    EXPECT_EQ(level(idle, true), Level::info) << "it is over";
    EXPECT_EQ(level(idle, true), Level::debug);
}

} // namespace
} // namespace medibridge::tests
