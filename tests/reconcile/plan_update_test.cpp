#include "reconcile/decide.hpp"
#include "reconcile/digest.hpp"

#include "generators.hpp"

#include <gtest/gtest.h>

namespace medibridge::reconcile {
namespace {

const Digester& digester() {
    static const std::vector<std::uint8_t> key(Digester::key_size, 7);
    static const Digester made(key);
    return made;
}

Patient anne() {
    Patient patient("1");
    patient[Field::last_name] = FieldValue::known("Martin");
    patient[Field::first_name] = FieldValue::known("Anne");
    patient[Field::birth_date] = FieldValue::known("1984-02-29");
    patient[Field::gender] = FieldValue::known("F");
    patient[Field::phone] = FieldValue::known("+33612345678");
    patient[Field::email] = FieldValue::cleared();
    patient[Field::city] = FieldValue::known("Lyon");
    return patient;
}

SideView view(const Patient& patient, int modified_at = -1) {
    SideView side;
    side.fields = digester().fields(patient);
    if (modified_at >= 0) side.modified_at = Instant(std::chrono::milliseconds(modified_at));
    return side;
}

FieldSet cleared_in(const Patient& patient) {
    FieldSet fields;
    for (const Field field : all_fields()) {
        if (patient[field].state() == FieldValue::State::cleared) fields.add(field);
    }
    return fields;
}

Policy with_authority(Authority authority) {
    Policy policy;
    policy.authority.fill(authority);
    return policy;
}

/// Both sides as Anne, linked; each test changes what it is about.
class PlanUpdateTest : public testing::Test {
  protected:
    UpdatePlan plan(const Policy& policy = {}) {
        const Baselines linked{view(his_before), view(medicapp_before)};
        return plan_update(&linked, view(his, his_time), cleared_in(his),
                           view(medicapp, medicapp_time), policy);
    }
    UpdatePlan adoption(const Policy& policy = {}) {
        return plan_update(nullptr, view(his, his_time), cleared_in(his),
                           view(medicapp, medicapp_time), policy);
    }

    Patient his_before = anne();
    Patient medicapp_before = anne();
    Patient his = anne();
    Patient medicapp = anne();
    int his_time = -1;
    int medicapp_time = -1;
};

TEST_F(PlanUpdateTest, NothingChangedNothingIsWritten) {
    const auto result = plan();
    EXPECT_FALSE(result.writes());
    EXPECT_TRUE(result.conflicts.empty());
    EXPECT_TRUE(result.kept.empty());
    EXPECT_FALSE(result.divergence);
}

TEST_F(PlanUpdateTest, OnlyTheChangedFieldIsWritten) {
    his[Field::phone] = FieldValue::known("+33711111111");
    his_time = 1;
    medicapp_time = 2;
    EXPECT_EQ(names(plan().write), "phone");
    EXPECT_EQ(names(plan(with_authority(Authority::medicapp)).write), "phone");
}

TEST_F(PlanUpdateTest, DriftFollowsTheAuthority) {
    medicapp[Field::city] = FieldValue::known("Paris");
    EXPECT_EQ(names(plan(with_authority(Authority::his)).write), "address.city");
    EXPECT_EQ(names(plan(with_authority(Authority::medicapp)).kept), "address.city");
    EXPECT_FALSE(plan(with_authority(Authority::medicapp)).writes());
    EXPECT_TRUE(plan(with_authority(Authority::his)).conflicts.empty());
}

TEST_F(PlanUpdateTest, TheNewestWinsAndTheHisWhereATimeIsUnknown) {
    const auto newest = with_authority(Authority::newest);
    medicapp[Field::city] = FieldValue::known("Paris");
    const auto written = [&](int his_at, int medicapp_at) {
        his_time = his_at;
        medicapp_time = medicapp_at;
        return plan(newest).writes();
    };
    EXPECT_TRUE(written(2, 1));
    EXPECT_TRUE(written(1, 1));
    EXPECT_FALSE(written(1, 2));
    EXPECT_TRUE(written(-1, 2));
    EXPECT_TRUE(written(1, -1));
}

TEST_F(PlanUpdateTest, ConflictsAreReportedWhoeverWins) {
    his[Field::city] = FieldValue::known("Nice");
    medicapp[Field::city] = FieldValue::known("Paris");
    EXPECT_EQ(names(plan(with_authority(Authority::his)).conflicts), "address.city");
    EXPECT_EQ(names(plan(with_authority(Authority::medicapp)).conflicts), "address.city");
    his[Field::city] = FieldValue::known("Paris");
    EXPECT_TRUE(plan().conflicts.empty());
    EXPECT_FALSE(plan().writes());
}

TEST_F(PlanUpdateTest, AValueThatMedicappHasAlreadyIsNotWritten) {
    medicapp_before[Field::city] = medicapp[Field::city] = FieldValue::known("Paris");
    his[Field::city] = FieldValue::known("Paris");
    EXPECT_FALSE(plan().writes());
}

TEST_F(PlanUpdateTest, WhatTheHisDoesNotKnowErasesNothing) {
    his[Field::phone] = FieldValue();
    his[Field::city] = FieldValue();
    medicapp[Field::city] = FieldValue::known("Paris");
    const auto result = plan();
    EXPECT_FALSE(result.writes());
    EXPECT_TRUE(result.kept.empty());
}

TEST_F(PlanUpdateTest, EmptiedFieldsFollowOnCleared) {
    his[Field::phone] = FieldValue::cleared();
    EXPECT_FALSE(plan().writes());
    Policy policy;
    policy.on_cleared = OnCleared::clear;
    EXPECT_EQ(names(plan(policy).clear), "phone");
    EXPECT_TRUE(plan(policy).write.empty());
    medicapp[Field::phone] = FieldValue::cleared();
    EXPECT_FALSE(plan(policy).writes());
}

TEST_F(PlanUpdateTest, AnEmptyBaselineIsEmptiedAgainButNeverWritten) {
    his_before[Field::phone] = FieldValue::cleared();
    medicapp_before[Field::phone] = FieldValue::cleared();
    his[Field::phone] = FieldValue::cleared();
    // As it is asked for drift: with the HIS's baseline in place of its record.
    const Baselines linked{view(his_before), view(medicapp_before)};
    const auto drift = [&](const Policy& policy) {
        return plan_update(&linked, linked.his, FieldSet(), view(medicapp), policy);
    };
    EXPECT_TRUE(drift(with_authority(Authority::his)).write.empty());
    EXPECT_TRUE(drift(with_authority(Authority::his)).clear.empty());
    auto follow = with_authority(Authority::his);
    follow.on_cleared = OnCleared::clear;
    EXPECT_EQ(names(drift(follow).clear), "phone");
}

TEST_F(PlanUpdateTest, RequiredFieldsAreNeverEmptied) {
    Policy policy;
    policy.on_cleared = OnCleared::clear;
    his[Field::last_name] = his[Field::first_name] = his[Field::birth_date] = FieldValue::cleared();
    EXPECT_FALSE(plan(policy).writes());
    EXPECT_FALSE(adoption(policy).writes());
}

TEST_F(PlanUpdateTest, AnAddressThatWasNotSeenCountsAsUnchanged) {
    medicapp[Field::city] = FieldValue();
    EXPECT_FALSE(plan().writes());
    his[Field::city] = FieldValue::known("Nice");
    EXPECT_EQ(names(plan(with_authority(Authority::medicapp)).write), "address.city");
    EXPECT_TRUE(plan().conflicts.empty());
    // Not even in a list item that says the HIS's new value is Medicapp's already.
    medicapp_before[Field::city] = FieldValue::known("Nice");
    EXPECT_FALSE(plan().writes());
}

TEST_F(PlanUpdateTest, AnAddressThatWasNeverSeenIsWeighedWhenItIs) {
    medicapp_before[Field::city] = FieldValue();
    EXPECT_FALSE(plan().writes());
    medicapp[Field::city] = FieldValue::known("Paris");
    EXPECT_EQ(names(plan(with_authority(Authority::his)).write), "address.city");
    EXPECT_EQ(names(plan(with_authority(Authority::medicapp)).kept), "address.city");
    EXPECT_TRUE(plan().conflicts.empty());
    medicapp[Field::city] = FieldValue::cleared();
    EXPECT_EQ(names(plan(with_authority(Authority::medicapp)).write), "address.city");
}

TEST_F(PlanUpdateTest, AdoptionWritesWhatDiffersByAuthorityWithoutCallingItAConflict) {
    medicapp[Field::phone] = FieldValue::known("+33711111111");
    medicapp[Field::city] = FieldValue::known("Paris");
    const auto his_first = adoption(with_authority(Authority::his));
    EXPECT_EQ(names(his_first.write), "phone,address.city");
    EXPECT_TRUE(his_first.conflicts.empty());
    const auto medicapp_first = adoption(with_authority(Authority::medicapp));
    EXPECT_FALSE(medicapp_first.writes());
    EXPECT_EQ(names(medicapp_first.kept), "phone,address.city");
}

TEST_F(PlanUpdateTest, AdoptionFillsInWhatMedicappDoesNotHave) {
    medicapp[Field::phone] = FieldValue::cleared();
    medicapp[Field::city] = FieldValue();
    EXPECT_EQ(names(adoption(with_authority(Authority::medicapp)).write), "phone,address.city");
}

TEST_F(PlanUpdateTest, TwoChangesOfWhoItIsAreADivergence) {
    his[Field::last_name] = FieldValue::known("Durand");
    EXPECT_FALSE(plan().divergence);
    his[Field::first_name] = FieldValue::known("Zoé");
    EXPECT_FALSE(plan().divergence);
    his[Field::birth_date] = FieldValue::known("1990-01-01");
    EXPECT_TRUE(plan().divergence);
    his[Field::birth_date] = FieldValue::known("1984-02-29");
    his[Field::gender] = FieldValue::known("M");
    EXPECT_TRUE(plan().divergence);
    his[Field::last_name] = FieldValue::known("Martin");
    EXPECT_FALSE(plan().divergence);
    his[Field::birth_date] = FieldValue::known("1990-01-01");
    EXPECT_TRUE(plan().divergence);
}

TEST_F(PlanUpdateTest, OnlyWhatIsWrittenAndReplacesCountsForDivergence) {
    his[Field::last_name] = FieldValue::known("Durand");
    his[Field::gender] = FieldValue::known("M");
    medicapp_before[Field::gender] = medicapp[Field::gender] = FieldValue::cleared();
    EXPECT_FALSE(plan().divergence) << "filling in a gender changes nobody";
    EXPECT_EQ(names(plan().write), "lastName,gender");
    medicapp[Field::gender] = FieldValue::known("M");
    EXPECT_FALSE(plan().divergence) << "it is in Medicapp already";
    medicapp_before[Field::gender] = medicapp[Field::gender] = FieldValue::known("F");
    EXPECT_TRUE(plan().divergence);
    his[Field::gender] = FieldValue::cleared();
    Policy policy;
    policy.on_cleared = OnCleared::clear;
    EXPECT_FALSE(plan(policy).divergence);
    EXPECT_EQ(names(plan(policy).clear), "gender");
}

TEST_F(PlanUpdateTest, ReassertingAgainstDriftCanBeADivergenceToo) {
    medicapp[Field::last_name] = FieldValue::known("Durand");
    medicapp[Field::birth_date] = FieldValue::known("1990-01-01");
    EXPECT_TRUE(plan().divergence);
    EXPECT_FALSE(plan(with_authority(Authority::medicapp)).divergence);
}

TEST_F(PlanUpdateTest, AdoptionGuardsToo) {
    his[Field::last_name] = FieldValue::known("Martin-Durand");
    his[Field::gender] = FieldValue::known("M");
    EXPECT_TRUE(adoption().divergence);
}

TEST_F(PlanUpdateTest, ANeverSeenIdentityIsComparedWithWhatTheHisSaidBefore) {
    for (const Field field : {Field::last_name, Field::birth_date, Field::gender})
        medicapp_before[field] = medicapp[field] = FieldValue();
    his[Field::last_name] = FieldValue::known("Durand");
    his[Field::birth_date] = FieldValue::known("1990-01-01");
    EXPECT_TRUE(plan().divergence);
    his_before = Patient("1");
    EXPECT_FALSE(plan().divergence);
}

// ---- Convergence: random edits on both sides, then one plan, then nothing.

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
        if (now.fields[i] == Digest{}) now.fields[i] = before.fields[i];
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
            RC_ASSERT(!again.divergence);
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
