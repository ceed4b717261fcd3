#include "world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::tests {
namespace {

using sync::Outcome;
using testing::HasSubstr;
using testing::IsEmpty;

/// A hospital of a few patients, synchronised: fewer than `max_changes.at_least`.
class GuardTest : public testing::Test {
  protected:
    GuardTest() {
        world.fill_his(20);
        world.run();
        world.run();
        world.let_settle();
        world.run();
        world.medicapp.writes.clear();
    }

    static sync::Request full() {
        sync::Request request;
        request.full = true;
        return request;
    }

    void expect_guarded(const sync::Report& report, const std::string& event,
                        const std::string& words) {
        EXPECT_EQ(report.outcome, Outcome::guarded);
        EXPECT_THAT(report.reason, HasSubstr(words));
        EXPECT_EQ(world.log.count(event), 1);
        EXPECT_EQ(world.log.count("cycle.guarded"), 1);
        EXPECT_THAT(world.medicapp.writes, IsEmpty());
        EXPECT_THAT(world.held(), IsEmpty());
        EXPECT_EQ(world.state().counts().tombstones, 0);
        EXPECT_EQ(world.state().counts().links, 20);
    }

    World world;
};

using EmptyMedicapp = GuardTest;
using EmptySource = GuardTest;
using Alarms = GuardTest;

TEST_F(EmptyMedicapp, StopsAFullCompareHoweverFewPatientsThereAre) {
    const auto patients = std::exchange(world.medicapp.patients, {});
    expect_guarded(world.run(full()), "guard.emptied", "Medicapp shows no patient");
    world.medicapp.patients = patients;
    EXPECT_EQ(world.run(full()).outcome, Outcome::complete);
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
}

TEST_F(EmptySource, StopsAFullCompareHoweverFewPatientsThereAre) {
    const auto records = std::exchange(world.his.records, {});
    expect_guarded(world.run(full()), "guard.emptied", "source his shows no record");
    world.his.records = records;
    EXPECT_EQ(world.run(full()).outcome, Outcome::complete);
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
}

TEST_F(EmptySource, ThatNeverHadAPatientIsNoReasonToStop) {
    ModelSource other("other");
    world.sources.push_back(&other);
    world.restart();
    EXPECT_EQ(world.run(full()).outcome, Outcome::complete);
    EXPECT_EQ(other.whole_readings, 1);
}

TEST_F(EmptySource, ThatIsNotAskedForIsNotLookedAt) {
    ModelSource other("other");
    other.records.push_back(record("P1"));
    world.sources.push_back(&other);
    world.restart();
    world.his.records.clear();
    auto request = full();
    request.only_source = "other";
    EXPECT_EQ(world.run(request).outcome, Outcome::complete);
}

TEST_F(Alarms, AreReportedAtTheirBeginningAndTheirEndOnly) {
    const auto records = std::exchange(world.his.records, {});
    for (int cycle = 0; cycle < 3; ++cycle)
        expect_guarded(world.run(full()), "guard.emptied", "no record");
    EXPECT_EQ(world.log.count("guard.lifted"), 0);
    world.his.records = records;
    world.run(full());
    world.run(full());
    EXPECT_EQ(world.log.count("guard.lifted"), 1);
}

} // namespace
} // namespace medibridge::tests
