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
        world.run_whole();
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
    world.run_whole();
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

/// The clocks of two systems prove nothing about each other.
TEST_F(SeveralSources, ADeathCountsAlthoughTheOtherSourcesTimeIsLater) {
    world.run();
    auto& said = other_says([](SourceRecord& record) {
        record.patient[Field::phone] = FieldValue::known("+33612349999");
    });
    world.run();
    ASSERT_EQ(text(*world.medicapp.find("P1"), Field::phone), "+33612349999");
    world.his.at("P1").deceased = true;
    world.run_whole();
    ASSERT_THAT(world.held(), SizeIs(1));
    EXPECT_EQ(reason(), HoldReason::deceased);
    said.patient[Field::phone] = FieldValue::known(new_phone);
    touch(said);
    world.run();
    world.run_whole();
    EXPECT_NE(text(*world.medicapp.find("P1"), Field::phone), new_phone);
    EXPECT_EQ(world.log.count("patient.held"), 1);
    world.his.at("P1").deceased = false;
    world.run_whole();
    world.run_whole();
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::phone), new_phone);
}

TEST_F(SeveralSources, AContradictionIsHeldWhateverTheClocksSay) {
    world.run();
    other_says(
        [](SourceRecord& record) { record.patient[Field::phone] = FieldValue::known(new_phone); });
    world.run();
    const auto whole = world.his.at("P1");
    become_somebody_else(world.his.at("P1"));
    world.run_whole();
    world.run_whole();
    ASSERT_THAT(world.held(), SizeIs(1));
    EXPECT_EQ(reason(), HoldReason::divergence);
    EXPECT_EQ(world.log.count("patient.held"), 1);
    world.his.at("P1").patient = whole.patient;
    world.run_whole();
    world.run_whole();
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::phone), new_phone) << "the newer one's";
}

TEST_F(SeveralSources, AContradictionEndsWithTheRecordThatCausedIt) {
    world.run();
    other_says(become_somebody_else);
    world.run();
    ASSERT_THAT(world.held(), SizeIs(1));
    other.records.clear();
    other.records.push_back(world.his.at("P2"));
    world.his.edit("P1", Field::phone, new_phone);
    world.run_whole();
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
    world.run_whole();
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
    world.run_whole();
    EXPECT_THAT(world.held(), IsEmpty());
}

/// One source says that P2 was merged into P1, in the other P2 is in use: a record in use wins,
/// whichever source is read first and whichever speaks first.
class MergeOfAnother : public testing::TestWithParam<std::tuple<bool, bool, bool>> {};

TEST_P(MergeOfAnother, IsRefutedByARecordInUse) {
    const auto [merging_first, at_once, new_patient] = GetParam();
    World world;
    ModelSource other("other");
    world.sources.insert(merging_first ? world.sources.begin() : world.sources.end(), &other);
    world.restart();
    world.fill_his(2);
    if (!new_patient) world.run();
    auto merged = world.his.at("P2");
    merged.merged_into = "P1";
    merged.modified_at = *merged.modified_at + std::chrono::seconds(10);
    if (!at_once) world.run();
    other.records.push_back(merged);
    sync::Request whole;
    whole.full = true;
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(world.run().outcome, Outcome::complete);
        world.run(whole);
    }
    EXPECT_THAT(world.held(), IsEmpty());
    ASSERT_NE(world.medicapp.find("P2"), nullptr);
    world.his.edit("P2", Field::phone, new_phone);
    world.run();
    EXPECT_EQ(text(*world.medicapp.find("P2"), Field::phone), new_phone);
    EXPECT_EQ(world.log.count("patient.held"), 0) << "nor was it ever";

    // Nobody has P2 in use any more.
    world.his.at("P2").active = false;
    world.his.edit("P2", Field::email, "closed@example.org");
    world.run();
    world.run(whole);
    ASSERT_THAT(world.held(), SizeIs(1));
}

INSTANTIATE_TEST_SUITE_P(All, MergeOfAnother,
                         testing::Combine(testing::Bool(), testing::Bool(), testing::Bool()));

TEST_F(SeveralSources, AMergeWaitsUntilTheOtherSourceCanBeRead) {
    world.run();
    auto merged = world.his.at("P2");
    merged.merged_into = "P1";
    merged.modified_at = *merged.modified_at + std::chrono::seconds(10);
    other.records.push_back(merged);
    world.his.broken = connectors::SourceError(connectors::SourceError::Kind::unavailable, "away");
    EXPECT_EQ(world.run().outcome, Outcome::incomplete);
    EXPECT_THAT(world.held(), IsEmpty());
    world.his.broken.reset();
    world.run();
    EXPECT_THAT(world.held(), IsEmpty());
}

/// Both sources come with the same new patient, and not with the same description.
class NewInBoth : public testing::TestWithParam<bool> {
  protected:
    NewInBoth() {
        if (GetParam())
            world.sources.insert(world.sources.begin(), &other);
        else
            world.sources.push_back(&other);
        world.restart();
        world.fill_his(3);
    }
    SourceRecord& other_says(const std::function<void(SourceRecord&)>& change) {
        auto said = world.his.at("P1");
        change(said);
        other.records.push_back(said);
        return other.records.back();
    }
    void touch(SourceRecord& record) {
        record.modified_at = *record.modified_at + std::chrono::minutes(1);
    }

    World world;
    ModelSource other{"other"};
};

TEST_P(NewInBoth, DifferentPeopleAreHeldUntilTheSourcesAgree) {
    auto& said = other_says(become_somebody_else);
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(world.run().outcome, Outcome::complete);
        world.run_whole();
    }
    ASSERT_THAT(world.held(), SizeIs(1));
    EXPECT_EQ(world.held().front().reason, HoldReason::ambiguous_source);
    EXPECT_EQ(world.medicapp.find("P1"), nullptr);
    EXPECT_THAT(world.medicapp.patients, SizeIs(2)) << "everybody else goes on";
    EXPECT_EQ(world.log.count("patient.held"), 1);

    // One of them changes something else: there are still two people.
    said.patient[Field::phone] = FieldValue::known(new_phone);
    touch(said);
    world.run();
    world.run();
    EXPECT_THAT(world.held(), SizeIs(1));
    EXPECT_EQ(world.log.count("patient.released"), 0);

    said.patient = world.his.at("P1").patient;
    touch(said);
    world.run();
    world.run();
    EXPECT_THAT(world.held(), IsEmpty());
    ASSERT_NE(world.medicapp.find("P1"), nullptr);
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::first_name),
              world.his.at("P1").patient[Field::first_name].text());
}

TEST_P(NewInBoth, NobodyElseNeedsToBeLinked) {
    world.his.records.resize(1);
    auto& said = other_says(become_somebody_else);
    world.run();
    world.run();
    ASSERT_THAT(world.held(), SizeIs(1));
    said.patient = world.his.at("P1").patient;
    touch(said);
    world.run();
    world.run();
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_NE(world.medicapp.find("P1"), nullptr);
}

TEST_P(NewInBoth, TheOneThatWasReadFirstMayBeTheOneThatIsCorrected) {
    auto& said = other_says(become_somebody_else);
    world.run();
    ASSERT_THAT(world.held(), SizeIs(1));
    auto& first = world.his.at("P1");
    first.patient = said.patient;
    touch(first);
    world.run();
    world.run();
    EXPECT_THAT(world.held(), IsEmpty());
    ASSERT_NE(world.medicapp.find("P1"), nullptr);
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::first_name), "Luc");
}

TEST_P(NewInBoth, AChangedRecordOfSomebodyUndecidedTakesOneReadingOfAll) {
    auto& said = other_says(become_somebody_else);
    world.run();
    said.patient[Field::phone] = FieldValue::known(new_phone);
    touch(said);
    for (int i = 0; i < 5; ++i)
        world.run();
    world.his.whole_readings = 0;
    other.whole_readings = 0;
    for (int i = 0; i < 5; ++i)
        world.run();
    EXPECT_EQ(world.his.whole_readings + other.whole_readings, 0);
}

TEST_P(NewInBoth, AnotherSpellingIsNoContradiction) {
    other_says([](SourceRecord& record) {
        record.patient[Field::first_name] =
            FieldValue::known(record.patient[Field::first_name].text() + "-Marie");
        record.patient[Field::last_name] =
            FieldValue::known(record.patient[Field::last_name].text() + " DUPONT");
    });
    world.run();
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_NE(world.medicapp.find("P1"), nullptr);
}

TEST_P(NewInBoth, WhoseNameIsNotKnownInOneContradictsNobody) {
    other_says([](SourceRecord& record) {
        record.patient[Field::last_name] = FieldValue::known("INCONNU");
        record.patient[Field::first_name] = FieldValue::known("X");
    });
    world.run();
    world.run_whole();
    EXPECT_THAT(world.held(), IsEmpty());
    ASSERT_NE(world.medicapp.find("P1"), nullptr);
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::last_name),
              world.his.at("P1").patient[Field::last_name].text());
}

TEST_P(NewInBoth, WhoIsDeadInOneIsNotCreatedFromTheOther) {
    other_says([](SourceRecord& record) { record.deceased = true; });
    world.run();
    world.run_whole();
    ASSERT_THAT(world.held(), SizeIs(1));
    EXPECT_EQ(world.held().front().reason, HoldReason::deceased);
    EXPECT_EQ(world.medicapp.find("P1"), nullptr);
}

/// More records than a survey keeps, so that each source is read twice.
TEST_P(NewInBoth, LargeFirstLoadsAreNoExceptions) {
    world.his.records.clear();
    world.fill_his(2'500);
    other.records = world.his.records;
    become_somebody_else(other.records[0]);
    other.records[1].deceased = true;
    world.run();
    EXPECT_THAT(world.held(), SizeIs(2));
    EXPECT_EQ(world.medicapp.find("P1"), nullptr);
    EXPECT_EQ(world.medicapp.find("P2"), nullptr);
    EXPECT_EQ(world.medicapp.patients.size(), world.his.records.size() - 2);
}

INSTANTIATE_TEST_SUITE_P(Order, NewInBoth, testing::Bool());

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

/// Its record is older than the other's, which was taken: that it is asked first changes nothing.
TEST_F(SeveralSources, WhatAUserOfMedicappChangedIsAskedOfTheSourceWhoseWordWasTaken) {
    other_says(
        [](SourceRecord& said) { said.patient[Field::phone] = FieldValue::known(new_phone); });
    world.run();
    world.let_settle();
    world.run();
    world.medicapp.edit(world.medicapp.find("P1")->id, Field::last_name, "Saisie");
    world.run();
    EXPECT_EQ(world.medicapp.find("P1")->patient[Field::last_name].text(),
              world.his.at("P1").patient[Field::last_name].text());
}

/// A machine whose own clock stands still in another decade has the servers' clocks.
TEST_F(SeveralSources, WhichRecordIsOlderIsKnownWhereOnlyMedicappsClockIsRight) {
    other_says(
        [](SourceRecord& said) { said.patient[Field::phone] = FieldValue::known(new_phone); });
    world.run();
    sync::Request request;
    request.full = true;
    request.wall_clock_ms = 1;
    world.medicapp.writes.clear();
    world.run(request);
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
}

/// The other source's record, which agrees, is no answer to what this one's called for.
TEST_F(SeveralSources, ARefusedUpdateWaitsAlthoughAnotherSourceAgrees) {
    world.his.is_inbox = true;
    other.is_inbox = true;
    world.run();
    world.let_settle();
    world.run();
    world.his.edit("P1", Field::phone, new_phone);
    auto said = world.his.at("P1");
    said.patient[Field::phone] = FieldValue();
    said.modified_at = *said.modified_at - std::chrono::milliseconds(1);
    other.records.push_back(said);
    world.medicapp.fault_of =
        [](ModelMedicapp::Call call,
           const std::string& external_id) -> std::optional<ModelMedicapp::Fault> {
        if (call != ModelMedicapp::Call::update || external_id != "P1") return std::nullopt;
        return ModelMedicapp::Fault{failure(connectors::Failure::refused, 403)};
    };
    EXPECT_EQ(world.run().outcome, Outcome::incomplete);
}

} // namespace
} // namespace medibridge::tests
