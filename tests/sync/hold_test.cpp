#include "world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>

namespace medibridge::tests {
namespace {

using connectors::Failure;
using reconcile::Field;
using reconcile::FieldValue;
using reconcile::HoldReason;
using sync::Outcome;
using testing::IsEmpty;
using Call = ModelMedicapp::Call;

TEST(UnlinkedMatch, IsHeldByDefault) {
    World world;
    world.fill_his(1);
    auto same = world.his.at("P1").patient;
    same.set_external_id("");
    world.medicapp.add(same);
    const auto report = world.run();
    EXPECT_EQ(report.held, 1);
    EXPECT_EQ(world.held().front().reason, HoldReason::possible_duplicate);
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
}

TEST(UnlinkedMatch, IsLinkedOrCreatedWhereTheOperatorWantsIt) {
    for (const auto choice :
         {reconcile::OnUnlinkedMatch::link, reconcile::OnUnlinkedMatch::create}) {
        World world;
        world.settings.policy.on_unlinked_match = choice;
        world.fill_his(2);
        auto same = world.his.at("P1").patient;
        same.set_external_id("");
        world.medicapp.add(same);
        const auto report = world.run();
        const bool links = choice == reconcile::OnUnlinkedMatch::link;
        EXPECT_EQ(report.linked, links ? 1 : 0);
        EXPECT_EQ(world.medicapp.patients.size(), links ? 2u : 3u);
        ASSERT_NE(world.medicapp.find("P1"), nullptr);
    }
}

TEST(UnlinkedMatch, OfTwoHisPatientsIsLinkedToOneOfThemOnly) {
    World world;
    world.settings.policy.on_unlinked_match = reconcile::OnUnlinkedMatch::link;
    world.fill_his(1);
    auto twin = world.his.records.front();
    twin.patient.set_external_id("P2");
    world.his.records.push_back(twin);
    auto same = twin.patient;
    same.set_external_id("");
    world.medicapp.add(same);
    const auto report = world.run();
    EXPECT_EQ(report.linked, 1);
    EXPECT_EQ(report.held, 1);
    EXPECT_EQ(world.medicapp.writes.size(), 1u);
}

TEST(Divergence, IsHeld) {
    World world;
    world.fill_his(2);
    world.run();
    world.medicapp.writes.clear();
    world.his.edit("P1", Field::last_name, "Autrement");
    world.his.edit("P1", Field::birth_date, "1999-09-09");
    const auto report = world.run();
    EXPECT_EQ(report.held, 1);
    EXPECT_EQ(world.held().front().reason, HoldReason::divergence);
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
}

TEST(Erased, InMedicappIsHeldAndNeverCreatedAgain) {
    World world;
    world.fill_his(3);
    world.run();
    world.medicapp.patients.erase(world.medicapp.find("P1")->id);
    world.medicapp.writes.clear();
    world.his.edit("P1", Field::phone, "+33612340011");
    EXPECT_EQ(world.run().held, 1);
    EXPECT_EQ(world.held().front().reason, HoldReason::erased_in_medicapp);

    world.restart();
    world.his.edit("P1", Field::phone, "+33612340012");
    world.run();
    sync::Request full;
    full.full = true;
    world.run(full);
    EXPECT_EQ(world.medicapp.find("P1"), nullptr);
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
}

TEST(Erased, IsFoundByAFullCompareWithoutAnyChange) {
    World world;
    world.fill_his(3);
    world.run();
    world.run();
    world.medicapp.patients.erase(world.medicapp.find("P2")->id);
    EXPECT_EQ(world.run().held, 0) << "a poll cannot see it";
    sync::Request full;
    full.full = true;
    EXPECT_EQ(world.run(full).held, 1);
    EXPECT_EQ(world.state().counts().tombstones, 1);
}

TEST(Erased, IsCreatedAgainWhereTheOperatorWantsIt) {
    World world;
    world.settings.policy.on_erased = reconcile::OnErased::recreate;
    world.fill_his(2);
    world.run();
    world.medicapp.patients.erase(world.medicapp.find("P1")->id);
    world.his.edit("P1", Field::phone, "+33612340011");
    EXPECT_EQ(world.run().created, 1);
    ASSERT_NE(world.medicapp.find("P1"), nullptr);
}

TEST(Guard, StopsAnImplausibleCycleBeforeItsFirstWrite) {
    World world;
    world.fill_his(400);
    world.run();
    world.medicapp.writes.clear();
    for (int i = 1; i <= 150; ++i) {
        world.his.edit("P" + std::to_string(i), Field::city, "Partout");
    }
    const auto report = world.run();
    EXPECT_EQ(report.outcome, Outcome::guarded);
    EXPECT_THAT(world.medicapp.writes, IsEmpty());

    world.settings.max_changes_ratio = 1.0;
    EXPECT_EQ(world.run().updated, 150);
}

TEST(Guard, CountsDeltasThatAreTooLargeToKeep) {
    World world;
    world.fill_his(3000);
    world.run();
    world.medicapp.writes.clear();
    for (auto& record : world.his.records) {
        record.patient[Field::city] = FieldValue::known("Partout");
        record.modified_at = *record.modified_at + std::chrono::hours(24);
    }
    EXPECT_EQ(world.run().outcome, Outcome::guarded);
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
}

TEST(Guard, StopsWhenMostLinkedPatientsAreGoneFromMedicapp) {
    World world;
    world.settings.max_changes_at_least = 10;
    world.fill_his(100);
    world.run();
    for (int i = 1; i <= 90; ++i)
        world.medicapp.patients.erase(world.medicapp.find("P" + std::to_string(i))->id);
    sync::Request full;
    full.full = true;
    EXPECT_EQ(world.run(full).outcome, Outcome::guarded);
    EXPECT_THAT(world.held(), IsEmpty());
}

TEST(Rejected, OptionalFieldIsLeftOutAndReported) {
    for (const bool named : {true, false}) {
        World world;
        world.medicapp.refused_fields.insert(Field::phone);
        world.medicapp.names_refused_field = named;
        world.fill_his(3);
        const auto report = world.run();
        EXPECT_EQ(report.created, 3);
        EXPECT_EQ(world.log.count("field.dropped"), 3);
        EXPECT_FALSE(world.medicapp.find("P1")->patient[Field::phone].is_known());
        world.medicapp.writes.clear();
        world.run();
        EXPECT_THAT(world.medicapp.writes, IsEmpty());
    }
}

TEST(Rejected, TwoOptionalFieldsAreLeftOut) {
    World world;
    world.medicapp.refused_fields = {Field::phone, Field::email};
    world.fill_his(1);
    const auto report = world.run();
    EXPECT_EQ(report.created, 1);
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::city), "Nantes");
}

TEST(Rejected, ForARequiredFieldIsHeldAndTheOthersGoOn) {
    World world;
    world.fill_his(5);
    world.his.at("P3").patient[Field::gender] = FieldValue();
    world.medicapp.fault = [&](Call call, int nth) -> std::optional<ModelMedicapp::Fault> {
        if (call != Call::create || nth != 3) return std::nullopt;
        auto error = failure(Failure::rejected, 400);
        error.code = "INVALID_LAST_NAME";
        error.request_id = "req-1";
        return ModelMedicapp::Fault{error, false};
    };
    const auto report = world.run();
    EXPECT_EQ(report.outcome, Outcome::complete);
    EXPECT_EQ(report.created, 4);
    ASSERT_EQ(world.held().size(), 1u);
    EXPECT_EQ(world.held().front().reason, HoldReason::rejected);
    EXPECT_EQ(world.held().front().detail, "INVALID_LAST_NAME");
    EXPECT_EQ(world.held().front().request_id, "req-1");
    const auto event = std::ranges::find(world.log.events, "patient.held",
                                         [](const auto& one) { return one.type().name; });
    ASSERT_NE(event, world.log.events.end());
    std::map<log::Key, log::Event::Value> carried(event->fields().begin(), event->fields().end());
    EXPECT_EQ(carried[log::Key::reason], log::Event::Value("rejected"));
    EXPECT_EQ(carried[log::Key::patient], log::Event::Value(world.held().front().key));
    EXPECT_EQ(carried[log::Key::request_id], log::Event::Value("req-1"));
    EXPECT_EQ(carried[log::Key::detail], log::Event::Value("INVALID_LAST_NAME"));
    EXPECT_EQ(event->level(), log::Level::warn);
}

TEST(Rejected, SilentlyIsSeenAndHeld) {
    World world;
    world.medicapp.ignores_names = true;
    world.fill_his(2);
    world.run();
    world.his.edit("P1", Field::first_name, "Annie");
    const auto report = world.run();
    EXPECT_EQ(report.held, 1);
    EXPECT_EQ(world.held().front().reason, HoldReason::rejected);
    EXPECT_EQ(world.held().front().field, "firstName");
}

TEST(Invalid, RecordsAreHeldWithFieldAndReasonAndTheOthersGoOn) {
    World world;
    world.fill_his(4);
    world.his.at("P1").patient[Field::birth_date] = FieldValue::known("1980-02-30");
    world.his.at("P2").patient[Field::last_name] = FieldValue();
    world.his.at("P3").patient.set_external_id("");
    const auto report = world.run();
    EXPECT_EQ(report.outcome, Outcome::complete);
    EXPECT_EQ(report.created, 1);
    EXPECT_EQ(report.held, 3);
    for (const auto& held : world.held()) {
        EXPECT_EQ(held.reason, HoldReason::invalid);
        EXPECT_FALSE(held.field.empty());
    }
    EXPECT_EQ(world.run().held, 0) << "counted once";

    world.his.edit("P1", Field::birth_date, "1980-02-28");
    EXPECT_EQ(world.run().created, 1);
    EXPECT_EQ(world.held().size(), 2u);
    EXPECT_EQ(world.log.count("patient.released"), 1);
}

TEST(Held, ByTheRecordsOwnWord) {
    World world;
    world.fill_his(5);
    world.his.at("P1").active = false;
    world.his.at("P2").deceased = true;
    world.his.at("P3").identity_status = "DOUT";
    world.his.at("P4").deleted = true;
    const auto report = world.run();
    EXPECT_EQ(report.created, 1);
    EXPECT_EQ(report.held, 4);
    EXPECT_EQ(world.run().held, 0);
}

TEST(Merged, RetiredPatientIsHeldIfMedicappHasThem) {
    World world;
    world.fill_his(3);
    world.run();
    world.medicapp.writes.clear();
    world.his.at("P1").merged_into = "P2";
    world.his.edit("P1", Field::phone, "+33612340099");
    const auto report = world.run();
    EXPECT_EQ(report.held, 1);
    EXPECT_EQ(world.held().front().reason, HoldReason::merged_in_his);
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
}

/// P1 is held: in Medicapp both the name and the gender were changed, and to write both again would
/// change who the patient is.
class Divergent : public testing::Test {
  protected:
    Divergent() {
        world.fill_his(5);
        world.run();
        const auto id = world.medicapp.find("P1")->id;
        world.medicapp.edit(id, Field::last_name, "Autre");
        world.medicapp.edit(id, Field::gender, "M");
        world.run();
        // Somebody else is changed later, so that no poll shows P1 any more.
        world.let_settle();
        world.medicapp.edit(world.medicapp.find("P2")->id, Field::email, "p2@example.org");
        world.run();
        world.let_settle();
        world.run();
        world.medicapp.writes.clear();
    }
    void expect_still_held() {
        ASSERT_EQ(world.held().size(), 1u);
        EXPECT_EQ(world.held().front().reason, HoldReason::divergence);
        EXPECT_THAT(world.medicapp.writes, IsEmpty());
    }
    World world;
};

TEST_F(Divergent, IsNotWrittenFieldByFieldWhenTheHisChangesOneOfThem) {
    expect_still_held();
    world.his.edit("P1", Field::last_name, "Nouveau");
    EXPECT_EQ(world.run().outcome, Outcome::complete);
    expect_still_held();
}

TEST_F(Divergent, IsNotReleasedByAnOlderRecord) {
    world.his.at("P1").modified_at = *world.his.at("P1").modified_at - std::chrono::hours(1);
    world.his.at("P1").patient[Field::phone] = FieldValue::known("+33612340044");
    sync::Request full;
    full.full = true;
    world.settings.overlap = std::chrono::hours(2); // one stale row is no rewind
    const auto report = world.run(full);
    EXPECT_EQ(report.outcome, Outcome::complete) << report.reason;
    expect_still_held();
}

TEST_F(Divergent, IsNotReleasedWhileMedicappCannotBeAsked) {
    world.his.edit("P1", Field::phone, "+33612340045");
    world.medicapp.fault = [](ModelMedicapp::Call call,
                              int) -> std::optional<ModelMedicapp::Fault> {
        if (call != ModelMedicapp::Call::get) return std::nullopt;
        return ModelMedicapp::Fault{failure(Failure::unavailable), false};
    };
    EXPECT_EQ(world.run().outcome, Outcome::incomplete);
    expect_still_held();
}

TEST_F(Divergent, IsReleasedOnceMedicappAgreesAgain) {
    const auto id = world.medicapp.find("P1")->id;
    world.medicapp.patients.at(id).patient = world.his.at("P1").patient;
    world.his.edit("P1", Field::phone, "+33612340046");
    EXPECT_EQ(world.run().updated, 1);
    EXPECT_THAT(world.held(), IsEmpty());
}

TEST(SameIdTwice, NewestWins) {
    World world;
    world.fill_his(1);
    auto newer = world.his.records.front();
    newer.patient[Field::phone] = FieldValue::known("+33612340002");
    newer.modified_at = *newer.modified_at + std::chrono::seconds(5);
    world.his.records.insert(world.his.records.begin(), newer);
    const auto report = world.run();
    EXPECT_EQ(report.created, 1);
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::phone), "+33612340002");
}

TEST(SameIdTwice, ForTwoPeopleIsHeldAndNeitherIsWritten) {
    World world;
    world.his.page_size = 1;
    world.fill_his(1);
    auto other = world.his.records.front();
    other.patient[Field::first_name] = FieldValue::known("Paul");
    other.patient[Field::birth_date] = FieldValue::known("1950-05-05");
    world.his.records.push_back(other);
    world.run();
    ASSERT_EQ(world.held().size(), 1u);
    EXPECT_EQ(world.held().front().reason, HoldReason::ambiguous_source);
    EXPECT_EQ(world.held().front().field, "firstName,birthDate");
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
}

TEST(SameIdTwice, ForTwoPeopleOnPagesFarApartIsHeldBeforeEitherIsWritten) {
    World world;
    world.fill_his(3000);
    auto other = world.his.at("P7");
    other.patient[Field::first_name] = FieldValue::known("Paul");
    other.patient[Field::birth_date] = FieldValue::known("1950-05-05");
    other.modified_at = *other.modified_at + std::chrono::hours(1);
    world.his.records.push_back(other);
    const auto report = world.run();
    EXPECT_EQ(report.created, 2999);
    ASSERT_EQ(world.held().size(), 1u);
    EXPECT_EQ(world.held().front().reason, HoldReason::ambiguous_source);
    EXPECT_EQ(world.medicapp.find("P7"), nullptr);
}

/// A poll shows the one that has changed, whatever the other one still says.
TEST(SameIdTwice, ForTwoPeopleIsNotDecidedByTheOneWhomAPollShows) {
    for (const bool linked : {false, true}) {
        SCOPED_TRACE(linked ? "linked" : "new");
        World world;
        world.fill_his(2);
        if (linked) world.run();
        auto other = world.his.at("P1");
        other.patient[Field::first_name] = FieldValue::known("Paul");
        other.patient[Field::birth_date] = FieldValue::known("1950-05-05");
        world.his.records.push_back(other);
        world.run_whole();
        ASSERT_THAT(world.held(), testing::SizeIs(1));
        ASSERT_EQ(world.held().front().reason, HoldReason::ambiguous_source);
        world.let_settle();
        world.run();
        world.medicapp.writes.clear();
        auto& shown = world.his.records.back();
        shown.patient[Field::phone] = FieldValue::known(new_phone);
        shown.modified_at = world.his.now += std::chrono::seconds(1);
        for (const bool retried : {false, true}) {
            if (retried) world.look_and_decide("P1", sync::DecisionKind::retry);
            world.run();
            ASSERT_THAT(world.held(), testing::SizeIs(1));
            EXPECT_EQ(world.held().front().reason, HoldReason::ambiguous_source);
            EXPECT_THAT(world.medicapp.writes, IsEmpty());
            EXPECT_THAT(world.state().decisions(), IsEmpty()) << "answered";
        }
        // Once the HIS is put right, the poll that shows it is enough.
        std::erase_if(world.his.records, [](const auto& record) {
            return record.patient.external_id() == "P1" &&
                   record.patient[Field::first_name].text() == "Paul";
        });
        world.his.edit("P1", Field::email, "again@example.org");
        world.run();
        EXPECT_THAT(world.held(), IsEmpty());
        EXPECT_EQ(text(*world.medicapp.find("P1"), Field::email), "again@example.org");
    }
}

TEST(SameIdTwice, OnPagesFarApartIsOnePatientAsTheNewerRecordSays) {
    World world;
    world.fill_his(3000);
    auto newer = world.his.at("P7");
    newer.patient[Field::phone] = FieldValue::known("+33612340002");
    newer.modified_at = *newer.modified_at + std::chrono::hours(1);
    world.his.records.push_back(newer);
    EXPECT_EQ(world.run().created, 3000);
    EXPECT_EQ(text(*world.medicapp.find("P7"), Field::phone), "+33612340002");
    EXPECT_EQ(world.medicapp.count(ModelMedicapp::Call::update), 0);
}

/// A record whose externalId is missing, and 19 others.
class NamelessRecord : public testing::Test {
  protected:
    NamelessRecord() {
        world.fill_his(20);
        world.his.records.front().patient.set_external_id("");
        full.full = true;
    }

    World world;
    sync::Request full;
};

TEST_F(NamelessRecord, IsHeldOnceAndNoLongerOnceTheHisHasMendedIt) {
    EXPECT_EQ(world.run().held, 1);
    EXPECT_EQ(world.run(full).held, 0);
    ASSERT_EQ(world.held().size(), 1u);

    world.his.records.front().patient.set_external_id("P1");
    world.his.now += std::chrono::hours(1);
    world.his.records.front().modified_at = world.his.now;
    EXPECT_EQ(world.run().created, 1);
    EXPECT_EQ(world.held().size(), 1u) << "a poll does not show what is not there any more";

    EXPECT_EQ(world.run(full).outcome, sync::Outcome::complete);
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_EQ(world.log.count("patient.released"), 1);
    EXPECT_EQ(world.state().audit({.limit = 1}).front().action, "released");
}

TEST_F(NamelessRecord, StaysHeldAsLongAsItIsShownOrItsSourceIsNotReadWhole) {
    ModelSource other("other");
    other.records.push_back(world.his.at("P2"));
    world.sources.push_back(&other);
    world.restart();
    world.run();
    full.only_source = "other";
    EXPECT_EQ(world.run(full).outcome, sync::Outcome::complete);
    full.only_source.clear();
    EXPECT_EQ(world.run(full).outcome, sync::Outcome::complete);
    world.his.records.front().patient.set_external_id("P1");
    world.his.broken = connectors::SourceError(connectors::SourceError::Kind::unavailable, "down");
    EXPECT_EQ(world.run(full).outcome, sync::Outcome::incomplete);
    EXPECT_EQ(world.held().size(), 1u);
}

TEST(RecordThatSaysNothing, IsHeldByWhereItStands) {
    World world;
    world.fill_his(1);
    for (const auto* place : {"page 1, record 2", "page 1, record 3"}) {
        reconcile::SourceRecord empty;
        empty.place = place;
        world.his.records.push_back(empty);
    }
    world.run();
    ASSERT_EQ(world.held().size(), 2u);
    EXPECT_EQ(world.held().front().detail.find("is missing: page 1, record "), 0u);
    EXPECT_EQ(world.run().held, 0);
}

} // namespace
} // namespace medibridge::tests
