#include "world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::tests {
namespace {

using connectors::Failure;
using reconcile::Field;
using reconcile::FieldValue;
using reconcile::HoldReason;
using sync::Outcome;
using testing::IsEmpty;
using Call = ModelMedicapp::Call;

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

    // Tried again, it is found out at once.
    sync::Request full;
    full.full = true;
    for (int i = 0; i < 3; ++i) {
        const auto again = world.run(full);
        EXPECT_EQ(again.outcome, Outcome::complete) << again.reason;
        EXPECT_EQ(again.held, 0) << "counted once";
    }

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

TEST(SourceOutage, EndsAlsoInACycleThatAGuardStops) {
    World world;
    world.settings.max_changes_at_least = 5;
    world.restart();
    world.fill_his(20);
    world.run();
    world.his.broken = connectors::SourceError(connectors::SourceError::Kind::unavailable, "down");
    EXPECT_EQ(world.run().outcome, Outcome::incomplete);
    world.his.broken.reset();
    for (int i = 1; i <= 20; ++i)
        world.his.edit("P" + std::to_string(i), reconcile::Field::phone, new_phone);
    const auto report = world.run();
    EXPECT_EQ(report.outcome, Outcome::guarded);
    ASSERT_EQ(report.sources.size(), 1U);
    EXPECT_EQ(report.sources.front().trouble, "");
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

} // namespace
} // namespace medibridge::tests
