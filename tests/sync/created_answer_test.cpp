#include "sync/core/recording.hpp"
#include "world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// What the answer to a create is believed to say.
namespace medibridge::tests {
namespace {

using connectors::MedicappPatient;
using reconcile::Field;
using reconcile::HoldReason;
using sync::Outcome;
using testing::IsEmpty;
using testing::SizeIs;
using Call = ModelMedicapp::Call;

/// No more than the id, as some answer.
void tell_id_only(MedicappPatient& answer) {
    MedicappPatient told;
    told.id = answer.id;
    answer = told;
}

void expect_held_as_another(World& world, const std::string& external_id) {
    ASSERT_THAT(world.held(), SizeIs(1));
    const auto held = world.held().front();
    EXPECT_EQ(held.key, external_id);
    EXPECT_EQ(held.reason, HoldReason::identity_mismatch);
    EXPECT_EQ(held.detail, sync::created_as_another);
}

TEST(CreatedAnswer, WithTheExternalIdInAnotherFormIsNotRepeated) {
    for (const bool id_only : {false, true}) {
        World world;
        world.fill_his(1);
        world.medicapp.stored_as = [](const std::string&) { return "p1"; };
        if (id_only) world.medicapp.answers_create = tell_id_only;
        for (int cycle = 0; cycle < 3; ++cycle)
            EXPECT_EQ(world.run().outcome, Outcome::complete);
        sync::Request full;
        full.full = true;
        world.run(full);
        world.his.edit("P1", Field::phone, new_phone);
        world.run();
        world.run(full);
        EXPECT_EQ(world.medicapp.count(Call::create), 1) << id_only;
        expect_held_as_another(world, "P1");

        // Somebody puts it right in Medicapp.
        world.medicapp.renumber(world.medicapp.find("p1")->id, "P1");
        for (int cycle = 0; cycle < 2; ++cycle)
            world.run();
        EXPECT_THAT(world.held(), IsEmpty());
        EXPECT_EQ(world.state().counts().links, 1);
        EXPECT_EQ(world.medicapp.count(Call::create), 1);
    }
}

/// The others of the same commit are taken.
TEST(CreatedAnswer, WithTheIdOfALinkedPatientHoldsThatOneOnly) {
    for (const bool id_only : {false, true}) {
        World world;
        world.fill_his(1);
        world.run();
        const auto linked = world.medicapp.find("P1")->id;
        world.medicapp.answers_create = [&](MedicappPatient& answer) {
            if (answer.patient.external_id() != "P2") return;
            world.medicapp.patients.erase(answer.id); // nobody was created
            if (id_only) tell_id_only(answer);
            answer.id = linked;
        };
        world.fill_his(4);
        for (int cycle = 0; cycle < 3; ++cycle)
            EXPECT_EQ(world.run().outcome, Outcome::complete) << id_only;
        expect_held_as_another(world, "P2");
        EXPECT_EQ(world.state().counts().links, 3);
        EXPECT_EQ(world.medicapp.count(Call::create), 4);

        world.his.edit("P1", Field::phone, new_phone);
        world.his.edit("P2", Field::phone, "+33199003344");
        world.run();
        EXPECT_EQ(text(*world.medicapp.find("P1"), Field::phone), new_phone);
        EXPECT_EQ(world.medicapp.count(Call::create), 4);
    }
}

/// Medicapp's list shows whom it has created.
TEST(CreatedAnswer, WithTheIdOfALinkedPatientIsPutRightByTheList) {
    World world;
    world.fill_his(1);
    world.run();
    const auto linked = world.medicapp.find("P1")->id;
    world.medicapp.answers_create = [&](MedicappPatient& answer) { answer.id = linked; };
    world.fill_his(2);
    for (int cycle = 0; cycle < 2; ++cycle)
        EXPECT_EQ(world.run().outcome, Outcome::complete);
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_EQ(world.state().counts().links, 2);
    EXPECT_EQ(world.medicapp.count(Call::create), 2);
}

/// Where the store itself finds it out.
TEST(CreatedAnswer, TwiceWithOneIdLinksOneOfBoth) {
    World world;
    world.medicapp.answers_create = [](MedicappPatient& answer) { answer.id = "one"; };
    world.fill_his(2);
    for (int cycle = 0; cycle < 3; ++cycle)
        world.run();
    EXPECT_EQ(world.state().counts().links, 1);
    EXPECT_THAT(world.held(), SizeIs(1));
    EXPECT_EQ(world.medicapp.count(Call::create), 2);
}

TEST(CreatedAnswer, WithTheIdOnlyIsLookedAtBeforeItCounts) {
    World world;
    world.fill_his(1);
    world.medicapp.answers_create = tell_id_only;
    EXPECT_EQ(world.run().outcome, Outcome::complete);
    EXPECT_EQ(world.medicapp.count(Call::get), 1);
    EXPECT_EQ(world.state().counts().links, 1);
}

TEST(CreatedAnswer, WithAStrangersIdWritesNothingToThem) {
    for (const char* external_id : {"", "Z77"}) {
        World world;
        reconcile::Patient somebody(external_id);
        somebody[Field::last_name] = reconcile::FieldValue::known("Nobody");
        somebody[Field::first_name] = reconcile::FieldValue::known("Zoe");
        somebody[Field::birth_date] = reconcile::FieldValue::known("1950-01-01");
        const auto stranger = world.medicapp.add(somebody);
        world.run();
        world.medicapp.answers_create = [&](MedicappPatient& answer) {
            tell_id_only(answer);
            answer.id = stranger;
        };
        world.fill_his(1);
        world.run();
        expect_held_as_another(world, "P1");
        world.his.edit("P1", Field::phone, new_phone);
        world.run();
        EXPECT_EQ(world.medicapp.count(Call::update), 0);
        EXPECT_NE(text(world.medicapp.patients.at(stranger), Field::phone), new_phone);
    }
}

} // namespace
} // namespace medibridge::tests
