#include "sync/core/returned.hpp"
#include "world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::tests {
namespace {

using reconcile::Field;
using reconcile::HoldReason;
using sync::DecisionKind;
using testing::IsEmpty;
using Call = ModelMedicapp::Call;

sync::Request full_compare() {
    sync::Request request;
    request.full = true;
    return request;
}

/// How somebody who was erased is in Medicapp again.
enum class Return {
    restored,  ///< the same patient, from a backup
    entered,   ///< another one with the externalId
    stripped,  ///< the same patient, whose externalId somebody took away
    renumbered ///< the same patient, with another externalId
};

/// P1 was erased by an operator's order, and nobody has to decide about that.
class ReturnedTest : public testing::TestWithParam<Return> {
  public:
    ReturnedTest() {
        world.fill_his(5);
        world.run();
        world.let_settle();
        world.run();
        erased = *world.medicapp.find("P1");
        world.medicapp.patients.erase(erased.id);
        world.run(full_compare());
        state::Batch batch;
        auto left = held();
        left.acknowledged = true;
        batch.hold(left);
        world.state().commit(batch);
        world.run(full_compare());
        EXPECT_FALSE(is_to_decide(held()));
        world.medicapp.writes.clear();
        world.log.events.clear();
    }

    /// Their id there.
    std::string come_back(Return how) {
        auto patient = erased;
        if (how == Return::entered) return world.medicapp.add(patient.patient);
        if (how == Return::stripped) patient.patient.set_external_id("");
        if (how == Return::renumbered) patient.patient.set_external_id("P77");
        patient.modified_at = world.medicapp.now;
        world.medicapp.patients[patient.id] = patient;
        return patient.id;
    }
    state::Held held(const std::string& id = "P1") {
        return world.state().look_up({id}).front().held.value_or(state::Held());
    }
    std::string reason_of(std::string_view name) {
        for (const auto& event : world.log.events)
            for (const auto& [field, value] : event.fields())
                if (event.type().name == name && field == log::Key::reason)
                    return std::get<std::string>(value);
        return {};
    }
    int errors() { return world.log.count("patient.erased_returned"); }

    World world;
    connectors::MedicappPatient erased;
};

TEST_P(ReturnedTest, IsNoticedOnceHeldAndLeftAlone) {
    const auto key = GetParam() == Return::renumbered ? "P77" : "P1";
    const auto id = come_back(GetParam());
    if (GetParam() == Return::renumbered) {
        auto same = world.his.at("P1");
        same.patient.set_external_id("P77");
        world.his.records.push_back(same);
    }
    world.run();
    EXPECT_EQ(errors(), 1);
    EXPECT_EQ(held(key).reason, HoldReason::erased_in_medicapp);
    EXPECT_EQ(held(key).medicapp_id, id);
    EXPECT_TRUE(is_to_decide(held(key)));
    // Whatever the HIS says, and however often both sides are looked at.
    world.his.edit(key, Field::phone, new_phone);
    world.run();
    world.run(full_compare());
    world.restart();
    world.his.at(key).deceased = true;
    world.run(full_compare());
    world.run(full_compare());
    EXPECT_EQ(errors(), 1);
    EXPECT_TRUE(is_to_decide(held(key)));
    EXPECT_EQ(held(key).medicapp_id, id);
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
    EXPECT_FALSE(world.state().look_up({key}).front().link);
}

TEST_P(ReturnedTest, IsNoticedWhereTheHisHasNobody) {
    std::erase_if(world.his.records,
                  [](const auto& record) { return record.patient.external_id() == "P1"; });
    world.run(full_compare());
    const auto key = GetParam() == Return::renumbered ? "P77" : "P1";
    come_back(GetParam());
    world.run();
    world.run(full_compare());
    EXPECT_EQ(errors(), 1);
    EXPECT_TRUE(is_to_decide(held(key)));
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
    // An erasure begins with a look, which finds them.
    ASSERT_TRUE(world.look(key).medicapp);
}

INSTANTIATE_TEST_SUITE_P(All, ReturnedTest,
                         testing::Values(Return::restored, Return::entered, Return::stripped,
                                         Return::renumbered));

TEST_F(ReturnedTest, IsFoundByALookBeforeACycleHasNoticed) {
    come_back(Return::restored);
    const auto seen = world.look("P1");
    ASSERT_TRUE(seen.medicapp);
    EXPECT_EQ(seen.medicapp->id, erased.id);
}

TEST_F(ReturnedTest, IsSaidOfNobodyWhomOnlyAListShows) {
    come_back(Return::restored);
    world.medicapp.fault_of = [](Call call, const std::string& id) {
        using Fault = ModelMedicapp::Fault;
        return call == Call::get && id == "P1"
                   ? std::optional<Fault>({failure(connectors::Failure::not_found, 404)})
                   : std::nullopt;
    };
    world.run();
    EXPECT_EQ(errors(), 0);
    EXPECT_FALSE(is_to_decide(held()));
}

/// A snapshot puts back the times, too: no list of changes shows them.
TEST(Returned, ByASnapshotAfterAnIgnoreIsSeenByTheFirstFullCompare) {
    World world;
    world.fill_his(5);
    world.run();
    world.let_settle();
    world.run();
    const auto snapshot = world.medicapp.patients;
    const auto id = world.medicapp.find("P1")->id;
    world.medicapp.patients.erase(id);
    world.run(full_compare());
    world.look_and_decide("P1", DecisionKind::ignore);
    world.run();
    world.medicapp.patients = snapshot;
    world.run(full_compare());
    const auto known = world.state().look_up({"P1"}).front();
    ASSERT_TRUE(known.held);
    EXPECT_TRUE(is_to_decide(*known.held));
    EXPECT_EQ(known.held->detail, "is in Medicapp again");
    EXPECT_EQ(sync::returned_as(known), id);
}

TEST_F(ReturnedTest, StaysIfAnOperatorLinksThem) {
    const auto id = come_back(Return::entered);
    world.run();
    ASSERT_THAT(
        sync::decisions_on(world.state().look_up({"P1"}).front()),
        testing::ElementsAre(DecisionKind::link, DecisionKind::retry, DecisionKind::ignore));
    world.look_and_decide("P1", DecisionKind::link, id);
    world.run();
    const auto known = world.state().look_up({"P1"}).front();
    ASSERT_TRUE(known.link);
    EXPECT_EQ(known.link->medicapp_id, id);
    EXPECT_FALSE(known.held);
    EXPECT_FALSE(known.tombstone);
    world.his.now += std::chrono::hours(1);
    world.his.edit("P1", Field::phone, new_phone);
    world.run();
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::phone), new_phone);
    world.run(full_compare());
    EXPECT_THAT(world.held(), IsEmpty());
}

/// Somebody enters them in Medicapp before or after an operator decides to have them created: they
/// are there once, and whoever decided is told why.
TEST_F(ReturnedTest, EndsTheDecisionToCreateThem) {
    for (const bool decided_first : {true, false}) {
        SCOPED_TRACE(decided_first);
        world.log.events.clear();
        if (decided_first) world.look_and_decide("P1", DecisionKind::create);
        const auto id = come_back(Return::entered);
        if (!decided_first) world.look_and_decide("P1", DecisionKind::create);
        world.run();
        EXPECT_THAT(world.state().decisions(), IsEmpty());
        EXPECT_THAT(world.medicapp.writes, IsEmpty());
        EXPECT_EQ(held().medicapp_id, id);
        EXPECT_EQ(reason_of("decision.refused"), "they are in Medicapp again: look at them again");
        world.medicapp.patients.erase(id);
        for (int i = 0; i < 2; ++i)
            world.run(full_compare());
    }
}

/// Neither is their record written over that person, nor are they erased.
TEST_F(ReturnedTest, IsNotLinkedWhereAnotherPersonHasTheExternalIdByNow) {
    auto other = erased.patient;
    other[Field::last_name] = reconcile::FieldValue::known("Tout-Autre");
    other[Field::birth_date] = reconcile::FieldValue::known("1950-01-01");
    const auto id = world.medicapp.add(other);
    world.run();
    const auto seen = world.look("P1");
    EXPECT_THAT(sync::decisions_on(seen),
                testing::ElementsAre(DecisionKind::retry, DecisionKind::ignore));
    sync::Order order;
    order.key = "P1";
    order.kind = DecisionKind::link;
    order.medicapp_id = id;
    EXPECT_EQ(world.decide(order), sync::another_has_returned);
    world.run();
    EXPECT_THAT(world.medicapp.writes, IsEmpty());

    // As the refusal advises.
    world.medicapp.now += std::chrono::minutes(1);
    auto& patient = world.medicapp.patients.at(id);
    patient.patient.set_external_id("");
    patient.modified_at = world.medicapp.now;
    world.run();
    world.run(full_compare());
    EXPECT_EQ(held().reason, HoldReason::erased_in_medicapp);
    EXPECT_EQ(held().detail, "") << "nobody is there any more";
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
}

TEST_F(ReturnedTest, IsErasedAsBeforeOnceTheyAreGoneAgain) {
    for (const bool in_his : {true, false}) {
        if (!in_his)
            std::erase_if(world.his.records,
                          [](const auto& record) { return record.patient.external_id() == "P1"; });
        const auto id = come_back(Return::restored);
        world.run();
        ASSERT_EQ(held().detail, "is in Medicapp again");
        world.medicapp.patients.erase(id);
        world.run(full_compare());
        const auto known = world.state().look_up({"P1"}).front();
        EXPECT_TRUE(known.tombstone);
        EXPECT_EQ(known.held.has_value(), in_his);
        if (known.held) EXPECT_EQ(known.held->detail, "");
        world.run(full_compare());
        EXPECT_THAT(world.medicapp.writes, IsEmpty());
    }
}

} // namespace
} // namespace medibridge::tests
