#include "world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::tests {
namespace {

using namespace std::chrono_literals;

using reconcile::Field;
using sync::Outcome;
using testing::HasSubstr;
using testing::IsEmpty;
using Call = ModelMedicapp::Call;

/// A hospital of twenty patients that is synchronised and settled. Both sides are backed up.
class RewindTest : public testing::Test {
  protected:
    RewindTest() {
        world.fill_his(20);
        bring_to_rest();
        medicapp_backup = world.medicapp.patients;
        his_backup = world.his.records;
    }

    void bring_to_rest() {
        for (int i = 0; i < 3; ++i) {
            run();
            world.let_settle();
        }
        run();
        world.medicapp.writes.clear();
    }

    /// Since the backup, some patients get another phone number, and reach Medicapp.
    void edit_in_his(int count) {
        world.his.now += 1h;
        world.medicapp.now += 1h;
        for (int i = 1; i <= count; ++i)
            world.his.edit("P" + std::to_string(i), Field::phone, new_phone);
        bring_to_rest();
    }

    sync::Report run(sync::Request request = {}) { return world.run(std::move(request)); }
    sync::Report run_whole() {
        sync::Request request;
        request.full = true;
        return run(request);
    }
    sync::Report accept() {
        sync::Request request;
        request.full = true;
        request.accept_rewind = sync::Consent::to_all_that_is_found();
        return run(request);
    }

    void expect_guarded(const sync::Report& report, const std::string& side) {
        EXPECT_EQ(report.outcome, Outcome::guarded);
        EXPECT_THAT(report.reason, HasSubstr(side + " has gone back in time"));
        EXPECT_EQ(world.log.count("guard.rewound"), 1);
        EXPECT_THAT(world.medicapp.writes, IsEmpty());
        EXPECT_THAT(world.held(), IsEmpty());
        EXPECT_EQ(world.state().counts().links, 20);
    }

    World world;
    std::map<std::string, connectors::MedicappPatient> medicapp_backup;
    std::vector<reconcile::SourceRecord> his_backup;
};

using RewoundMedicapp = RewindTest;
using RewoundSource = RewindTest;

TEST_F(RewoundMedicapp, StopsThePollThatMissesWhatWasShownBefore) {
    edit_in_his(3);
    world.medicapp.patients = medicapp_backup;
    expect_guarded(run(), "Medicapp");
    expect_guarded(run(), "Medicapp");
}

TEST_F(RewoundMedicapp, IsSeenAlthoughSomebodyElseWasEditedSince) {
    edit_in_his(3);
    world.medicapp.patients = medicapp_backup;
    world.medicapp.now += 1h;
    world.medicapp.edit(world.medicapp.find("P9")->id, Field::email, "late@example.org");
    expect_guarded(run(), "Medicapp");
}

class LostCreates : public RewindTest, public testing::WithParamInterface<int> {};

TEST_P(LostCreates, OfThoseWhoCameLastAreImplausible) {
    world.his.now += 1h;
    world.medicapp.now += 1h;
    for (int i = 0; i < GetParam(); ++i) {
        const auto id = "N" + std::to_string(i);
        auto late = record(id);
        late.patient[Field::last_name] = reconcile::FieldValue::known(std::string("Neuf") + id[1]);
        late.patient[Field::first_name] = reconcile::FieldValue::known("Zoé");
        late.modified_at = world.his.now;
        world.his.records.push_back(late);
    }
    bring_to_rest();
    world.medicapp.patients = medicapp_backup;
    const auto report = run();
    EXPECT_EQ(report.outcome, Outcome::guarded);
    EXPECT_THAT(report.reason, HasSubstr("none of the 5 linked patients"));
    EXPECT_EQ(world.state().counts().tombstones, 0);
}

INSTANTIATE_TEST_SUITE_P(AllThatAreLookedAt, LostCreates, testing::Values(5, 8));

TEST_F(RewoundMedicapp, IsSeenByAFullCompareBeforeItsFirstWrite) {
    edit_in_his(3);
    world.medicapp.patients = medicapp_backup;
    expect_guarded(run_whole(), "Medicapp");
}

TEST_F(RewoundMedicapp, GoesOnByItselfWhereTheRestoreIsUndone) {
    edit_in_his(3);
    const auto present = std::exchange(world.medicapp.patients, medicapp_backup);
    expect_guarded(run(), "Medicapp");
    world.medicapp.patients = present;
    EXPECT_EQ(run().outcome, Outcome::complete);
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
    EXPECT_EQ(world.log.count("guard.lifted"), 1);
}

TEST_F(RewoundMedicapp, IsBroughtForwardOnceTheOperatorAcceptsIt) {
    world.settings.policy.authority.fill(reconcile::Authority::his);
    edit_in_his(3);
    world.medicapp.patients = medicapp_backup;
    expect_guarded(run(), "Medicapp");

    EXPECT_EQ(accept().outcome, Outcome::complete);
    EXPECT_EQ(text(*world.medicapp.find("P2"), Field::phone), new_phone);
    bring_to_rest();
    EXPECT_EQ(run().outcome, Outcome::complete);
    EXPECT_EQ(run_whole().outcome, Outcome::complete);
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
    EXPECT_THAT(world.medicapp.duplicates(), IsEmpty());
}

TEST_F(RewoundMedicapp, IsNotSuspectedAgainBecauseOfWhoIsHeld) {
    world.his.now += 1h;
    world.his.records[1].active = false;
    world.his.records[1].modified_at = world.his.now;
    bring_to_rest();
    ASSERT_EQ(world.held().size(), 1u);
    medicapp_backup = world.medicapp.patients;
    world.medicapp.now += 1h;
    // Fields of which the HIS says something, and of which it does not.
    const auto id = world.medicapp.find("P1")->id;
    world.medicapp.edit(id, Field::email, "late@example.org");
    world.medicapp.edit(id, Field::phone, new_phone);
    bring_to_rest();
    run_whole();
    world.medicapp.patients = medicapp_backup;
    EXPECT_EQ(run_whole().outcome, Outcome::guarded);
    EXPECT_EQ(accept().outcome, Outcome::complete);
    EXPECT_EQ(run_whole().outcome, Outcome::complete);
    EXPECT_THAT(world.medicapp.writes, IsEmpty());

    // What went back is still written once the patient is held no longer.
    world.his.now += 1h;
    world.his.records[1].active = true;
    world.his.records[1].modified_at = world.his.now;
    world.settings.policy.authority.fill(reconcile::Authority::his);
    bring_to_rest();
    run_whole();
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::phone),
              world.his.records[1].patient[Field::phone].text());
}

TEST_F(RewoundMedicapp, IsNotSuspectedTwiceBecauseOnePatientWasErased) {
    edit_in_his(3);
    world.medicapp.patients.erase(world.medicapp.find("P3")->id); // the one modified last
    world.medicapp.log.clear();
    EXPECT_EQ(run().outcome, Outcome::complete);
    EXPECT_EQ(world.medicapp.count(Call::get), 5);
    world.medicapp.log.clear();
    EXPECT_EQ(run().outcome, Outcome::complete);
    EXPECT_EQ(world.medicapp.count(Call::get), 0);
}

TEST_F(RewoundMedicapp, IsSuspectedOnceWhenItsClockIsSetBack) {
    edit_in_his(3);
    world.medicapp.now -= 10min;
    world.medicapp.log.clear();
    EXPECT_EQ(run().outcome, Outcome::complete);
    EXPECT_EQ(world.medicapp.count(Call::get), 5);
    EXPECT_EQ(run().outcome, Outcome::complete);
    EXPECT_EQ(world.medicapp.count(Call::get), 5);
}

TEST_F(RewoundMedicapp, ThatCannotBeAskedLeavesTheCycleIncomplete) {
    edit_in_his(3);
    world.medicapp.patients = medicapp_backup;
    world.medicapp.fault = [](Call call, int) -> std::optional<ModelMedicapp::Fault> {
        if (call != Call::get) return std::nullopt;
        return ModelMedicapp::Fault{failure(connectors::Failure::unavailable, 503)};
    };
    EXPECT_EQ(run().outcome, Outcome::incomplete);
    world.medicapp.fault = nullptr;
    expect_guarded(run(), "Medicapp");
}

TEST_F(RewoundSource, StopsThePollThatMissesWhatWasShownBefore) {
    edit_in_his(3);
    world.his.records = his_backup;
    world.his.whole_readings = 0;
    expect_guarded(run(), "source his");
    EXPECT_EQ(world.his.whole_readings, 1) << "to be sure";
    expect_guarded(run(), "source his");
}

TEST_F(RewoundSource, IsSeenByAFullCompareBeforeItsFirstWrite) {
    edit_in_his(3);
    world.his.records = his_backup;
    expect_guarded(run_whole(), "source his");
}

TEST_F(RewoundSource, IsSeenInADeltaThatIsTooLargeToKeep) {
    world.fill_his(2500);
    world.his.records.erase(world.his.records.begin(), world.his.records.begin() + 20);
    world.his.page_size = 500;
    bring_to_rest();
    const auto backup = world.his.records;
    world.his.now += 1h;
    world.his.edit("P2500", Field::phone, new_phone);
    bring_to_rest();
    world.his.records = backup;
    const auto report = run();
    EXPECT_EQ(report.outcome, Outcome::guarded) << report.reason;
}

TEST_F(RewoundSource, IsTakenAsItIsOnceTheOperatorAcceptsIt) {
    const auto before = text(*world.medicapp.find("P2"), Field::phone);
    world.settings.policy.authority.fill(reconcile::Authority::his);
    edit_in_his(3);
    ASSERT_EQ(text(*world.medicapp.find("P2"), Field::phone), new_phone);
    world.his.records = his_backup;
    expect_guarded(run(), "source his");

    EXPECT_EQ(accept().updated, 3);
    EXPECT_EQ(text(*world.medicapp.find("P2"), Field::phone), before);
    bring_to_rest();
    EXPECT_EQ(run_whole().outcome, Outcome::complete);
    EXPECT_THAT(world.medicapp.writes, IsEmpty());

    // The watermark stands where the HIS is now: what it says from here on is seen.
    world.his.now = *his_backup.back().modified_at + 10min;
    world.his.edit("P7", Field::phone, "+33612340078");
    run();
    EXPECT_EQ(text(*world.medicapp.find("P7"), Field::phone), "+33612340078");
}

TEST_F(RewoundSource, IsReadWholeOnlyOnceBecauseOneRecordWasRemoved) {
    edit_in_his(3);
    std::erase_if(world.his.records, [](const reconcile::SourceRecord& one) {
        return one.patient.external_id() == "P3"; // the one modified last
    });
    world.his.whole_readings = 0;
    EXPECT_EQ(run().outcome, Outcome::complete);
    EXPECT_EQ(run().outcome, Outcome::complete);
    EXPECT_EQ(world.his.whole_readings, 1);
}

TEST_F(RewoundSource, IsNotSuspectedWhileARecordIsStaleByLessThanTheOverlap) {
    edit_in_his(3);
    auto& stale = world.his.at("P1");
    ASSERT_NE(stale.modified_at, world.his.at("P3").modified_at);
    stale.modified_at = *stale.modified_at - 2min;
    EXPECT_EQ(run_whole().outcome, Outcome::complete);
}

TEST_F(RewoundSource, IsNotSuspectedBecauseItShowsAPatientTwice) {
    world.fill_his(2500);
    world.his.records.erase(world.his.records.begin(), world.his.records.begin() + 20);
    world.his.lists_by_id = true;
    bring_to_rest();
    const auto before = world.his.at("P2500");
    world.his.now += 1h;
    world.his.edit("P2500", Field::phone, new_phone);
    bring_to_rest();
    world.his.page_size = 2499; // what is surveyed at once; P2500 is on the page after it
    world.his.records.push_back(before);
    EXPECT_EQ(run_whole().outcome, Outcome::complete) << "on the same page";
    world.his.records.pop_back();
    world.his.page_size = 100;
    for (int i = 0; i < 100; ++i)
        world.his.records.push_back(record("Q" + std::to_string(i)));
    world.his.records.push_back(before);
    EXPECT_EQ(run_whole().outcome, Outcome::complete) << "on a later page";
}

TEST_F(RewoundSource, IsNoReasonToStopTheOthersWhenItIsNotAskedFor) {
    ModelSource other("other");
    other.records.push_back(record("P1"));
    world.sources.push_back(&other);
    world.restart();
    edit_in_his(3);
    world.his.records = his_backup;
    sync::Request request;
    request.only_source = "other";
    EXPECT_EQ(run(request).outcome, Outcome::complete);
}

} // namespace
} // namespace medibridge::tests
