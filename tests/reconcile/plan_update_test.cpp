#include "sides.hpp"

#include <gtest/gtest.h>

namespace medibridge::reconcile {
namespace {

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
    EXPECT_TRUE(result.replaced.empty());
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

TEST_F(PlanUpdateTest, TheNewestWinsAndWithoutATimeWhoeverChangedTheField) {
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
    EXPECT_FALSE(written(-1, 2));
    EXPECT_FALSE(written(1, -1));
    his[Field::city] = FieldValue::known("Nice");
    EXPECT_TRUE(written(-1, 2)) << "both did";
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

TEST_F(PlanUpdateTest, FillingInAFieldReplacesNothing) {
    his[Field::last_name] = FieldValue::known("Durand");
    his[Field::gender] = FieldValue::known("M");
    medicapp_before[Field::gender] = medicapp[Field::gender] = FieldValue::cleared();
    EXPECT_EQ(names(plan().write), "lastName,gender");
    EXPECT_EQ(names(plan().replaced), "lastName");
    medicapp_before[Field::gender] = medicapp[Field::gender] = FieldValue::known("F");
    EXPECT_EQ(names(plan().replaced), "lastName,gender");
}

TEST_F(PlanUpdateTest, ANeverSeenFieldIsComparedWithWhatTheHisSaidBefore) {
    medicapp_before[Field::last_name] = medicapp[Field::last_name] = FieldValue();
    his[Field::last_name] = FieldValue::known("Durand");
    EXPECT_EQ(names(plan().replaced), "lastName");
    his_before = Patient("1");
    EXPECT_TRUE(plan().replaced.empty());
}

/// An address is one value: parts of two are never mixed.
class AddressTest : public PlanUpdateTest {
  protected:
    AddressTest() {
        for (auto* side : {&his_before, &medicapp_before, &his, &medicapp}) {
            (*side)[Field::street] = FieldValue::known("1 rue Haute");
            (*side)[Field::postal_code] = FieldValue::known("69001");
        }
    }
    void move(Patient& patient, const std::string& street, const std::string& city,
              const std::string& code) {
        const auto value = [](const std::string& text) {
            return text.empty() ? FieldValue() : FieldValue::known(text);
        };
        patient[Field::street] = value(street);
        patient[Field::city] = value(city);
        patient[Field::postal_code] = value(code);
    }
};

TEST_F(AddressTest, IsWrittenAsFarAsItDiffers) {
    move(his, "2 rue Basse", "Lyon", "69002");
    EXPECT_EQ(names(plan().write), "address.street,address.postalCode");
    EXPECT_FALSE(plan().partial_address);
}

TEST_F(AddressTest, WithoutAPartThatMedicappHasIsNotWrittenAtAll) {
    move(his, "", "Nantes", "44000");
    EXPECT_FALSE(plan().writes());
    EXPECT_TRUE(plan().partial_address);
    medicapp_before[Field::street] = medicapp[Field::street] = FieldValue::cleared();
    EXPECT_EQ(names(plan().write), "address.city,address.postalCode");
}

TEST_F(AddressTest, ThatComesWholeAfterAPartialOneBringsAllItsParts) {
    move(his_before, "", "Nantes", "44000"); // taken, and not written
    move(his, "3 quai Neuf", "Nantes", "44000");
    EXPECT_EQ(names(plan().write), "address.street,address.city,address.postalCode");
}

TEST_F(AddressTest, WithAnEmptiedPartFollowsOnCleared) {
    move(his, "", "Nantes", "44000");
    his[Field::street] = FieldValue::cleared();
    EXPECT_TRUE(plan().partial_address);
    Policy policy;
    policy.on_cleared = OnCleared::clear;
    EXPECT_EQ(names(plan(policy).write), "address.city,address.postalCode");
    EXPECT_EQ(names(plan(policy).clear), "address.street");
}

TEST_F(AddressTest, OfWhichMedicappKeepsAPartIsKeptWhole) {
    move(his, "2 rue Basse", "Nice", "06000");
    move(medicapp, "9 bis rue Haute", "Lyon", "69001");
    his_time = 1;
    medicapp_time = 2;
    const auto newest = plan(with_authority(Authority::newest));
    EXPECT_FALSE(newest.writes());
    EXPECT_EQ(names(newest.kept), "address.street,address.city,address.postalCode");
    EXPECT_FALSE(newest.partial_address);
    EXPECT_EQ(names(plan(with_authority(Authority::his)).write),
              "address.street,address.city,address.postalCode");
}

} // namespace
} // namespace medibridge::reconcile
