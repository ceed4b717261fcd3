#include "world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// Two sources gave one number to two people: nobody is created, until they agree.

namespace medibridge::tests {
namespace {

using reconcile::Field;
using reconcile::FieldValue;
using reconcile::HoldReason;
using sync::DecisionKind;
using sync::Outcome;
using testing::IsEmpty;
using testing::SizeIs;

/// N1 is one person in the HIS, and another one in `other`.
class ContestedPatient : public testing::Test {
  protected:
    ContestedPatient() {
        world.sources.push_back(&other);
        world.his.is_inbox = true;
        other.is_inbox = true;
        world.fill_his(2);
        world.restart();
        world.run();
        world.his.records.push_back(record("N1"));
        auto another = record("N1");
        another.patient[Field::first_name] = FieldValue::known("Luc");
        another.patient[Field::birth_date] = FieldValue::known("1955-06-07");
        other.records.push_back(std::move(another));
        world.run();
        world.run();
    }

    /// What an inbox keeps of somebody is the newest record.
    void agree() {
        other.at("N1").patient = record("N1").patient;
        other.edit("N1", Field::phone, new_phone);
    }

    /// The sources agree, a cycle calls for one that reads all, and one of a single source follows.
    void agree_and_read_one() {
        agree();
        world.run();
        ASSERT_THAT(world.held(), SizeIs(1));
        sync::Request one;
        one.full = true;
        one.only_source = "other";
        world.run(std::move(one));
    }

    World world;
    ModelSource other{"other"};
};

/// A cycle of arrivals that does not come to its end has called for nothing: the whole one does.
TEST_F(ContestedPatient, IsCreatedOnceTheSourcesAgreeWhateverCycleSeesItFirst) {
    ASSERT_THAT(world.held(), SizeIs(1));
    EXPECT_EQ(world.held().front().reason, HoldReason::ambiguous_source);
    agree();
    EXPECT_EQ(world.take_arrivals().outcome, Outcome::incomplete);
    world.run();
    world.run();
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_NE(world.medicapp.find("N1"), nullptr);
}

/// What is taken of one source is not shown again when the other can be read.
TEST_F(ContestedPatient, IsCreatedAlsoIfAThirdSourceWasDownWhenTheyAgreed) {
    ModelSource third("third");
    third.broken = connectors::SourceError(connectors::SourceError::Kind::unavailable, "down");
    world.sources.push_back(&third);
    world.restart();
    agree();
    EXPECT_EQ(world.run().outcome, Outcome::incomplete);
    third.broken.reset();
    world.run();
    world.run();
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_NE(world.medicapp.find("N1"), nullptr);
}

/// A cycle of one source does not stand for the one that is to read all.
TEST_F(ContestedPatient, IsCreatedAlsoIfOneSourceIsReadInBetween) {
    agree_and_read_one();
    world.run();
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_NE(world.medicapp.find("N1"), nullptr);
}

TEST_F(ContestedPatient, IsFoundToBeRightByWhoeverHasThemLookedAtThen) {
    agree_and_read_one();
    sync::Order order;
    order.key = "N1";
    order.kind = DecisionKind::retry;
    order.actor = {"marie", 1001};
    ASSERT_EQ(world.decide(order), "");
    world.run();
    EXPECT_THAT(world.held(), IsEmpty());
    state::AuditQuery query;
    query.external_id = "N1";
    for (const auto& line : world.state().audit(query))
        EXPECT_EQ(line.detail.find("still held"), std::string::npos) << line.detail;
}

} // namespace
} // namespace medibridge::tests
