#include "world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::tests {
namespace {

using reconcile::Field;
using reconcile::FieldValue;
using sync::Outcome;
using testing::HasSubstr;
using testing::IsEmpty;
using Call = ModelMedicapp::Call;

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

TEST_F(EmptySource, HoldsNobodyWhoIsFoundErasedBeforeItStops) {
    const auto records = std::exchange(world.his.records, {});
    world.medicapp.patients.erase(world.medicapp.find("P3")->id);
    expect_guarded(world.run(full()), "guard.emptied", "shows no record");
    world.his.records = records;
    world.run(full());
    ASSERT_EQ(world.held().size(), 1U);
    EXPECT_EQ(world.held().front().key, "P3");
}

TEST_F(EmptyMedicapp, StopsAFullCompareHoweverFewPatientsThereAre) {
    const auto patients = std::exchange(world.medicapp.patients, {});
    const auto report = world.run(full());
    expect_guarded(report, "guard.emptied", "Medicapp shows no patient");
    ASSERT_FALSE(report.alarms.empty());
    EXPECT_EQ(report.alarms.front().linked, 20);
    EXPECT_EQ(report.alarms.front().changes.count_of(sync::Change::Kind::missing), 20);
    EXPECT_EQ(report.alarms.front().changes.examples().size(), 20U);
    world.medicapp.patients = patients;
    EXPECT_EQ(world.run(full()).outcome, Outcome::complete);
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
}

TEST_F(EmptySource, StopsAFullCompareHoweverFewPatientsThereAre) {
    const auto records = std::exchange(world.his.records, {});
    const auto report = world.run(full());
    expect_guarded(report, "guard.emptied", "source his shows no record");
    ASSERT_FALSE(report.alarms.empty());
    EXPECT_EQ(report.alarms.front().changes.count(), 20);
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

/// The mapping of the HIS is known; then somebody lets the phone number be read elsewhere.
class ChangedMapping : public GuardTest {
  protected:
    ChangedMapping() {
        world.settings.mappings["his"] = before;
        world.run();
    }

    void change() {
        world.settings.mappings["his"]["fields.phone"] = "/contact/bureau";
        for (auto& one : world.his.records)
            one.patient[Field::phone] = FieldValue::known("+33140000001"); // modified as before
    }

    sync::Request accepted() {
        auto request = full();
        request.accept_mapping = sync::Consent::to_all_that_is_found();
        return request;
    }

    const sync::Mapping before{{"fields.email", "/mail"}, {"fields.phone", "/contact/mobile"}};
};

TEST_F(ChangedMapping, StopsTheCycleAndNamesTheKeys) {
    change();
    world.settings.mappings["his"].erase("fields.email");
    world.settings.mappings["his"]["fields.gender"] = "/sexe";
    expect_guarded(world.run(), "guard.mapping",
                   "source his was changed: fields.email,fields.phone,fields.gender");
    expect_guarded(world.run(), "guard.mapping", "source his");
    EXPECT_EQ(world.medicapp.count(Call::create), 20) << "of the first load";
}

TEST_F(ChangedMapping, SaysWhomItConcernsAndReadsOnceForThat) {
    change();
    auto regular = sync::Request();
    regular.patience = std::chrono::seconds(2);
    const auto before = world.his.whole_readings;
    sync::Report report;
    // A source that is slow is waited for by none of them.
    for (int cycle = 0; cycle < 4; ++cycle) {
        report = world.run(regular);
        ASSERT_FALSE(report.alarms.empty());
        EXPECT_EQ(report.alarms.front().guard, "guard.mapping");
        EXPECT_EQ(report.alarms.front().linked, 20);
    }
    EXPECT_EQ(report.alarms.front().changes.count(), 20);
    EXPECT_EQ(report.alarms.front().changes.count_of(Field::phone), 20);
    EXPECT_EQ(report.alarms.front().changes.examples().size(), 20U);
    EXPECT_TRUE(report.alarms.front().changes.covers("P7"));
    EXPECT_FALSE(report.alarms.front().changes.covers("P77"));
    EXPECT_EQ(world.his.whole_readings, before + 1);
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
    world.his.records.front().patient[Field::phone] = FieldValue::known("+33612345601");
    world.run();
    EXPECT_EQ(world.his.whole_readings, before + 2) << "somebody asks for it";
}

TEST_F(ChangedMapping, IsSaidEvenWhereASideCannotBeRead) {
    change();
    world.his.broken = connectors::SourceError(connectors::SourceError::Kind::unavailable, "down");
    const auto report = world.run();
    ASSERT_FALSE(report.alarms.empty());
    EXPECT_EQ(report.alarms.front().guard, "guard.mapping");
    EXPECT_EQ(report.alarms.front().changes.count(), 0);
}

TEST_F(ChangedMapping, GoesOnOnceItIsPutBack) {
    change();
    expect_guarded(world.run(), "guard.mapping", "source his");
    world.settings.mappings["his"] = before;
    EXPECT_EQ(world.run().outcome, Outcome::complete);
    EXPECT_EQ(world.log.count("guard.lifted"), 1);
}

TEST_F(ChangedMapping, IsAppliedToRecordsThatDidNotChangeOnceAccepted) {
    change();
    EXPECT_EQ(world.run(accepted()).updated, 20);
    EXPECT_EQ(world.log.count("mapping.changed"), 1);
    EXPECT_EQ(text(*world.medicapp.find("P7"), Field::phone), "+33140000001");
    EXPECT_EQ(world.run().outcome, Outcome::complete) << "it is known now";
    EXPECT_EQ(world.log.count("mapping.changed"), 1);
}

TEST_F(ChangedMapping, AcceptedIsStillHeldToMaxChanges) {
    world.settings.max_changes_at_least = 10;
    change();
    expect_guarded(world.run(accepted()), "guard.changes", "20 of 20");
    world.settings.max_changes_ratio = 1.0;
    EXPECT_EQ(world.run().updated, 20) << "the mapping stays accepted until a cycle is complete";
}

TEST_F(ChangedMapping, ThatIsAcceptedStaysSoUntilTheSourceCouldBeRead) {
    change();
    world.his.broken = connectors::SourceError(connectors::SourceError::Kind::unavailable, "down");
    EXPECT_EQ(world.run(accepted()).outcome, Outcome::incomplete);
    world.his.broken.reset();
    EXPECT_EQ(world.run().updated, 20);
    EXPECT_EQ(world.run().outcome, Outcome::complete) << "it is known now";
}

TEST_F(ChangedMapping, IsShownByADryRun) {
    change();
    sync::Request request;
    request.dry_run = true;
    EXPECT_EQ(world.run(request).updated, 20) << "the rehearsal's Medicapp is the daemon's part";
    EXPECT_EQ(world.log.count("mapping.changed"), 1);
    EXPECT_EQ(world.log.count("guard.mapping"), 0);
}

TEST_F(ChangedMapping, OfANewSourceNeedsNoWordAndThatOfAnotherStopsNobody) {
    ModelSource other("other");
    other.records.push_back(record("P1"));
    world.sources.push_back(&other);
    world.settings.mappings["other"] = before;
    world.restart();
    EXPECT_EQ(world.run().outcome, Outcome::complete);

    change();
    sync::Request request;
    request.only_source = "other";
    EXPECT_EQ(world.run(request).outcome, Outcome::complete);
    world.sources.erase(world.sources.begin());
    world.settings.mappings.erase("his");
    world.restart();
    EXPECT_EQ(world.run().outcome, Outcome::complete) << "a source that is gone";
}

/// Whoever is held as a divergence, and is edited in Medicapp, would only be held again, also by a
/// process that did not see it.
TEST(Guard, CountsADivergenceAgainOnlyWhereASideLooksOtherwise) {
    World world;
    world.fill_his(60);
    world.settings.max_changes_ratio = 0.1;
    world.settings.max_changes_at_least = 8;
    world.run();
    const auto id = [](int n) { return "P" + std::to_string(n); };
    for (int n = 1; n <= 20; ++n) {
        world.his.edit(id(n), Field::first_name, "Xquentin");
        if (n % 5 == 0) world.run();
    }
    ASSERT_THAT(world.held(), testing::SizeIs(20));
    for (int n = 1; n <= 20; ++n) {
        world.medicapp.edit(world.medicapp.find(id(n))->id, Field::street, "9 rue Z");
        if (n % 5 == 0) ASSERT_EQ(world.run().outcome, Outcome::complete);
    }
    EXPECT_EQ(world.run().outcome, Outcome::complete);
    sync::Request full;
    full.full = true;
    EXPECT_EQ(world.run(full).outcome, Outcome::complete) << "all 20 at once";
    for (const bool dry : {true, false}) {
        world.restart();
        auto request = full;
        request.dry_run = dry;
        EXPECT_EQ(world.run(request).outcome, Outcome::complete) << "another process";
    }
    for (int n = 1; n <= 20; ++n)
        world.his.edit(id(n), Field::phone, "06 12 34 00 77");
    EXPECT_EQ(world.run().outcome, Outcome::guarded) << "the records changed";
}

/// Whatever ended it, and whether or not the process is another one by then.
TEST(Guard, IsSaidToBeLiftedByWhicheverProcessCompletesACycle) {
    World world;
    world.fill_his(3);
    world.settings.mappings["his"] = {{"fields.phone", "/tel"}};
    world.run();
    world.settings.mappings["his"]["fields.phone"] = "/bureau";
    world.restart();
    ASSERT_EQ(world.run().outcome, Outcome::guarded);
    world.restart();
    ASSERT_EQ(world.run().outcome, Outcome::guarded);
    EXPECT_EQ(world.log.count("guard.mapping"), 2) << "a new process says so again";
    EXPECT_EQ(world.log.count("guard.lifted"), 0);
    world.settings.mappings["his"]["fields.phone"] = "/tel";
    world.restart();
    world.run();
    EXPECT_EQ(world.log.count("guard.lifted"), 1);
    world.restart();
    world.run();
    EXPECT_EQ(world.log.count("guard.lifted"), 1);
}

} // namespace
} // namespace medibridge::tests
