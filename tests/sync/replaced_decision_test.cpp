#include "world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <optional>
#include <string>

// A decision that no cycle has carried out yet, as a guard or a pause stops them, can be taken
// back.

namespace medibridge::tests {
namespace {

using connectors::Failure;
using reconcile::Field;
using reconcile::HoldReason;
using sync::DecisionKind;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Call = ModelMedicapp::Call;

sync::Order order_of(DecisionKind kind, const std::string& medicapp_id = {}) {
    sync::Order order;
    order.key = "P1";
    order.kind = kind;
    order.medicapp_id = medicapp_id;
    return order;
}

/// Medicapp has P1 without an externalId.
class ReplacedDecision : public testing::Test {
  protected:
    ReplacedDecision() {
        world.fill_his(2);
        auto same = world.his.at("P1").patient;
        same.set_external_id("");
        look_alike = world.medicapp.add(same);
        world.run();
        world.medicapp.writes.clear();
        EXPECT_EQ(held().reason, HoldReason::possible_duplicate);
    }
    state::Held held() {
        return world.state().look_up({"P1"}).front().held.value_or(state::Held());
    }
    void run_whole() {
        sync::Request whole;
        whole.full = true;
        world.run(whole);
    }
    std::string newest(const std::string& action) {
        state::AuditQuery query;
        query.external_id = "P1";
        query.action = action;
        const auto lines = world.state().audit(query);
        return lines.empty() ? std::string()
                             : lines.front().actor.name + ": " + lines.front().detail;
    }

    World world;
    std::string look_alike;
};

TEST_F(ReplacedDecision, ToLookAgainMakesRoomForAnyOther) {
    for (const auto kind : {DecisionKind::retry, DecisionKind::create, DecisionKind::ignore}) {
        world.look_and_decide("P1", DecisionKind::retry);
        world.look_and_decide("P1", kind);
        EXPECT_EQ(newest("decision_replaced"),
                  "anne: retry: " + std::string(state::name(kind)) + " takes its place");
    }
    EXPECT_THAT(world.state().decisions(), IsEmpty());
    EXPECT_FALSE(is_to_decide(held()));
    run_whole();
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
}

TEST_F(ReplacedDecision, ToCreateLeavesNothingBehind) {
    for (const auto kind : {DecisionKind::ignore, DecisionKind::retry}) {
        world.look_and_decide("P1", DecisionKind::create);
        world.look_and_decide("P1", kind);
        EXPECT_THAT(world.look("P1").known.told_apart, IsEmpty());
        world.restart();
        run_whole();
        run_whole();
        EXPECT_THAT(world.medicapp.writes, IsEmpty());
        EXPECT_EQ(held().reason, HoldReason::possible_duplicate);
    }
}

TEST_F(ReplacedDecision, ToCreateMayBecomeOneToLink) {
    world.look_and_decide("P1", DecisionKind::create);
    world.look_and_decide("P1", DecisionKind::link, look_alike);
    world.run();
    ASSERT_NE(world.medicapp.find("P1"), nullptr);
    EXPECT_EQ(world.medicapp.find("P1")->id, look_alike);
    EXPECT_EQ(world.medicapp.patients.size(), 2u);
    EXPECT_THAT(world.held(), IsEmpty());
}

TEST_F(ReplacedDecision, ToLinkMayBecomeOneToCreate) {
    world.look_and_decide("P1", DecisionKind::link, look_alike);
    world.look_and_decide("P1", DecisionKind::create);
    world.run();
    ASSERT_NE(world.medicapp.find("P1"), nullptr);
    EXPECT_NE(world.medicapp.find("P1")->id, look_alike);
    EXPECT_THAT(world.held(), IsEmpty());
    run_whole();
    EXPECT_EQ(world.medicapp.patients.size(), 3u);
}

TEST_F(ReplacedDecision, WhoSawNothingOfItIsRefused) {
    auto late = order_of(DecisionKind::ignore);
    late.token = reconcile::hex(world.look("P1").token);
    world.look_and_decide("P1", DecisionKind::create);
    EXPECT_THAT(world.decide(late), HasSubstr("look at them again"));
    ASSERT_THAT(world.state().decisions(), SizeIs(1));
    EXPECT_EQ(world.state().decisions().front().kind, DecisionKind::create);
}

TEST_F(ReplacedDecision, WhatMayHaveBeenSentStands) {
    world.look_and_decide("P1", DecisionKind::create);
    world.medicapp.fault_of = [](Call call, const std::string&) {
        return call == Call::create
                   ? std::optional(ModelMedicapp::Fault{failure(Failure::unknown, 504)})
                   : std::nullopt;
    };
    world.run();
    ASSERT_THAT(world.state().decisions(), SizeIs(1));
    EXPECT_THAT(world.decide(order_of(DecisionKind::ignore)),
                HasSubstr("create, decided by anne, was sent"));
    world.medicapp.fault_of = nullptr;
    world.run();
    EXPECT_NE(world.medicapp.find("P1"), nullptr);
    EXPECT_EQ(world.medicapp.patients.size(), 3u);
}

TEST(ReplacedUpdate, IsNotWritten) {
    World world;
    world.fill_his(2);
    world.run();
    world.medicapp.writes.clear();
    world.his.edit("P1", Field::last_name, "Autrement");
    world.his.edit("P1", Field::birth_date, "1999-09-09");
    world.run();
    world.look_and_decide("P1", DecisionKind::update);
    world.look_and_decide("P1", DecisionKind::retry);
    world.run();
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
    ASSERT_THAT(world.held(), SizeIs(1));
    EXPECT_EQ(world.held().front().reason, HoldReason::divergence);
    EXPECT_THAT(world.state().decisions(), IsEmpty());
}

} // namespace
} // namespace medibridge::tests
