#include "world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// What a person fixes in Medicapp ends the hold at the next poll.

namespace medibridge::tests {
namespace {

using reconcile::Field;
using reconcile::HoldReason;
using testing::IsEmpty;
using testing::SizeIs;

TEST(Release, OfADivergenceThatAUserMadeAgreeInMedicapp) {
    World world;
    world.fill_his(3);
    world.run();
    world.his.edit("P1", Field::last_name, "Autrement");
    world.his.edit("P1", Field::birth_date, "1999-09-09");
    world.run();
    ASSERT_THAT(world.held(), SizeIs(1));
    world.let_settle();
    const auto id = world.medicapp.find("P1")->id;
    world.medicapp.edit(id, Field::last_name, "Autrement");
    world.medicapp.edit(id, Field::birth_date, "1999-09-09");
    world.medicapp.writes.clear();
    world.run();
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
}

TEST(Release, IsTriedOnceForEachChangeInMedicapp) {
    World world;
    world.fill_his(3);
    world.run();
    world.his.edit("P1", Field::last_name, "Autrement");
    world.his.edit("P1", Field::birth_date, "1999-09-09");
    world.run();
    world.let_settle();
    world.medicapp.edit(world.medicapp.find("P1")->id, Field::phone, new_phone);
    world.run();
    ASSERT_THAT(world.held(), SizeIs(1));
    const auto readings = world.his.whole_readings;
    world.run();
    world.run();
    EXPECT_EQ(world.his.whole_readings, readings);
}

/// Somebody else carries P1's externalId in Medicapp. Their id.
std::string hold_mismatch(World& world) {
    world.fill_his(2);
    auto other = world.his.at("P2").patient;
    other.set_external_id("P1");
    const auto id = world.medicapp.add(other);
    world.his.records.pop_back();
    world.run();
    EXPECT_THAT(world.held(), SizeIs(1));
    EXPECT_EQ(world.held().front().reason, HoldReason::identity_mismatch);
    world.let_settle();
    world.run();
    world.medicapp.now += std::chrono::minutes(1);
    return id;
}

TEST(Release, OfAMismatchWhoseHolderLosesTheExternalId) {
    for (const auto* given : {"", "Q9"}) {
        World world;
        const auto id = hold_mismatch(world);
        auto& holder = world.medicapp.patients.at(id);
        holder.patient.set_external_id(given);
        holder.modified_at = world.medicapp.now;
        world.run();
        EXPECT_THAT(world.held(), IsEmpty()) << given;
        ASSERT_NE(world.medicapp.find("P1"), nullptr) << given;
        EXPECT_NE(world.medicapp.find("P1")->id, id) << given;
    }
}

TEST(Release, OfAMismatchWhoseHolderIsCorrected) {
    World world;
    const auto id = hold_mismatch(world);
    const auto& record = world.his.at("P1").patient;
    for (const auto field : {Field::last_name, Field::first_name, Field::birth_date})
        world.medicapp.edit(id, field, record[field].text());
    world.run();
    EXPECT_THAT(world.held(), IsEmpty());
    ASSERT_NE(world.medicapp.find("P1"), nullptr);
    EXPECT_EQ(world.medicapp.find("P1")->id, id);
    EXPECT_THAT(world.medicapp.patients, SizeIs(1));
}

TEST(Release, OfAPossibleDuplicateWhoTurnsOutToBeSomebodyElse) {
    World world;
    world.fill_his(1);
    auto same = world.his.at("P1").patient;
    same.set_external_id("");
    const auto id = world.medicapp.add(same);
    world.run();
    ASSERT_THAT(world.held(), SizeIs(1));
    world.let_settle();
    world.medicapp.edit(id, Field::birth_date, "1931-01-01");
    world.run();
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_NE(world.medicapp.find("P1"), nullptr);
}

TEST(Release, OfAMergedPatientWhomAUserErasedInMedicapp) {
    World world;
    world.fill_his(3);
    world.run();
    world.his.at("P1").merged_into = "P2";
    world.his.at("P1").modified_at = world.his.now + std::chrono::minutes(1);
    world.his.now += std::chrono::minutes(1);
    world.run();
    ASSERT_THAT(world.held(), SizeIs(1));
    ASSERT_EQ(world.held().front().reason, HoldReason::merged_in_his);
    world.medicapp.patients.erase(world.medicapp.find("P1")->id);
    world.run_whole();
    EXPECT_THAT(world.held(), IsEmpty());
    world.run_whole();
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_EQ(world.medicapp.find("P1"), nullptr);

    // The merge is undone: nobody erased is created again by itself.
    world.his.at("P1").merged_into.clear();
    world.his.edit("P1", Field::phone, new_phone);
    world.run();
    ASSERT_THAT(world.held(), SizeIs(1));
    EXPECT_EQ(world.held().front().reason, HoldReason::erased_in_medicapp);
    EXPECT_EQ(world.medicapp.find("P1"), nullptr);
}

/// Two sources describe P1, whom Medicapp does not have, as two people.
class TwoSourcesTest : public testing::TestWithParam<bool> {
  protected:
    TwoSourcesTest() {
        world.sources.push_back(&other);
        world.restart();
        world.fill_his(3);
        original = world.his.at("P1").patient;
        other.records.push_back(world.his.at("P1"));
        is_same(other.at("P1"), false);
        world.run();
        EXPECT_EQ(world.held().size(), 1U);
        EXPECT_EQ(world.held().front().reason, HoldReason::ambiguous_source);
    }
    void is_same(reconcile::SourceRecord& record, bool same) {
        record.patient = original;
        if (!same) {
            record.patient[Field::last_name] = reconcile::FieldValue::known("Ailleurs");
            record.patient[Field::first_name] = reconcile::FieldValue::known("Luc");
        }
        record.modified_at = world.his.now += std::chrono::minutes(1);
    }
    /// The poll that shows the change, and the one after it.
    void poll() {
        world.run();
        world.run();
    }

    World world;
    ModelSource other{"other"};
    reconcile::Patient original;
};

TEST_P(TwoSourcesTest, WhoAgreeReleaseThePatientAtTheNextPoll) {
    if (GetParam()) world.restart();
    world.run();
    is_same(other.at("P1"), true);
    poll();
    EXPECT_TRUE(world.held().empty());
    EXPECT_NE(world.medicapp.find("P1"), nullptr);
}

TEST_P(TwoSourcesTest, WhoAgreeAsTheyOnceDidReleaseThePatientToo) {
    if (GetParam()) world.restart();
    // One comes to say what the other says, and takes it back: nothing is decided twice over.
    is_same(world.his.at("P1"), false);
    other.broken = connectors::SourceError(connectors::SourceError::Kind::unavailable, "down");
    world.run();
    is_same(world.his.at("P1"), true);
    world.run();
    other.broken.reset();
    world.run();
    EXPECT_EQ(world.held().size(), 1U);
    is_same(world.his.at("P1"), false);
    poll();
    EXPECT_TRUE(world.held().empty());
}

TEST_P(TwoSourcesTest, WhoStillDisagreeHoldThePatient) {
    world.his.edit("P1", Field::phone, new_phone);
    poll();
    EXPECT_EQ(world.held().size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(AfterARestart, TwoSourcesTest, testing::Bool());

/// A patient is held for one source's record, and another source's ends that: what the first one
/// says was never taken, and nobody sends it again.
TEST(Release, ByAnotherSourcesRecordAsksTheOneWhoseItWas) {
    for (const bool retires : {false, true}) {
        SCOPED_TRACE(retires);
        World world;
        ModelSource other{"other"};
        world.sources.push_back(&other);
        world.restart();
        world.fill_his(2);
        auto same = world.his.at("P1").patient;
        same.set_external_id("");
        world.medicapp.add(same);
        world.run();
        ASSERT_THAT(world.held(), SizeIs(1));
        ASSERT_EQ(world.held().front().reason, HoldReason::possible_duplicate);
        // No poll shows what it says of P1 once more.
        world.his.edit("P2", Field::phone, new_phone);
        world.run();
        world.let_settle();
        world.run();
        auto said = world.his.at("P1");
        said.patient[Field::last_name] = reconcile::FieldValue::known("Ailleurs");
        said.patient[Field::first_name] = reconcile::FieldValue::known("Luc");
        said.modified_at = world.his.now;
        if (retires) said.merged_into = "P2";
        other.records.push_back(said);
        for (int i = 0; i < 2; ++i)
            world.run();
        ASSERT_THAT(world.held(), SizeIs(1));
        EXPECT_EQ(world.held().front().key, "P1");
        EXPECT_EQ(world.held().front().reason,
                  retires ? HoldReason::possible_duplicate : HoldReason::divergence);
        EXPECT_EQ(world.held().front().source, "his");
    }
}

/// Both sources' records would hold the patient, and neither keeps the decision about the other's
/// from being carried out.
TEST(Release, ByADecisionAboutOneOfTwoSourcesRecords) {
    World world;
    ModelSource other{"other"};
    world.sources.push_back(&other);
    world.restart();
    world.fill_his(2);
    auto same = world.his.at("P1").patient;
    same.set_external_id("");
    const auto id = world.medicapp.add(same);
    auto said = world.his.at("P1");
    said.patient[Field::phone] = reconcile::FieldValue::known(new_phone);
    other.records.push_back(said);
    world.run();
    ASSERT_THAT(world.held(), SizeIs(1));
    ASSERT_EQ(world.held().front().source, "other");
    world.look_and_decide("P1", sync::DecisionKind::link, id);
    world.run_whole();
    EXPECT_THAT(world.held(), IsEmpty());
    ASSERT_NE(world.medicapp.find("P1"), nullptr);
    EXPECT_EQ(world.medicapp.find("P1")->id, id);
}

/// What the first source said during the hold is older than the record that ends it: it counts
/// where that one states nothing.
TEST(Release, ByANewerRecordKeepsWhatItStatesAndTakesTheRestOfTheOther) {
    for (const bool undated : {false, true}) {
        SCOPED_TRACE(undated);
        World world;
        ModelSource other{"other"};
        world.sources.push_back(&other);
        world.restart();
        world.fill_his(2);
        world.run();
        auto said = world.his.at("P1");
        const auto original = said.patient;
        said.patient[Field::last_name] = reconcile::FieldValue::known("Ailleurs");
        said.patient[Field::first_name] = reconcile::FieldValue::known("Luc");
        said.modified_at = world.his.now += std::chrono::minutes(1);
        other.records.push_back(said);
        world.run();
        ASSERT_THAT(world.held(), SizeIs(1));
        world.his.edit("P1", Field::phone, "+33612340603");
        world.his.edit("P1", Field::email, "newer@example.org");
        world.run();
        world.let_settle();
        world.run();

        auto& newer = other.at("P1");
        newer.patient = original;
        newer.patient[Field::phone] = reconcile::FieldValue::known("+33612340604");
        newer.patient[Field::email] = reconcile::FieldValue();
        newer.modified_at = world.his.now += std::chrono::minutes(1);
        if (undated) world.his.at("P1").modified_at.reset();
        world.medicapp.writes.clear();
        world.run();
        EXPECT_THAT(world.held(), IsEmpty());
        const auto* patient = world.medicapp.find("P1");
        EXPECT_EQ(text(*patient, Field::email), "newer@example.org");
        // Without a time nobody knows that it is older: it was not heard, so it counts.
        EXPECT_EQ(text(*patient, Field::phone), undated ? "+33612340603" : "+33612340604");
        // And a later reading of everything finds nothing to do.
        world.medicapp.writes.clear();
        world.his.now += std::chrono::minutes(1);
        world.run_whole();
        EXPECT_THAT(world.medicapp.writes, IsEmpty());
    }
}

} // namespace
} // namespace medibridge::tests
