#include "world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// What an operator decides is about the records that they saw.

namespace medibridge::tests {
namespace {

using reconcile::Field;
using reconcile::FieldValue;
using reconcile::HoldReason;
using reconcile::SourceRecord;
using sync::DecisionKind;
using testing::IsEmpty;

sync::Request full_compare() {
    sync::Request request;
    request.full = true;
    return request;
}

/// P1 is held because of what `other` says, and `his` shows P1 as well.
class IgnoreTest : public testing::Test {
  protected:
    IgnoreTest() {
        world.sources.push_back(&other);
        world.restart();
        world.fill_his(3);
        world.run();
        auto said = world.his.at("P1");
        said.patient[Field::last_name] = FieldValue::known("Ailleurs");
        said.patient[Field::first_name] = FieldValue::known("Luc");
        touch(said);
        other.records.push_back(said);
        world.run();
        EXPECT_EQ(held().reason, HoldReason::divergence);
        EXPECT_EQ(held().source, "other");
    }
    void touch(SourceRecord& record) {
        record.modified_at = world.his.now += std::chrono::minutes(1);
    }
    state::Held held() {
        return world.state().look_up({"P1"}).front().held.value_or(state::Held());
    }

    World world;
    ModelSource other{"other"};
};

TEST_F(IgnoreTest, LastsAsLongAsEachRecordIsAsItWas) {
    world.look_and_decide("P1", DecisionKind::ignore);
    for (int i = 0; i < 3; ++i) {
        world.run(i == 1 ? full_compare() : sync::Request());
        EXPECT_FALSE(is_to_decide(held()));
        world.restart();
    }
}

TEST_F(IgnoreTest, EndsWithAChangeInTheSourceThatHoldsThePatient) {
    world.look_and_decide("P1", DecisionKind::ignore);
    auto& said = other.at("P1");
    said.patient[Field::phone] = FieldValue::known(new_phone);
    touch(said);
    world.run();
    EXPECT_TRUE(is_to_decide(held()));
}

TEST_F(IgnoreTest, EndsWithAChangeInAnotherSource) {
    world.look_and_decide("P1", DecisionKind::ignore);
    world.restart();
    world.his.edit("P1", Field::phone, new_phone);
    world.run();
    EXPECT_TRUE(is_to_decide(held()));
    EXPECT_EQ(held().reason, HoldReason::divergence);
    // And holds again, for what is there now.
    world.look_and_decide("P1", DecisionKind::ignore);
    world.run();
    world.run(full_compare());
    EXPECT_FALSE(is_to_decide(held()));
}

/// Only the mapping is another one: the HIS shows what it showed.
TEST_F(IgnoreTest, OutlivesAChangeOfTheMapping) {
    for (auto* source : {"his", "other"})
        world.settings.mappings[source] = {{"fields.phone", "/tel"}};
    world.restart();
    world.run();
    world.look_and_decide("P1", DecisionKind::ignore);
    for (auto* source : {"his", "other"})
        world.settings.mappings[source]["fields.phone"] = "/bureau";
    world.his.at("P1").patient[Field::phone] = FieldValue::known(new_phone);
    other.at("P1").patient[Field::phone] = FieldValue::known(new_phone);
    world.restart();
    auto request = full_compare();
    request.accept_mapping = sync::Consent::to_all_that_is_found();
    world.run(request);
    EXPECT_FALSE(is_to_decide(held()));
    world.run(full_compare());
    EXPECT_FALSE(is_to_decide(held()));
    world.his.edit("P1", Field::phone, "+33612340078");
    world.run();
    EXPECT_TRUE(is_to_decide(held()));
}

/// Contact data of a source without priority are left out of its record.
TEST_F(IgnoreTest, OtherDecisionsAreAboutTheRecordWithoutWhatItsSourceMayNotSet) {
    world.settings.contact_priority = {"his"};
    world.restart();
    world.his.edit("P1", Field::phone, "+33612340078");
    world.run();
    auto& said = other.at("P1");
    said.patient[Field::phone] = FieldValue::known(new_phone);
    touch(said);
    world.run(full_compare());
    ASSERT_EQ(held().source, "other");
    world.look_and_decide("P1", DecisionKind::update);
    world.run();
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::last_name), "Ailleurs");
    EXPECT_EQ(world.log.count("decision.refused"), 0);
}

/// What operators heard of their decisions.
class Heard final : public sync::Observer {
  public:
    void concluded(const sync::Conclusion& conclusion) override { all.push_back(conclusion); }
    std::vector<sync::Conclusion> all;
};

TEST_F(IgnoreTest, ARetrySaysWhetherThePatientIsStillHeld) {
    Heard heard;
    world.observer = &heard;
    world.restart();
    world.look_and_decide("P1", DecisionKind::retry);
    world.run();
    ASSERT_EQ(heard.all.size(), 1U);
    EXPECT_TRUE(heard.all[0].applied);
    EXPECT_EQ(heard.all[0].reason, "looked at again: still held, divergence");
    other.at("P1").patient = world.his.at("P1").patient;
    world.look_and_decide("P1", DecisionKind::retry);
    world.run();
    ASSERT_EQ(heard.all.size(), 2U);
    EXPECT_EQ(heard.all[1].reason, "");
    EXPECT_THAT(world.held(), IsEmpty());
}

} // namespace
} // namespace medibridge::tests
