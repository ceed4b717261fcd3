#include "world.hpp"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

// A patient gets another externalId in the HIS, which somebody else has in Medicapp: the link moves
// once it is free there, and nobody exists twice meanwhile.

namespace medibridge::tests {
namespace {

using reconcile::Field;
using reconcile::FieldValue;
using reconcile::HoldReason;
using sync::DecisionKind;
using testing::Contains;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

/// P1 is linked. P9 is somebody else in Medicapp. Then the HIS says that P1 goes on as P9: by a
/// change of the identifier, or by a merge.
class TakenIdentifierWorld {
  protected:
    TakenIdentifierWorld() { world.fill_his(2); }

    /// Who has P9 in Medicapp; linked or not.
    void give_p9_to_another(bool linked) {
        auto other = record("P9");
        other.patient[Field::last_name] = FieldValue::known("Ailleurs");
        other.patient[Field::birth_date] = FieldValue::known("1955-05-05");
        if (linked)
            world.his.records.push_back(other);
        else
            world.medicapp.add(other.patient);
        world.run();
        p1 = world.medicapp.find("P1")->id;
        p9 = world.medicapp.find("P9")->id;
    }
    void rename_p1(bool renamed) {
        world.his.renumber("P1", "P9", renamed);
        world.run();
    }
    void free_p9() {
        auto& patient = world.medicapp.patients.at(p9);
        patient.patient.set_external_id("");
        world.medicapp.now += std::chrono::seconds(5);
        patient.modified_at = world.medicapp.now;
    }
    std::string decide(const std::string& key, DecisionKind kind) {
        sync::Order order;
        order.key = key;
        order.kind = kind;
        order.actor = {"marie", 1001};
        return world.decide(order);
    }
    HoldReason reason_of(const std::string& key) {
        for (const auto& held : world.held())
            if (held.key == key) return held.reason;
        ADD_FAILURE() << key << " is not held";
        return HoldReason::invalid;
    }
    void expect_moved() {
        EXPECT_THAT(world.medicapp.patients, SizeIs(3)) << "nobody was created";
        ASSERT_NE(world.medicapp.find("P9"), nullptr);
        EXPECT_EQ(world.medicapp.find("P9")->id, p1);
        EXPECT_EQ(world.medicapp.find("P1"), nullptr);
        EXPECT_EQ(text(world.medicapp.patients.at(p9), Field::last_name), "Ailleurs");
        EXPECT_THAT(world.held(), IsEmpty());
        world.his.edit("P9", Field::phone, new_phone);
        world.run();
        EXPECT_EQ(text(world.medicapp.patients.at(p1), Field::phone), new_phone);
    }

    World world;
    std::string p1;
    std::string p9;
};

class TakenIdentifier : public TakenIdentifierWorld, public testing::TestWithParam<bool> {};

TEST_P(TakenIdentifier, OnceItIsFreeTheLinkMoves) {
    give_p9_to_another(false);
    rename_p1(GetParam());
    EXPECT_EQ(reason_of("P1"),
              GetParam() ? HoldReason::external_id_taken : HoldReason::merged_in_his);
    EXPECT_EQ(reason_of("P9"), HoldReason::identity_mismatch);
    free_p9();
    world.run();
    EXPECT_THAT(world.medicapp.patients, SizeIs(3));
    world.run();
    expect_moved();
}

TEST_P(TakenIdentifier, OnceItIsFreeTheLinkMovesAfterARestartToo) {
    give_p9_to_another(false);
    rename_p1(GetParam());
    world.restart();
    free_p9();
    world.run();
    EXPECT_THAT(world.medicapp.patients, SizeIs(3));
    world.run();
    expect_moved();
}

/// Whoever has it is deleted in Medicapp: what is known of them there lags.
TEST_P(TakenIdentifier, OnceItsHolderIsGoneTheLinkMoves) {
    give_p9_to_another(false);
    rename_p1(GetParam());
    auto gone = world.medicapp.patients.extract(p9);
    world.his.edit("P9", Field::email, "p9@example.org");
    sync::Request full;
    full.full = true;
    for (int i = 0; i < 3; ++i) {
        world.run(full);
        EXPECT_THAT(world.medicapp.patients, SizeIs(2));
    }
    ASSERT_NE(world.medicapp.find("P9"), nullptr);
    EXPECT_EQ(world.medicapp.find("P9")->id, p1);
    EXPECT_THAT(world.held(), IsEmpty());
}

TEST_P(TakenIdentifier, AnOperatorMayHaveItLookedAtAgain) {
    give_p9_to_another(false);
    rename_p1(GetParam());
    EXPECT_EQ(decide("P1", DecisionKind::retry), "");
    world.run();
    EXPECT_EQ(world.log.count("decision.refused"), 0);
    EXPECT_EQ(world.log.count("decision.applied"), 1);
    EXPECT_THAT(world.held(), SizeIs(2));
}

INSTANTIATE_TEST_SUITE_P(All, TakenIdentifier, testing::Bool());

class TakenByALinkedPatient : public TakenIdentifierWorld, public testing::Test {};

TEST_F(TakenByALinkedPatient, IsNotMadeIntoTheOtherByAnOperator) {
    give_p9_to_another(true);
    rename_p1(true);
    EXPECT_EQ(reason_of("P1"), HoldReason::external_id_taken);
    EXPECT_EQ(reason_of("P9"), HoldReason::divergence);
    const auto seen = world.look("P9");
    EXPECT_THAT(seen.known.held->detail, testing::HasSubstr("another externalId"));
    ASSERT_TRUE(seen.other);
    EXPECT_EQ(seen.other->external_id, "P1");
    EXPECT_THAT(sync::decisions_on(seen), Not(Contains(DecisionKind::update)));
    EXPECT_NE(decide("P9", DecisionKind::update), "");
    world.run();
    EXPECT_EQ(text(world.medicapp.patients.at(p9), Field::last_name), "Ailleurs");
}

/// One trait is a correction in an update of the same patient, but here the HIS says that it is
/// another one.
TEST_F(TakenByALinkedPatient, IsNotMadeIntoTheOtherByASingleTraitEither) {
    auto twin = world.his.at("P1");
    twin.patient.set_external_id("P9");
    twin.patient[Field::first_name] = FieldValue::known("Annie");
    world.his.records.push_back(twin);
    world.run();
    p9 = world.medicapp.find("P9")->id;
    rename_p1(true);
    EXPECT_EQ(reason_of("P9"), HoldReason::divergence);
    EXPECT_EQ(text(world.medicapp.patients.at(p9), Field::first_name), "Annie");
}

TEST_F(TakenByALinkedPatient, MovesOnceItIsTakenFromThem) {
    give_p9_to_another(true);
    rename_p1(true);
    free_p9();
    for (int i = 0; i < 3; ++i)
        world.run();
    expect_moved();
}

/// After a merge the record of the survivor may describe somebody else.
TEST_F(TakenByALinkedPatient, AMergeIntoSomebodyElseHindersNoCorrection) {
    give_p9_to_another(true);
    world.his.now += std::chrono::minutes(1);
    world.his.at("P1").merged_into = "P9";
    world.his.at("P1").modified_at = world.his.now;
    world.his.edit("P9", Field::last_name, "Partout");
    world.run();
    EXPECT_EQ(text(world.medicapp.patients.at(p9), Field::last_name), "Partout");
    ASSERT_THAT(world.held(), SizeIs(1));
    EXPECT_EQ(reason_of("P1"), HoldReason::merged_in_his);
}

class ChainOfNumbers : public TakenIdentifierWorld, public testing::Test {};

/// P1 was given to somebody else, and that one goes on as P9: the statement is not about the
/// patient whom Medicapp has as P1.
TEST_F(ChainOfNumbers, DoesNotMakeOnePersonOfTwo) {
    world.run();
    p1 = world.medicapp.find("P1")->id;
    world.his.renumber("P1", "P9", true);
    auto& last = world.his.at("P9");
    last.patient[Field::last_name] = FieldValue::known("Evrard");
    last.patient[Field::first_name] = FieldValue::known("Eloi");
    last.patient[Field::birth_date] = FieldValue::known("1972-01-01");
    last.patient[Field::gender] = FieldValue::known("M");
    auto eloi = last.patient;
    eloi.set_external_id("");
    const auto id = world.medicapp.add(eloi);
    world.run();
    EXPECT_EQ(reason_of("P1"), HoldReason::external_id_taken);
    EXPECT_EQ(reason_of("P9"), HoldReason::possible_duplicate);
    const auto seen = world.look("P9");
    EXPECT_FALSE(seen.is_formers);
    EXPECT_THAT(sync::decisions_on(seen), Contains(DecisionKind::link));
    sync::Order order;
    order.key = "P9";
    order.kind = DecisionKind::link;
    order.medicapp_id = id;
    order.actor = {"marie", 1001};
    EXPECT_EQ(world.decide(order), "");
    world.run();
    EXPECT_THAT(world.medicapp.patients, SizeIs(3)) << "nobody was created";
    ASSERT_NE(world.medicapp.find("P9"), nullptr);
    EXPECT_EQ(world.medicapp.find("P9")->id, id);
    EXPECT_EQ(world.medicapp.find("P1")->id, p1);
    EXPECT_EQ(text(world.medicapp.patients.at(p1), Field::first_name), "Anne");
}

/// Where the traits do not contradict the statement, it stands.
TEST_F(ChainOfNumbers, MakesNoSecondPatientOfTheOneWhoGoesOn) {
    world.run();
    p1 = world.medicapp.find("P1")->id;
    auto alike = world.his.at("P1").patient;
    alike.set_external_id("");
    world.medicapp.add(alike);
    // Somebody gave them a third one there, so that the link does not move.
    auto& patient = world.medicapp.patients.at(p1);
    patient.patient.set_external_id("P5");
    world.medicapp.now += std::chrono::seconds(5);
    patient.modified_at = world.medicapp.now;
    world.his.renumber("P1", "P9", true);
    world.run();
    const auto seen = world.look("P9");
    EXPECT_EQ(reason_of("P9"), HoldReason::possible_duplicate);
    EXPECT_TRUE(seen.is_formers);
    EXPECT_THAT(sync::decisions_on(seen), Not(Contains(DecisionKind::link)));
    ASSERT_FALSE(seen.refused.empty());
    EXPECT_THAT(seen.refused.front().refused, testing::HasSubstr("put right in Medicapp"))
        << "nobody has P9 there, so there is nothing to be freed";
}

} // namespace
} // namespace medibridge::tests
