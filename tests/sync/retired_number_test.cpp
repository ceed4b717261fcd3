#include "world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// A number that the HIS gave up, by a merge or by a change of the identifier, is used again: by a
// department that still has it, or for somebody else.

namespace medibridge::tests {
namespace {

using reconcile::Field;
using reconcile::HoldReason;
using sync::DecisionKind;
using testing::IsEmpty;
using testing::SizeIs;

/// P1 became P9, in Medicapp too.
class RetiredNumber : public testing::TestWithParam<bool> {
  protected:
    RetiredNumber() {
        world.fill_his(1);
        world.run();
        world.his.renumber("P1", "P9", GetParam());
        world.run();
    }
    void use_again(Field field, const std::string& value) {
        world.his.at("P1").merged_into.clear();
        world.his.at("P1").renamed = false;
        world.his.edit("P1", field, value);
        world.run();
    }
    void expect_held(HoldReason reason) {
        EXPECT_THAT(world.medicapp.patients, SizeIs(1)) << "nobody was created";
        ASSERT_THAT(world.held(), SizeIs(1));
        EXPECT_EQ(world.held().front().key, "P1");
        EXPECT_EQ(world.held().front().reason, reason);
    }

    World world;
};

TEST_P(RetiredNumber, UsedAgainAsItWasIsHeld) {
    use_again(Field::phone, new_phone);
    expect_held(HoldReason::merged_in_his);
}

TEST_P(RetiredNumber, UsedAgainWithAnotherLastNameIsHeldToBeDecided) {
    use_again(Field::last_name, "Dupont");
    expect_held(HoldReason::possible_duplicate);
    sync::Request full;
    full.full = true;
    world.run(full);
    expect_held(HoldReason::possible_duplicate);
}

TEST_P(RetiredNumber, UsedAgainWithASlipInTheFirstNameOrADayIsHeldToBeDecided) {
    use_again(Field::first_name, "Anna");
    expect_held(HoldReason::possible_duplicate);
    world.his.at("P1").patient[Field::first_name] = reconcile::FieldValue::known("Anne");
    use_again(Field::birth_date, "1980-02-28");
    expect_held(HoldReason::possible_duplicate);
    use_again(Field::birth_date, "1980-02-29");
    expect_held(HoldReason::merged_in_his);
}

TEST_P(RetiredNumber, UsedAgainForSomebodyElseIsCreated) {
    use_again(Field::first_name, "Zoé");
    EXPECT_THAT(world.medicapp.patients, SizeIs(2));
    EXPECT_THAT(world.held(), IsEmpty());
}

TEST_P(RetiredNumber, AnOperatorMaySayThatItIsSomebodyElse) {
    use_again(Field::last_name, "Dupont");
    world.look_and_decide("P1", DecisionKind::create);
    world.run();
    EXPECT_THAT(world.medicapp.patients, SizeIs(2));
    EXPECT_THAT(world.held(), IsEmpty());
}

/// Who gets the number had another one, under which they are linked: they are told of before their
/// own record is there.
class NumberGivenOn : public RetiredNumber {
  protected:
    void give_to_p4(bool restarts) {
        world.his.records.push_back(record("P4"));
        world.his.edit("P4", Field::first_name, "Zoé");
        world.his.edit("P4", Field::birth_date, "1991-12-13");
        world.run();
        const auto id = world.medicapp.find("P4")->id;
        auto given = world.his.at("P4");
        world.his.at("P4").merged_into = "P1";
        world.his.edit("P4", Field::phone, new_phone);
        world.run();
        ASSERT_THAT(world.held(), SizeIs(1));
        // What has arrived is not shown once more.
        std::erase_if(world.his.records,
                      [](const auto& one) { return one.patient.external_id() == "P4"; });
        if (restarts) world.restart();
        given.patient.set_external_id("P1");
        given.modified_at = world.his.now += std::chrono::minutes(1);
        world.his.at("P1") = given;
        for (int i = 0; i < 2; ++i)
            world.run();
        EXPECT_THAT(world.medicapp.patients, SizeIs(2)) << "nobody was created";
        ASSERT_NE(world.medicapp.find("P1"), nullptr);
        EXPECT_EQ(world.medicapp.find("P1")->id, id);
        EXPECT_THAT(world.held(), IsEmpty());
    }
};

TEST_P(NumberGivenOn, MovesTheirLink) {
    give_to_p4(false);
}

TEST_P(NumberGivenOn, MovesTheirLinkAfterARestartToo) {
    give_to_p4(true);
}

INSTANTIATE_TEST_SUITE_P(All, NumberGivenOn, testing::Bool());
INSTANTIATE_TEST_SUITE_P(All, RetiredNumber, testing::Bool());

} // namespace
} // namespace medibridge::tests
