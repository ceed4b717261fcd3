#include "generators.hpp"
#include "sides.hpp"

#include <gtest/gtest.h>

// Random edits on both sides, then one cycle, then nothing.

namespace medibridge::reconcile {
namespace {

rc::Gen<FieldValue> some_value() {
    return rc::gen::weightedOneOf<FieldValue>(
        {{5, rc::gen::map(rc::gen::element<std::string>("a", "b", "c"), FieldValue::known)},
         {1, rc::gen::construct<FieldValue>()},
         {1, rc::gen::exec([] { return FieldValue::cleared(); })}});
}

rc::Gen<Policy> some_policy() {
    return rc::gen::exec([] {
        Policy policy;
        for (auto& authority : policy.authority)
            authority = *rc::gen::element(Authority::his, Authority::medicapp, Authority::newest);
        policy.on_cleared = *rc::gen::element(OnCleared::keep, OnCleared::clear);
        return policy;
    });
}

/// `complete`: of every field it is said what it is, as in Medicapp's detail.
void edit(Patient& patient, bool complete) {
    for (const Field field : all_fields()) {
        if (*rc::gen::inRange(0, 3) != 0) continue;
        auto value = *some_value();
        if (complete && value.is_unknown()) value = FieldValue::cleared();
        if (is_required(field) && !value.is_known()) continue;
        patient[field] = value;
    }
}

Patient some_patient(bool complete) {
    Patient patient("1");
    for (const Field field : all_fields())
        patient[field] =
            is_required(field) || !complete ? FieldValue::known("a") : FieldValue::cleared();
    edit(patient, complete);
    return patient;
}

void apply(const UpdatePlan& plan, const Patient& his, Patient& medicapp) {
    for (const Field field : all_fields()) {
        if (plan.write.has(field)) {
            RC_ASSERT(his[field].is_known());
            RC_ASSERT(medicapp[field] != his[field]); // least writes
            medicapp[field] = his[field];
        }
        if (plan.clear.has(field)) {
            RC_ASSERT(!plan.write.has(field));
            RC_ASSERT(!is_required(field));
            RC_ASSERT(medicapp[field].is_known());
            medicapp[field] = FieldValue::cleared();
        }
    }
}

SideView remembered(const SideView& before, SideView now) {
    for (std::size_t i = 0; i < field_count; ++i) {
        if (now.fields[i] == FieldDigest{}) now.fields[i] = before.fields[i];
    }
    return now;
}

/// One cycle: decides, writes, and records the new baselines. Gives what it did.
UpdatePlan cycle(std::optional<Baselines>& linked, const Patient& his, Patient& medicapp,
                 int his_time, int medicapp_time, const Policy& policy) {
    const auto plan = plan_update(linked ? &*linked : nullptr, view(his, his_time), cleared_in(his),
                                  view(medicapp, medicapp_time), policy);
    apply(plan, his, medicapp);
    const auto before = linked ? linked->his : SideView();
    linked = Baselines{remembered(before, view(his, his_time)), view(medicapp, medicapp_time)};
    return plan;
}

TEST(ConvergenceTest, ASecondCycleWritesNothingWhateverHappenedBefore) {
    EXPECT_TRUE(rc::check([] {
        const auto policy = *some_policy();
        auto his = some_patient(false);
        auto medicapp = some_patient(true);
        std::optional<Baselines> linked;
        const int rounds = *rc::gen::inRange(1, 5);
        for (int round = 0; round < rounds; ++round) {
            const int his_time = *rc::gen::inRange(-1, 5);
            const int medicapp_time = *rc::gen::inRange(-1, 5);
            cycle(linked, his, medicapp, his_time, medicapp_time, policy);
            // Our own write makes Medicapp's patient newer.
            const auto again = cycle(linked, his, medicapp, his_time, medicapp_time + 10, policy);
            RC_ASSERT(!again.writes());
            RC_ASSERT(again.conflicts.empty());
            edit(his, false);
            edit(medicapp, true);
        }
    }));
}

TEST(ConvergenceTest, WhereTheHisHasTheAuthorityMedicappEndsLikeAHisThatSpeaks) {
    EXPECT_TRUE(rc::check([] {
        auto policy = with_authority(Authority::his);
        policy.on_cleared = OnCleared::clear;
        auto his = some_patient(true);
        auto medicapp = some_patient(true);
        std::optional<Baselines> linked;
        for (int round = 0; round < 3; ++round) {
            cycle(linked, his, medicapp, -1, -1, policy);
            for (const Field field : all_fields())
                RC_ASSERT(medicapp[field] == his[field]);
            edit(his, true);
            edit(medicapp, true);
        }
    }));
}

TEST(ConvergenceTest, AFieldOnWhichTheHisIsSilentStaysAsMedicappHasIt) {
    EXPECT_TRUE(rc::check([] {
        const auto policy = *some_policy();
        auto his = some_patient(false);
        auto medicapp = some_patient(true);
        std::optional<Baselines> linked;
        for (int round = 0; round < 3; ++round) {
            const auto before = medicapp;
            cycle(linked, his, medicapp, -1, -1, policy);
            for (const Field field : all_fields()) {
                if (his[field].is_unknown()) RC_ASSERT(medicapp[field] == before[field]);
            }
            edit(his, false);
            edit(medicapp, true);
        }
    }));
}

TEST(ConvergenceTest, WhereMedicappHasTheAuthorityOnlyChangesOfTheHisAreWritten) {
    EXPECT_TRUE(rc::check([] {
        const auto policy = with_authority(Authority::medicapp);
        auto his = some_patient(false);
        auto medicapp = some_patient(true);
        std::optional<Baselines> linked;
        cycle(linked, his, medicapp, -1, -1, policy);
        edit(medicapp, true);
        const auto plan = cycle(linked, his, medicapp, -1, -1, policy);
        RC_ASSERT(!plan.writes());
    }));
}

} // namespace
} // namespace medibridge::reconcile
