#include "rig.hpp"

#include "sync/core/decision_table.hpp"

#include "sync/core/beside_another.hpp"
#include "sync/core/views.hpp"

#include <gtest/gtest.h>
#include <ostream>

namespace medibridge::tests {
namespace {

using namespace std::chrono_literals;

using reconcile::Field;
using reconcile::FieldValue;
using reconcile::HoldReason;
using sync::Decision;
using sync::Item;
using Kind = Decision::Kind;

reconcile::Assessed self_held(HoldReason reason) {
    auto record = Rig::record();
    record.hold = reconcile::SelfHold{reason, {"birthDate", "is not a date"}};
    return record;
}

reconcile::Assessed merged(bool renamed = false) {
    auto record = Rig::record();
    record.merged_into = "P2";
    record.renamed = renamed;
    return record;
}

reconcile::Assessed named(const std::string& last_name, const std::string& first_name) {
    auto record = Rig::record();
    record.patient[Field::last_name] = FieldValue::known(last_name);
    record.patient[Field::first_name] = FieldValue::known(first_name);
    return record;
}

/// The patient into whom P1 was merged, of the same traits, under the externalId P2.
connectors::MedicappPatient survivor() {
    auto patient = Rig::patient();
    patient.patient.set_external_id("P2");
    return patient;
}

reconcile::Assessed dated(std::chrono::minutes at) {
    auto record = Rig::record("+33622222222");
    record.modified_at = reconcile::Instant(at);
    return record;
}

/// A row: what is known and said of P1, and what is to be done.
struct Row {
    const char* name;
    Decision (*decide)(Rig& rig);
    Kind kind;
    HoldReason reason = HoldReason::invalid; ///< for a hold
};

std::ostream& operator<<(std::ostream& out, const Row& row) {
    return out << row.name;
}

Decision of(Rig& rig, const Item& item, sync::Grounds grounds = {}) {
    return decide(rig.rules, item, grounds);
}

class DecisionTable : public testing::TestWithParam<Row> {};

TEST_P(DecisionTable, SaysWhatIsToBeDone) {
    Rig rig;
    const auto decision = GetParam().decide(rig);
    EXPECT_EQ(decision.kind, GetParam().kind);
    if (decision.kind == Kind::hold) EXPECT_EQ(name(decision.hold_reason), name(GetParam().reason));
}

const Row kinds[] = {
    {"agreed", [](Rig& rig) { return of(rig, rig.linked()); }, Kind::nothing},
    {"merged_but_never_in_medicapp", [](Rig& rig) { return of(rig, rig.stranger(merged())); },
     Kind::nothing},
    {"merged_into_nobody_and_never_in_medicapp",
     [](Rig& rig) {
         auto record = merged();
         record.survivor_exists = false;
         return of(rig, rig.stranger(record));
     },
     Kind::hold, HoldReason::invalid},
    {"older_than_taken",
     [](Rig& rig) { return of(rig, rig.linked(dated(std::chrono::minutes(30)))); },
     Kind::untouched},
    {"older_but_accepted",
     [](Rig& rig) {
         return of(rig, rig.linked(dated(std::chrono::minutes(30))), {.accept_older = true});
     },
     Kind::update},
    {"newer_time_alone",
     [](Rig& rig) {
         auto record = Rig::record();
         record.modified_at = reconcile::Instant(std::chrono::hours(3));
         return of(rig, rig.linked(record));
     },
     Kind::refresh},
    {"medicapp_was_looked_at",
     [](Rig& rig) {
         auto item = rig.linked();
         item.seen = item.known.link->baselines.medicapp;
         return of(rig, item);
     },
     Kind::refresh},
    {"held_and_the_same",
     [](Rig& rig) { return of(rig, rig.held(rig.stranger(), HoldReason::possible_duplicate)); },
     Kind::still_held},
    {"held_and_the_same_in_a_full_compare",
     [](Rig& rig) {
         return of(rig, rig.held(rig.stranger(), HoldReason::possible_duplicate),
                   {.retry_held = true});
     },
     Kind::create},
    {"held_by_what_another_source_says",
     [](Rig& rig) {
         auto item = rig.held(rig.linked(), HoldReason::deceased);
         item.known.held->record = {};
         return of(rig, item, {.held_by_other = true});
     },
     Kind::still_held},
    {"refused_before_and_the_same_in_a_full_compare",
     [](Rig& rig) {
         return of(rig, rig.held(rig.stranger(), HoldReason::rejected), {.retry_held = true});
     },
     Kind::still_held},
    {"listed_but_not_linked", [](Rig& rig) { return of(rig, rig.listed()); }, Kind::inspect},
    {"looks_like_somebody", [](Rig& rig) { return decide(rig.rules, rig.stranger(), {}, {"m7"}); },
     Kind::inspect},
    {"another_name_before_a_look",
     [](Rig& rig) { return of(rig, rig.linked(named("MARTINEZ", "Anne"))); }, Kind::inspect},
    {"another_name_after_a_look",
     [](Rig& rig) {
         const auto look = Rig::patient();
         return of(rig, rig.linked(named("MARTINEZ", "Anne")), {.look = &look});
     },
     Kind::update},
    {"unknown", [](Rig& rig) { return of(rig, rig.stranger()); }, Kind::create},
    {"looks_like_somebody_but_shall_be_created",
     [](Rig& rig) {
         rig.settings.policy.on_unlinked_match = reconcile::OnUnlinkedMatch::create;
         return decide(rig.rules, rig.stranger(), {}, {"m7"});
     },
     Kind::create},
    {"erased_and_to_be_created_again",
     [](Rig& rig) {
         rig.settings.policy.on_erased = reconcile::OnErased::recreate;
         auto item = rig.stranger();
         item.known.tombstone = state::Tombstone{"P1", "m1"};
         return of(rig, item);
     },
     Kind::create},
    {"another_phone", [](Rig& rig) { return of(rig, rig.linked(Rig::record("+33622222222"))); },
     Kind::update},
    {"taken_by_the_same_person",
     [](Rig& rig) {
         return decide_adoption(rig.rules, rig.listed(), std::nullopt, Rig::patient());
     },
     Kind::adopt},
    {"one_look_alike_to_be_linked",
     [](Rig& rig) {
         rig.settings.policy.on_unlinked_match = reconcile::OnUnlinkedMatch::link;
         auto patient = Rig::patient();
         patient.patient.set_external_id({});
         return decide_look_alike(rig.rules, rig.stranger(), {patient});
     },
     Kind::adopt},
    {"merge_undone_into_two_people",
     [](Rig& rig) {
         return decide_after_merge(rig.rules, rig.stranger(named("DURAND", "Paul")), survivor());
     },
     Kind::create},
    {"merge_undone_and_the_survivor_has_the_externalid",
     [](Rig& rig) { return decide_after_merge(rig.rules, rig.stranger(), Rig::patient()); },
     Kind::take_back},
};

const Row holds[] = {
    {"invalid", [](Rig& rig) { return of(rig, rig.linked(self_held(HoldReason::invalid))); },
     Kind::hold, HoldReason::invalid},
    {"ambiguous",
     [](Rig& rig) { return of(rig, rig.stranger(self_held(HoldReason::ambiguous_source))); },
     Kind::hold, HoldReason::ambiguous_source},
    {"inactive",
     [](Rig& rig) { return of(rig, rig.linked(self_held(HoldReason::inactive_in_his))); },
     Kind::hold, HoldReason::inactive_in_his},
    {"deleted", [](Rig& rig) { return of(rig, rig.linked(self_held(HoldReason::deleted_in_his))); },
     Kind::hold, HoldReason::deleted_in_his},
    {"deleted_after_a_merge",
     [](Rig& rig) {
         auto item = rig.linked(self_held(HoldReason::deleted_in_his));
         item.known.redirect = "P2";
         return of(rig, item);
     },
     Kind::hold, HoldReason::merged_in_his},
    {"merged", [](Rig& rig) { return of(rig, rig.linked(merged())); }, Kind::hold,
     HoldReason::merged_in_his},
    {"still_the_survivor_after_an_undone_merge",
     [](Rig& rig) {
         auto item = rig.stranger();
         item.known.redirect = "P2";
         return decide_after_merge(rig.rules, item, survivor());
     },
     Kind::hold, HoldReason::merged_in_his},
    {"another_externalid_by_now",
     [](Rig& rig) { return decide_after_merge(rig.rules, rig.stranger(), survivor()); },
     Kind::create},
    {"somebody_else_has_the_externalid_after_an_undone_merge",
     [](Rig& rig) {
         return decide_after_merge(rig.rules, rig.stranger(named("DURAND", "Paul")),
                                   Rig::patient());
     },
     Kind::hold, HoldReason::identity_mismatch},
    {"deceased", [](Rig& rig) { return of(rig, rig.stranger(self_held(HoldReason::deceased))); },
     Kind::hold, HoldReason::deceased},
    {"status",
     [](Rig& rig) { return of(rig, rig.stranger(self_held(HoldReason::identity_status))); },
     Kind::hold, HoldReason::identity_status},
    {"renamed_while_linked", [](Rig& rig) { return of(rig, rig.linked(merged(true))); }, Kind::hold,
     HoldReason::external_id_taken},
    {"erased",
     [](Rig& rig) {
         auto item = rig.stranger();
         item.known.tombstone = state::Tombstone{"P1", "m1"};
         return of(rig, item);
     },
     Kind::hold, HoldReason::erased_in_medicapp},
    {"renamed_in_medicapp",
     [](Rig& rig) {
         auto item = rig.held(rig.linked(), HoldReason::identity_mismatch);
         item.known.held->record = {};
         return of(rig, item);
     },
     Kind::inspect},
    {"renamed_in_medicapp_and_looked_at",
     [](Rig& rig) {
         auto item = rig.held(rig.linked(), HoldReason::identity_mismatch);
         item.known.held->record = {};
         const auto patient = Rig::patient();
         return of(rig, item, {.look = &patient});
     },
     Kind::hold, HoldReason::identity_mismatch},
    {"taken_by_somebody_else",
     [](Rig& rig) {
         return decide_adoption(rig.rules, rig.listed(named("DURAND", "Paul")), std::nullopt,
                                Rig::patient());
     },
     Kind::hold, HoldReason::identity_mismatch},
    {"becomes_somebody_else",
     [](Rig& rig) {
         auto record = named("DURAND", "Paul");
         record.patient[Field::birth_date] = FieldValue::known("1955-06-07");
         const auto look = Rig::patient();
         return of(rig, rig.linked(record), {.look = &look});
     },
     Kind::hold, HoldReason::divergence},
    {"one_look_alike",
     [](Rig& rig) {
         auto patient = Rig::patient();
         patient.patient.set_external_id({});
         return decide_look_alike(rig.rules, rig.stranger(), {patient});
     },
     Kind::hold, HoldReason::possible_duplicate},
};

const auto row_name = [](const testing::TestParamInfo<Row>& info) { return info.param.name; };
INSTANTIATE_TEST_SUITE_P(Kinds, DecisionTable, testing::ValuesIn(kinds), row_name);
INSTANTIATE_TEST_SUITE_P(Holds, DecisionTable, testing::ValuesIn(holds), row_name);

/// Medicapp shows everything but a phone number, which it may have all the same.
TEST(Adoption, OverwritesAnUnseenFieldOnlyByAuthority) {
    using reconcile::Authority;
    struct Case {
        Authority authority;
        std::chrono::minutes his_at;
        bool writes;
    };
    for (const auto& [authority, his_at, writes] :
         {Case{Authority::his, 1min, true}, Case{Authority::newest, 3min, true},
          Case{Authority::newest, 1min, false}, Case{Authority::medicapp, 3min, false}}) {
        Rig rig;
        rig.settings.policy.authority.fill(authority);
        auto holder = Rig::patient("+33699999999");
        holder.modified_at = reconcile::Instant(2min);
        holder.shown = reconcile::every_field();
        const auto seen =
            decide_adoption(rig.rules, rig.listed(dated(his_at)), std::nullopt, holder);
        EXPECT_EQ(seen.plan.write.has(Field::phone), writes) << "as where it is seen";
        holder.shown.remove(Field::phone);
        const auto unseen =
            decide_adoption(rig.rules, rig.listed(dated(his_at)), std::nullopt, holder);
        EXPECT_EQ(unseen.kind, Kind::adopt);
        EXPECT_EQ(unseen.plan.write.has(Field::phone), writes)
            << static_cast<int>(authority) << " at " << his_at.count();
    }
}

TEST(DecisionTableTest, NamesEveryKind) {
    std::set<Kind> named{Kind::hold};
    for (const auto& row : kinds)
        named.insert(row.kind);
    EXPECT_EQ(named.size(), 10u);
}

} // namespace
} // namespace medibridge::tests
