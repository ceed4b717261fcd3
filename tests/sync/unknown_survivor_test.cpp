#include "world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// Whoever was merged into an externalId that nobody has is neither created nor lost: they are held.
// A column that holds no externalIds may have been taken for the one of merges.

namespace medibridge::tests {
namespace {

using reconcile::Field;
using reconcile::HoldReason;
using testing::IsEmpty;
using testing::SizeIs;

class UnknownSurvivor : public testing::Test {
  protected:
    UnknownSurvivor() { world.fill_his(3); }

    void admit_p4() {
        auto fourth = record("P4");
        fourth.patient[Field::last_name] = reconcile::FieldValue::known("Nouvelle");
        world.his.records.push_back(fourth);
    }
    int times_held() const { return world.log.count("patient.held"); }

    World world;
};

TEST_F(UnknownSurvivor, EverybodyIsHeldWhereAYesOrNoStandsForTheSurvivor) {
    for (auto& record : world.his.records)
        record.merged_into = "N";
    EXPECT_EQ(world.run().held, 3);
    const auto held = world.held();
    ASSERT_THAT(held, SizeIs(3));
    for (const auto& patient : held) {
        EXPECT_EQ(patient.reason, HoldReason::invalid);
        EXPECT_EQ(patient.field, "mergedInto");
    }
    EXPECT_EQ(world.run_whole().held, 0);
    EXPECT_EQ(world.run().held, 0);
    EXPECT_EQ(times_held(), 3) << "the same holds are told once";
    EXPECT_THAT(world.held(), SizeIs(3));
}

TEST_F(UnknownSurvivor, TheHoldEndsOnceSomebodyHasTheNumber) {
    world.his.at("P1").merged_into = "P4";
    world.run();
    ASSERT_THAT(world.held(), SizeIs(1));
    admit_p4();
    world.run_whole();
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_EQ(world.medicapp.find("P1"), nullptr);
    EXPECT_NE(world.medicapp.find("P4"), nullptr);
    world.run_whole();
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_EQ(times_held(), 1);
}

TEST_F(UnknownSurvivor, WhoIsNoLongerMergedIsCreated) {
    world.his.at("P1").merged_into = "N";
    world.run();
    world.his.at("P1").merged_into.clear();
    world.his.edit("P1", Field::phone, new_phone);
    world.run();
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_NE(world.medicapp.find("P1"), nullptr);
}

TEST_F(UnknownSurvivor, ASurvivorFurtherDownTheListIsSomebody) {
    world.his.page_size = 1;
    world.his.at("P1").merged_into = "P3";
    EXPECT_EQ(world.run().held, 0);
    EXPECT_EQ(times_held(), 0);
}

TEST_F(UnknownSurvivor, ASurvivorWhoIsHeldIsSomebody) {
    world.his.at("P1").merged_into = "P3";
    world.his.at("P3").deceased = true;
    EXPECT_EQ(world.run().held, 1);
    EXPECT_EQ(world.run_whole().held, 0);
    EXPECT_EQ(world.held().front().key, "P3");
}

TEST_F(UnknownSurvivor, ASurvivorWhomAnotherSourceShowsIsSomebody) {
    ModelSource other{"other"};
    other.records.push_back(world.his.at("P3"));
    std::erase_if(world.his.records,
                  [](const auto& record) { return record.patient.external_id() == "P3"; });
    world.his.at("P1").merged_into = "P3";
    world.sources.push_back(&other);
    world.restart();
    EXPECT_EQ(world.run().held, 0);
    EXPECT_EQ(times_held(), 0);
}

/// Whoever is in the list is known, also if a poll of changes does not show them again.
TEST_F(UnknownSurvivor, APollOfChangesHoldsWhoIsMergedIntoNobody) {
    world.run();
    world.let_settle();
    world.run();
    for (const auto* survivor : {"P8", "P3"}) {
        auto late = world.his.at("P1");
        late.patient.set_external_id(std::string("into ") + survivor);
        late.merged_into = survivor;
        world.his.records.push_back(late);
        world.his.edit(late.patient.external_id(), Field::phone, new_phone);
    }
    EXPECT_EQ(world.run().held, 1);
    EXPECT_EQ(world.held().front().key, "into P8");
    EXPECT_EQ(world.run_whole().held, 0);
}

TEST_F(UnknownSurvivor, WhatArrivesIsHeldUntilTheSurvivorArrives) {
    world.his.is_inbox = true;
    world.his.at("P1").merged_into = "P4";
    EXPECT_EQ(world.run().held, 1);
    EXPECT_EQ(world.held().front().field, "mergedInto");
    admit_p4();
    world.run_whole();
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_EQ(world.medicapp.find("P1"), nullptr);
    EXPECT_NE(world.medicapp.find("P4"), nullptr);
}

/// HL7 A40 of a number that nobody here has ever had.
TEST_F(UnknownSurvivor, AMessageThatDescribesNobodyIsNotHeld) {
    world.his.is_inbox = true;
    reconcile::SourceRecord merge;
    merge.patient.set_external_id("P8");
    merge.merged_into = "P9";
    merge.modified_at = world.his.at("P1").modified_at;
    world.his.records.push_back(merge);
    EXPECT_EQ(world.run().held, 0);
}

} // namespace
} // namespace medibridge::tests
