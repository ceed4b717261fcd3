#include "world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// Whoever was erased in Medicapp does not come back by themselves, whatever number the HIS gives
// them.

namespace medibridge::tests {
namespace {

using reconcile::Field;
using reconcile::HoldReason;
using sync::DecisionKind;
using testing::IsEmpty;
using testing::SizeIs;

/// P1 is in Medicapp. The parameter: a change of the identifier (HL7 A47), or a merge.
class ErasedNumber : public testing::TestWithParam<bool> {
  protected:
    ErasedNumber() {
        world.fill_his(5);
        world.run();
    }
    void erase(const std::string& external_id) {
        world.medicapp.patients.erase(world.medicapp.find(external_id)->id);
        run_whole();
    }
    void renumber() {
        world.his.renumber("P1", "P9", GetParam());
        world.run();
    }
    void run_whole() {
        sync::Request full;
        full.full = true;
        world.run(full);
    }
    void expect_held(const std::string& external_id) {
        EXPECT_THAT(world.medicapp.patients, SizeIs(4)) << "nobody came back";
        bool found = false;
        for (const auto& held : world.held())
            found =
                found || (held.key == external_id && held.reason == HoldReason::erased_in_medicapp);
        EXPECT_TRUE(found);
    }

    World world;
};

TEST_P(ErasedNumber, StaysErasedUnderTheNextOne) {
    erase("P1");
    expect_held("P1");
    renumber();
    expect_held("P9");
    world.restart();
    run_whole();
    expect_held("P9");
    world.his.edit("P9", Field::phone, new_phone);
    world.run();
    expect_held("P9");

    world.look_and_decide("P9", DecisionKind::create);
    world.run();
    EXPECT_NE(world.medicapp.find("P9"), nullptr);
    run_whole();
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_THAT(world.medicapp.patients, SizeIs(5));
}

/// Nobody has noticed yet.
TEST_P(ErasedNumber, StaysErasedUnderTheNextOneThatIsGivenInTheSameCycle) {
    world.let_settle();
    world.run();
    world.medicapp.patients.erase(world.medicapp.find("P1")->id);
    renumber();
    expect_held("P9");
    run_whole();
    expect_held("P9");
}

TEST_P(ErasedNumber, StaysErasedUnderTheFormerOne) {
    renumber();
    ASSERT_NE(world.medicapp.find("P9"), nullptr);
    erase("P9");
    world.his.at("P1").merged_into.clear();
    world.his.at("P1").renamed = false;
    world.his.edit("P1", Field::phone, new_phone);
    world.run();
    expect_held("P1");
    run_whole();
    expect_held("P1");
    world.look_and_decide("P1", DecisionKind::create);
    world.run();
    EXPECT_NE(world.medicapp.find("P1"), nullptr);
}

INSTANTIATE_TEST_SUITE_P(All, ErasedNumber, testing::Bool());

} // namespace
} // namespace medibridge::tests
