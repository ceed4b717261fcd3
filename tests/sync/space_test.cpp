#include "world.hpp"

#include "sync/core/space.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::tests {
namespace {

using reconcile::Field;
using reconcile::FieldValue;
using reconcile::HoldReason;
using sync::Outcome;
using testing::HasSubstr;
using testing::IsEmpty;
using Call = ModelMedicapp::Call;

class SpaceTest : public testing::Test {
  protected:
    SpaceTest() {
        world.settings.space = {"https://medicapp.example:443/v5", "key-1"};
        world.fill_his(8);
        world.run();
        world.let_settle();
        world.run();
        world.medicapp.writes.clear();
        world.medicapp.log.clear();
    }

    /// Another space, whose ids are other people's.
    void move_everybody() {
        for (auto& [id, patient] : world.medicapp.patients) {
            patient.patient.set_external_id("S" + id);
            patient.patient[Field::last_name] = FieldValue::known("Autre");
            patient.patient[Field::birth_date] = FieldValue::known("1931-02-03");
        }
    }

    /// Once Medicapp's changes are read, and before anything is written.
    void after_reading(std::function<void()> what) {
        world.medicapp.after_page = [this, what = std::move(what)](std::int64_t) {
            what();
            world.medicapp.after_page = nullptr;
        };
    }

    void give_away(const std::string& external_id) {
        auto& patient = world.medicapp.patients.at(world.medicapp.find(external_id)->id);
        patient.patient.set_external_id("S" + external_id);
    }

    sync::Report accept() {
        sync::Request request;
        request.full = true;
        request.accept_space = sync::Consent::to_all_that_is_found();
        return world.run(request);
    }

    World world;
};

TEST_F(SpaceTest, IsBoundSilentlyAtFirstAndCostsNothingAfterwards) {
    EXPECT_EQ(world.log.count("space.bound"), 1);
    world.restart();
    world.run();
    EXPECT_EQ(world.log.count("space.bound"), 1);
    EXPECT_EQ(world.medicapp.count(Call::get), 0);
}

TEST_F(SpaceTest, AnotherAddressStopsTheCycleAndSaysWhoAnswers) {
    world.settings.space.address = "https://other.example:443/v5";
    world.his.edit("P1", Field::phone, new_phone);
    const auto report = world.run();
    EXPECT_EQ(report.outcome, Outcome::guarded);
    ASSERT_FALSE(report.alarms.empty());
    EXPECT_EQ(report.alarms.front().guard, "guard.space");
    EXPECT_THAT(report.reason, HasSubstr("medicapp.example"));
    EXPECT_THAT(report.reason, HasSubstr("5 of 5 linked patients"));
    EXPECT_THAT(report.reason, HasSubstr("accept-space"));
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
    EXPECT_EQ(accept().outcome, Outcome::complete);
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::phone), new_phone);
    EXPECT_EQ(world.run().outcome, Outcome::complete);
    world.settings.space.address = "https://medicapp.example:443/v5";
    EXPECT_EQ(world.run().outcome, Outcome::guarded) << "the way back is a change, too";
}

TEST_F(SpaceTest, OfAnotherSpaceNobodyIsWrittenToEvenIfItIsAccepted) {
    move_everybody();
    world.settings.space.address = "https://other.example:443/v5";
    world.his.edit("P1", Field::phone, new_phone);
    EXPECT_THAT(world.run().reason, HasSubstr("0 of 5 linked patients"));
    accept();
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
    EXPECT_EQ(world.held().size(), 8U);
}

TEST_F(SpaceTest, AnotherKeyOfTheSameSpaceIsConfirmedByALook) {
    world.settings.space.credentials = "key-2";
    EXPECT_EQ(world.run().outcome, Outcome::complete);
    EXPECT_EQ(world.medicapp.count(Call::get), 5);
    world.run();
    EXPECT_EQ(world.medicapp.count(Call::get), 5);
}

TEST_F(SpaceTest, AKeyOfAnotherSpaceStopsTheCycle) {
    move_everybody();
    world.settings.space.credentials = "key-2";
    world.his.edit("P1", Field::phone, new_phone);
    EXPECT_EQ(world.run().outcome, Outcome::guarded);
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
}

TEST_F(SpaceTest, WhatTheStateSaysOfItCannotBeChangedWithoutTheKey) {
    auto kept = world.state().meta(sync::space_key);
    world.settings.space.address = "https://other.example:443/v5";
    kept.replace(kept.find("medicapp.example"), 16, "other.example");
    state::Batch batch;
    batch.put_meta(sync::space_key, kept);
    world.state().commit(batch);
    EXPECT_EQ(world.run().outcome, Outcome::guarded);
}

/// What doubts there are: each calls for a look before a write, until everybody was seen.
TEST_F(SpaceTest, UnconfirmedLinksAreLookedAtBeforeAWrite) {
    state::Batch batch;
    batch.put_meta(std::string(state::unconfirmed_links_key), "upgrade");
    world.state().commit(batch);
    world.his.edit("P1", Field::phone, new_phone);
    world.his.edit("P2", Field::phone, new_phone);
    after_reading([&] { give_away("P2"); });
    world.run();
    EXPECT_EQ(world.medicapp.count(Call::get), 2);
    ASSERT_EQ(world.medicapp.writes.size(), 1U);
    EXPECT_EQ(world.medicapp.writes.front().external_id, "P1");
    ASSERT_EQ(world.held().size(), 1U);
    EXPECT_EQ(world.held().front().reason, HoldReason::identity_mismatch);
    sync::Request full;
    full.full = true;
    world.run(full);
    EXPECT_EQ(world.state().meta(std::string(state::unconfirmed_links_key)), "");
    world.medicapp.log.clear();
    world.his.edit("P3", Field::phone, new_phone);
    world.run();
    EXPECT_EQ(world.medicapp.count(Call::get), 0);
}

TEST_F(SpaceTest, TheAnswerOfAnotherPatientIsHeldAndAlarmed) {
    world.his.edit("P2", Field::phone, new_phone);
    after_reading([&] { give_away("P2"); });
    EXPECT_EQ(world.run().outcome, Outcome::complete);
    ASSERT_EQ(world.held().size(), 1U);
    EXPECT_EQ(world.held().front().key, "P2");
    EXPECT_EQ(world.held().front().reason, HoldReason::identity_mismatch);
    EXPECT_EQ(world.log.count("patient.misdirected"), 1);
    const auto lines = world.state().audit({.external_id = "P2", .action = "misdirected"});
    ASSERT_EQ(lines.size(), 1U) << "what is to be undone in Medicapp";
    EXPECT_EQ(lines.front().detail, "phone");
    EXPECT_EQ(lines.front().medicapp_id, world.held().front().medicapp_id);
    world.his.edit("P2", Field::phone, "+33612340078");
    world.run();
    EXPECT_EQ(world.medicapp.writes.size(), 1U) << "nothing more is written to that patient";
}

TEST_F(SpaceTest, AnAnswerWithOtherTraitsIsHeldAndAlarmed) {
    world.his.edit("P2", Field::phone, new_phone);
    after_reading([&] {
        auto& stranger = world.medicapp.patients.at(world.medicapp.find("P2")->id).patient;
        stranger[Field::last_name] = FieldValue::known("Autre");
        stranger[Field::birth_date] = FieldValue::known("1931-02-03");
    });
    world.run();
    ASSERT_EQ(world.held().size(), 1U);
    EXPECT_EQ(world.held().front().reason, HoldReason::identity_mismatch);
    EXPECT_EQ(world.log.count("patient.misdirected"), 1);
}

TEST_F(SpaceTest, SeveralSuchAnswersStopTheCycle) {
    world.settings.concurrency = 1;
    after_reading([&] { move_everybody(); });
    for (int i = 1; i <= 8; ++i)
        world.his.edit("P" + std::to_string(i), Field::phone, new_phone);
    const auto report = world.run();
    EXPECT_EQ(report.outcome, Outcome::guarded);
    EXPECT_EQ(report.alarms.front().guard, "guard.space");
    EXPECT_EQ(world.medicapp.writes.size(), 4U);
    world.run();
    EXPECT_EQ(world.medicapp.writes.size(), 4U) << "from now on each is looked at first";
}

} // namespace
} // namespace medibridge::tests
