#include "world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// A hold ends when its cause does, whichever source speaks last.

namespace medibridge::tests {
namespace {

using reconcile::Field;
using reconcile::FieldValue;
using reconcile::HoldReason;
using reconcile::SourceRecord;
using sync::Outcome;
using testing::IsEmpty;
using testing::SizeIs;

/// Source `his` knows P1; `other` comes to speak of P1 as well.
class SeveralSources : public testing::Test {
  protected:
    SeveralSources() {
        world.sources.push_back(&other);
        world.restart();
        world.fill_his(2);
    }
    SourceRecord& other_says(const std::function<void(SourceRecord&)>& change) {
        auto said = world.his.at("P1");
        said.modified_at = *said.modified_at + std::chrono::seconds(10);
        change(said);
        other.records.push_back(said);
        return other.records.back();
    }
    sync::Report run_whole() {
        sync::Request request;
        request.full = true;
        return world.run(request);
    }
    void touch(SourceRecord& record) {
        record.modified_at = *record.modified_at + std::chrono::minutes(1);
    }
    HoldReason reason() { return world.held().front().reason; }

    World world;
    ModelSource other{"other"};
};

void become_somebody_else(SourceRecord& record) {
    record.patient[Field::last_name] = FieldValue::known("Ailleurs");
    record.patient[Field::first_name] = FieldValue::known("Luc");
}

TEST_F(SeveralSources, AContradictionIsHeldUntilItsSourceChanges) {
    world.run();
    auto& said = other_says(become_somebody_else);
    world.run();
    ASSERT_THAT(world.held(), SizeIs(1));
    EXPECT_EQ(reason(), HoldReason::divergence);
    for (int i = 0; i < 3; ++i) {
        world.run();
        run_whole();
        touch(world.his.at("P1"));
    }
    EXPECT_THAT(world.held(), SizeIs(1)) << "the first source's polls do not release it";
    EXPECT_EQ(world.log.count("patient.held"), 1);
    EXPECT_EQ(world.log.count("patient.released"), 0);

    world.medicapp.writes.clear();
    said.patient = world.his.at("P1").patient;
    touch(said);
    world.run();
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
}

TEST_F(SeveralSources, WhatTheOtherSaidMeanwhileIsNotLost) {
    world.run();
    auto& said = other_says(become_somebody_else);
    world.run();
    world.his.edit("P1", Field::phone, new_phone);
    world.run();
    EXPECT_NE(text(*world.medicapp.find("P1"), Field::phone), new_phone) << "nothing while held";
    world.let_settle();
    world.run();
    said.patient[Field::last_name] = world.his.at("P1").patient[Field::last_name];
    said.patient[Field::first_name] = world.his.at("P1").patient[Field::first_name];
    said.patient[Field::phone] = FieldValue();
    said.modified_at = *world.his.at("P1").modified_at + std::chrono::minutes(1);
    world.run();
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::phone), new_phone);
}

TEST_F(SeveralSources, ADeathInOneIsNotUnsaidByTheSilenceOfTheOther) {
    world.run();
    auto& said = other_says([](SourceRecord& record) { record.deceased = true; });
    world.run();
    ASSERT_THAT(world.held(), SizeIs(1));
    world.his.edit("P1", Field::phone, new_phone);
    world.run();
    run_whole();
    ASSERT_THAT(world.held(), SizeIs(1));
    EXPECT_EQ(reason(), HoldReason::deceased);
    EXPECT_NE(text(*world.medicapp.find("P1"), Field::phone), new_phone);
    said.deceased = false;
    said.patient[Field::phone] = FieldValue::known(new_phone);
    said.modified_at = world.his.now + std::chrono::minutes(1);
    world.run();
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::phone), new_phone);
}

TEST_F(SeveralSources, ARecordThatOneCannotCompleteStopsOnlyItself) {
    world.run();
    other_says([](SourceRecord& record) { record.patient[Field::birth_date] = FieldValue(); });
    world.run();
    ASSERT_THAT(world.held(), SizeIs(1));
    EXPECT_EQ(reason(), HoldReason::invalid);
    world.his.edit("P1", Field::phone, new_phone);
    world.run();
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::phone), new_phone);
    run_whole();
    EXPECT_THAT(world.held(), SizeIs(1)) << "shown as long as it is so";
    EXPECT_EQ(world.log.count("patient.held"), 1) << "and said once";
}

TEST_F(SeveralSources, AHoldOfASourceThatIsConfiguredNoMoreEnds) {
    world.run();
    other_says(become_somebody_else);
    world.run();
    ASSERT_THAT(world.held(), SizeIs(1));
    world.sources.pop_back();
    world.restart();
    run_whole();
    EXPECT_THAT(world.held(), IsEmpty());
}

TEST_F(SeveralSources, AStaleOneDoesNotUndoAMerge) {
    other.records.push_back(world.his.at("P2"));
    world.run();
    world.his.at("P2").merged_into = "P1";
    world.his.edit("P2", Field::email, "merged@example.org");
    world.run();
    ASSERT_THAT(world.held(), SizeIs(1));
    EXPECT_EQ(reason(), HoldReason::merged_in_his);
    run_whole();
    run_whole();
    ASSERT_THAT(world.held(), SizeIs(1));
    EXPECT_EQ(world.log.count("patient.released"), 0);
}

TEST(Contradiction, OfASourcesOwnNumbersProvesNothing) {
    World world;
    world.fill_his(3);
    world.his.contradiction = "total says 23, 3 shown";
    for (int i = 0; i < 2; ++i) {
        const auto report = world.run();
        EXPECT_EQ(report.outcome, Outcome::incomplete);
        EXPECT_THAT(report.reason, testing::HasSubstr("total says 23, 3 shown"));
    }
    EXPECT_FALSE(world.state().watermark("his:his").stamp) << "no watermark passes what is hidden";
    EXPECT_EQ(world.medicapp.patients.size(), 3u) << "who is shown is taken";
    world.his.contradiction.clear();
    EXPECT_EQ(world.run().outcome, Outcome::complete);
}

TEST(Ambiguous, SourceThatGaveTwoPeopleOneNumberCreatesNeither) {
    World world;
    world.fill_his(2);
    world.his.at("P1").ambiguous = true;
    world.run();
    ASSERT_THAT(world.held(), SizeIs(1));
    EXPECT_EQ(world.held().front().reason, HoldReason::ambiguous_source);
    EXPECT_EQ(world.medicapp.find("P1"), nullptr);
    world.his.at("P1").ambiguous = false;
    world.his.edit("P1", Field::phone, new_phone);
    world.run();
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_NE(world.medicapp.find("P1"), nullptr);
}

} // namespace
} // namespace medibridge::tests
