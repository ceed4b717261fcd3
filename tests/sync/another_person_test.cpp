#include "world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// What a record says that describes somebody else, or nobody, under a patient's externalId.

namespace medibridge::tests {
namespace {

using reconcile::Field;
using reconcile::HoldReason;
using testing::IsEmpty;

/// P1 is linked, and the HIS shows another person under that externalId.
void show_somebody_else(World& world) {
    world.fill_his(2);
    world.run();
    world.medicapp.writes.clear();
    world.his.edit("P1", Field::last_name, "Autrement");
    world.his.edit("P1", Field::birth_date, "1999-09-09");
}

TEST(AnotherPerson, TheMergeOfSomebodyElseExcludesNobody) {
    World world;
    show_somebody_else(world);
    world.his.at("P1").merged_into = "P2";
    world.run();
    ASSERT_EQ(world.held().size(), 1u);
    EXPECT_EQ(world.held().front().reason, HoldReason::divergence);
    world.look_and_decide("P1", sync::DecisionKind::update);
    world.run();
    ASSERT_EQ(world.held().size(), 1u);
    EXPECT_EQ(world.held().front().reason, HoldReason::merged_in_his) << "an operator said so";
    EXPECT_TRUE(world.medicapp.writes.empty());
}

TEST(AnotherPerson, WhatIsSaidOfSomebodyElseIsNotBelievedOfThePatient) {
    World world;
    show_somebody_else(world);
    world.his.at("P1").deceased = true;
    world.run();
    ASSERT_EQ(world.held().size(), 1u);
    EXPECT_EQ(world.held().front().reason, HoldReason::divergence);
    EXPECT_EQ(world.held().front().detail, "deceased of somebody else");
    world.look_and_decide("P1", sync::DecisionKind::update);
    world.run();
    ASSERT_EQ(world.held().size(), 1u);
    EXPECT_EQ(world.held().front().reason, HoldReason::deceased) << "somebody says that it is them";
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
}

/// What a user of Medicapp does to the externalId of a linked patient.
class MovedExternalId : public testing::TestWithParam<std::string> {};

TEST_P(MovedExternalId, IsHeldBeforeAnythingIsWrittenAlsoWhereTheHisChangesThePatientToo) {
    for (const bool his_changes : {false, true}) {
        World world;
        world.fill_his(2);
        world.run();
        world.let_settle();
        world.run();
        auto& patient = world.medicapp.patients.at(world.medicapp.find("P1")->id);
        patient.patient.set_external_id(GetParam());
        world.medicapp.now += std::chrono::minutes(1);
        patient.modified_at = world.medicapp.now;
        world.medicapp.writes.clear();
        if (his_changes) world.his.edit("P1", Field::phone, new_phone);
        world.run();
        ASSERT_EQ(world.held().size(), 1u);
        EXPECT_EQ(world.held().front().reason, HoldReason::identity_mismatch);
        EXPECT_EQ(world.held().front().field, "externalId");
        world.his.edit("P1", Field::phone, "+33199000077");
        world.run();
        sync::Request full;
        full.full = true;
        world.run(full);
        EXPECT_THAT(world.medicapp.writes, IsEmpty());
        EXPECT_EQ(world.held().size(), 1u);

        world.medicapp.now += std::chrono::minutes(1);
        patient.patient.set_external_id("P1");
        patient.modified_at = world.medicapp.now;
        world.run();
        EXPECT_THAT(world.held(), IsEmpty()) << "given back";
        EXPECT_EQ(text(*world.medicapp.find("P1"), Field::phone), "+33199000077");
    }
}

INSTANTIATE_TEST_SUITE_P(Each, MovedExternalId, testing::Values("", "Q9"));

/// As many as nobody takes away by hand: another list, or another Medicapp.
TEST(AnotherPerson, ExternalIdsThatAreTakenAwayInMassMeetTheGuardBeforeAnybodyIsHeld) {
    World world;
    world.fill_his(200);
    world.run();
    world.let_settle();
    world.run();
    world.medicapp.now += std::chrono::minutes(1);
    for (auto& [id, patient] : world.medicapp.patients) {
        patient.patient.set_external_id("");
        patient.modified_at = world.medicapp.now;
    }
    EXPECT_EQ(world.run().outcome, sync::Outcome::guarded);
    EXPECT_THAT(world.held(), IsEmpty());
}

TEST(AnotherPerson, ARecordWithoutANameProvesNoBirthDate) {
    World world;
    world.fill_his(2);
    world.run();
    world.medicapp.writes.clear();
    world.his.edit("P1", Field::last_name, "X");
    world.his.edit("P1", Field::first_name, "INCONNU");
    world.his.edit("P1", Field::birth_date, "1900-01-01");
    world.run();
    ASSERT_EQ(world.held().size(), 1u);
    EXPECT_EQ(world.held().front().reason, HoldReason::divergence);
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
}

struct NamedAs {
    std::string what;
    std::string last;
    std::string first;
    bool held;
};

class NobodysPhone : public testing::TestWithParam<NamedAs> {};

TEST_P(NobodysPhone, IsNotThePatients) {
    World world;
    world.fill_his(2);
    world.run();
    world.medicapp.writes.clear();
    if (!GetParam().last.empty()) world.his.edit("P1", Field::last_name, GetParam().last);
    if (!GetParam().first.empty()) world.his.edit("P1", Field::first_name, GetParam().first);
    world.his.edit("P1", Field::phone, new_phone);
    world.run();
    ASSERT_EQ(world.held().size(), GetParam().held ? 1u : 0u);
    EXPECT_EQ(world.medicapp.writes.empty(), GetParam().held);
    if (!GetParam().held) return;
    EXPECT_EQ(world.held().front().reason, HoldReason::divergence);
    world.run();
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
    // Somebody says that it is them: their phone, and the name that was known.
    if (GetParam().what != "NoName") return; // else it names half of one person
    const auto before = *world.medicapp.find("P1");
    world.look_and_decide("P1", sync::DecisionKind::update);
    world.run();
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::phone), new_phone);
    for (const auto field : {Field::last_name, Field::first_name, Field::birth_date})
        EXPECT_EQ(text(*world.medicapp.find("P1"), field), text(before, field));
}

INSTANTIATE_TEST_SUITE_P(
    Names, NobodysPhone,
    testing::Values(NamedAs{"NoName", "X", "INCONNU", true},
                    NamedAs{"NoLastNameAndAnotherFirst", "X", "Berthilde", true},
                    NamedAs{"NoFirstNameAndAnotherLast", "Autrement", "SANS PRENOM", true},
                    NamedAs{"NoFirstName", "", "SANS PRENOM", false},
                    NamedAs{"NoLastName", "X", "", false}),
    [](const auto& named) { return named.param.what; });

TEST(AnotherPerson, WhoseNameIsNotKnownInMedicappEitherIsWritten) {
    World world;
    world.fill_his(2);
    world.his.at("P1").patient[Field::last_name] = reconcile::FieldValue::known("X");
    world.his.at("P1").patient[Field::first_name] = reconcile::FieldValue::known("INCONNU");
    world.run();
    world.medicapp.writes.clear();
    world.his.edit("P1", Field::phone, new_phone);
    world.run();
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::phone), new_phone);
}

/// Somebody makes another person of the Medicapp patient, whose values Medicapp has authority over.
class MadeSomebodyElse : public testing::TestWithParam<reconcile::Authority> {
  protected:
    MadeSomebodyElse() {
        world.settings.policy.authority.fill(GetParam());
        world.fill_his(2);
        world.run();
        id = world.medicapp.find("P1")->id;
        world.medicapp.now += std::chrono::minutes(1);
        world.medicapp.writes.clear();
    }
    void edit(Field field, const std::string& text) { world.medicapp.edit(id, field, text); }
    void phone_changes_in_the_his() {
        world.his.now = world.medicapp.now + std::chrono::minutes(1);
        world.his.edit("P1", Field::phone, new_phone);
        world.run();
    }
    void expect_held_for_good() {
        for (int cycle = 0; cycle < 2; ++cycle) {
            ASSERT_EQ(world.held().size(), 1u);
            EXPECT_EQ(world.held().front().reason, HoldReason::divergence);
            phone_changes_in_the_his();
            EXPECT_THAT(world.medicapp.writes, IsEmpty());
        }
    }

    World world;
    std::string id;
};

TEST_P(MadeSomebodyElse, GetsNothingOfThePatientsAnyMore) {
    edit(Field::last_name, "Tout-Autre");
    edit(Field::birth_date, "1950-05-05");
    world.run();
    expect_held_for_good();
}

TEST_P(MadeSomebodyElse, StepByStepIsNoticedToo) {
    edit(Field::last_name, "Tout-Autre");
    world.run();
    EXPECT_THAT(world.held(), IsEmpty()) << "one trait may be a correction";
    world.let_settle();
    world.run();
    edit(Field::birth_date, "1950-05-05");
    world.run();
    expect_held_for_good();
}

TEST_P(MadeSomebodyElse, WhoIsPutRightGoesOn) {
    const auto before = *world.medicapp.find("P1");
    edit(Field::last_name, "Tout-Autre");
    edit(Field::birth_date, "1950-05-05");
    world.run();
    world.medicapp.now += std::chrono::minutes(1);
    edit(Field::last_name, text(before, Field::last_name));
    edit(Field::birth_date, text(before, Field::birth_date));
    world.run();
    EXPECT_THAT(world.held(), IsEmpty());
    phone_changes_in_the_his();
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::phone), new_phone);
}

INSTANTIATE_TEST_SUITE_P(Authority, MadeSomebodyElse,
                         testing::Values(reconcile::Authority::medicapp,
                                         reconcile::Authority::newest));

} // namespace
} // namespace medibridge::tests
