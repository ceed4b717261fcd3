#include "rig.hpp"

#include "reconcile/identity_drift.hpp"
#include "sync/core/delivery.hpp"
#include "sync/core/inspection.hpp"
#include "sync/core/judgement.hpp"
#include "sync/core/order.hpp"
#include "sync/core/preview.hpp"
#include "sync/core/settlement.hpp"
#include "sync/core/views.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::tests {
namespace {

using reconcile::Field;
using reconcile::FieldValue;
using reconcile::HoldReason;
using sync::Decision;
using sync::DecisionKind;
using sync::Item;
using testing::ElementsAre;
using testing::IsEmpty;
using Kind = Decision::Kind;

reconcile::FieldSet fields(std::initializer_list<Field> list) {
    reconcile::FieldSet set;
    for (const auto field : list)
        set.add(field);
    return set;
}

reconcile::Assessed somebody_else() {
    auto record = Rig::record();
    record.patient[Field::last_name] = FieldValue::known("DURAND");
    record.patient[Field::first_name] = FieldValue::known("Paul");
    record.patient[Field::birth_date] = FieldValue::known("1955-06-07");
    return record;
}

connectors::MedicappPatient anonymous() {
    auto patient = Rig::patient();
    patient.patient.set_external_id({});
    return patient;
}

state::Known held(Rig& rig, HoldReason reason, const reconcile::Assessed& record, bool linked) {
    auto item = linked ? rig.linked() : rig.stranger();
    item = rig.held(std::move(item), reason);
    item.known.held->record = sync::record_digest(record, rig.digester);
    return std::move(item.known);
}

/// The item once the operator has decided about it, having seen `record` and `medicapp`.
Item ordered(Rig& rig, state::Known known, DecisionKind kind, const reconcile::Assessed& record,
             const connectors::MedicappPatient* medicapp = nullptr) {
    state::OperatorDecision decision;
    decision.external_id = "P1";
    decision.kind = kind;
    decision.actor = {"anne", 1001};
    decision.record = sync::record_digest(record, rig.digester);
    if (medicapp) {
        decision.medicapp_id = medicapp->id;
        decision.medicapp = sync::seen_digest(
            sync::medicapp_view(*medicapp, "P1", rig.digester, rig.settings.identity),
            rig.digester);
    }
    known.decision = std::make_shared<state::OperatorDecision>(decision);
    return item_of(rig.rules, "his", record, std::move(known));
}

Decision judged(Rig& rig, Item& item, std::vector<connectors::MedicappPatient> details = {},
                const std::vector<std::string>& look_alikes = {}) {
    judge_item(rig.rules, item, {}, look_alikes);
    if (!ids_to_read(item).empty()) judge_with_details(rig.rules, item, std::move(details));
    return item.decision;
}

TEST(OrderTest, AnUpdateThatAnOperatorConfirmedIsWrittenAndTheIdentityIsConfirmed) {
    Rig rig;
    const auto record = somebody_else();
    const auto patient = Rig::patient();
    auto item = ordered(rig, held(rig, HoldReason::divergence, record, true), DecisionKind::update,
                        record, &patient);
    const auto decision = judged(rig, item, {patient});
    EXPECT_EQ(decision.kind, Kind::update);
    EXPECT_TRUE(decision.plan.write.has(Field::last_name));
    ASSERT_TRUE(decision.drift);
    EXPECT_TRUE(decision.drift->empty());
}

TEST(OrderTest, AnUpdateIsRefusedWhereTheRecordHasChangedSince) {
    Rig rig;
    const auto patient = Rig::patient();
    auto known = held(rig, HoldReason::divergence, somebody_else(), true);
    auto item = ordered(rig, std::move(known), DecisionKind::update, somebody_else(), &patient);
    auto record = somebody_else();
    record.patient[Field::first_name] = FieldValue::known("Pierre");
    auto again = item_of(rig.rules, "his", record, item.known);
    EXPECT_EQ(judged(rig, again, {patient}).kind, Kind::hold);
    EXPECT_FALSE(again.refusal.empty());
}

TEST(OrderTest, AnUpdateIsRefusedWhereMedicappHasChangedSince) {
    Rig rig;
    const auto record = somebody_else();
    const auto patient = Rig::patient();
    auto item = ordered(rig, held(rig, HoldReason::divergence, record, true), DecisionKind::update,
                        record, &patient);
    const auto now = Rig::patient("+33699999999");
    EXPECT_EQ(judged(rig, item, {now}).kind, Kind::hold);
    const auto effects = settle_without_write(rig.rules, item);
    ASSERT_EQ(effects.concluded.size(), 1u);
    EXPECT_FALSE(effects.concluded[0].applied);
    EXPECT_THAT(effects.concluded[0].reason, testing::HasSubstr("changed in Medicapp"));
}

TEST(OrderTest, AnUpdateOfWhichOurOwnWriteIsUnansweredIsStillCarriedOut) {
    Rig rig;
    const auto record = somebody_else();
    const auto patient = Rig::patient();
    auto known = held(rig, HoldReason::divergence, record, true);
    known.intent = state::Intent{"P1", state::Intent::Kind::update, "m1", {}};
    auto item = ordered(rig, std::move(known), DecisionKind::update, record, &patient);
    auto halfway = Rig::patient();
    halfway.patient[Field::last_name] = FieldValue::known("DURAND");
    EXPECT_EQ(judged(rig, item, {halfway}).kind, Kind::update);
}

TEST(OrderTest, ALinkIsMadeToWhomTheOperatorNamedWhateverTheTraitsSay) {
    Rig rig;
    const auto record = somebody_else();
    const auto patient = anonymous();
    auto item = ordered(rig, held(rig, HoldReason::possible_duplicate, record, false),
                        DecisionKind::link, record, &patient);
    const auto decision = judged(rig, item, {patient});
    EXPECT_EQ(decision.kind, Kind::adopt);
    EXPECT_EQ(decision.medicapp_id, "m1");
    EXPECT_TRUE(decision.write_external_id);
}

TEST(OrderTest, ALinkToAPatientWithAnotherExternalIdIsRefused) {
    Rig rig;
    const auto record = Rig::record();
    auto patient = Rig::patient();
    patient.patient.set_external_id("P2");
    auto item = ordered(rig, held(rig, HoldReason::possible_duplicate, record, false),
                        DecisionKind::link, record, &patient);
    EXPECT_EQ(judged(rig, item, {patient}).kind, Kind::still_held);
    EXPECT_FALSE(item.refusal.empty());
}

TEST(OrderTest, ALinkIsRefusedWhereAnotherPatientCarriesTheExternalIdByNow) {
    Rig rig;
    const auto record = Rig::record();
    const auto patient = anonymous();
    auto known = held(rig, HoldReason::possible_duplicate, record, false);
    known.unlinked = state::Unlinked{"m2", "P1", {}, {}};
    auto item = ordered(rig, std::move(known), DecisionKind::link, record, &patient);
    auto other = Rig::patient();
    other.id = "m2";
    other.patient[Field::birth_date] = FieldValue::known("1931-01-01");
    const auto decision = judged(rig, item, {other});
    EXPECT_EQ(decision.kind, Kind::hold);
    EXPECT_EQ(decision.hold_reason, HoldReason::identity_mismatch);
    EXPECT_FALSE(item.refusal.empty());
}

TEST(OrderTest, ALinkToNobodyIsRefused) {
    Rig rig;
    const auto record = Rig::record();
    const auto patient = anonymous();
    auto item = ordered(rig, held(rig, HoldReason::possible_duplicate, record, false),
                        DecisionKind::link, record, &patient);
    EXPECT_EQ(judged(rig, item, {}).kind, Kind::still_held);
    const auto effects = settle_without_write(rig.rules, item);
    ASSERT_EQ(effects.concluded.size(), 1u);
    EXPECT_FALSE(effects.concluded[0].applied);
}

TEST(OrderTest, SomebodyElseIsCreatedAlthoughTheyLookAlike) {
    Rig rig;
    const auto record = Rig::record();
    auto item = ordered(rig, held(rig, HoldReason::possible_duplicate, record, false),
                        DecisionKind::create, record);
    EXPECT_EQ(judged(rig, item, {}, {"m7"}).kind, Kind::create);
}

TEST(OrderTest, WhoWasErasedComesBackByAnOrderOnly) {
    Rig rig;
    const auto record = Rig::record();
    auto known = held(rig, HoldReason::erased_in_medicapp, record, false);
    known.tombstone = state::Tombstone{"P1", "m1"};
    auto item = ordered(rig, known, DecisionKind::create, record);
    EXPECT_EQ(judged(rig, item).kind, Kind::create);
    auto retried = ordered(rig, known, DecisionKind::retry, record);
    EXPECT_EQ(judged(rig, retried).kind, Kind::hold);
}

TEST(OrderTest, ARetrySendsAgainWhatMedicappRefused) {
    Rig rig;
    const auto record = Rig::record();
    auto item =
        ordered(rig, held(rig, HoldReason::rejected, record, false), DecisionKind::retry, record);
    EXPECT_EQ(judged(rig, item).kind, Kind::create);
}

TEST(OrderTest, ARetryThatHoldsAgainIsCarriedOut) {
    Rig rig;
    auto record = Rig::record();
    record.hold = reconcile::SelfHold{HoldReason::invalid, {"birthDate", "is missing"}};
    auto item =
        ordered(rig, held(rig, HoldReason::invalid, record, false), DecisionKind::retry, record);
    item.known.held->acknowledged = true;
    EXPECT_EQ(judged(rig, item).kind, Kind::hold);
    const auto effects = settle_without_write(rig.rules, item);
    ASSERT_EQ(effects.concluded.size(), 1u);
    EXPECT_TRUE(effects.concluded[0].applied);
    // Who asks again wants to decide again.
    for (const auto& change : effects.changes.changes()) {
        if (const auto* hold = std::get_if<state::Batch::Hold>(&change))
            EXPECT_FALSE(hold->held.acknowledged);
    }
}

TEST(OrderTest, AnotherSourcesRecordIsNoBusinessOfTheDecision) {
    Rig rig;
    rig.source_names = {"his", "other"};
    const auto record = Rig::record();
    auto item = ordered(rig, held(rig, HoldReason::possible_duplicate, record, false),
                        DecisionKind::create, record);
    item.known.held->source = "other";
    const auto again = item_of(rig.rules, "his", record, item.known);
    EXPECT_FALSE(again.ordered);
    EXPECT_THAT(conclude_order(again, HoldReason::rejected).concluded, IsEmpty());
}

TEST(OrderTest, WhatWasDecidedGoesInTheCommitOfItsResultUnderTheOperatorsName) {
    Rig rig;
    const auto record = Rig::record();
    auto item = ordered(rig, held(rig, HoldReason::possible_duplicate, record, false),
                        DecisionKind::create, record);
    judged(rig, item);
    item.may_release = true;
    sync::Delivery delivery(rig.rules, std::move(item));
    delivery.start();
    auto step = delivery.answered(Rig::patient());
    const auto& effects = std::get<sync::Delivery::Done>(step).effects;
    ASSERT_EQ(effects.concluded.size(), 1u);
    EXPECT_TRUE(effects.concluded[0].applied);
    int dropped = 0;
    for (const auto& change : effects.changes.changes()) {
        dropped += std::holds_alternative<state::Batch::DropDecision>(change) ? 1 : 0;
        const auto* line = std::get_if<state::Batch::Audit>(&change);
        if (line && line->entry.action == "created") EXPECT_EQ(line->entry.actor.name, "anne");
    }
    EXPECT_EQ(dropped, 1);
}

TEST(OrderTest, OffersWhatFitsTheReason) {
    Rig rig;
    const auto record = Rig::record();
    const auto of = [&](HoldReason reason, bool linked) {
        return sync::decisions_on(held(rig, reason, record, linked));
    };
    using enum DecisionKind;
    EXPECT_THAT(of(HoldReason::possible_duplicate, false),
                ElementsAre(link, create, retry, ignore));
    EXPECT_THAT(of(HoldReason::divergence, true), ElementsAre(update, retry, ignore));
    EXPECT_THAT(of(HoldReason::divergence, false), ElementsAre(link, retry, ignore));
    EXPECT_THAT(of(HoldReason::erased_in_medicapp, false), ElementsAre(create, retry, ignore));
    EXPECT_THAT(of(HoldReason::identity_mismatch, true), ElementsAre(create, retry, ignore));
    EXPECT_THAT(of(HoldReason::identity_mismatch, false), ElementsAre(link, retry, ignore));
    EXPECT_THAT(of(HoldReason::external_id_taken, true), ElementsAre(retry, ignore));
    EXPECT_THAT(of(HoldReason::deceased, true), ElementsAre(retry, ignore));
}

TEST(PreviewTest, ShowsWhatTheDecisionWouldWrite) {
    Rig rig;
    const auto record = somebody_else();
    const auto patient = Rig::patient();
    const auto known = held(rig, HoldReason::divergence, record, true);
    const auto shown = preview(rig.rules, "his", record, known, DecisionKind::update, &patient);
    EXPECT_EQ(shown.outcome.kind, Kind::update);
    EXPECT_EQ(shown.outcome.plan.write,
              fields({Field::last_name, Field::first_name, Field::birth_date}));
}

} // namespace
} // namespace medibridge::tests
