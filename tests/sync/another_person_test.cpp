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

} // namespace
} // namespace medibridge::tests
