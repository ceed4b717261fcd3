#include "world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::tests {
namespace {

using reconcile::Authority;
using reconcile::Field;
using reconcile::FieldValue;
using sync::Outcome;
using testing::ElementsAre;
using testing::IsEmpty;
using Call = ModelMedicapp::Call;

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
    EXPECT_EQ(world.his.pages, 20) << "once to see who stands in it twice, once to write";
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

/// A HIS of one country names none, and Medicapp, or somebody there, fills it in.
TEST(Change, OfAnAddressWithoutACountryIsOneWithinTheHomeCountry) {
    for (const auto* country : {"FR", "France", "FRANCE", "fra"}) {
        World world;
        world.fill_his(1);
        world.his.at("P1").patient[Field::country] = FieldValue();
        world.run();
        world.medicapp.edit(world.medicapp.find("P1")->id, Field::country, country);
        world.run();
        world.medicapp.writes.clear();
        world.his.edit("P1", Field::street, "5 rue de Brest");
        world.his.edit("P1", Field::city, "Rennes");
        world.run();
        const auto& patient = *world.medicapp.find("P1");
        EXPECT_EQ(text(patient, Field::city), "Rennes") << country;
        EXPECT_EQ(text(patient, Field::country), country) << "what the HIS does not know stays";
        const auto address =
            fields({Field::street, Field::city, Field::postal_code, Field::country});
        EXPECT_THAT(world.medicapp.writes,
                    ElementsAre(ModelMedicapp::Write{Call::update, "P1", address}));
        EXPECT_EQ(world.log.count("field.dropped"), 0);
        world.run();
        EXPECT_THAT(world.medicapp.writes, testing::SizeIs(1)) << "nothing more is to do";
    }
}

TEST(Change, OfAnAddressWithoutACountryMixesItWithNoneOfAnotherCountry) {
    World world;
    world.fill_his(1);
    world.his.at("P1").patient[Field::country] = FieldValue();
    world.run();
    world.medicapp.edit(world.medicapp.find("P1")->id, Field::country, "BE");
    world.run();
    world.his.edit("P1", Field::city, "Rennes");
    world.run();
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::city), "Nantes");
    EXPECT_EQ(world.log.count("field.dropped"), 1);
}

TEST(Change, OfAPartOfTheAddressMixesItWithNoOther) {
    World world;
    world.fill_his(1);
    world.his.at("P1").patient[Field::street] = FieldValue();
    world.run();
    world.medicapp.edit(world.medicapp.find("P1")->id, Field::street, "3 quai de Seine");
    world.his.edit("P1", Field::city, "Rennes");
    world.run();
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::street), "3 quai de Seine");
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::city), "Nantes");
    EXPECT_EQ(world.log.count("field.dropped"), 1);

    world.his.edit("P1", Field::street, "5 rue de Brest");
    world.run();
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::street), "5 rue de Brest");
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

TEST(Change, OlderThanWhatWasTakenCountsWhereAListShowsHowItIsNow) {
    World world;
    world.fill_his(1);
    world.run();
    auto& record = world.his.at("P1");
    record.patient[Field::phone] = FieldValue::known("+33612349999");
    record.modified_at = *record.modified_at - std::chrono::seconds(1);
    world.run();
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::phone), "+33612349999");
}

TEST(Change, OlderThanWhatWasTakenCountsWhereAnInboxPutItInOrder) {
    World world;
    world.his.is_inbox = true;
    world.restart();
    world.fill_his(1);
    world.run();
    auto& record = world.his.at("P1");
    record.patient[Field::phone] = FieldValue::known(new_phone);
    record.modified_at = *record.modified_at - std::chrono::minutes(25);
    world.run();
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::phone), new_phone);
}

TEST(Change, OlderThanWhatAnotherSourceSaidChangesNothing) {
    World world;
    ModelSource other("other");
    world.sources.push_back(&other);
    world.restart();
    world.fill_his(1);
    world.run();
    world.medicapp.writes.clear();
    auto older = world.his.at("P1");
    older.patient[Field::phone] = FieldValue::known(new_phone);
    older.modified_at = *older.modified_at - std::chrono::seconds(1);
    other.records.push_back(older);
    world.run();
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
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

} // namespace
} // namespace medibridge::tests
