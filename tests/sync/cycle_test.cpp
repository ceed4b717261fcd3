#include "world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>

namespace medibridge::tests {
namespace {

using connectors::Failure;
using reconcile::Authority;
using reconcile::Field;
using reconcile::FieldSet;
using reconcile::FieldValue;
using reconcile::HoldReason;
using sync::Outcome;
using testing::ElementsAre;
using testing::IsEmpty;
using Call = ModelMedicapp::Call;

FieldSet fields(std::initializer_list<Field> list) {
    FieldSet set;
    for (const auto field : list)
        set.add(field);
    return set;
}

const std::string& text(const connectors::MedicappPatient& patient, Field field) {
    return patient.patient[field].text();
}

TEST(FirstLoad, CreatesEveryPatientOnceAndThenWritesNothing) {
    World world;
    world.fill_his(1200);

    const auto first = world.run();
    EXPECT_EQ(first.outcome, Outcome::complete) << first.reason;
    EXPECT_EQ(first.created, 1200);
    EXPECT_EQ(world.medicapp.patients.size(), 1200u);
    EXPECT_THAT(world.medicapp.duplicates(), IsEmpty());

    world.medicapp.writes.clear();
    const auto second = world.run();
    EXPECT_EQ(second.outcome, Outcome::complete);
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
    EXPECT_EQ(second.created + second.updated + second.linked + second.held, 0);
}

TEST(FirstLoad, LargerThanWhatIsSurveyedCreatesEveryPatient) {
    World world;
    world.fill_his(5000);
    const auto report = world.run();
    EXPECT_EQ(report.created, 5000);
    EXPECT_EQ(world.his.pages, 10) << "a first load reads the source once";
}

TEST(IdleCycle, CostsOneRequestASideOnceTheWatermarksAreSettled) {
    World world;
    world.fill_his(300);
    world.run();
    world.run(); // reads what the first load wrote
    world.let_settle();
    world.run();
    world.medicapp.calls = 0;
    world.his.pages = 0;

    const auto report = world.run();
    EXPECT_EQ(report.outcome, Outcome::complete);
    EXPECT_EQ(world.medicapp.calls, 1);
    EXPECT_EQ(world.his.pages, 1);
    EXPECT_EQ(report.unchanged, 1) << "the record at the watermark itself";
}

TEST(Change, CostsOneWriteWithTheFieldsThatChanged) {
    World world;
    world.fill_his(20);
    world.run();
    world.medicapp.writes.clear();
    world.medicapp.log.clear();
    world.his.edit("P7", Field::phone, "06 12 34 00 77");

    const auto report = world.run();
    EXPECT_EQ(report.updated, 1);
    EXPECT_THAT(world.medicapp.writes,
                ElementsAre(ModelMedicapp::Write{Call::update, "P7", fields({Field::phone})}));
    EXPECT_EQ(text(*world.medicapp.find("P7"), Field::phone), "+33612340077");
    EXPECT_EQ(world.medicapp.count(Call::get), 0);
}

TEST(Change, OfOnePartOfTheAddressSendsTheWholeAddress) {
    World world;
    world.fill_his(1);
    world.run();
    world.medicapp.writes.clear();
    world.his.edit("P1", Field::city, "Rennes");
    world.run();
    const auto address = fields({Field::street, Field::city, Field::postal_code, Field::country});
    EXPECT_THAT(world.medicapp.writes,
                ElementsAre(ModelMedicapp::Write{Call::update, "P1", address}));
}

TEST(Change, OfAPartOfTheAddressKeepsWhatOnlyMedicappKnows) {
    World world;
    world.fill_his(1);
    world.his.at("P1").patient[Field::street] = FieldValue();
    world.run();
    world.medicapp.edit(world.medicapp.find("P1")->id, Field::street, "3 quai de Seine");
    world.his.edit("P1", Field::city, "Rennes");
    world.run();
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::street), "3 quai de Seine");
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::city), "Rennes");
}

TEST(Change, WhatTheHisDoesNotKnowErasesNothing) {
    World world;
    world.fill_his(1);
    world.run();
    world.his.edit("P1", Field::email, "new@example.org");
    world.his.at("P1").patient[Field::phone] = FieldValue();
    world.run();
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::phone), "+33612340001");
}

TEST(Change, OlderThanWhatWasTakenChangesNothing) {
    World world;
    world.fill_his(1);
    world.run();
    world.medicapp.writes.clear();
    auto& record = world.his.at("P1");
    record.patient[Field::phone] = FieldValue::known("+33612349999");
    record.modified_at = *record.modified_at - std::chrono::seconds(1);
    world.run();
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
}

TEST(Conflict409, AdoptsTheHolderAndWritesOnlyWhatDiffers) {
    World world;
    world.fill_his(3);
    auto other = world.his.at("P2").patient;
    other[Field::city] = FieldValue::known("Brest");
    const auto id = world.medicapp.add(other);
    world.medicapp.hidden.insert(id); // not in the list at first: POST meets a 409
    world.medicapp.fault = [&](Call call, int) {
        if (call == Call::create) world.medicapp.hidden.clear();
        return std::optional<ModelMedicapp::Fault>();
    };

    const auto report = world.run();
    EXPECT_EQ(report.outcome, Outcome::complete) << report.reason;
    EXPECT_EQ(report.created, 2);
    EXPECT_EQ(report.linked, 1);
    EXPECT_THAT(world.medicapp.duplicates(), IsEmpty());
    EXPECT_EQ(text(*world.medicapp.find("P2"), Field::city), "Nantes");
}

TEST(Conflict409, OfSomebodyElseIsHeldAndNothingIsWritten) {
    World world;
    world.fill_his(1);
    auto stranger = record("P1").patient;
    stranger[Field::last_name] = FieldValue::known("Inconnu");
    stranger[Field::birth_date] = FieldValue::known("1950-01-01");
    world.medicapp.add(stranger);

    const auto report = world.run();
    EXPECT_EQ(report.outcome, Outcome::complete);
    EXPECT_EQ(report.held, 1);
    ASSERT_EQ(world.held().size(), 1u);
    EXPECT_EQ(world.held().front().reason, HoldReason::identity_mismatch);
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::last_name), "Inconnu");
    EXPECT_THAT(world.medicapp.writes, IsEmpty());

    const auto second = world.run();
    EXPECT_EQ(second.held, 0) << "counted once";
}

TEST(Conflict409, WithNobodyInTheListIsLeftOnceAndThenHeld) {
    World world;
    world.fill_his(1);
    world.medicapp.hidden.insert(world.medicapp.add(record("P1").patient));

    const auto first = world.run();
    EXPECT_EQ(first.outcome, Outcome::incomplete);
    EXPECT_EQ(first.deferred, 1);
    EXPECT_THAT(world.held(), IsEmpty());

    const auto second = world.run();
    EXPECT_EQ(second.outcome, Outcome::complete) << second.reason;
    ASSERT_EQ(world.held().size(), 1u);
    EXPECT_EQ(world.held().front().reason, HoldReason::conflict_unresolved);

    // Once Medicapp lists the patient the hold ends by itself.
    world.his.records.front().patient = record("P1").patient;
    world.medicapp.hidden.clear();
    world.medicapp.edit(world.medicapp.find("P1")->id, Field::gender, "F");
    const auto third = world.run();
    EXPECT_EQ(third.linked, 1);
    EXPECT_THAT(world.held(), IsEmpty());
}

TEST(Conflict409, OfManyPatientsCostsOneFullScan) {
    World world;
    world.fill_his(40);
    world.run();
    world.let_settle();
    world.run();
    for (int i = 0; i < 10; ++i) {
        auto& hidden = world.his.records[static_cast<std::size_t>(i)];
        hidden.patient.set_external_id("Q" + std::to_string(i));
        hidden.modified_at = *hidden.modified_at + std::chrono::hours(1);
        const auto id = world.medicapp.add(hidden.patient);
        world.medicapp.patients.at(id).modified_at = reconcile::Instant(std::chrono::hours(1));
    }
    world.medicapp.log.clear();
    const auto report = world.run();
    EXPECT_EQ(report.linked, 10);
    EXPECT_EQ(world.medicapp.count(Call::list), 3) << "the poll, what changed since, everything";
}

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

TEST(LostReply, ToACreateNeitherLosesNorDoublesThePatient) {
    for (const bool after_effect : {false, true}) {
        World world;
        world.fill_his(30);
        int creates = 0;
        world.medicapp.fault = [&](Call call, int) -> std::optional<ModelMedicapp::Fault> {
            if (call != Call::create || ++creates % 5 != 0 || creates > 25) return std::nullopt;
            return ModelMedicapp::Fault{failure(Failure::unknown), after_effect};
        };
        const auto report = world.run();
        EXPECT_EQ(report.outcome, Outcome::complete) << report.reason;
        EXPECT_EQ(report.created + report.linked, 30);
        EXPECT_EQ(world.medicapp.patients.size(), 30u);
        EXPECT_THAT(world.medicapp.duplicates(), IsEmpty());
    }
}

TEST(LostReply, ToAnUpdateIsReadBeforeItIsSentAgain) {
    for (const bool after_effect : {false, true}) {
        World world;
        world.fill_his(3);
        world.run();
        world.his.edit("P2", Field::phone, "+33612340022");
        world.medicapp.log.clear();
        int updates = 0;
        world.medicapp.fault = [&](Call call, int) -> std::optional<ModelMedicapp::Fault> {
            if (call != Call::update || ++updates > 1) return std::nullopt;
            return ModelMedicapp::Fault{failure(Failure::unknown), after_effect};
        };
        const auto report = world.run();
        EXPECT_EQ(report.outcome, Outcome::complete) << report.reason;
        EXPECT_EQ(report.updated, 1);
        EXPECT_EQ(world.medicapp.count(Call::update), after_effect ? 1 : 2);
        EXPECT_EQ(text(*world.medicapp.find("P2"), Field::phone), "+33612340022");
    }
}

TEST(Drift, FollowsTheFieldsAuthority) {
    World world;
    world.settings.policy.authority[static_cast<std::size_t>(Field::gender)] = Authority::medicapp;
    world.fill_his(5);
    world.run();
    const auto id = world.medicapp.find("P3")->id;
    world.medicapp.edit(id, Field::city, "Lyon");          // his: asserted again
    world.medicapp.edit(id, Field::gender, "O");           // medicapp: kept
    world.medicapp.edit(id, Field::phone, "+33612345555"); // newest: Medicapp's is
    const auto report = world.run();
    EXPECT_EQ(report.outcome, Outcome::complete) << report.reason;
    EXPECT_EQ(text(*world.medicapp.find("P3"), Field::city), "Nantes");
    EXPECT_EQ(text(*world.medicapp.find("P3"), Field::gender), "O");
    EXPECT_EQ(text(*world.medicapp.find("P3"), Field::phone), "+33612345555");

    world.medicapp.writes.clear();
    world.run();
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
}

TEST(Drift, OfAnUnlistedAddressIsSeenAndMended) {
    World world;
    world.fill_his(5);
    world.run();
    world.medicapp.edit(world.medicapp.find("P3")->id, Field::street, "ailleurs");
    world.run();
    EXPECT_EQ(text(*world.medicapp.find("P3"), Field::street), "1 rue des Lilas");
}

TEST(Drift, ThatMedicappKeepsCostsNoWriteAndNoFurtherRequests) {
    World world;
    world.settings.policy.authority.fill(Authority::medicapp);
    world.fill_his(5);
    world.run();
    world.medicapp.edit(world.medicapp.find("P3")->id, Field::city, "Lyon");
    world.medicapp.writes.clear();
    const auto before = world.his.whole_readings;
    const auto report = world.run();
    EXPECT_EQ(report.outcome, Outcome::complete);
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
    EXPECT_EQ(world.his.whole_readings, before);
    EXPECT_EQ(world.log.count("patient.drift"), 1);
    world.run();
    EXPECT_EQ(world.log.count("patient.drift"), 1);
}

TEST(BothChanged, FollowsTheAuthorityAndIsReported) {
    World world;
    world.fill_his(2);
    world.run();
    world.medicapp.edit(world.medicapp.find("P1")->id, Field::city, "Lyon");
    world.his.edit("P1", Field::city, "Rennes");
    world.run();
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::city), "Rennes");
    EXPECT_EQ(world.log.count("patient.conflict"), 1);
}

TEST(BothChanged, MedicappKeepsItsOwnWhereItHasTheAuthority) {
    World world;
    world.settings.policy.authority.fill(Authority::medicapp);
    world.fill_his(2);
    world.run();
    world.medicapp.edit(world.medicapp.find("P1")->id, Field::city, "Lyon");
    world.his.edit("P1", Field::city, "Rennes");
    world.medicapp.writes.clear();
    world.run();
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::city), "Lyon");
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
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
    world.medicapp.patients.clear();
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
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
}

TEST(Unauthorized, StopsEverythingAndLosesNothing) {
    World world;
    world.fill_his(600);
    bool refuse = true;
    world.medicapp.fault = [&](Call call, int nth) -> std::optional<ModelMedicapp::Fault> {
        if (!refuse || call != Call::create || nth < 100) return std::nullopt;
        return ModelMedicapp::Fault{failure(Failure::unauthorized, 401), false};
    };
    const auto report = world.run();
    EXPECT_EQ(report.outcome, Outcome::unauthorized);
    EXPECT_LT(world.medicapp.calls, 120) << "requests stop";
    refuse = false;
    EXPECT_EQ(world.run().outcome, Outcome::complete);
    EXPECT_EQ(world.medicapp.patients.size(), 600u);
}

TEST(SourceOutage, IsReportedOnceAndTheOthersGoOn) {
    World world;
    ModelSource second("second");
    world.sources.push_back(&second);
    world.restart();
    world.fill_his(3);
    second.broken = connectors::SourceError(connectors::SourceError::Kind::unavailable, "down");
    EXPECT_EQ(world.run().outcome, Outcome::incomplete);
    EXPECT_EQ(world.run().outcome, Outcome::incomplete);
    EXPECT_EQ(world.medicapp.patients.size(), 3u);
    EXPECT_EQ(world.log.count("source.unavailable"), 1);
    second.broken.reset();
    EXPECT_EQ(world.run().outcome, Outcome::complete);
    EXPECT_EQ(world.log.count("source.recovered"), 1);
}

TEST(MovingList, OfTheHisLosesNobody) {
    World world;
    world.his.page_size = 10;
    world.fill_his(100);
    int edits = 0;
    world.his.after_page = [&](int page) {
        // An edit moves a record that was read to the end: the next page begins one too late.
        if (page <= 3 && edits < 3)
            world.his.edit("P" + std::to_string(++edits), Field::city, "Sens");
    };
    const auto report = world.run();
    EXPECT_EQ(report.outcome, Outcome::complete) << report.reason;
    for (int i = 1; i <= 100; ++i) {
        EXPECT_NE(world.medicapp.find("P" + std::to_string(i)), nullptr) << i;
    }
    EXPECT_GE(world.log.count("source.unstable_list"), 1);
}

TEST(MovingList, OfMedicappIsReadAgain) {
    World world;
    for (int i = 0; i < 250; ++i)
        world.medicapp.add(record("M" + std::to_string(i)).patient);
    int moves = 0;
    world.medicapp.after_page = [&](std::int64_t page) {
        if (page == 1 && ++moves == 1) world.medicapp.edit("pat_1", Field::city, "Lyon");
    };
    const auto report = world.run();
    EXPECT_EQ(report.outcome, Outcome::complete) << report.reason;
    EXPECT_EQ(world.log.count("medicapp.unstable_list"), 1);
    EXPECT_EQ(world.state().counts().unlinked, 250);
}

TEST(ExternalId, ChangedInMedicappHoldsThePatientUntilItIsRestored) {
    World world;
    world.fill_his(2);
    world.run();
    const auto id = world.medicapp.find("P1")->id;
    world.medicapp.patients.at(id).patient.set_external_id("X1");
    world.medicapp.edit(id, Field::gender, "F");
    world.his.edit("P1", Field::phone, "+33612340011");
    world.medicapp.writes.clear();
    world.run();
    ASSERT_EQ(world.held().size(), 1u);
    EXPECT_EQ(world.held().front().reason, HoldReason::identity_mismatch);
    EXPECT_THAT(world.medicapp.writes, IsEmpty());

    world.medicapp.patients.at(id).patient.set_external_id("P1");
    world.medicapp.edit(id, Field::gender, "F");
    const auto report = world.run();
    EXPECT_EQ(report.outcome, Outcome::complete) << report.reason;
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::phone), "+33612340011");
}

TEST(Rebuild, FromAnEmptyStateAdoptsEverybody) {
    World world;
    world.fill_his(150);
    for (const auto& record : world.his.records)
        world.medicapp.add(record.patient);
    const auto report = world.run();
    EXPECT_EQ(report.linked, 150);
    EXPECT_EQ(report.created, 0);
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
}

TEST(Stop, LeavesTheRestForTheNextCycle) {
    World world;
    world.fill_his(3000);
    world.medicapp.fault = [&](Call call, int nth) {
        if (call == Call::create && nth == 300) world.stop.request();
        return std::optional<ModelMedicapp::Fault>();
    };
    const auto report = world.run();
    EXPECT_EQ(report.outcome, Outcome::incomplete);
    EXPECT_LT(world.medicapp.patients.size(), 320u);
    world.stop = runtime::Stop();
    EXPECT_EQ(world.run().outcome, Outcome::complete);
    EXPECT_EQ(world.medicapp.patients.size(), 3000u);
}

/// The process ends at a chosen step; it runs again until it gets to the end.
struct Crash {};

class CrashAtEveryStep : public testing::TestWithParam<bool> {};

TEST_P(CrashAtEveryStep, EndsAsIfNothingHadHappened) {
    const bool after_effect = GetParam();
    const auto prepare = [](World& world) {
        world.fill_his(12);
        auto taken = world.his.at("P5").patient;
        taken[Field::city] = FieldValue::known("Brest");
        world.medicapp.add(taken);
        world.his.at("P6").patient[Field::birth_date] = FieldValue::known("rubbish");
    };
    const auto second_story = [](World& world) {
        world.his.edit("P1", Field::phone, "+33612340011");
        world.his.edit("P2", Field::city, "Rennes");
        world.medicapp.edit(world.medicapp.find("P3")->id, Field::city, "Lyon");
    };
    World straight;
    prepare(straight);
    straight.run();
    second_story(straight);
    straight.run();
    const int steps = straight.medicapp.calls + straight.commits;

    for (int at = 1; at <= steps; ++at) {
        World world;
        prepare(world);
        int step = 0;
        world.before_commit = [&](int) {
            if (++step == at) throw Crash();
        };
        world.medicapp.fault = [&](Call, int) -> std::optional<ModelMedicapp::Fault> {
            if (++step != at) return std::nullopt;
            if (!after_effect) throw Crash();
            return ModelMedicapp::Fault{failure(Failure::cancelled), true};
        };
        const auto run_to_the_end = [&] {
            for (int tries = 0; tries < 5; ++tries) {
                try {
                    if (world.run().outcome == Outcome::complete) return;
                } catch (const Crash&) {
                }
                world.restart();
            }
            ADD_FAILURE() << "never complete, crash at step " << at;
        };
        run_to_the_end();
        second_story(world);
        run_to_the_end();

        EXPECT_THAT(world.medicapp.duplicates(), IsEmpty()) << "crash at step " << at;
        ASSERT_EQ(world.medicapp.patients.size(), straight.medicapp.patients.size())
            << "crash at step " << at;
        for (const auto& [id, patient] : straight.medicapp.patients) {
            const auto* same = world.medicapp.find(patient.patient.external_id());
            ASSERT_NE(same, nullptr);
            for (const auto field : reconcile::all_fields()) {
                EXPECT_EQ(text(*same, field), text(patient, field))
                    << patient.patient.external_id() << " crash at step " << at;
            }
        }
        world.medicapp.writes.clear();
        world.run();
        EXPECT_THAT(world.medicapp.writes, IsEmpty()) << "crash at step " << at;
    }
}

INSTANTIATE_TEST_SUITE_P(BeforeOrAfterTheEffect, CrashAtEveryStep, testing::Bool());

} // namespace
} // namespace medibridge::tests
