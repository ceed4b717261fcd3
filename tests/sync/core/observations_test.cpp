#include "rig.hpp"

#include "sync/core/inspection.hpp"
#include "sync/core/judgement.hpp"
#include "sync/core/views.hpp"

#include <gtest/gtest.h>

namespace medibridge::tests {
namespace {

using reconcile::HoldReason;
using reconcile::Instant;
using sync::Coverage;
using sync::Decision;
using sync::Observations;
using Kind = Decision::Kind;
using std::chrono::hours;

TEST(ObservationsTest, WantsFromOneSourceOrFromAny) {
    Observations seen;
    seen.want("P1");
    seen.want_of("a", "P2");
    EXPECT_TRUE(seen.wants("b", "P1"));
    EXPECT_TRUE(seen.wants("a", "P2"));
    EXPECT_FALSE(seen.wants("b", "P2"));
    seen.settle_wanted("b", "P1");
    EXPECT_FALSE(seen.wants_any_of("b"));
    EXPECT_TRUE(seen.wants_any_of("a"));
    seen.settle_wanted("a", "P2");
    EXPECT_FALSE(seen.wants_any_of("a"));
}

TEST(ObservationsTest, MissesTheNewestWriteOnlyInAReadingThatShouldShowIt) {
    Observations seen;
    EXPECT_FALSE(seen.misses_newest_write(std::nullopt)) << "none is known";
    seen.expect("m1", Instant(hours(2)));
    EXPECT_TRUE(seen.misses_newest_write(std::nullopt));
    EXPECT_TRUE(seen.misses_newest_write(Instant(hours(2))));
    EXPECT_FALSE(seen.misses_newest_write(Instant(hours(3))));
    auto patient = Rig::patient();
    patient.modified_at = Instant(hours(1));
    seen.note_listed(patient);
    EXPECT_TRUE(seen.misses_newest_write(std::nullopt)) << "shown as before";
    patient.modified_at = Instant(hours(2));
    seen.note_listed(patient);
    EXPECT_FALSE(seen.misses_newest_write(std::nullopt));
}

TEST(BelievedTimesTest, OnlyATimeAheadOfBothClocksIsDropped) {
    const Instant now(hours(100));
    const reconcile::Clocks behind{now, {}};
    auto patient = Rig::patient();
    patient.created_at = now;
    patient.modified_at = now + hours(30);
    auto other = patient;
    EXPECT_FALSE(sync::drop_unbelieved_times(other, {now, now + hours(10)}))
        << "Medicapp's own clock runs ahead";
    EXPECT_TRUE(sync::drop_unbelieved_times(patient, behind));
    EXPECT_EQ(patient.created_at, now);
    EXPECT_FALSE(patient.modified_at);
    EXPECT_FALSE(sync::drop_unbelieved_times(patient, behind));
}

TEST(CoverageTest, WhatIsNotAtHandLeavesAnAmbiguousPatientHeld) {
    Rig rig;
    rig.source_names = {"his", "other"};
    const auto judged = [&rig](const Coverage& coverage) {
        auto item = rig.held(rig.stranger(), HoldReason::ambiguous_source);
        item.known.held->record = {};
        judge_item(rig.rules, item, occasion_of({}, coverage, item));
        return item;
    };
    EXPECT_EQ(judged({}).decision.kind, Kind::still_held);
    EXPECT_TRUE(judged({}).calls_for_all);
    EXPECT_FALSE(judged({.all_whole = true}).calls_for_all);
    EXPECT_EQ(judged({.all_whole = true, .all_at_hand = true}).decision.kind, Kind::create);
}

TEST(CoverageTest, ARecordThatContradictsAnEarlierPageIsHeld) {
    Rig rig;
    auto record = Rig::record();
    record.patient[reconcile::Field::last_name] = reconcile::FieldValue::known("DURAND");
    auto item = rig.linked(record);
    judge_item(rig.rules, item, {.repeated = true});
    EXPECT_EQ(item.decision.kind, Kind::hold);
    EXPECT_EQ(item.decision.hold_reason, HoldReason::ambiguous_source);
}

TEST(JudgementTest, APatientWhoIsHeldIsLookedAtBeforeTheHoldEnds) {
    Rig rig;
    auto item = rig.held(rig.linked(), HoldReason::divergence);
    item.known.held->record = {};
    judge_item(rig.rules, item, {});
    EXPECT_EQ(ids_to_read(item), std::vector<std::string>{"m1"});
    judge_with_details(rig.rules, item, {Rig::patient()});
    EXPECT_TRUE(item.seen);
    EXPECT_TRUE(ids_to_read(item).empty());
    judge_item(rig.rules, item, {});
    judge_with_details(rig.rules, item, {});
}

TEST(JudgementTest, OfAListedPatientWhoIsGoneTheOperatorsChoiceDecides) {
    Rig rig;
    auto item = rig.listed();
    judge_item(rig.rules, item, {});
    auto other = item;
    judge_with_details(rig.rules, item, {});
    EXPECT_EQ(item.decision.hold_reason, HoldReason::erased_in_medicapp);
    rig.settings.policy.on_erased = reconcile::OnErased::recreate;
    judge_with_details(rig.rules, other, {});
    EXPECT_EQ(other.decision.kind, Kind::create);
}

} // namespace
} // namespace medibridge::tests
