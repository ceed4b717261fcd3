#include "world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// Somebody gives a linked patient another externalId in Medicapp.

namespace medibridge::tests {
namespace {

using reconcile::Field;
using reconcile::HoldReason;
using sync::Outcome;
using testing::IsEmpty;

TEST(ExternalId, ChangedInMedicappHoldsThePatientUntilItIsRestored) {
    World world;
    world.fill_his(2);
    world.run();
    const auto id = world.medicapp.find("P1")->id;
    world.medicapp.patients.at(id).patient.set_external_id("X1");
    world.medicapp.edit(id, Field::gender, "F");
    world.his.edit("P1", Field::phone, "+33612340011");
    world.medicapp.writes.clear();
    world.run();
    ASSERT_EQ(world.held().size(), 1u);
    EXPECT_EQ(world.held().front().reason, HoldReason::identity_mismatch);
    EXPECT_THAT(world.medicapp.writes, IsEmpty());

    world.medicapp.patients.at(id).patient.set_external_id("P1");
    world.medicapp.edit(id, Field::gender, "F");
    const auto report = world.run();
    EXPECT_EQ(report.outcome, Outcome::complete) << report.reason;
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::phone), "+33612340011");
}

/// Whom the HIS excludes is not held for it besides: the two reasons would take turns.
TEST(ExternalId, ChangedInMedicappOfTheDeceasedIsFoundOnceTheyAreNot) {
    World world;
    world.fill_his(2);
    world.run();
    const auto id = world.medicapp.find("P1")->id;
    world.medicapp.patients.at(id).patient.set_external_id("X1");
    world.medicapp.edit(id, Field::gender, "F");
    world.his.at("P1").deceased = true;
    world.his.edit("P1", Field::phone, "+33612340011");
    for (int i = 0; i < 4; ++i) {
        world.medicapp.edit(id, Field::gender, "F");
        world.run();
        ASSERT_THAT(world.held(), testing::SizeIs(1));
        EXPECT_EQ(world.held().front().reason, HoldReason::deceased);
    }
    EXPECT_LE(world.log.count("patient.held"), 2);
    world.his.at("P1").deceased = false;
    world.his.edit("P1", Field::phone, "+33612340012");
    world.run();
    ASSERT_THAT(world.held(), testing::SizeIs(1));
    EXPECT_EQ(world.held().front().reason, HoldReason::identity_mismatch);
}

} // namespace
} // namespace medibridge::tests
