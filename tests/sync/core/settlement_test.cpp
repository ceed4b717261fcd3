#include "rig.hpp"

#include "sync/core/judgement.hpp"
#include "sync/core/settlement.hpp"

#include <gtest/gtest.h>

namespace medibridge::tests {
namespace {

using reconcile::HoldReason;
using state::Batch;
using sync::Decision;
using sync::Effects;

template <class Change>
int count(const Batch& batch) {
    int found = 0;
    for (const auto& change : batch.changes())
        found += std::holds_alternative<Change>(change) ? 1 : 0;
    return found;
}

TEST(SettlementTest, AHoldIsCountedAndReportedOnce) {
    Rig rig;
    auto item = rig.stranger();
    item.decision = Decision::hold_for(HoldReason::possible_duplicate);
    const auto first = settle_without_write(rig.rules, item);
    EXPECT_EQ(first.counts, sync::Tally{.held = 1});
    EXPECT_EQ(first.events.size(), 1u);
    const auto again =
        settle_without_write(rig.rules, rig.held(std::move(item), HoldReason::possible_duplicate));
    EXPECT_EQ(again.counts, sync::Tally{.unchanged = 1});
    EXPECT_TRUE(again.events.empty());
    EXPECT_TRUE(again.changes.empty());
}

TEST(SettlementTest, AHoldForAnotherRecordIsKeptButNotReported) {
    Rig rig;
    auto item = rig.held(rig.stranger(), HoldReason::possible_duplicate);
    item.known.held->record = {};
    item.decision = Decision::hold_for(HoldReason::possible_duplicate);
    const auto effects = settle_without_write(rig.rules, item);
    EXPECT_EQ(count<Batch::Hold>(effects.changes), 1);
    EXPECT_EQ(effects.counts, sync::Tally{.unchanged = 1});
    EXPECT_TRUE(effects.events.empty());
}

TEST(SettlementTest, ARefreshMayEndAHoldAndAllSourcesAreAskedAgain) {
    Rig rig;
    rig.source_names = {"his", "other"};
    auto item = rig.held(rig.linked(), HoldReason::deceased);
    item.decision = Decision(Decision::Kind::refresh);
    item.may_release = true;
    const auto effects = settle_without_write(rig.rules, item);
    EXPECT_EQ(count<Batch::Release>(effects.changes), 1);
    EXPECT_EQ(count<Batch::PutMeta>(effects.changes), 1);
    ASSERT_EQ(effects.released.size(), 1u);
    EXPECT_EQ(effects.released[0].source, "his");
    EXPECT_EQ(effects.counts, sync::Tally{.unchanged = 1});
}

TEST(SettlementTest, AWriteIsPreparedByItsIntentLast) {
    Rig rig;
    auto item = rig.linked(Rig::record("+33622222222"));
    item.known.redirect = "P2";
    judge_item(rig.rules, item, {});
    sync::Observations observations;
    std::vector<sync::Item> items;
    items.push_back(std::move(item));
    const auto chunk = settle_chunk(rig.rules, observations, std::move(items), false);
    ASSERT_EQ(chunk.deliveries.size(), 1u);
    const auto& batch = chunk.effects.changes;
    EXPECT_EQ(count<Batch::PutRedirect>(batch), 1);
    EXPECT_TRUE(std::holds_alternative<Batch::PutIntent>(batch.changes().back()));
}

TEST(SettlementTest, OneMedicappPatientIsGivenToOneHisPatient) {
    Rig rig;
    sync::Observations observations;
    auto item = rig.stranger();
    item.decision = Decision(Decision::Kind::adopt);
    item.decision.medicapp_id = "m1";
    item.decision.write_external_id = true;
    auto second = item;
    claim_patient(observations, item);
    claim_patient(observations, second);
    EXPECT_EQ(item.decision.kind, Decision::Kind::adopt);
    EXPECT_EQ(second.decision.kind, Decision::Kind::hold);
}

TEST(EffectsTest, AppendsInOrderAndTheFirstNoticeStands) {
    Effects all;
    all.notice.left = "first";
    all.counts.created = 1;
    Effects more;
    more.notice.left = "second";
    more.counts.created = 2;
    more.changes.drop_intent("P1");
    more.note_written("m1", reconcile::Instant(std::chrono::hours(1)));
    all.append(std::move(more));
    EXPECT_EQ(all.notice.left, "first");
    EXPECT_EQ(all.counts.created, 3);
    EXPECT_EQ(all.changes.size(), 1u);
    ASSERT_TRUE(all.newest);
    EXPECT_EQ(all.newest->medicapp_id, "m1");
}

} // namespace
} // namespace medibridge::tests
