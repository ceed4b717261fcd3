#include "sync/core/unnamed.hpp"
#include "world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// A record that has a placeholder for a name proves nothing about who it is, to an operator either:
// what is written of it beside the name that is there makes a person who does not exist.

namespace medibridge::tests {
namespace {

using reconcile::Field;
using reconcile::FieldValue;
using reconcile::HoldReason;
using sync::DecisionKind;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

struct Said {
    std::string what;
    std::vector<std::pair<Field, std::string>> fields;
};

/// P1 is linked, and the HIS says so of them.
class Unnamed : public testing::TestWithParam<Said> {
  protected:
    Unnamed() {
        world.fill_his(2);
        world.his.at("P1").patient[Field::gender] = FieldValue::known("F");
        world.run();
        world.medicapp.writes.clear();
    }
    void say(const Said& said) {
        for (const auto& [field, text] : said.fields)
            world.his.edit("P1", field, text);
        world.run();
    }
    std::string decide(DecisionKind kind) {
        sync::Order order;
        order.key = "P1";
        order.kind = kind;
        return world.decide(order);
    }
    /// As a version before this rule, or a look before the record changed, left it.
    void order_update_unasked() {
        ASSERT_EQ(decide(DecisionKind::retry), "");
        auto decision = *world.state().look_up({"P1"}).front().decision;
        decision.kind = DecisionKind::update;
        state::Batch batch;
        batch.put_decision(std::move(decision));
        world.state().commit(batch);
    }

    World world;
};

TEST_P(Unnamed, IsNoUpdateForAnOperator) {
    say(GetParam());
    ASSERT_EQ(world.held().size(), 1u);
    EXPECT_EQ(world.held().front().reason, HoldReason::divergence);
    const auto seen = world.look("P1");
    EXPECT_THAT(sync::decisions_on(seen), Not(Contains(DecisionKind::update)));
    EXPECT_THAT(seen.sources.front().unnamed.empty(), false);
    EXPECT_THAT(decide(DecisionKind::update), HasSubstr("placeholder"));

    order_update_unasked();
    world.run();
    EXPECT_EQ(world.log.count("decision.refused"), 1);
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
    ASSERT_EQ(world.held().size(), 1u);
    EXPECT_EQ(world.held().front().reason, HoldReason::divergence);
}

TEST_P(Unnamed, IsAnUpdateAgainOnceTheNameIsKnown) {
    say(GetParam());
    ASSERT_EQ(world.held().size(), 1u);
    world.his.edit("P1", Field::last_name, "Autrement");
    world.his.edit("P1", Field::first_name, "Berthilde");
    world.run();
    EXPECT_THAT(sync::decisions_on(world.look("P1")), Contains(DecisionKind::update));
    world.look_and_decide("P1", DecisionKind::update);
    world.run();
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::last_name), "Autrement");
}

INSTANTIATE_TEST_SUITE_P(Records, Unnamed,
                         testing::Values(Said{"NoLastName",
                                              {{Field::last_name, "X"},
                                               {Field::first_name, "Yvette"},
                                               {Field::birth_date, "1911-01-01"}}},
                                         Said{"NoFirstName",
                                              {{Field::last_name, "Autrement"},
                                               {Field::first_name, "BEBE"},
                                               {Field::birth_date, "2011-01-01"}}},
                                         Said{"NoLastNameAndTheSameFirst",
                                              {{Field::last_name, "X"},
                                               {Field::birth_date, "1911-01-01"},
                                               {Field::gender, "M"}}}),
                         [](const auto& said) { return said.param.what; });

/// What stands beside the placeholder is then the record's alone.
TEST_F(Unnamed, IsWrittenByAnOperatorWhereMedicappHasNoSuchNameEither) {
    world.his.edit("P2", Field::last_name, "X");
    const auto id = world.medicapp.find("P2")->id;
    world.medicapp.now += std::chrono::minutes(1);
    world.medicapp.edit(id, Field::last_name, "X");
    world.run();
    world.his.edit("P2", Field::first_name, "Yvette");
    world.his.edit("P2", Field::birth_date, "1911-01-01");
    world.run();
    ASSERT_EQ(world.held().size(), 1u);
    world.look_and_decide("P2", DecisionKind::update);
    world.run();
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_EQ(text(*world.medicapp.find("P2"), Field::first_name), "Yvette");
}

/// P9 is in Medicapp, by name, and in the HIS with a placeholder.
class UnnamedLink : public testing::Test {
  protected:
    void show(const std::string& first_name, const std::string& birth_date) {
        world.settings.policy.authority.fill(reconcile::Authority::his);
        world.fill_his(2);
        auto record = world.his.at("P1");
        record.patient.set_external_id("P9");
        record.patient[Field::last_name] = FieldValue::known("Fontaine");
        id = world.medicapp.add(record.patient);
        record.patient[Field::last_name] = FieldValue::known("X");
        record.patient[Field::phone] = FieldValue::known(new_phone);
        if (!first_name.empty()) record.patient[Field::first_name] = FieldValue::known(first_name);
        if (!birth_date.empty()) record.patient[Field::birth_date] = FieldValue::known(birth_date);
        world.his.records.push_back(record);
        world.run();
        world.medicapp.writes.clear();
        ASSERT_EQ(world.held().size(), 1u);
        EXPECT_EQ(world.held().front().reason, HoldReason::identity_mismatch);
    }
    std::string link() {
        sync::Order order;
        order.key = "P9";
        order.kind = DecisionKind::link;
        order.medicapp_id = id;
        return world.decide(order);
    }

    World world;
    std::string id;
};

TEST_F(UnnamedLink, ToSomebodyWhoAgreesOtherwiseKeepsTheirName) {
    show({}, {});
    EXPECT_EQ(link(), "");
    world.run();
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_EQ(text(*world.medicapp.find("P9"), Field::last_name), "Fontaine");
    EXPECT_EQ(text(*world.medicapp.find("P9"), Field::phone), new_phone);
    world.medicapp.writes.clear();
    sync::Request full;
    full.full = true;
    world.run(full);
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
    EXPECT_THAT(world.held(), IsEmpty());
}

TEST_F(UnnamedLink, ToAnotherPersonIsRefused) {
    show("Yvette", "1911-01-01");
    EXPECT_THAT(sync::decisions_on(world.look("P9")), Not(Contains(DecisionKind::link)));
    EXPECT_THAT(link(), HasSubstr("placeholder"));
    world.run();
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
}

} // namespace
} // namespace medibridge::tests
