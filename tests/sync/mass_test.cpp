#include "world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// What a source, or Medicapp, says of many linked patients at once is judged before anything of it
// lasts: whoever forges messages, or breaks an export, does no harm at scale.

namespace medibridge::tests {
namespace {

using reconcile::Field;
using reconcile::FieldValue;
using reconcile::SourceRecord;
using sync::Outcome;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr int known = 20;
constexpr int struck = 12; ///< of them; a limit of 10 stands

/// Something that is said of the patient with that number.
struct Mass {
    const char* name;
    void (*say)(World& world, SourceRecord& record, int number);
    const char* words; ///< of the guard's reason
    int held;          ///< once it is accepted
    int redirects;
    int renamed;
};

void merge(SourceRecord& record, const std::string& survivor) {
    record.merged_into = survivor;
}

/// The patient goes on under another number, and a record of that number shows the same person.
void give_number(World& world, SourceRecord& record, int number, bool only_renamed) {
    auto alive = record;
    alive.patient.set_external_id("N" + std::to_string(number));
    merge(record, "N" + std::to_string(number));
    record.renamed = only_renamed;
    world.his.records.push_back(std::move(alive));
}

const Mass masses[] = {
    {"deceased", [](World&, SourceRecord& record, int) { record.deceased = true; },
     "held deceased 12", struck, 0, 0},
    {"deleted", [](World&, SourceRecord& record, int) { record.deleted = true; },
     "held deleted_in_his 12", struck, 0, 0},
    {"closed", [](World&, SourceRecord& record, int) { record.active = false; },
     "held inactive_in_his 12", struck, 0, 0},
    {"doubtful", [](World&, SourceRecord& record, int) { record.identity_status = "DOUT"; },
     "held identity_status 12", struck, 0, 0},
    {"impossible",
     [](World&, SourceRecord& record, int) {
         record.patient[Field::birth_date] = FieldValue::known("1980-02-31");
     },
     "held invalid 12", struck, 0, 0},
    {"merged into one", [](World&, SourceRecord& record, int) { merge(record, "P20"); },
     "merged 12", struck, struck, 0},
    {"merged by another's record",
     [](World& world, SourceRecord& record, int) {
         auto claim = record;
         merge(claim, "P20");
         claim.second_hand = true;
         claim.modified_at = world.his.now;
         record.active = false; // nobody has it in use
         world.his.records.push_back(std::move(claim));
     },
     "merged 12", struck, struck, 0},
    {"merged into new numbers",
     [](World& world, SourceRecord& record, int number) {
         give_number(world, record, number, false);
     },
     "merged 12", 0, struck, struck},
    {"renamed",
     [](World& world, SourceRecord& record, int number) {
         give_number(world, record, number, true);
     },
     "renamed 12", 0, struck, struck},
    {"somebody else",
     [](World&, SourceRecord& record, int) {
         record.patient[Field::first_name] = FieldValue::known("Luc");
         record.patient[Field::birth_date] = FieldValue::known("2001-01-01");
     },
     "birthDate 12", struck, 0, 0},
};

/// Twenty patients whom both sides know.
class ForgedMass : public testing::TestWithParam<std::tuple<Mass, bool>> {
  protected:
    ForgedMass() {
        world.settings.max_changes_at_least = 10;
        world.settings.identity.hold_status = {"DOUT"};
        world.his.is_inbox = std::get<bool>(GetParam());
        world.fill_his(known);
        world.run();
        world.run();
        world.let_settle();
        world.run();
        world.medicapp.writes.clear();
    }

    const Mass& mass() { return std::get<Mass>(GetParam()); }

    void strike() {
        world.his.now += std::chrono::minutes(1);
        for (int i = 1; i <= struck; ++i) {
            auto record = world.his.at("P" + std::to_string(i));
            record.modified_at = world.his.now;
            mass().say(world, record, i);
            world.his.at("P" + std::to_string(i)) = record;
        }
    }

    int redirects() {
        int count = 0;
        for (int i = 1; i <= known; ++i)
            count += !known_of(i).redirect.empty();
        return count;
    }

    state::Known known_of(int number) {
        const std::vector<std::string> id(1, "P" + std::to_string(number));
        return world.state().look_up(id).front();
    }

    void expect_untouched(const sync::Report& report) {
        EXPECT_EQ(report.outcome, Outcome::guarded);
        EXPECT_THAT(report.reason, HasSubstr("12 of 20 linked patients would be changed"));
        EXPECT_THAT(report.reason, HasSubstr(mass().words));
        EXPECT_THAT(world.held(), IsEmpty());
        EXPECT_THAT(world.medicapp.writes, IsEmpty());
        EXPECT_EQ(redirects(), 0);
        for (int i = 1; i <= known; ++i)
            EXPECT_TRUE(known_of(i).link) << i;
        EXPECT_EQ(world.log.count("patient.held") + world.log.count("patient.excluded"), 0);
    }

    sync::Request accepting(const sync::Report& report) {
        sync::Request request;
        const auto& changes = report.alarms.front().changes;
        request.accept_changes = sync::AcceptedChanges{changes.count(), changes.fingerprint()};
        return request;
    }

    World world;
};

TEST_P(ForgedMass, LeavesNothingBehindUntilItIsAcceptedAndThenWhatWasShown) {
    const auto mark = world.state().watermark("his:his").stamp;
    strike();
    expect_untouched(world.run());
    const auto report = world.run();
    expect_untouched(report);
    EXPECT_EQ(world.state().watermark("his:his").stamp, mark);
    ASSERT_FALSE(report.alarms.empty());
    EXPECT_THAT(report.alarms.front().changes.examples(), SizeIs(struck));

    EXPECT_EQ(world.run(accepting(report)).outcome, Outcome::complete);
    EXPECT_THAT(world.held(), SizeIs(mass().held));
    EXPECT_EQ(redirects(), mass().redirects);
    EXPECT_THAT(world.medicapp.writes, SizeIs(mass().renamed));
    EXPECT_EQ(world.medicapp.find("N1") != nullptr, mass().renamed > 0);

    sync::Request full;
    full.full = true;
    EXPECT_EQ(world.run(full).outcome, Outcome::complete) << "what is so already is no change";
    EXPECT_EQ(world.run().outcome, Outcome::complete);
}

TEST_P(ForgedMass, IsOverOnceItIsTakenBack) {
    const auto before = world.his.records;
    strike();
    expect_untouched(world.run());
    world.his.records = before;
    EXPECT_EQ(world.run().outcome, Outcome::complete);
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Kinds, ForgedMass,
                         testing::Combine(testing::ValuesIn(masses), testing::Bool()),
                         [](const auto& row) {
                             std::string name = std::get<0>(row.param).name;
                             std::erase_if(name, [](char c) { return c == ' ' || c == '\''; });
                             return name + (std::get<1>(row.param) ? "Pushed" : "Listed");
                         });

/// The same without a mass.
class ManyPatients : public testing::Test {
  protected:
    ManyPatients() {
        world.settings.max_changes_at_least = 10;
        world.sources.push_back(&other);
        world.restart();
    }

    void load(int count) {
        world.fill_his(count);
        world.run();
        world.run();
        world.let_settle();
        other.now = world.his.now;
        world.run();
        world.medicapp.writes.clear();
    }

    World world;
    ModelSource other{"other"};
};

TEST_F(ManyPatients, WhomMedicappShowsUnderOtherNumbersAreCountedBeforeTheyAreHeld) {
    load(20);
    std::vector<std::string> ids;
    for (int i = 1; i <= 12; ++i)
        ids.push_back(world.medicapp.find("P" + std::to_string(i))->id);
    for (const auto& id : ids) {
        world.medicapp.edit(id, Field::city, "Rezé");
        world.medicapp.patients.at(id).patient.set_external_id("X" + id);
    }
    const auto report = world.run();
    EXPECT_EQ(report.outcome, Outcome::guarded);
    EXPECT_THAT(report.reason, HasSubstr("held identity_mismatch 12"));
    EXPECT_THAT(world.held(), IsEmpty());
    sync::Request request;
    const auto& changes = report.alarms.front().changes;
    request.accept_changes = sync::AcceptedChanges{changes.count(), changes.fingerprint()};
    EXPECT_EQ(world.run(request).outcome, Outcome::complete);
    EXPECT_THAT(world.held(), SizeIs(12));
    EXPECT_EQ(world.log.count("patient.held"), 12);
}

/// Claims that a record in use refutes are no changes: the other source is asked before the guard
/// judges, though nothing of it changed, and once for the same claims.
TEST_F(ManyPatients, WhoAreSaidToBeMergedAndAreInUseElsewhereStopNobody) {
    load(20);
    for (int i = 1; i <= 12; ++i) {
        auto claim = world.his.at("P" + std::to_string(i));
        claim.merged_into = "P20";
        claim.modified_at = other.now;
        other.records.push_back(std::move(claim));
    }
    world.his.whole_readings = 0;
    EXPECT_EQ(world.run().outcome, Outcome::complete);
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_EQ(world.his.whole_readings, 1);
}

TEST_F(ManyPatients, WhoAreMergedEverywhereAreLookedAtOnceWhileTheGuardStands) {
    load(20);
    for (int i = 1; i <= 12; ++i) {
        auto& record = world.his.at("P" + std::to_string(i));
        auto claim = record;
        claim.merged_into = "P20";
        claim.modified_at = other.now;
        other.records.push_back(std::move(claim));
        record.active = false; // without a new time: only a whole reading shows it
    }
    world.his.whole_readings = 0;
    for (int i = 0; i < 4; ++i) {
        const auto report = world.run();
        EXPECT_EQ(report.outcome, Outcome::guarded);
        EXPECT_THAT(report.reason, HasSubstr("merged 12"));
    }
    EXPECT_EQ(world.his.whole_readings, 1);
    EXPECT_THAT(world.held(), IsEmpty());
}

/// A long list is read once to be judged, and again to be written: who is in it by then was not
/// judged.
TEST_F(ManyPatients, WhatComesUpAfterTheGuardIsLeftForTheNextOneIfItIsTooMuch) {
    constexpr int many = static_cast<int>(sync::limits::surveyed_records) + 100;
    load(many);
    world.settings.max_changes_ratio = 0.01; // 21
    world.restart();
    world.his.now += std::chrono::minutes(1);
    for (auto& record : world.his.records)
        record.modified_at = world.his.now;
    int begun = 0;
    world.his.after_page = [&](int page) {
        if (page != 1 || ++begun != 1) return;
        // The survey has begun; its first page is unharmed.
        for (int i = 1; i <= 60; ++i)
            world.his.at("P" + std::to_string(i)).deceased = true;
    };
    const auto report = world.run();
    EXPECT_EQ(report.outcome, Outcome::incomplete);
    EXPECT_THAT(report.reason, HasSubstr("the next cycle judges them"));
    EXPECT_THAT(world.held(), SizeIs(21));
    const auto next = world.run();
    EXPECT_EQ(next.outcome, Outcome::guarded);
    EXPECT_THAT(next.reason, HasSubstr("39 of"));
    EXPECT_THAT(world.held(), SizeIs(21));
}

/// Of a long list that is read again, only what is new or otherwise by then is decided again.
TEST_F(ManyPatients, WhatChangesBetweenTheReadingsOfALongListIsWrittenInTheSameCycle) {
    constexpr int many = static_cast<int>(sync::limits::surveyed_records) + 500;
    load(many);
    int begun = 0;
    world.his.after_page = [&](int page) {
        if (page != 1 || ++begun != 1) return;
        // The survey has read its first page, and the pass that follows has not begun.
        world.his.at("P1").patient[Field::city] = FieldValue::known("Brest");
    };
    sync::Request request;
    request.full = true;
    const auto report = world.run(request);
    EXPECT_EQ(report.outcome, Outcome::complete) << report.reason;
    EXPECT_EQ(begun, 2);
    EXPECT_EQ(report.updated, 1);
    EXPECT_EQ(report.unchanged, many - 1);
}

} // namespace
} // namespace medibridge::tests
