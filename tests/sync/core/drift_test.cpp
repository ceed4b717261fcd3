#include "rig.hpp"

#include "sync/core/drift.hpp"
#include "sync/core/recording.hpp"
#include "sync/core/refusals.hpp"
#include "sync/core/renaming.hpp"
#include "sync/core/unclear_creates.hpp"
#include "sync/core/views.hpp"

#include <gtest/gtest.h>

namespace medibridge::tests {
namespace {

using reconcile::HoldReason;
using state::Batch;
using sync::Effects;
using sync::Observations;
using sync::RenamingStep;

template <class Change>
bool has(const Effects& effects) {
    for (const auto& change : effects.changes.changes())
        if (std::holds_alternative<Change>(change)) return true;
    return false;
}

class DriftTest : public testing::Test {
  protected:
    DriftTest() {
        auto seen = Rig::patient("+33633333333");
        seen.modified_at = reconcile::Instant(std::chrono::hours(3));
        observations.note_change(
            "P1", sync::medicapp_view(seen, "P1", rig.digester, rig.settings.identity));
    }
    sync::Memory memory;
    Effects settle(const state::Known& known) {
        return settle_drift(rig.rules, memory, observations, {"P1"}, {known});
    }
    std::int64_t count(const state::Known& known) {
        sync::ChangeCounter changes;
        count_reassertions(rig.rules, observations, {"P1"}, {known}, changes);
        return changes.changes().count();
    }
    void his_wins() {
        for (auto& authority : rig.settings.policy.authority)
            authority = reconcile::Authority::his;
    }

    Rig rig;
    Observations observations;
};

TEST_F(DriftTest, WhatMedicappMayKeepIsAgreed) {
    const auto known = rig.linked().known;
    EXPECT_EQ(count(known), 0);
    const auto effects = settle(known);
    EXPECT_TRUE(has<Batch::PutLink>(effects));
    EXPECT_EQ(effects.events.size(), 1u);
    EXPECT_FALSE(observations.has_changes());
    EXPECT_FALSE(observations.wants_any());
}

TEST_F(DriftTest, WhatMedicappMayKeepOfWhoWasRefusedIsJudgedOnceWithWhatWas) {
    memory.trouble = ""; // the cycle before was complete
    const auto known = rig.held(rig.linked(), HoldReason::refused_by_server).known;
    EXPECT_TRUE(settle(known).changes.empty());
    EXPECT_TRUE(observations.wants("his", "P1"));
    EXPECT_TRUE(observations.has_changes()) << "until the record came";
    observations.forget_wanted();
    EXPECT_TRUE(settle(known).changes.empty()) << "nor agreed";
    EXPECT_FALSE(observations.wants_any()) << "it looks as it did";
    EXPECT_FALSE(observations.has_changes());
}

TEST_F(DriftTest, WhatAnOperatorLeftIsNotTriedAgainAsMedicappChanges) {
    auto known = rig.held(rig.linked(), HoldReason::rejected).known;
    known.held->acknowledged = true;
    EXPECT_TRUE(settle(known).changes.empty());
    EXPECT_FALSE(observations.wants_any());
}

TEST_F(DriftTest, WhatMedicappMayKeepOfWhoIsHeldOtherwiseIsAgreed) {
    const auto known = rig.held(rig.linked(), HoldReason::deceased).known;
    EXPECT_TRUE(has<Batch::PutLink>(settle(known)));
    EXPECT_FALSE(observations.wants_any());
}

TEST_F(DriftTest, WhatTheHisWritesAgainTakesItsRecord) {
    his_wins();
    const auto known = rig.linked().known;
    EXPECT_EQ(count(known), 1);
    const auto effects = settle(known);
    EXPECT_TRUE(effects.changes.empty());
    EXPECT_TRUE(observations.wants("his", "P1"));
    EXPECT_TRUE(observations.has_changes()) << "until the record came";
}

TEST_F(DriftTest, WhoIsHeldWaits) {
    his_wins();
    const auto known = rig.held(rig.linked(), HoldReason::external_id_taken).known;
    EXPECT_EQ(count(known), 0);
    EXPECT_TRUE(settle(known).changes.empty());
    EXPECT_FALSE(observations.wants_any());
    EXPECT_FALSE(observations.has_changes());
}

TEST_F(DriftTest, WhoIsInNoSourceAnyMoreIsKeptAsShown) {
    his_wins();
    const auto effects = keep_shown(observations, {"P1", "P2"}, {rig.linked().known, {}});
    EXPECT_TRUE(has<Batch::PutLink>(effects));
    EXPECT_FALSE(observations.has_changes());
}

TEST_F(DriftTest, WhoWasErasedIsHeldOrWantedAgain) {
    const auto known = rig.linked().known;
    const auto held = record_erasures(rig.rules, observations, {known});
    EXPECT_TRUE(has<Batch::PutTombstone>(held));
    EXPECT_EQ(held.counts.held, 1);
    EXPECT_FALSE(observations.has_changes());
    rig.settings.policy.on_erased = reconcile::OnErased::recreate;
    const auto wanted = record_erasures(rig.rules, observations, {known});
    EXPECT_TRUE(has<Batch::DropLink>(wanted));
    EXPECT_FALSE(has<Batch::PutTombstone>(wanted));
    EXPECT_TRUE(observations.wants("his", "P1"));
}

TEST_F(DriftTest, OfWhoIsMissingNoMoreThanPlausibleAreRemembered) {
    sync::MissingPatients missing;
    missing.plausible = 1;
    auto link = *rig.linked().known.link;
    for (const auto* id : {"m2", "m3"}) {
        link.medicapp_id = id;
        link.external_id = std::string("of ") + id;
        missing.note(link);
    }
    EXPECT_EQ(missing.changes.count(), 2);
    ASSERT_EQ(missing.links.size(), 1u);
    EXPECT_EQ(missing.links[0].medicapp_id, "m2");
}

TEST(UnclearCreatesTest, WhomNobodyHasIsHeldTheSecondTime) {
    Rig rig;
    Observations observations;
    std::vector<sync::Item> items{rig.stranger()};
    const auto first = give_up(rig.rules, observations, items);
    EXPECT_EQ(first.counts.deferred, 1);
    EXPECT_FALSE(first.notice.left.empty());
    state::Intent intent;
    intent.external_id = "P1";
    observations.note_old_intents({intent});
    const auto second = give_up(rig.rules, observations, items);
    EXPECT_EQ(second.counts, sync::Tally{.held = 1});
    EXPECT_TRUE(has<Batch::DropIntent>(second));
}

TEST(UnclearCreatesTest, WhomTheListShowedIsTakenOut) {
    Rig rig;
    std::vector<sync::Item> items{rig.stranger(), rig.stranger()};
    const auto found = take_found(items, {rig.listed().known, {}});
    EXPECT_EQ(found.size(), 1u);
    EXPECT_EQ(items.size(), 1u);
}

TEST(RefusalsTest, OneIsHeldAfterThreeCyclesInWhichOthersWereServed) {
    struct Row {
        std::int64_t cycles;
        bool others;
        bool served;
        bool held;
    };
    const Row rows[] = {
        {0, false, true, false}, {1, true, true, false},   {2, true, false, true},
        {2, false, true, true},  {2, false, false, false},
    };
    Rig rig;
    for (const auto& row : rows) {
        SCOPED_TRACE(std::to_string(row.cycles) + (row.others ? " others" : "") +
                     (row.served ? " served" : ""));
        sync::RefusedPatient patient;
        patient.external_id = "P1";
        state::Known known;
        known.refusal = state::Refusal{"P1", row.cycles, row.others};
        const auto effects = count_refusals(rig.rules, {{"P1", patient}}, {known}, row.served);
        EXPECT_EQ(effects.counts, row.held ? sync::Tally{.held = 1} : sync::Tally{.deferred = 1});
    }
}

TEST(RefusalsTest, WhomASourceExcludesStaysHeldForThat) {
    Rig rig;
    sync::RefusedPatient patient;
    patient.external_id = "P1";
    auto known = rig.held(rig.linked(), HoldReason::deceased).known;
    known.refusal = state::Refusal{"P1", 2, true};
    const auto effects = count_refusals(rig.rules, {{"P1", patient}}, {known}, true);
    EXPECT_EQ(effects.counts, sync::Tally());
    EXPECT_FALSE(has<Batch::Hold>(effects));
}

TEST(RenamingTest, WhatMedicappCarriesSaysWhatIsToBeDone) {
    struct Row {
        const char* carried;
        const char* last_name;
        bool changed_identifier;
        RenamingStep step;
    };
    const Row rows[] = {
        {"P1", "MARTIN", false, RenamingStep::send}, {"P2", "MARTIN", false, RenamingStep::follow},
        {"P3", "MARTIN", true, RenamingStep::leave}, {"P1", "DURAND", false, RenamingStep::leave},
        {"P1", "DURAND", true, RenamingStep::send},
    };
    Rig rig;
    for (const auto& row : rows) {
        SCOPED_TRACE(std::string(row.carried) + " " + row.last_name);
        auto record = Rig::record();
        record.patient.set_external_id("P2");
        sync::Renaming renaming;
        renaming.link = *rig.linked().known.link;
        renaming.survivor = "P2";
        renaming.record = &record;
        renaming.changed_identifier = row.changed_identifier;
        auto seen = Rig::patient();
        seen.patient.set_external_id(row.carried);
        seen.patient[reconcile::Field::last_name] = reconcile::FieldValue::known(row.last_name);
        EXPECT_EQ(step_of(rig.rules, renaming, seen), row.step);
    }
}

TEST(RenamingTest, AMergeIsKeptOnceBeforeAnyWrite) {
    auto record = Rig::record();
    record.merged_into = "P2";
    state::Known known;
    EXPECT_TRUE(has<Batch::PutRedirect>(sync::keep_redirect(record, known)));
    known.redirect = "P2";
    known.merged_at = record.modified_at;
    EXPECT_TRUE(sync::keep_redirect(record, known).changes.empty());
    record.modified_at = *record.modified_at + std::chrono::seconds(1);
    EXPECT_TRUE(has<Batch::PutRedirect>(sync::keep_redirect(record, known))) << "it was said again";
    record.modified_at.reset();
    EXPECT_TRUE(sync::keep_redirect(record, known).changes.empty());
}

} // namespace
} // namespace medibridge::tests
