#include "world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// Two sources gave one number to two people: nobody is created, until they agree.

namespace medibridge::tests {
namespace {

using reconcile::Field;
using reconcile::FieldValue;
using reconcile::HoldReason;
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

} // namespace
} // namespace medibridge::tests
