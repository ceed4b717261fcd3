#include "world.hpp"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>

// What one patient's record says of another is believed only where that other's own record does not
// stand against it, whatever the order of pages and polls (FHIR R4: `use: old`, `replaces`).

namespace medibridge::tests {
namespace {

using reconcile::Field;
using reconcile::FieldValue;
using reconcile::HoldReason;
using reconcile::SourceRecord;
using sync::Outcome;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

SourceRecord claim(const std::string& about, const std::string& survivor,
                   const SourceRecord& said_by) {
    SourceRecord record;
    record.patient.set_external_id(about);
    record.merged_into = survivor;
    record.second_hand = true;
    record.modified_at = said_by.modified_at;
    return record;
}

/// P1 and P2, different people; P1's record comes to say something of P2.
class ClaimTest : public testing::Test {
  protected:
    ClaimTest() { world.fill_his(2); }

    /// P1's record changes, and says that P2 is a former number of P1's.
    void claim_p2() {
        world.his.edit("P1", Field::email, "p1@example.org");
        world.his.records.push_back(claim("P2", "P1", world.his.at("P1")));
    }

    World world;
};

class PageOrder : public ClaimTest, public testing::WithParamInterface<std::size_t> {};

TEST_P(PageOrder, DoesNotMatterToWhoExists) {
    world.his.records.insert(world.his.records.begin(), claim("P2", "P1", world.his.at("P1")));
    if (GetParam() % 2 == 1) std::ranges::reverse(world.his.records);
    for (auto& one : world.his.records)
        one.modified_at = world.his.at("P1").modified_at; // keeps the order
    world.his.page_size = 1 + GetParam() / 2;
    world.run_whole();
    EXPECT_NE(world.medicapp.find("P1"), nullptr);
    EXPECT_NE(world.medicapp.find("P2"), nullptr);
    EXPECT_THAT(world.held(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(All, PageOrder, testing::Range(std::size_t{0}, std::size_t{6}));

TEST_F(ClaimTest, OfALaterPollRetiresNobodyWhoIsInUse) {
    world.run();
    claim_p2();
    EXPECT_EQ(world.run().outcome, Outcome::complete);
    EXPECT_THAT(world.held(), IsEmpty());
    world.his.edit("P2", Field::phone, new_phone);
    world.run();
    EXPECT_EQ(text(*world.medicapp.find("P2"), Field::phone), new_phone);
    EXPECT_EQ(world.run_whole().outcome, Outcome::complete);
    EXPECT_THAT(world.held(), IsEmpty());
}

TEST_F(ClaimTest, ThatWasRefutedOnceTakesNoSecondLook) {
    world.run();
    claim_p2();
    world.run();
    world.his.whole_readings = 0;
    world.his.edit("P1", Field::email, "other@example.org");
    world.his.records.back().modified_at = world.his.at("P1").modified_at;
    world.run();
    EXPECT_EQ(world.his.whole_readings, 0);
}

TEST_F(ClaimTest, HoldsWhereThePatientHasNoRecordAnyMore) {
    world.run();
    std::erase_if(world.his.records,
                  [](const SourceRecord& record) { return record.patient.external_id() == "P2"; });
    claim_p2();
    world.run();
    ASSERT_THAT(world.held(), SizeIs(1));
    EXPECT_EQ(world.held().front().reason, HoldReason::merged_in_his);
    EXPECT_EQ(world.held().front().key, "P2");
    world.medicapp.writes.clear();
    world.run_whole();
    EXPECT_THAT(world.held(), SizeIs(1));
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
}

/// Whoever claims the number describes themselves, and P2 is somebody else: that nobody shows P2
/// any more makes P1's word no truer.
class ClaimOfSomebodyElse : public ClaimTest {
  protected:
    ClaimOfSomebodyElse() {
        auto& claimant = world.his.at("P1").patient;
        claimant[Field::first_name] = FieldValue::known("Zoé");
        claimant[Field::birth_date] = FieldValue::known("1931-10-10");
        world.run();
        lost_ = world.his.at("P2");
        std::erase_if(world.his.records, [](const SourceRecord& record) {
            return record.patient.external_id() == "P2";
        });
        claim_p2();
        auto& traits = world.his.records.back().patient;
        for (const auto field : {Field::last_name, Field::first_name, Field::birth_date})
            traits[field] = world.his.at("P1").patient[field];
        world.run();
        world.medicapp.writes.clear();
    }
    void SetUp() override {
        ASSERT_THAT(world.held(), SizeIs(1));
        EXPECT_EQ(world.held().front().key, "P2");
        EXPECT_EQ(world.held().front().reason, HoldReason::divergence);
    }

    SourceRecord lost_; ///< P2's
};

TEST_F(ClaimOfSomebodyElse, IsForAnOperatorToDecide) {
    const auto holds = world.log.count("patient.held");
    world.run_whole();
    world.run_whole();
    ASSERT_THAT(world.held(), SizeIs(1));
    EXPECT_EQ(world.held().front().reason, HoldReason::divergence);
    EXPECT_EQ(world.log.count("patient.held"), holds) << "told once";
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
}

TEST_F(ClaimOfSomebodyElse, EndsOnceThePatientIsInUse) {
    lost_.patient[Field::phone] = FieldValue::known(new_phone);
    lost_.modified_at = world.his.at("P1").modified_at;
    world.his.records.push_back(lost_);
    world.run_whole();
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_EQ(text(*world.medicapp.find("P2"), Field::phone), new_phone);
}

TEST_F(ClaimOfSomebodyElse, EndsWithTheClaim) {
    world.his.records.pop_back();
    world.run_whole();
    EXPECT_THAT(world.held(), IsEmpty());
    world.restart();
    world.run_whole();
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
}

TEST_F(ClaimTest, HoldsWhereThePatientsOwnRecordIsClosed) {
    world.run();
    world.his.at("P2").active = false;
    claim_p2();
    world.run_whole();
    ASSERT_THAT(world.held(), SizeIs(1));
    EXPECT_EQ(world.held().front().reason, HoldReason::merged_in_his);
    const auto holds = world.log.count("patient.held");
    world.run_whole();
    world.run_whole();
    EXPECT_EQ(world.log.count("patient.held"), holds) << "the reason does not change each time";
}

/// A patient who gets another number, which only the new record says, keeps their Medicapp patient.
TEST_F(ClaimTest, OfAFormerNumberMovesThePatient) {
    world.run();
    const auto id = world.medicapp.find("P2")->id;
    auto moved = world.his.at("P2");
    moved.patient.set_external_id("P9");
    std::erase_if(world.his.records,
                  [](const SourceRecord& record) { return record.patient.external_id() == "P2"; });
    world.his.records.push_back(moved);
    world.his.edit("P9", Field::phone, new_phone);
    world.his.records.push_back(claim("P2", "P9", world.his.at("P9")));
    world.run();
    ASSERT_NE(world.medicapp.find("P9"), nullptr);
    EXPECT_EQ(world.medicapp.find("P9")->id, id);
    EXPECT_EQ(text(*world.medicapp.find("P9"), Field::phone), new_phone);
    EXPECT_THAT(world.medicapp.patients, SizeIs(2));
    EXPECT_THAT(world.held(), IsEmpty());
}

/// P2 became P8, and P8 became P9, before a poll: one patient, whatever the order of the records.
TEST_F(ClaimTest, AChainOfChangesMovesThePatient) {
    for (const bool renamed : {false, true}) {
        for (int order = 0; order < 3; ++order) {
            World other;
            other.fill_his(2);
            other.run();
            const auto id = other.medicapp.find("P2")->id;
            auto last = other.his.at("P2");
            last.patient.set_external_id("P9");
            last.modified_at = *last.modified_at + std::chrono::minutes(1);
            auto middle = last;
            middle.patient.set_external_id("P8");
            middle.merged_into = "P9";
            middle.renamed = renamed;
            auto first = last;
            first.patient.set_external_id("P2");
            first.merged_into = "P8";
            first.renamed = renamed;
            other.his.records.pop_back();
            std::vector<SourceRecord> chain{first, middle, last};
            std::ranges::rotate(chain, chain.begin() + order);
            for (auto& record : chain)
                other.his.records.push_back(record);
            other.run();
            other.run();
            EXPECT_THAT(other.medicapp.patients, SizeIs(2)) << renamed << order;
            ASSERT_NE(other.medicapp.find("P9"), nullptr) << renamed << order;
            EXPECT_EQ(other.medicapp.find("P9")->id, id) << renamed << order;
            EXPECT_THAT(other.held(), IsEmpty()) << renamed << order;
        }
    }
}

/// Who waits for a decision about who they are does not come a second time under another number.
TEST_F(ClaimTest, AChangedIdentifierOfAHeldPatientMakesNoSecondOne) {
    world.run();
    auto& p2 = world.his.at("P2");
    p2.patient[Field::first_name] = reconcile::FieldValue::known("Luc");
    p2.patient[Field::gender] = reconcile::FieldValue::known("M");
    world.his.edit("P2", Field::email, "luc@example.org");
    world.run();
    ASSERT_THAT(world.held(), SizeIs(1));
    auto renamed = world.his.at("P2");
    renamed.patient.set_external_id("P9");
    world.his.at("P2").merged_into = "P9";
    world.his.at("P2").renamed = true;
    world.his.edit("P2", Field::email, "moved@example.org");
    renamed.modified_at = world.his.at("P2").modified_at;
    world.his.records.push_back(renamed);
    world.run();
    world.run();
    EXPECT_THAT(world.medicapp.patients, SizeIs(2));
    EXPECT_EQ(world.medicapp.find("P9"), nullptr) << "nor does somebody else get the number";
    std::map<std::string, HoldReason> held;
    for (const auto& one : world.held())
        held.emplace(one.key, one.reason);
    EXPECT_THAT(held, ElementsAre(Pair("P2", HoldReason::external_id_taken),
                                  Pair("P9", HoldReason::possible_duplicate)));
}

TEST_F(ClaimTest, AMergeThatWasUndoneLetsThePatientGoOn) {
    world.run();
    world.his.at("P2").merged_into = "P1";
    world.his.edit("P2", Field::email, "merged@example.org");
    world.run();
    ASSERT_THAT(world.held(), SizeIs(1));
    world.his.at("P2").merged_into.clear();
    world.his.edit("P2", Field::phone, new_phone);
    world.run();
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_EQ(text(*world.medicapp.find("P2"), Field::phone), new_phone);
    EXPECT_EQ(world.run_whole().outcome, Outcome::complete);
    EXPECT_THAT(world.held(), IsEmpty());
}

/// Systems close, or delete, what they have merged: in whichever order that is shown.
TEST_F(ClaimTest, AMergeWhoseSourceIsDeletedIsAMerge) {
    for (const bool deleted_first : {false, true}) {
        World other;
        other.fill_his(2);
        other.run();
        auto& p2 = other.his.at("P2");
        if (deleted_first) {
            p2.deleted = true;
            other.his.edit("P2", Field::email, "a@example.org");
            other.run();
        }
        p2.merged_into = "P1";
        other.his.edit("P2", Field::email, "b@example.org");
        other.run();
        p2.merged_into.clear();
        p2.deleted = true;
        other.his.edit("P2", Field::email, "c@example.org");
        other.run();
        ASSERT_THAT(other.held(), SizeIs(1));
        EXPECT_EQ(other.held().front().reason, HoldReason::merged_in_his) << deleted_first;
    }
}

/// A list shows a merged record of P2, changed now, and the one in use, which was not.
TEST_F(ClaimTest, AMergedDoubleOfALaterPollRetiresNobody) {
    world.run();
    auto merged = world.his.at("P2");
    merged.merged_into = "P1";
    merged.modified_at = *merged.modified_at + std::chrono::minutes(1);
    world.his.records.push_back(merged);
    for (int i = 0; i < 3; ++i) {
        world.run();
        EXPECT_THAT(world.held(), IsEmpty());
        world.run_whole();
        EXPECT_THAT(world.held(), IsEmpty());
    }
}

TEST_F(ClaimTest, WhatComesThroughAnInboxTakesNoLook) {
    world.his.is_inbox = true;
    world.run();
    world.his.whole_readings = 0;
    world.his.at("P2").merged_into = "P1";
    world.his.edit("P2", Field::email, "merged@example.org");
    world.run();
    EXPECT_EQ(world.his.whole_readings, 0);
    ASSERT_THAT(world.held(), SizeIs(1));
}

TEST_F(ClaimTest, AClosedDoubleDoesNotRetireAPatient) {
    for (const bool closed_first : {false, true}) {
        World other;
        other.fill_his(2);
        auto closed = other.his.at("P2");
        closed.active = false;
        closed.modified_at = *closed.modified_at + std::chrono::seconds(closed_first ? -1 : 1);
        other.his.records.push_back(closed);
        other.his.page_size = 2;
        other.run();
        EXPECT_NE(other.medicapp.find("P2"), nullptr) << closed_first;
        EXPECT_THAT(other.held(), IsEmpty()) << closed_first;
    }
}

/// Two sources: an inbox that merges P1 into P2, and another that has P1 in use.
class MergeAgainstAnother : public testing::Test {
  protected:
    MergeAgainstAnother() {
        world.his.is_inbox = other.is_inbox = true;
        world.sources.push_back(&other);
        world.restart();
        world.fill_his(2);
        other.records.push_back(world.his.at("P1"));
        world.run();
    }
    SourceRecord& merged() { return world.his.at("P1"); }
    SourceRecord& in_use() { return other.records.front(); }
    /// It is stated, as long after the other source's record.
    void merge(std::chrono::seconds later) {
        world.his.now += std::chrono::hours(1);
        merged().merged_into = "P2";
        merged().modified_at = in_use().modified_at = world.his.now;
        *merged().modified_at += later;
    }
    /// The same where the other source has sent nothing of P1.
    void merge_alone(std::chrono::seconds later) {
        merged().merged_into = "P2";
        *merged().modified_at += later;
    }
    void expect_held(reconcile::HoldReason reason, int times) {
        ASSERT_THAT(world.held(), SizeIs(1));
        EXPECT_EQ(world.held().front().key, "P1");
        EXPECT_EQ(world.held().front().reason, reason);
        EXPECT_EQ(world.held().front().source, "his");
        EXPECT_EQ(world.log.count("patient.held") + world.log.count("patient.excluded"), times);
    }
    std::vector<state::AuditEntry> refutations() {
        std::vector<state::AuditEntry> lines;
        for (auto& line : world.state().audit({.external_id = "P1", .limit = 100}))
            if (line.action == "merge_refuted") lines.push_back(std::move(line));
        return lines;
    }

    World world;
    ModelSource other{"other"};
};

TEST_F(MergeAgainstAnother, IsRefutedByANewerRecordInUseAndThatIsTold) {
    merge(std::chrono::seconds(-1));
    for (int i = 0; i < 3; ++i) {
        world.run();
        EXPECT_EQ(world.log.count("merge.refuted"), 1);
        EXPECT_THAT(world.held(), IsEmpty());
    }
    ASSERT_THAT(refutations(), SizeIs(1));
    EXPECT_EQ(refutations().front().detail,
              "into P2, source his of 2027-01-15T08:59:59.000Z: in use in source other of "
              "2027-01-15T09:00:00.000Z");
    world.run_whole();
    EXPECT_EQ(world.log.count("merge.refuted"), 2);
    EXPECT_THAT(world.held(), IsEmpty());
}

TEST_F(MergeAgainstAnother, IsNotRefutedByAnOlderOne) {
    merge(std::chrono::seconds(1));
    world.run();
    expect_held(HoldReason::merged_in_his, 1);
    for (int i = 0; i < 2; ++i) {
        world.run_whole();
        world.run();
        world.restart();
    }
    expect_held(HoldReason::merged_in_his, 1);
    EXPECT_EQ(world.log.count("patient.released"), 0);
    EXPECT_EQ(world.log.count("merge.refuted"), 0);

    in_use().modified_at = *merged().modified_at + std::chrono::seconds(1);
    in_use().patient[Field::phone] = FieldValue::known(new_phone);
    world.run();
    world.run_whole();
    EXPECT_THAT(world.held(), IsEmpty()) << "one that is newer than the merge takes it back";
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::phone), new_phone);
}

TEST_F(MergeAgainstAnother, IsNotRefutedByAnOlderOneThatArrivesAfterIt) {
    const auto late = in_use();
    other.records.clear();
    merge_alone(std::chrono::hours(1));
    world.run();
    expect_held(HoldReason::merged_in_his, 1);
    other.records.push_back(late);
    world.run();
    world.run_whole();
    expect_held(HoldReason::merged_in_his, 1);
    EXPECT_EQ(world.log.count("patient.released"), 0);
}

TEST_F(MergeAgainstAnother, StatedAgainAfterTheRecordThatRefutedItStands) {
    merge(std::chrono::seconds(-1));
    world.run();
    ASSERT_THAT(world.held(), IsEmpty());
    merged().modified_at = *in_use().modified_at + std::chrono::seconds(1);
    world.run();
    expect_held(HoldReason::merged_in_his, 1);
}

/// What cannot be said to be older stands against it.
TEST_F(MergeAgainstAnother, IsRefutedWhereTimesDoNotTell) {
    struct {
        const char* name;
        std::function<void()> change;
    } const rows[] = {
        {"the same moment", [&] { merged().modified_at = in_use().modified_at; }},
        {"a merge without a time", [&] { merged().modified_at.reset(); }},
        {"a record without a time", [&] { in_use().modified_at.reset(); }},
        {"a list, which shows how the HIS is now", [&] { other.is_inbox = false; }},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        other.is_inbox = true;
        merge(std::chrono::seconds(1));
        row.change();
        world.run();
        const auto told = world.log.count("merge.refuted");
        world.run_whole();
        EXPECT_THAT(world.held(), IsEmpty());
        EXPECT_EQ(world.log.count("merge.refuted"), told + 1);
    }
}

TEST_F(MergeAgainstAnother, ThatIsRefutedLeavesADeletionADeletion) {
    merge(std::chrono::seconds(-1));
    merged().deleted = true;
    world.run();
    expect_held(HoldReason::deleted_in_his, 1);
    world.run_whole();
    world.restart();
    world.run();
    expect_held(HoldReason::deleted_in_his, 1);
    in_use().modified_at = *in_use().modified_at + std::chrono::hours(1);
    world.run();
    world.run_whole();
    expect_held(HoldReason::deleted_in_his, 1);

    merged().modified_at = *in_use().modified_at + std::chrono::hours(1);
    world.run();
    expect_held(HoldReason::merged_in_his, 2);
}

TEST_F(MergeAgainstAnother, ThatIsRefutedLeavesADeathADeath) {
    merge(std::chrono::seconds(-1));
    merged().deceased = true;
    world.run();
    expect_held(HoldReason::deceased, 1);
}

} // namespace
} // namespace medibridge::tests
