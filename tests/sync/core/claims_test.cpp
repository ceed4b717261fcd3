#include "rig.hpp"

#include "sync/core/claims.hpp"
#include "sync/core/contested.hpp"
#include "sync/core/judgement.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::tests {
namespace {

using reconcile::Assessed;
using reconcile::HoldReason;
using sync::Claims;
using sync::ShownPatients;

Assessed record_of(const std::string& id, const std::string& merged_into = {}) {
    Assessed record = Rig::record();
    record.patient.set_external_id(id);
    record.merged_into = merged_into;
    return record;
}

Assessed claim_of(const std::string& id, const std::string& merged_into) {
    auto claim = record_of(id, merged_into);
    claim.second_hand = true;
    return claim;
}

std::vector<std::string> ids_of(const std::vector<Assessed>& records) {
    std::vector<std::string> ids;
    for (const auto& record : records)
        ids.push_back(record.patient.external_id());
    return ids;
}

std::shared_ptr<ShownPatients> shown(const std::vector<Assessed>& records) {
    auto patients = std::make_shared<ShownPatients>();
    for (const auto& record : records)
        patients->note(record);
    return patients;
}

state::Known linked_patient() {
    Rig rig;
    return rig.linked().known;
}

using Ids = std::vector<std::string>;

class ClaimsTest : public testing::Test {
  protected:
    /// A page with one claim about P1, who is linked, and the survivor P2.
    std::vector<Assessed> set_aside(Assessed claim) {
        std::vector<Assessed> records{record_of("P2"), record_of("P3")};
        auto open = claims.open("his", {std::move(claim)}, records);
        const std::vector<state::Known> known(open.size(), linked_patient());
        if (!open.empty()) claims.set_aside("his", std::move(open), known, records);
        return records;
    }

    sync::Memory memory;
    Claims claims{memory};
};

TEST_F(ClaimsTest, AClaimAndItsSurvivorWaitForTheEndOfThePass) {
    EXPECT_EQ(ids_of(set_aside(claim_of("P1", "P2"))), (Ids{"P3"}));
    claims.refute("his", "his", *shown({record_of("P2")}));
    EXPECT_EQ(ids_of(claims.take()), (Ids{"P1", "P2"}));
    EXPECT_TRUE(claims.take().empty());
}

TEST_F(ClaimsTest, ARecordInUseRefutesItForEver) {
    set_aside(claim_of("P1", "P2"));
    claims.refute("his", "his", *shown({record_of("P1")}));
    EXPECT_EQ(ids_of(claims.take()), (Ids{"P2"}));
    EXPECT_EQ(ids_of(set_aside(claim_of("P1", "P2"))), (Ids{"P2", "P3"}));
}

TEST_F(ClaimsTest, AnotherSourcesWitnessRefutesIt) {
    claims.take_witness("other", {shown({record_of("P1")})});
    EXPECT_EQ(ids_of(set_aside(claim_of("P1", "P2"))), (Ids{"P2", "P3"}));
}

TEST_F(ClaimsTest, WhatMattersToNobodyInMedicappIsNotKept) {
    std::vector<Assessed> records{record_of("P1", "P2"), record_of("P2")};
    auto open = claims.open("his", {claim_of("P4", "P5")}, records);
    EXPECT_EQ(ids_of(open), (Ids{"P4", "P1"}));
    claims.set_aside("his", std::move(open), std::vector<state::Known>(2), records);
    EXPECT_EQ(ids_of(records), (Ids{"P2", "P1"})) << "the record's own goes its way";
    EXPECT_TRUE(claims.take().empty());
}

TEST_F(ClaimsTest, ASurvivorWhoWasMergedOnWaitsWithTheFirst) {
    std::vector<Assessed> records{record_of("P2", "P3"), record_of("P3")};
    auto open = claims.open("his", {claim_of("P1", "P2")}, records);
    claims.set_aside("his", std::move(open), {linked_patient(), {}}, records);
    EXPECT_TRUE(records.empty());
    EXPECT_EQ(ids_of(claims.take()), (Ids{"P1", "P2", "P3"}));
}

struct LookRow {
    const char* name;
    Claims::Candidate candidate;
    bool second_hand;
    bool looked_at;
};

const LookRow look_rows[] = {
    {"another source", {.source = "other"}, true, true},
    {"another source that showed everybody", {.source = "complete"}, true, false},
    {"its own", {.source = "his", .made_claims = true}, true, true},
    {"its own, which showed everybody",
     {.source = "his", .made_claims = true, .complete = true},
     true,
     false},
    {"its own, which knows all of the patient",
     {.source = "his", .made_claims = true, .knows_doubles = true},
     false,
     false},
    {"its own, about somebody else",
     {.source = "his", .made_claims = true, .knows_doubles = true},
     true,
     true},
};

TEST(ClaimsLookTest, WhoeverMayKnowBetterIsLookedAt) {
    for (const auto& row : look_rows) {
        SCOPED_TRACE(row.name);
        sync::Memory memory;
        Claims claims(memory);
        claims.take_witness("complete",
                            {.shown = shown({record_of("P9")}), .whole = true, .complete = true});
        std::vector<Assessed> records;
        auto claim = claim_of("P1", "P2");
        claim.second_hand = row.second_hand;
        auto open = claims.open("his", {claim}, records);
        EXPECT_FALSE(claims.calls_for_look(row.candidate)) << "nothing is claimed yet";
        claims.set_aside("his", std::move(open), {linked_patient()}, records);
        EXPECT_EQ(claims.calls_for_look(row.candidate), row.looked_at);
    }
}

TEST_F(ClaimsTest, WithoutALookTheyWaitForAnotherCycle) {
    set_aside(claim_of("P1", "P2"));
    std::set<std::string> left;
    EXPECT_EQ(claims.leave_all_for_later(left).counts.deferred, 1);
    EXPECT_THAT(left, testing::ElementsAre("P2"));
    EXPECT_TRUE(claims.take().empty());
}

class ContestedTest : public testing::Test {
  protected:
    ContestedTest() { rig.source_names = {"a", "b"}; }

    sync::Item item(const std::string& source, const std::string& last_name = "MARTIN") {
        auto record = Rig::record();
        record.patient[reconcile::Field::last_name] = reconcile::FieldValue::known(last_name);
        return item_of(rig.rules, source, std::move(record), {});
    }
    /// The groups in which the records of both sources come back, each with its hold.
    std::vector<std::string> groups_of(const sync::Item& one, const sync::Item& other) {
        contested.note(one);
        contested.note(other);
        std::vector<std::string> groups;
        for (const auto* each : {&one, &other}) {
            std::vector<Assessed> records{each->record};
            contested.set_aside(each->source, records);
            if (!records.empty()) groups.push_back(each->source + " at once");
        }
        for (const auto& group : contested.take(true)) {
            const auto& hold = group.records.at(0).hold;
            groups.push_back(group.source +
                             (hold ? " " + std::string(name(hold->reason)) : std::string()));
        }
        return groups;
    }

    Rig rig;
    sync::Memory memory;
    sync::Contested contested{rig.rules, memory};
};

TEST_F(ContestedTest, WhoIsDescribedAlikeGoesOn) {
    EXPECT_EQ(groups_of(item("a"), item("b", "Martin")), (Ids{"a at once", "b at once"}));
}

TEST_F(ContestedTest, DifferentPeopleAreHeld) {
    EXPECT_EQ(groups_of(item("a"), item("b", "DURAND")),
              (Ids{"a ambiguous_source", "b ambiguous_source"}));
}

TEST_F(ContestedTest, TheDeadAreHeldFirst) {
    auto dead = item("b");
    dead.record.hold = reconcile::SelfHold{HoldReason::deceased, {}};
    EXPECT_EQ(groups_of(item("a"), dead), (Ids{"b deceased", "a"}));
}

TEST_F(ContestedTest, WithOneSourceThereAreNone) {
    rig.source_names = {"a"};
    EXPECT_EQ(groups_of(item("a"), item("b", "DURAND")), (Ids{"a at once", "b at once"}));
}

TEST_F(ContestedTest, TheirRecordsCallForNoOtherReading) {
    const auto other = item("b", "DURAND");
    groups_of(item("a"), other);
    ASSERT_EQ(memory.asked.size(), 1u);
    EXPECT_EQ(memory.asked.begin()->second.size(), 2u);
}

} // namespace
} // namespace medibridge::tests
