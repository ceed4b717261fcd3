#include "world.hpp"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

// Patients who are merged into each other: the later merge counts, and whoever it leads to is in
// use, though their own record says that they were merged before.

namespace medibridge::tests {
namespace {

using reconcile::Field;
using testing::IsEmpty;
using testing::SizeIs;

/// What is held, as `P1 merged_in_his`, sorted.
std::vector<std::string> holds_of(World& world) {
    std::vector<std::string> holds;
    for (const auto& held : world.held())
        holds.push_back(held.key + ' ' + std::string(name(held.reason)));
    std::ranges::sort(holds);
    return holds;
}

/// Three linked people, of a list; whether it is polled after each merge.
class MergeRing : public testing::TestWithParam<bool> {
  protected:
    MergeRing() {
        world.fill_his(3);
        world.run();
        world.let_settle();
        world.his.now += std::chrono::hours(1);
        world.run();
    }

    void merge(const std::string& id, const std::string& into, int minute) {
        auto& record = world.his.at(id);
        record.merged_into = into;
        record.modified_at = world.his.now + std::chrono::minutes(minute);
        if (GetParam()) world.run();
    }
    /// The same from now on, in polls and full compares.
    void expect_held(const std::vector<std::string>& holds) {
        world.run();
        EXPECT_EQ(holds_of(world), holds);
        const auto told = world.log.count("patient.held");
        sync::Request full;
        full.full = true;
        for (int i = 0; i < 2; ++i) {
            EXPECT_EQ(world.run(full).outcome, sync::Outcome::complete);
            EXPECT_EQ(holds_of(world), holds);
        }
        EXPECT_EQ(world.log.count("patient.held"), told);
    }
    std::string phone_of(const std::string& id) {
        return text(*world.medicapp.find(id), Field::phone);
    }

    World world;
};

TEST_P(MergeRing, OfTwoTheLaterMergeCounts) {
    world.his.edit("P1", Field::phone, new_phone);
    merge("P1", "P2", 1);
    merge("P2", "P1", 2);
    expect_held({"P2 merged_in_his"});
    EXPECT_EQ(phone_of("P1"), new_phone);
    world.his.now += std::chrono::hours(1);
    world.his.edit("P1", Field::phone, "+33612340099");
    merge("P1", "P2", 5);
    expect_held({"P1 merged_in_his"});
}

TEST_P(MergeRing, OfTwoTheLaterMergeCountsWhereverItStands) {
    merge("P2", "P1", 1);
    merge("P1", "P2", 2);
    expect_held({"P1 merged_in_his"});
}

TEST_P(MergeRing, OfThreeTheLatestMergeCounts) {
    merge("P1", "P2", 1);
    merge("P2", "P3", 2);
    merge("P3", "P1", 3);
    expect_held({"P2 merged_in_his", "P3 merged_in_his"});
}

TEST_P(MergeRing, WithoutTimesOneOfThemGoesOn) {
    for (auto& record : world.his.records)
        record.modified_at.reset();
    world.run();
    for (const auto* id : {"P1", "P2"}) {
        auto& record = world.his.at(id);
        record.merged_into = record.patient.external_id() == "P1" ? "P2" : "P1";
        if (GetParam()) world.run();
    }
    world.run();
    ASSERT_THAT(world.held(), SizeIs(1));
    expect_held(holds_of(world));
}

/// Nothing is believed of a patient against that patient's own record.
TEST_P(MergeRing, OfAChainEachIsMerged) {
    merge("P2", "P3", 1);
    merge("P1", "P2", 2);
    expect_held({"P1 merged_in_his", "P2 merged_in_his"});
    EXPECT_EQ(world.state().look_up({"P2"}).front().redirect, "P3");
}

TEST_P(MergeRing, ThatIsUndoneLetsEverybodyGoOn) {
    merge("P1", "P2", 1);
    merge("P2", "P1", 2);
    expect_held({"P2 merged_in_his"});
    world.his.now += std::chrono::hours(1);
    for (const auto* id : {"P1", "P2"}) {
        world.his.at(id).merged_into.clear();
        world.his.edit(id, Field::phone, new_phone);
        world.run();
    }
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_EQ(phone_of("P1"), new_phone);
    EXPECT_EQ(phone_of("P2"), new_phone);
}

INSTANTIATE_TEST_SUITE_P(PolledAfterEach, MergeRing, testing::Bool());

} // namespace
} // namespace medibridge::tests
