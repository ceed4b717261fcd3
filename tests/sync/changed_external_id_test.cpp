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
    world.medicapp.renumber(id, "X1");
    world.his.edit("P1", Field::phone, "+33612340011");
    world.medicapp.writes.clear();
    world.run();
    ASSERT_EQ(world.held().size(), 1u);
    EXPECT_EQ(world.held().front().reason, HoldReason::identity_mismatch);
    EXPECT_THAT(world.medicapp.writes, IsEmpty());

    world.medicapp.renumber(id, "P1");
    const auto report = world.run();
    EXPECT_EQ(report.outcome, Outcome::complete) << report.reason;
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::phone), "+33612340011");
}

/// P1 has another externalId in Medicapp for a time, in which the HIS changes their phone. What
/// happened meanwhile is judged as the hold ends.
class Restored : public testing::Test {
  protected:
    Restored() {
        world.settings.policy.authority.fill(reconcile::Authority::newest);
        world.fill_his(2);
        world.run();
        id = world.medicapp.find("P1")->id;
        world.medicapp.renumber(id, "X1");
        world.run();
        world.his.edit("P1", Field::phone, new_phone);
        world.run();
        world.medicapp.now = world.his.now + std::chrono::seconds(5);
        world.medicapp.edit(id, Field::phone, "+33612340088");
    }
    void restore() {
        world.medicapp.renumber(id, "P1");
        world.medicapp.writes.clear();
        world.run();
        EXPECT_EQ(text(*world.medicapp.find("P1"), Field::phone), "+33612340088");
    }

    World world;
    std::string id;
};

TEST_F(Restored, KeepsTheNewerOfBothSidesChanges) {
    restore();
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_EQ(world.log.count("patient.conflict"), 1);
}

TEST_F(Restored, IsWrittenByNobodyWhoIsSomebodyElseNow) {
    world.medicapp.edit(id, Field::last_name, "Ailleurs");
    world.medicapp.edit(id, Field::first_name, "Luc");
    world.medicapp.edit(id, Field::birth_date, "1955-06-07");
    restore();
    ASSERT_THAT(world.held(), testing::SizeIs(1));
    EXPECT_EQ(world.held().front().reason, HoldReason::divergence);
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
}

/// Whom the HIS excludes is not held for it besides: the two reasons would take turns.
TEST(ExternalId, ChangedInMedicappOfTheDeceasedIsFoundOnceTheyAreNot) {
    World world;
    world.fill_his(2);
    world.run();
    const auto id = world.medicapp.find("P1")->id;
    world.medicapp.renumber(id, "X1");
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

/// The HIS gives P1's number to Luc. In Medicapp it is P1's, until somebody puts that right.
class NumberOfAnother : public testing::TestWithParam<const char*> {
  protected:
    NumberOfAnother() {
        world.fill_his(3);
        world.run();
        id = world.medicapp.find("P1")->id;
        auto& luc = world.his.at("P1").patient;
        luc[Field::last_name] = reconcile::FieldValue::known("Ailleurs");
        luc[Field::first_name] = reconcile::FieldValue::known("Luc");
        luc[Field::birth_date] = reconcile::FieldValue::known("1955-06-07");
        world.his.edit("P1", Field::phone, new_phone);
        world.run();
        EXPECT_EQ(world.held().front().reason, HoldReason::divergence);
        world.let_settle();
        world.run();
    }
    void renumber_in_medicapp() {
        world.medicapp.renumber(id, GetParam());
        world.run();
    }
    void add_source() {
        world.sources.push_back(&other);
        world.restart();
    }

    World world;
    ModelSource other{"other"};
    std::string id;
};

TEST_P(NumberOfAnother, IsTheirsOnceMedicappHasItFree) {
    const auto before = world.medicapp.patients.at(id).patient[Field::last_name].text();
    renumber_in_medicapp();
    EXPECT_THAT(world.held(), IsEmpty());
    const auto* luc = world.medicapp.find("P1");
    ASSERT_NE(luc, nullptr);
    EXPECT_NE(luc->id, id);
    EXPECT_EQ(text(*luc, Field::first_name), "Luc");
    const auto& former = world.medicapp.patients.at(id);
    EXPECT_EQ(text(former, Field::last_name), before) << "nothing is written to who had it";
    EXPECT_EQ(former.patient.external_id(), GetParam());
    world.medicapp.writes.clear();
    sync::Request full;
    full.full = true;
    world.run(full);
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
    EXPECT_THAT(world.held(), IsEmpty());
}

/// Whoever stands under the linked id is not the one who was linked: this may be another space.
TEST_P(NumberOfAnother, IsLeftWhereMedicappShowsSomebodyElseToo) {
    world.medicapp.edit(id, Field::birth_date, "1931-01-01");
    world.medicapp.edit(id, Field::first_name, "Yvonne");
    world.medicapp.edit(id, Field::last_name, "Personne");
    renumber_in_medicapp();
    ASSERT_THAT(world.held(), testing::SizeIs(1));
    EXPECT_EQ(world.held().front().reason, HoldReason::identity_mismatch);
    EXPECT_EQ(world.medicapp.find("P1"), nullptr);
}

/// Another source may know who has the number.
TEST_P(NumberOfAnother, IsForAnOperatorWhereThereAreSeveralSources) {
    add_source();
    renumber_in_medicapp();
    ASSERT_THAT(world.held(), testing::SizeIs(1));
    EXPECT_EQ(world.held().front().reason, HoldReason::identity_mismatch);
    world.look_and_decide("P1", sync::DecisionKind::create);
    world.run();
    EXPECT_THAT(world.held(), IsEmpty());
    ASSERT_NE(world.medicapp.find("P1"), nullptr);
    EXPECT_NE(world.medicapp.find("P1")->id, id);
    EXPECT_EQ(world.log.count("decision.applied"), 1);
}

TEST_P(NumberOfAnother, IsNotTheOperatorsToGiveAwayWhereItIsTheSamePerson) {
    add_source();
    renumber_in_medicapp();
    world.his.at("P1").patient = record("P1").patient;
    world.his.edit("P1", Field::phone, new_phone);
    world.run();
    const auto seen = world.look("P1");
    EXPECT_THAT(sync::decisions_on(seen),
                testing::Not(testing::Contains(sync::DecisionKind::create)));
    sync::Order order;
    order.key = "P1";
    order.kind = sync::DecisionKind::create;
    order.actor = {"marie", 1001};
    EXPECT_THAT(world.decide(order), testing::HasSubstr("put the externalId right"));
}

INSTANTIATE_TEST_SUITE_P(All, NumberOfAnother, testing::Values("", "X1"));

/// A change of the identifier that the state does not know: it was restored, and Medicapp and the
/// HIS agree.
TEST(ExternalId, ChangedInBothSidesMovesTheLink) {
    World world;
    world.fill_his(2);
    world.run();
    const auto id = world.medicapp.find("P1")->id;
    world.medicapp.renumber(id, "P9");
    auto renamed = world.his.at("P1");
    renamed.patient.set_external_id("P9");
    std::erase_if(world.his.records,
                  [](const auto& one) { return one.patient.external_id() == "P1"; });
    world.his.records.push_back(renamed);
    world.his.edit("P9", Field::phone, new_phone);
    for (int i = 0; i < 2; ++i)
        world.run();
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_EQ(world.medicapp.count(ModelMedicapp::Call::create), 2) << "no create was tried";
    EXPECT_EQ(text(world.medicapp.patients.at(id), Field::phone), new_phone);
}

} // namespace
} // namespace medibridge::tests
