#include "world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <utility>

// Numbers that were left, given to others and left again: nobody is created beside a patient whose
// number once was theirs before the two were compared, and nobody gets a number that may be
// another's.

namespace medibridge::tests {
namespace {

using reconcile::Field;
using reconcile::FieldValue;
using reconcile::HoldReason;
using testing::IsEmpty;
using testing::SizeIs;

class Relatives : public testing::Test {
  protected:
    Relatives() {
        world.fill_his(3);
        world.run();
        world.medicapp.writes.clear();
        later();
    }

    void compare_all() {
        sync::Request request;
        request.full = true;
        world.run(std::move(request));
    }

    void later() { world.his.now += std::chrono::minutes(1); }

    std::optional<HoldReason> held_as(const std::string& id) {
        const auto held = world.state().look_up({id}).front().held;
        return held ? std::optional(held->reason) : std::nullopt;
    }

    /// The person of `like` is in the HIS as `id`, too, whose record gives `prior` as theirs.
    reconcile::SourceRecord& show(const std::string& id, const std::string& like,
                                  const std::string& prior = {}) {
        auto record = world.his.at(like);
        record.patient.set_external_id(id);
        record.modified_at = world.his.now;
        if (!prior.empty()) record.prior_ids = {prior};
        world.his.records.push_back(std::move(record));
        return world.his.records.back();
    }

    /// The HIS says that the patient of `id` goes on as `survivor` (HL7 A47, or A40).
    void leave(const std::string& id, const std::string& survivor, bool renamed = true) {
        auto& record = world.his.at(id);
        record.merged_into = survivor;
        record.renamed = renamed;
        record.modified_at = world.his.now;
    }

    void forget_in_his(const std::string& id) {
        std::erase_if(world.his.records,
                      [&](const auto& record) { return record.patient.external_id() == id; });
    }

    World world;
};

TEST_F(Relatives, WhoMayBeThePatientOfAPriorNumberIsHeld) {
    show("P9", "P1", "P1"); // P1 is in use besides: its source says nothing of a change
    world.run();
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
    EXPECT_EQ(held_as("P9"), HoldReason::possible_duplicate);
    world.restart();
    compare_all();
    EXPECT_EQ(held_as("P9"), HoldReason::possible_duplicate) << "and stays so";
    world.look_and_decide("P9", sync::DecisionKind::create);
    world.run();
    EXPECT_THAT(world.medicapp.patients, SizeIs(4)) << "an operator said so";
}

/// As operators are told to end that hold.
TEST_F(Relatives, TheLinkFollowsOnceMedicappHasTheOtherNumber) {
    show("P9", "P1", "P1");
    world.run();
    ASSERT_EQ(held_as("P9"), HoldReason::possible_duplicate);
    forget_in_his("P1");
    const auto id = world.medicapp.find("P1")->id;
    world.medicapp.renumber(id, "P9");
    world.run();
    const auto link = world.state().look_up({"P9"}).front().link;
    ASSERT_TRUE(link);
    EXPECT_EQ(link->medicapp_id, id);
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_THAT(world.medicapp.patients, SizeIs(3));
}

TEST_F(Relatives, WhoIsClearlySomebodyElseIsCreated) {
    auto& record = show("P9", "P1", "P1");
    record.patient[Field::first_name] = FieldValue::known("Zoé");
    record.patient[Field::birth_date] = FieldValue::known("1931-10-10");
    world.run();
    EXPECT_THAT(world.medicapp.patients, SizeIs(4));
    EXPECT_THAT(world.held(), IsEmpty());
}

TEST_F(Relatives, WhoWasErasedUnderAPriorNumberDoesNotComeBack) {
    world.medicapp.patients.erase(world.medicapp.find("P1")->id);
    forget_in_his("P1");
    auto record = world.his.at("P2"); // whoever it is: nothing of the erased one is known any more
    record.patient.set_external_id("P9");
    record.prior_ids = {"P1"};
    record.modified_at = world.his.now;
    world.his.records.push_back(record);
    compare_all();
    EXPECT_EQ(world.medicapp.find("P9"), nullptr);
    EXPECT_EQ(held_as("P9"), HoldReason::erased_in_medicapp);
}

/// Another source may show the patient, and say nothing of the former number.
TEST_F(Relatives, WhatIsSaidOfAPriorNumberIsKeptWhateverBecomesOfTheRecord) {
    show("P9", "P1", "P1").deceased = true;
    world.run();
    ASSERT_EQ(held_as("P9"), HoldReason::deceased);
    EXPECT_THAT(world.state().related("P9"), testing::ElementsAre("P1"));
}

/// A record with two numbers is held, for which one counts is not known; that they are one
/// patient's is.
TEST_F(Relatives, TwoNumbersOfOneRecordAreOnePatientsThoughNeitherCounts) {
    auto& record = show("", "P1");
    record.external_id_defect = "has several";
    record.prior_ids = {"P1", "P9"};
    forget_in_his("P1");
    world.run();
    EXPECT_THAT(world.state().related("P9"), testing::ElementsAre("P1"));
    later();
    world.his.records.back().external_id_defect.clear();
    world.his.records.back().prior_ids.clear();
    world.his.records.back().patient.set_external_id("P9");
    world.his.records.back().modified_at = world.his.now;
    world.medicapp.writes.clear();
    world.run();
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
    EXPECT_EQ(held_as("P9"), HoldReason::possible_duplicate);
}

/// Of the statements about one number the last one counts; what the others said stays known.
TEST_F(Relatives, AnEarlierStatementIsNotForgotten) {
    leave("P1", "P2"); // whom Medicapp has: P1 is held
    world.run();
    later();
    leave("P1", "P3");
    world.run();
    world.restart();
    EXPECT_THAT(world.state().related("P2"), testing::UnorderedElementsAre("P1", "P3"));
}

/// A47 of P1 to P8 waits, P2 comes under P1, and P1 goes on as P9: that is P2's patient now.
TEST_F(Relatives, AChangeOfANumberThatOthersHadIsNotMadeWithoutARecord) {
    show("P8", "P1");
    auto taken = world.his.at("P3").patient;
    taken.set_external_id("P8");
    world.medicapp.add(taken);
    leave("P1", "P8");
    world.run();
    later();
    leave("P2", "P1");
    world.run();
    later();
    leave("P1", "P9"); // says nothing of who that is
    world.medicapp.writes.clear();
    world.run();
    EXPECT_EQ(world.medicapp.find("P9"), nullptr) << "neither P1's patient nor anybody else";
    later();
    show("P9", "P2");
    world.run();
    EXPECT_EQ(world.medicapp.find("P1")->patient[Field::last_name],
              world.his.at("P8").patient[Field::last_name])
        << "is who they were";
}

/// No create is even tried: Medicapp may take one externalId twice.
class CarriedElsewhere : public Relatives {
  protected:
    /// A user of Medicapp gives P1's patient another externalId: full compares see it, and later
    /// polls do not show it any more.
    void change_in_medicapp() {
        world.medicapp.renumber(world.medicapp.find("P1")->id, "P9");
        world.run();
        compare_all();
        world.let_settle();
        world.medicapp.edit(world.medicapp.find("P3")->id, Field::phone, new_phone);
        for (int i = 0; i < 2; ++i) {
            world.let_settle();
            world.run();
        }
        later();
    }
    int creates_tried() const {
        return world.medicapp.count(ModelMedicapp::Call::create) - 3; // those of the first load
    }
};

TEST_F(CarriedElsewhere, TheSamePersonsLinkMovesCyclesLater) {
    const auto id = world.medicapp.find("P1")->id;
    change_in_medicapp();
    show("P9", "P1");
    forget_in_his("P1");
    for (int i = 0; i < 2; ++i)
        world.run();
    EXPECT_EQ(creates_tried(), 0);
    ASSERT_THAT(world.medicapp.patients, SizeIs(3));
    const auto link = world.state().look_up({"P9"}).front().link;
    ASSERT_TRUE(link);
    EXPECT_EQ(link->medicapp_id, id);
}

TEST_F(CarriedElsewhere, SomebodyElseIsHeld) {
    change_in_medicapp();
    auto& other = show("P9", "P2");
    other.patient[Field::first_name] = FieldValue::known("Zoé");
    world.run();
    EXPECT_EQ(held_as("P9"), HoldReason::identity_mismatch);
    EXPECT_EQ(creates_tried(), 0);
}

TEST_F(CarriedElsewhere, AnOperatorsCreateIsNotCarriedOut) {
    show("P9", "P1", "P1");
    world.run();
    ASSERT_EQ(held_as("P9"), HoldReason::possible_duplicate);
    world.look_and_decide("P9", sync::DecisionKind::create);
    change_in_medicapp();
    EXPECT_EQ(creates_tried(), 0);
    EXPECT_THAT(world.state().decisions(), IsEmpty()) << "it is answered";
}

} // namespace
} // namespace medibridge::tests
