#include "world.hpp"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

// The HIS takes a merge, or a change of the identifier, back after Medicapp's patient got the new
// number, and somebody puts that right in Medicapp: all is as before.

namespace medibridge::tests {
namespace {

using reconcile::Field;
using reconcile::FieldValue;
using reconcile::HoldReason;
using testing::IsEmpty;
using testing::SizeIs;

/// P1 became P9, in Medicapp too.
class TakenBackWorld {
  protected:
    void become_p9(World& world, bool renamed) {
        world.fill_his(2);
        world.run();
        id = world.medicapp.find("P1")->id;
        world.his.renumber("P1", "P9", renamed);
        world.run();
        ASSERT_EQ(world.medicapp.find("P9")->id, id);
    }
    /// P1 is in use again; P9 is gone.
    static void undo_in_his(World& world) {
        std::erase_if(world.his.records,
                      [](const auto& one) { return one.patient.external_id() == "P9"; });
        auto& back = world.his.at("P1");
        back.merged_into.clear();
        back.renamed = false;
        world.his.now += std::chrono::minutes(1);
        back.modified_at = world.his.now;
    }
    void undo_in_medicapp(World& world) const {
        world.medicapp.now += std::chrono::seconds(5);
        auto& patient = world.medicapp.patients.at(id);
        patient.patient.set_external_id("P1");
        patient.modified_at = world.medicapp.now;
    }
    void expect_as_before(World& world) const {
        EXPECT_THAT(world.held(), IsEmpty());
        ASSERT_NE(world.medicapp.find("P1"), nullptr);
        EXPECT_EQ(world.medicapp.find("P1")->id, id);
        world.his.edit("P1", Field::phone, new_phone);
        world.run();
        EXPECT_EQ(text(*world.medicapp.find("P1"), Field::phone), new_phone);
        sync::Request full;
        full.full = true;
        EXPECT_EQ(world.run(full).outcome, sync::Outcome::complete);
        EXPECT_THAT(world.held(), IsEmpty());
    }

    std::string id; ///< P1's, in Medicapp
};

class TakenBack : public TakenBackWorld, public testing::TestWithParam<bool> {
  protected:
    TakenBack() { become_p9(world, GetParam()); }

    World world;
};

TEST_P(TakenBack, OnBothSidesThePatientIsAsBefore) {
    undo_in_his(world);
    world.run();
    ASSERT_THAT(world.held(), SizeIs(1));
    EXPECT_EQ(world.held().front().reason, HoldReason::merged_in_his);
    undo_in_medicapp(world);
    world.run();
    EXPECT_THAT(world.medicapp.patients, SizeIs(2)) << "nobody was created";
    expect_as_before(world);
}

TEST_P(TakenBack, InMedicappFirstThePatientIsAsBefore) {
    undo_in_medicapp(world);
    world.run();
    ASSERT_THAT(world.held(), SizeIs(1));
    EXPECT_EQ(world.held().front().reason, HoldReason::identity_mismatch);
    undo_in_his(world);
    world.run();
    EXPECT_THAT(world.medicapp.patients, SizeIs(2));
    expect_as_before(world);
}

/// What one side alone changed meanwhile is no conflict, as what was agreed is kept.
TEST_P(TakenBack, WithWhatWasAgreedBefore) {
    undo_in_his(world);
    world.his.edit("P1", Field::phone, new_phone);
    world.run();
    undo_in_medicapp(world);
    world.run();
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::phone), new_phone);
    EXPECT_EQ(world.log.count("patient.conflict"), 0);
    EXPECT_THAT(world.held(), IsEmpty());
}

/// The number was given to somebody else, as who Medicapp's patient was taken for a while.
TEST_P(TakenBack, WhoeverHasTheOtherNumberIsCreatedThen) {
    undo_in_his(world);
    auto other = record("P9");
    other.patient[Field::last_name] = FieldValue::known("Ailleurs");
    other.patient[Field::first_name] = FieldValue::known("Raphaël");
    other.patient[Field::gender] = FieldValue::known("M");
    other.modified_at = world.his.now;
    world.his.records.push_back(other);
    world.run();
    EXPECT_THAT(world.held(), SizeIs(2));
    undo_in_medicapp(world);
    world.run();
    world.run();
    ASSERT_NE(world.medicapp.find("P9"), nullptr);
    EXPECT_EQ(text(*world.medicapp.find("P9"), Field::last_name), "Ailleurs");
    EXPECT_EQ(world.medicapp.find("P1")->id, id);
    EXPECT_NE(text(*world.medicapp.find("P1"), Field::last_name), "Ailleurs");
    EXPECT_THAT(world.medicapp.patients, SizeIs(3));
    expect_as_before(world);
}

TEST_P(TakenBack, UnderTheOtherNumberNobodyIsCreatedASecondTime) {
    auto other = world.his.at("P9");
    undo_in_his(world);
    other.modified_at = world.his.now;
    world.his.records.push_back(other);
    world.run();
    undo_in_medicapp(world);
    sync::Request full;
    full.full = true;
    for (int i = 0; i < 3; ++i)
        world.run(full);
    EXPECT_THAT(world.medicapp.patients, SizeIs(2));
    ASSERT_THAT(world.held(), SizeIs(1));
    EXPECT_EQ(world.held().front().key, "P9");
    EXPECT_EQ(world.held().front().reason, HoldReason::merged_in_his);
    std::erase_if(world.his.records,
                  [](const auto& one) { return one.patient.external_id() == "P9"; });
    world.his.edit("P1", Field::phone, new_phone);
    world.run();
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::phone), new_phone);
}

TEST_P(TakenBack, BySomebodyElseItIsNot) {
    undo_in_his(world);
    world.his.edit("P1", Field::last_name, "Ailleurs");
    world.his.edit("P1", Field::first_name, "Zoé");
    undo_in_medicapp(world);
    for (int i = 0; i < 2; ++i)
        world.run();
    EXPECT_THAT(world.medicapp.patients, SizeIs(2));
    EXPECT_EQ(world.medicapp.find("P1")->id, id);
    EXPECT_NE(text(*world.medicapp.find("P1"), Field::last_name), "Ailleurs");
    const auto held = world.held();
    ASSERT_THAT(held, SizeIs(2));
    for (const auto& one : held)
        EXPECT_EQ(one.reason, HoldReason::identity_mismatch) << one.key;
}

/// The HIS says still that P1 is P9: the patient stays P9's, and an operator is told.
TEST_P(TakenBack, InMedicappAloneItIsNot) {
    undo_in_medicapp(world);
    sync::Request full;
    full.full = true;
    for (int i = 0; i < 2; ++i)
        world.run(full);
    EXPECT_THAT(world.medicapp.patients, SizeIs(2));
    ASSERT_THAT(world.held(), SizeIs(1));
    EXPECT_EQ(world.held().front().key, "P9");
    EXPECT_EQ(world.held().front().reason, HoldReason::identity_mismatch);
}

TEST_P(TakenBack, AnInboxTellsItToAWholeCycle) {
    world.his.is_inbox = true;
    world.restart();
    world.run();
    undo_in_his(world);
    undo_in_medicapp(world);
    EXPECT_EQ(world.take_arrivals().outcome, sync::Outcome::incomplete);
    world.run();
    expect_as_before(world);
}

INSTANTIATE_TEST_SUITE_P(All, TakenBack, testing::Bool());

class TakenBackInterrupted : public TakenBackWorld, public testing::Test {};

/// The power goes at the nth commit: the next runs come to the same.
TEST_F(TakenBackInterrupted, ComesToTheSameEnd) {
    struct Exit : std::runtime_error {
        Exit() : std::runtime_error("exit") {}
    };
    int interrupted = 0;
    for (int n = 1; n < 12; ++n) {
        SCOPED_TRACE("interrupted at commit " + std::to_string(n));
        World world;
        become_p9(world, false);
        undo_in_his(world);
        world.run();
        undo_in_medicapp(world);
        const int commits = world.commits;
        world.before_commit = [&](int nth) {
            if (nth != commits + n) return;
            ++interrupted;
            throw Exit();
        };
        try {
            world.run();
        } catch (const Exit&) { // NOLINT: what follows is the test
        }
        world.before_commit = {};
        world.restart();
        world.run();
        world.run();
        EXPECT_THAT(world.medicapp.patients, SizeIs(2));
        expect_as_before(world);
    }
    EXPECT_GE(interrupted, 3);
}

} // namespace
} // namespace medibridge::tests
