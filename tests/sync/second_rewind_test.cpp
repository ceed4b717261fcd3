#include "world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// A side that goes back in time again while an operator's acceptance of the first time holds.
namespace medibridge::tests {
namespace {

using namespace std::chrono_literals;

using reconcile::Field;
using sync::Change;
using sync::Outcome;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Call = ModelMedicapp::Call;

/// A hospital of twenty patients, of whom twelve got another phone number since both sides were
/// backed up, and four of them before that another e-mail address, since the first backup.
class SecondRewind : public testing::Test {
  protected:
    SecondRewind() {
        world.settings.policy.authority.fill(reconcile::Authority::his);
        world.fill_his(20);
        bring_to_rest();
        first_backup = world.medicapp.patients;
        edit(4, Field::email, "neu@example.org");
        medicapp_backup = world.medicapp.patients;
        his_backup = world.his.records;
        edit(12, Field::phone, new_phone);
        world.medicapp.writes.clear();
    }

    void edit(int count, Field field, const std::string& value) {
        world.his.now += 1h;
        world.medicapp.now += 1h;
        for (int i = 1; i <= count; ++i)
            world.his.edit("P" + std::to_string(i), field, value);
        bring_to_rest();
    }

    void bring_to_rest() {
        for (int i = 0; i < 3; ++i) {
            by_itself();
            world.let_settle();
        }
        by_itself();
    }

    sync::Report run(sync::Request request) {
        request.wall_clock_ms = 1'780'000'000'000;
        return world.run(std::move(request));
    }
    sync::Report by_itself() { return run({}); }
    /// As the service begins it: a source that is slow is not waited for, and what a guard shows is
    /// not looked at again.
    sync::Report regular() {
        sync::Request request;
        request.patience = 2s;
        return run(std::move(request));
    }
    /// What that report showed.
    sync::Report accept(const sync::Report& shown) {
        sync::Request request;
        request.full = true;
        request.accept_rewind = consent_to(shown, "guard.rewound");
        return run(std::move(request));
    }

    /// After so many updates Medicapp does not answer any more.
    void let_updates_fail_after(int updates) {
        world.medicapp.fault = [updates, seen = 0](Call call, int) mutable {
            std::optional<ModelMedicapp::Fault> fault;
            if (call == Call::update && ++seen > updates)
                fault = ModelMedicapp::Fault{failure(connectors::Failure::unavailable, 503)};
            return fault;
        };
    }

    void expect_whole() {
        EXPECT_EQ(by_itself().outcome, Outcome::complete);
        for (int i = 1; i <= 12; ++i)
            EXPECT_EQ(text(*world.medicapp.find("P" + std::to_string(i)), Field::phone), new_phone)
                << i;
        EXPECT_EQ(text(*world.medicapp.find("P4"), Field::email), "neu@example.org");
    }

    World world;
    std::map<std::string, connectors::MedicappPatient> first_backup;
    std::map<std::string, connectors::MedicappPatient> medicapp_backup;
    std::vector<reconcile::SourceRecord> his_backup;
};

TEST_F(SecondRewind, OfTheFirstEverybodyIsShown) {
    world.medicapp.patients = medicapp_backup;
    const auto lists = world.medicapp.count(Call::list);
    const auto report = by_itself();
    ASSERT_THAT(guards_of(report), ElementsAre("guard.rewound"));
    const auto& alarm = report.alarms.front();
    EXPECT_EQ(alarm.changes.count(), 12) << "not only who was read first";
    EXPECT_EQ(alarm.changes.count_of(Field::phone), 12);
    EXPECT_EQ(alarm.changes.count_of(Field::email), 0);
    EXPECT_EQ(alarm.linked, 20);
    EXPECT_THAT(alarm.reason, HasSubstr("12 linked patients are older there"));
    const auto whole = world.medicapp.count(Call::list);
    EXPECT_GT(whole, lists + 1);
    EXPECT_EQ(regular().alarms.front().token, alarm.token);
    EXPECT_EQ(world.medicapp.count(Call::list), whole + 1) << "it is looked at once";
    EXPECT_EQ(by_itself().alarms.front().token, alarm.token) << "or when somebody asks for it";
    EXPECT_EQ(world.medicapp.count(Call::list), whole + 3);
}

TEST_F(SecondRewind, OfTheFirstThoseWhoAreGoneAreShownAndWhatAListLeavesOut) {
    world.medicapp.patients = medicapp_backup;
    world.medicapp.patients.erase(world.medicapp.find("P12")->id);
    auto& restored = world.medicapp.patients.at(world.medicapp.find("P3")->id);
    restored.patient[Field::city] = reconcile::FieldValue::known("Ailleurs");
    const auto report = by_itself();
    ASSERT_THAT(guards_of(report), ElementsAre("guard.rewound"));
    const auto& changes = report.alarms.front().changes;
    EXPECT_EQ(changes.count(), 12);
    EXPECT_EQ(changes.count_of(Change::Kind::missing), 1);
    EXPECT_EQ(changes.count_of(Change::Kind::update), 11);
    EXPECT_EQ(changes.count_of(Field::phone), 11);
    EXPECT_EQ(changes.count_of(Field::city), 1) << "as each of them is read";
    EXPECT_THAT(report.reason, HasSubstr("11 linked patients are older there than when last "
                                         "seen, and 1 is not there"));
}

TEST_F(SecondRewind, WhatOurOwnWritesPutRightIsNone) {
    world.medicapp.patients = medicapp_backup;
    const auto shown = by_itself();
    let_updates_fail_after(5);
    EXPECT_EQ(accept(shown).outcome, Outcome::incomplete);
    EXPECT_FALSE(world.medicapp.writes.empty());
    world.medicapp.fault = nullptr;
    EXPECT_EQ(by_itself().outcome, Outcome::complete) << "what is left was shown";
    expect_whole();
}

TEST_F(SecondRewind, OfThoseWhoWerePutRightStopsTheNextCycle) {
    world.medicapp.patients = medicapp_backup;
    const auto shown = by_itself();
    let_updates_fail_after(5);
    accept(shown);
    world.medicapp.fault = nullptr;
    world.medicapp.writes.clear();
    world.medicapp.patients = medicapp_backup;
    const auto second = by_itself();
    ASSERT_THAT(guards_of(second), ElementsAre("guard.rewound"));
    EXPECT_GE(second.alarms.front().changes.count(), 1);
    EXPECT_LT(second.alarms.front().changes.count(), 12) << "the others were shown already";
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
    EXPECT_EQ(accept(second).outcome, Outcome::complete);
    expect_whole();
}

TEST_F(SecondRewind, FurtherBackStopsTheNextCycle) {
    world.medicapp.patients = medicapp_backup;
    const auto shown = by_itself();
    let_updates_fail_after(0);
    EXPECT_EQ(accept(shown).outcome, Outcome::incomplete);
    world.medicapp.fault = nullptr;
    world.medicapp.patients = first_backup;
    const auto second = by_itself();
    ASSERT_THAT(guards_of(second), ElementsAre("guard.rewound"));
    EXPECT_EQ(second.alarms.front().changes.count(), 4) << "eight are as they were shown";
    EXPECT_EQ(second.alarms.front().changes.count_of(Field::email), 4);
    EXPECT_THAT(guards_of(accept(shown)), ElementsAre("guard.rewound")) << "the first word again";
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
    world.restart();
    const auto again = by_itself();
    ASSERT_THAT(guards_of(again), ElementsAre("guard.rewound")) << "after a restart, too";
    EXPECT_EQ(accept(again).outcome, Outcome::complete);
    expect_whole();
}

TEST_F(SecondRewind, OfTheOtherSideStopsTheNextCycle) {
    world.medicapp.patients = medicapp_backup;
    const auto shown = by_itself();
    world.his.records = his_backup;
    const auto second = accept(shown);
    ASSERT_THAT(guards_of(second), ElementsAre("guard.rewound"));
    EXPECT_EQ(second.alarms.front().source, "his");
    EXPECT_EQ(second.alarms.front().changes.count(), 12);
    EXPECT_EQ(second.alarms.front().changes.count_of(Field::phone), 12);
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
    EXPECT_EQ(accept(second).outcome, Outcome::complete);
    EXPECT_EQ(by_itself().outcome, Outcome::complete);
    EXPECT_NE(text(*world.medicapp.find("P2"), Field::phone), new_phone);
}

TEST_F(SecondRewind, OfTheHisStopsTheNextCycle) {
    const auto present = world.his.records;
    world.his.records = his_backup;
    const auto shown = by_itself();
    ASSERT_THAT(guards_of(shown), ElementsAre("guard.rewound"));
    EXPECT_EQ(shown.alarms.front().changes.count(), 12);
    let_updates_fail_after(5);
    EXPECT_EQ(accept(shown).outcome, Outcome::incomplete);
    world.medicapp.fault = nullptr;
    world.medicapp.writes.clear();
    world.his.at("P3").patient[Field::email] = reconcile::FieldValue::known("alt@example.org");
    world.his.at("P3").modified_at = *world.his.at("P3").modified_at - 3h;
    const auto second = by_itself();
    ASSERT_THAT(guards_of(second), ElementsAre("guard.rewound"));
    EXPECT_EQ(second.alarms.front().changes.count(), 1);
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
    EXPECT_EQ(accept(second).outcome, Outcome::complete);
    EXPECT_EQ(by_itself().outcome, Outcome::complete);
}

} // namespace
} // namespace medibridge::tests
