#include "world.hpp"

#include "sync/core/arrivals.hpp"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

// Between two whole cycles, what senders push is taken without a look at Medicapp's list.

namespace medibridge::tests {
namespace {

using reconcile::Field;
using reconcile::FieldValue;
using reconcile::HoldReason;
using sync::Outcome;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::UnorderedElementsAre;
using Call = ModelMedicapp::Call;
using std::chrono::milliseconds;

/// An inbox whose patients are linked.
class Arrivals : public testing::Test {
  protected:
    Arrivals() {
        world.his.is_inbox = true;
        link(20);
    }

    void link(int patients) {
        world.his.records.clear();
        world.fill_his(patients);
        world.run();
        world.let_settle();
        world.run();
        forget();
    }
    void forget() {
        world.medicapp.log.clear();
        world.medicapp.writes.clear();
        world.log.events.clear();
    }
    void come(const std::string& id) {
        auto one = record(id);
        one.patient[Field::last_name] = FieldValue::known("Nouvelle");
        world.his.records.push_back(std::move(one));
    }
    /// So many patients' phone numbers change, from that one on.
    void change(int first, int count) {
        for (int n = first; n < first + count; ++n)
            world.his.edit("P" + std::to_string(n), Field::phone,
                           "+336123" + std::to_string(50000 + n));
    }
    std::string id_of(const std::string& external_id) const {
        return world.medicapp.find(external_id)->id;
    }
    const std::string& phone(const std::string& external_id) const {
        return text(*world.medicapp.find(external_id), Field::phone);
    }

    /// A new patient has had the list read in this interval: the next ones do not wait for it.
    void let_new_patients_pass() {
        come("N0");
        EXPECT_EQ(world.take_arrivals().created, 0);
        EXPECT_EQ(world.run().created, 1);
        forget();
    }

    World world;
};

TEST_F(Arrivals, AreWrittenWithoutAReadingOfTheList) {
    let_new_patients_pass();
    come("N1");
    world.his.edit("P1", Field::phone, new_phone);
    const auto report = world.take_arrivals();
    EXPECT_EQ(report.outcome, Outcome::complete);
    EXPECT_EQ(report.created, 1);
    EXPECT_EQ(report.updated, 1);
    EXPECT_THAT(world.medicapp.log, UnorderedElementsAre(Call::get, Call::update, Call::create));
    EXPECT_TRUE(world.takes_arrivals());
}

/// Somebody enters the patient in Medicapp, and in the HIS a moment later.
TEST_F(Arrivals, TheFirstNewPatientOfAnIntervalIsLookedForInTheListFirst) {
    come("N1");
    auto same = world.his.at("N1").patient;
    same.set_external_id("");
    world.medicapp.now += std::chrono::minutes(1);
    world.medicapp.add(same);
    const auto report = world.take_arrivals();
    EXPECT_EQ(report.created, 0);
    EXPECT_EQ(report.deferred, 1);
    EXPECT_TRUE(world.new_patient_waits());
    world.run();
    EXPECT_FALSE(world.new_patient_waits());
    ASSERT_THAT(world.held(), SizeIs(1));
    EXPECT_EQ(world.held().front().reason, HoldReason::possible_duplicate);
    EXPECT_EQ(world.medicapp.find("N1"), nullptr);

    come("N2");
    EXPECT_EQ(world.take_arrivals().created, 1) << "one reading of the list an interval";
    world.run();
    come("N3");
    EXPECT_EQ(world.take_arrivals().created, 0) << "the next interval";
}

TEST_F(Arrivals, TheNextWholeCycleFindsNothingLeftToDo) {
    let_new_patients_pass();
    come("N1");
    world.his.edit("P1", Field::phone, new_phone);
    world.take_arrivals();
    forget();
    const auto report = world.run();
    EXPECT_EQ(report.outcome, Outcome::complete);
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
}

TEST_F(Arrivals, AUsersNewerEditIsSeenBeforeAnUpdate) {
    world.his.edit("P1", Field::phone, new_phone);
    world.his.edit("P1", Field::city, "Rennes");
    world.medicapp.now = world.his.now + std::chrono::seconds(5);
    world.medicapp.edit(id_of("P1"), Field::phone, "+33699000001");
    EXPECT_EQ(world.take_arrivals().outcome, Outcome::complete);
    EXPECT_EQ(phone("P1"), "+33699000001");
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::city), "Rennes");
    EXPECT_EQ(world.log.count("patient.conflict"), 1);
}

TEST_F(Arrivals, AUsersEditIsBelievedByMedicappsOwnClock) {
    world.his.edit("P1", Field::phone, new_phone);
    world.medicapp.now = world.his.now + std::chrono::seconds(5);
    world.medicapp.edit(id_of("P1"), Field::phone, "+33699000001");
    sync::Request request;
    request.only_arrivals = true;
    request.wall_clock_ms = 1'000'000'000'000; // years behind
    world.run(request);
    EXPECT_EQ(phone("P1"), "+33699000001");
    EXPECT_EQ(world.log.count("record.implausible_time"), 0);
}

TEST_F(Arrivals, WhoeverIsGoneIsLeftToAWholeCycle) {
    world.his.edit("P1", Field::phone, new_phone);
    world.medicapp.patients.erase(id_of("P1"));
    const auto report = world.take_arrivals();
    EXPECT_EQ(report.outcome, Outcome::incomplete);
    EXPECT_EQ(report.deferred, 1);
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_FALSE(world.takes_arrivals());
    world.run();
    ASSERT_THAT(world.held(), SizeIs(1));
    EXPECT_EQ(world.held().front().reason, HoldReason::erased_in_medicapp);
    EXPECT_TRUE(world.takes_arrivals());
}

TEST_F(Arrivals, NothingIsWrittenToAMedicappThatLooksOlder) {
    world.his.edit("P1", Field::phone, new_phone);
    auto& patient = world.medicapp.patients.at(id_of("P1"));
    *patient.modified_at -= std::chrono::hours(1);
    EXPECT_EQ(world.take_arrivals().outcome, Outcome::incomplete);
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
    EXPECT_FALSE(world.takes_arrivals());
}

TEST_F(Arrivals, AMedicappWithoutTheNewestOfThemHasGoneBackInTime) {
    let_new_patients_pass();
    come("N1");
    world.medicapp.now += std::chrono::seconds(1);
    world.take_arrivals();
    world.medicapp.patients.erase(id_of("N1"));
    // No list shows that one, which is older than any poll asks for.
    *world.medicapp.patients.at(id_of("P20")).modified_at -= std::chrono::hours(1);
    EXPECT_EQ(world.run().outcome, Outcome::guarded);
    EXPECT_EQ(world.log.count("guard.rewound"), 1);
}

TEST_F(Arrivals, AnExternalIdThatIsTakenIsFoundByAWholeCycle) {
    come("N1");
    world.medicapp.add(world.his.at("N1").patient);
    EXPECT_EQ(world.take_arrivals().outcome, Outcome::incomplete);
    EXPECT_THAT(world.medicapp.log, Not(Contains(Call::list)));
    EXPECT_FALSE(world.takes_arrivals());
    const auto report = world.run();
    EXPECT_EQ(report.outcome, Outcome::complete);
    EXPECT_EQ(report.linked, 1);
    EXPECT_THAT(world.medicapp.duplicates(), IsEmpty());
}

TEST_F(Arrivals, AnUnansweredCreateIsLookedUpByAWholeCycle) {
    come("N1");
    world.medicapp.fault = [](Call call, int) -> std::optional<ModelMedicapp::Fault> {
        if (call != Call::create) return std::nullopt;
        return ModelMedicapp::Fault{failure(connectors::Failure::unknown), true};
    };
    EXPECT_EQ(world.take_arrivals().outcome, Outcome::incomplete);
    EXPECT_FALSE(world.takes_arrivals());
    world.medicapp.fault = nullptr;
    EXPECT_EQ(world.run().outcome, Outcome::complete);
    EXPECT_THAT(world.medicapp.duplicates(), IsEmpty());
    EXPECT_EQ(world.medicapp.count(Call::create), 1);
}

TEST_F(Arrivals, OnlyWholeCyclesCountHowOftenAPatientIsRefused) {
    world.medicapp.fault_of = [](Call call,
                                 const std::string& id) -> std::optional<ModelMedicapp::Fault> {
        if (call != Call::create || id != "N1") return std::nullopt;
        return ModelMedicapp::Fault{failure(connectors::Failure::refused, 403), false};
    };
    come("N1");
    for (int cycle = 1; cycle <= 2; ++cycle) {
        change(cycle, 1);
        EXPECT_EQ(world.run().deferred, 1);
        EXPECT_FALSE(world.takes_arrivals());
    }
    EXPECT_THAT(world.held(), IsEmpty());
}

TEST_F(Arrivals, ARefusedPatientIsTriedAgainByAWholeCycle) {
    let_new_patients_pass();
    world.medicapp.fault_of = [](Call call,
                                 const std::string& id) -> std::optional<ModelMedicapp::Fault> {
        if (call != Call::create || id != "N1") return std::nullopt;
        return ModelMedicapp::Fault{failure(connectors::Failure::refused, 403), false};
    };
    come("N1");
    change(1, 1);
    EXPECT_EQ(world.take_arrivals().outcome, Outcome::incomplete);
    EXPECT_FALSE(world.takes_arrivals());
    world.medicapp.fault_of = nullptr;
    EXPECT_EQ(world.run().created, 1);
}

TEST_F(Arrivals, AreTakenOnceAWholeCycleHasEnded) {
    world.restart();
    EXPECT_FALSE(world.takes_arrivals());
    world.medicapp.fault = [](Call, int) {
        return ModelMedicapp::Fault{failure(connectors::Failure::unavailable, 503), false};
    };
    world.run();
    EXPECT_FALSE(world.takes_arrivals());
    world.medicapp.fault = nullptr;
    world.run();
    EXPECT_TRUE(world.takes_arrivals());
}

TEST_F(Arrivals, TheirCountsAreToldWithTheNextWholeCycle) {
    let_new_patients_pass();
    come("N1");
    world.take_arrivals();
    change(1, 2);
    world.take_arrivals();
    for (const auto& event : world.log.events)
        EXPECT_TRUE(event.type().name != "cycle.finished" || event.level() == log::Level::debug);
    forget();
    sync::Request by_itself;
    by_itself.by_itself = true;
    world.run(by_itself);
    const auto end = std::ranges::find(world.log.events, "cycle.finished",
                                       [](const log::Event& event) { return event.type().name; });
    ASSERT_NE(end, world.log.events.end());
    EXPECT_EQ(end->level(), log::Level::info);
    EXPECT_THAT(end->fields(),
                Contains(std::pair(log::Key::created, log::Event::Value(std::int64_t{1}))));
    EXPECT_THAT(end->fields(),
                Contains(std::pair(log::Key::updated, log::Event::Value(std::int64_t{2}))));
}

/// More patients than may change at once.
class Storm : public Arrivals {
  protected:
    Storm() { link(200); }
};

TEST_F(Storm, IsOneForTheGuardHoweverManyCyclesTakeIt) {
    for (const int first : {1, 41}) {
        change(first, 40);
        EXPECT_EQ(world.take_arrivals().updated, 40);
        world.pass(milliseconds(100));
    }
    forget();
    change(81, 40);
    EXPECT_EQ(world.take_arrivals().outcome, Outcome::incomplete);
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
    EXPECT_FALSE(world.takes_arrivals());

    world.pass(std::chrono::seconds(60));
    const auto report = world.run();
    EXPECT_EQ(report.outcome, Outcome::guarded);
    EXPECT_THAT(report.reason, HasSubstr("120 of 200 linked patients"));
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
    EXPECT_EQ(world.run().outcome, Outcome::guarded) << "it stands";
    EXPECT_FALSE(world.takes_arrivals());

    sync::Request accepted;
    accepted.accept_changes = {report.alarms.front().changes.count(),
                               report.alarms.front().changes.fingerprint()};
    EXPECT_EQ(world.run(accepted).updated, 40);
    EXPECT_TRUE(world.takes_arrivals());
    change(121, 40);
    EXPECT_EQ(world.take_arrivals().updated, 40);
}

TEST_F(Storm, AWholeCycleInTheMiddleOfItCountsWhatCameBefore) {
    change(1, 90);
    EXPECT_EQ(world.take_arrivals().updated, 90);
    change(91, 30);
    EXPECT_EQ(world.run().outcome, Outcome::guarded);
}

TEST_F(Storm, WhatComesSlowlyIsNone) {
    for (int first = 1; first <= 161; first += 40) {
        change(first, 40);
        EXPECT_EQ(world.take_arrivals().updated, 40);
        world.pass(sync::Burst::length / 2);
    }
}

/// Senders wait for each answer: a forged mass of deletions or merges comes one by one.
TEST_F(Storm, OfDeletionsIsOneHoweverSlowlyItComes) {
    int deleted = 0;
    auto outcome = Outcome::complete;
    for (int n = 1; n <= 200 && outcome == Outcome::complete; ++n) {
        world.his.at("P" + std::to_string(n)).deleted = true;
        deleted = n;
        outcome = n % 10 == 0 ? world.run().outcome : world.take_arrivals().outcome;
        world.pass(std::chrono::seconds(5));
    }
    EXPECT_EQ(deleted, 100);
    const auto report = world.run();
    ASSERT_EQ(report.outcome, Outcome::guarded);
    EXPECT_THAT(report.reason, HasSubstr("100 of 200 linked patients"));
    EXPECT_THAT(world.held(), SizeIs(99));

    sync::Request accepted;
    accepted.accept_changes = {report.alarms.front().changes.count(),
                               report.alarms.front().changes.fingerprint()};
    EXPECT_EQ(world.run(accepted).outcome, Outcome::complete);
    EXPECT_THAT(world.held(), SizeIs(100));
    world.his.at("P150").deleted = true;
    EXPECT_EQ(world.take_arrivals().outcome, Outcome::complete) << "what was accepted is forgotten";
}

TEST_F(Storm, DeletionsOfAWholeDayAreNone) {
    for (int n = 1; n <= 150; ++n) {
        world.his.at("P" + std::to_string(n)).deleted = true;
        ASSERT_EQ(world.take_arrivals().outcome, Outcome::complete);
        world.pass(std::chrono::minutes(1));
    }
    EXPECT_THAT(world.held(), SizeIs(150));
}

TEST_F(Storm, WhoCameWithItIsNotChangedByIt) {
    let_new_patients_pass();
    for (int n = 1; n <= 120; ++n)
        come("N" + std::to_string(n));
    EXPECT_EQ(world.take_arrivals().created, 120);
    for (int n = 1; n <= 120; ++n)
        world.his.edit("N" + std::to_string(n), Field::phone, new_phone);
    EXPECT_EQ(world.take_arrivals().updated, 120);
}

/// Another source is asked in whole cycles only.
class ArrivalsBesideAList : public Arrivals {
  protected:
    ArrivalsBesideAList() {
        world.sources.push_back(&list);
        world.restart();
        world.run();
        forget();
    }

    ModelSource list{"list"};
};

TEST_F(ArrivalsBesideAList, LinkedPatientsDoNotWaitForIt) {
    const auto asked = list.pages;
    change(1, 1);
    EXPECT_EQ(world.take_arrivals().updated, 1);
    EXPECT_EQ(list.pages, asked);
    EXPECT_TRUE(world.takes_arrivals());
}

TEST_F(ArrivalsBesideAList, ANewPatientWaitsForItsWord) {
    come("N1");
    auto dead = world.his.at("N1");
    dead.deceased = true;
    list.records.push_back(dead);
    change(1, 1);
    const auto report = world.take_arrivals();
    EXPECT_EQ(report.updated, 1);
    EXPECT_EQ(report.created, 0);
    EXPECT_EQ(report.deferred, 1);
    world.run();
    EXPECT_EQ(world.medicapp.find("N1"), nullptr);
    ASSERT_THAT(world.held(), SizeIs(1));
    EXPECT_EQ(world.held().front().reason, HoldReason::deceased);
}

TEST_F(ArrivalsBesideAList, AMergeWaitsForItsWord) {
    world.his.at("P1").merged_into = "P2";
    list.records.push_back(record("P1"));
    list.records.back().patient = world.his.at("P1").patient;
    EXPECT_EQ(world.take_arrivals().outcome, Outcome::incomplete);
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_FALSE(world.takes_arrivals());
}

/// Each merge is counted until the list was asked, and no longer.
TEST_F(ArrivalsBesideAList, MergesThatItRefutesAreNotCountedLater) {
    for (int n = 1; n <= 12; ++n) {
        const auto id = "P" + std::to_string(n);
        list.records.push_back(world.his.at(id));
        world.his.at(id).merged_into = "P20";
        world.his.edit(id, Field::phone, new_phone);
        EXPECT_EQ(world.take_arrivals().outcome, Outcome::incomplete);
        ASSERT_EQ(world.run().outcome, Outcome::complete) << n;
        world.run();
        ASSERT_TRUE(world.takes_arrivals());
    }
    EXPECT_THAT(world.held(), IsEmpty());
}

TEST_F(ArrivalsBesideAList, ASourceThatIsDownDoesNotStopThem) {
    list.broken = connectors::SourceError(connectors::SourceError::Kind::unavailable, "down");
    EXPECT_EQ(world.run().outcome, Outcome::incomplete);
    change(1, 1);
    EXPECT_EQ(world.take_arrivals().updated, 1);
}

/// Their records wait until all sources are written, which a cycle of arrivals does not come to:
/// taken by it, they would be lost until a full compare.
TEST_F(Arrivals, WhoIsContestedBetweenInboxesIsLeftToAWholeCycle) {
    ModelSource other("other");
    other.is_inbox = true;
    world.sources.push_back(&other);
    world.restart();
    world.run();
    come("N1");
    other.records.push_back(world.his.at("N1"));
    other.records.back().patient[Field::first_name] = FieldValue::known("Luc");
    other.records.back().patient[Field::birth_date] = FieldValue::known("1955-06-07");
    EXPECT_EQ(world.take_arrivals().outcome, Outcome::incomplete);
    EXPECT_FALSE(world.takes_arrivals());
    world.run();
    EXPECT_EQ(world.medicapp.find("N1"), nullptr);
    ASSERT_THAT(world.held(), SizeIs(1));
    EXPECT_EQ(world.held().front().reason, HoldReason::ambiguous_source);
}

/// Either of two rows may be the right one: also that whose values the inbox kept.
TEST_F(Arrivals, ARecordThatIsAmbiguousNoMoreIsWrittenAsItStood) {
    come("N1");
    auto& kept = world.his.records.back();
    kept.ambiguous = true;
    kept.contradicting_fields = "firstName,birthDate";
    kept.contradicting_places = "a.csv, line 2 and a.csv, line 3";
    world.run();
    ASSERT_THAT(world.held(), SizeIs(1));
    EXPECT_EQ(world.held().front().reason, HoldReason::ambiguous_source);
    EXPECT_EQ(world.held().front().field, "firstName,birthDate");
    EXPECT_EQ(world.held().front().detail, "a.csv, line 2 and a.csv, line 3");
    auto& resolved = world.his.records.back();
    resolved.ambiguous = false;
    resolved.contradicting_fields.clear();
    resolved.contradicting_places.clear();
    resolved.modified_at = *resolved.modified_at + std::chrono::minutes(1);
    world.run();
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_NE(world.medicapp.find("N1"), nullptr);
}

TEST_F(ArrivalsBesideAList, WhoIsUndecidedBetweenSourcesIsLeftToAWholeCycle) {
    come("N1");
    list.records.push_back(world.his.at("N1"));
    list.records.back().patient[Field::first_name] = FieldValue::known("Luc");
    list.records.back().patient[Field::birth_date] = FieldValue::known("1955-06-07");
    world.run();
    ASSERT_THAT(world.held(), SizeIs(1));
    world.run();
    ASSERT_TRUE(world.takes_arrivals());
    world.his.edit("N1", Field::phone, new_phone);
    EXPECT_EQ(world.take_arrivals().outcome, Outcome::incomplete);
}

} // namespace
} // namespace medibridge::tests
