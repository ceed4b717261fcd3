#include "world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <optional>
#include <stdexcept>
#include <utility>

// Identifiers that change in the HIS, and patients who become one there (IHE PAM, ITI-30: A47,
// A40).

namespace medibridge::tests {
namespace {

using reconcile::Field;
using reconcile::HoldReason;
using testing::IsEmpty;
using testing::SizeIs;

/// Three patients whom both sides know; what is written from now on is what a test causes.
class Renaming : public testing::Test {
  protected:
    Renaming() {
        world.fill_his(3);
        world.run();
        world.medicapp.writes.clear();
        world.his.now += std::chrono::minutes(1);
    }

    /// P1 goes on under that externalId, in the HIS.
    void retire_p1(const std::string& survivor, bool renamed) {
        auto& retired = world.his.at("P1");
        auto alive = retired;
        retired.merged_into = survivor;
        retired.renamed = renamed;
        retired.modified_at = world.his.now;
        const bool known = std::ranges::any_of(world.his.records, [&](const auto& record) {
            return record.patient.external_id() == survivor;
        });
        if (known) return;
        alive.patient.set_external_id(survivor);
        alive.modified_at = world.his.now;
        world.his.records.push_back(std::move(alive));
    }

    /// In the HIS P1 goes on as that one, whom the record calls by another last name.
    void merge_p1_into(reconcile::SourceRecord survivor) {
        survivor.patient[Field::last_name] = reconcile::FieldValue::known("Ailleurs");
        survivor.modified_at = world.his.now;
        auto& retired = world.his.at("P1");
        retired.merged_into = survivor.patient.external_id();
        retired.modified_at = world.his.now;
        world.his.records.push_back(std::move(survivor));
    }

    HoldReason reason_held() const { return world.state().held().front().reason; }
    std::optional<HoldReason> held_as(const std::string& id) const {
        const auto held = world.state().look_up({id}).front().held;
        return held ? std::optional(held->reason) : std::nullopt;
    }

    mutable World world;
};

/// A list that is too long to be kept: the new number stands pages after the word of the old one,
/// or pages before.
class RenamingOfALongList : public testing::TestWithParam<bool> {};

TEST_P(RenamingOfALongList, CreatesNobodyWhicheverIsMetFirst) {
    const bool new_number_first = GetParam();
    World world;
    auto& records = world.his.records;
    constexpr int many = static_cast<int>(sync::limits::surveyed_records) + 300;
    world.fill_his(many);
    world.his.page_size = 250;
    world.his.lists_by_id = true;
    world.run();
    auto& retired = new_number_first ? records.back() : records.front();
    const auto id = world.medicapp.find(retired.patient.external_id())->id;
    auto alive = retired;
    retired.merged_into = "P999999";
    retired.renamed = true;
    alive.patient.set_external_id("P999999");
    records.insert(new_number_first ? records.begin() : records.end(), std::move(alive));
    sync::Request full;
    full.full = true;
    world.run(full);
    ASSERT_NE(world.medicapp.find("P999999"), nullptr);
    EXPECT_EQ(world.medicapp.find("P999999")->id, id);
    EXPECT_THAT(world.medicapp.patients, SizeIs(many)) << "nobody was created";
    EXPECT_THAT(world.held(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(NewNumberFirst, RenamingOfALongList, testing::Bool());

/// One source gives a linked patient another number, under which another source shows the same
/// person already: whichever is written first.
class RenamingElsewhere : public testing::TestWithParam<std::tuple<bool, bool>> {
  protected:
    RenamingElsewhere() {
        const auto [other_first, renamed] = GetParam();
        world.sources.insert(other_first ? world.sources.begin() : world.sources.end(), &other);
        world.restart();
        world.fill_his(3);
        world.run();
        id = world.medicapp.find("P1")->id;
        world.his.now += std::chrono::minutes(1);
        auto& retired = world.his.at("P1");
        auto alive = retired;
        retired.merged_into = "P9";
        retired.renamed = renamed;
        retired.modified_at = alive.modified_at = world.his.now;
        alive.patient.set_external_id("P9");
        world.his.records.push_back(alive);
        alive.patient[Field::email] = reconcile::FieldValue::known("p9@example.org");
        alive.modified_at = world.his.now + std::chrono::seconds(1);
        other.records.push_back(alive);
    }
    void expect_only_renamed() {
        EXPECT_THAT(world.medicapp.patients, SizeIs(3)) << "nobody was created";
        ASSERT_NE(world.medicapp.find("P9"), nullptr);
        EXPECT_EQ(world.medicapp.find("P9")->id, id);
        EXPECT_EQ(text(*world.medicapp.find("P9"), Field::email), "p9@example.org");
        EXPECT_THAT(world.held(), IsEmpty());
    }

    World world;
    ModelSource other{"other"};
    std::string id;
};

TEST_P(RenamingElsewhere, CreatesNobody) {
    EXPECT_EQ(world.run().outcome, sync::Outcome::complete);
    expect_only_renamed();
}

TEST_P(RenamingElsewhere, CreatesNobodyWhileMedicappDoesNotRename) {
    world.medicapp.fault = [](ModelMedicapp::Call call, int) {
        std::optional<ModelMedicapp::Fault> fault;
        if (call == ModelMedicapp::Call::update)
            fault = ModelMedicapp::Fault{failure(connectors::Failure::unknown, 504), false};
        return fault;
    };
    for (int cycle = 0; cycle < 3; ++cycle)
        world.run();
    EXPECT_THAT(world.medicapp.patients, SizeIs(3));
    world.medicapp.fault = {};
    sync::Request full;
    full.full = true;
    world.run(full);
    world.run();
    expect_only_renamed();
}

/// The other source lags: it still has the former number in use, which refutes the change.
TEST_P(RenamingElsewhere, WhileTheFormerNumberIsInUseNobodyIsCreated) {
    auto& shown = other.records.front();
    auto present = shown;
    shown = record("P1");
    shown.patient = world.his.at("P1").patient;
    world.run();
    world.run();
    world.his.edit("P9", Field::phone, new_phone);
    world.run();
    world.restart();
    world.his.edit("P9", Field::phone, "+33199000009");
    world.run();
    EXPECT_THAT(world.medicapp.patients, SizeIs(3));
    ASSERT_THAT(world.held(), SizeIs(1));
    EXPECT_EQ(world.held().front().key, "P9");
    EXPECT_EQ(world.held().front().reason, HoldReason::possible_duplicate);

    shown = present;
    sync::Request full;
    full.full = true;
    world.run(full);
    world.run();
    EXPECT_THAT(world.medicapp.patients, SizeIs(3));
    ASSERT_NE(world.medicapp.find("P9"), nullptr);
    EXPECT_EQ(world.medicapp.find("P9")->id, id);
    EXPECT_THAT(world.held(), IsEmpty());
}

TEST_P(RenamingElsewhere, AnOperatorMayCreateWhoeverIsDisputed) {
    auto& shown = other.records.front();
    shown = record("P1");
    shown.patient = world.his.at("P1").patient;
    world.run();
    world.look_and_decide("P9", sync::DecisionKind::create);
    world.run();
    EXPECT_THAT(world.medicapp.patients, SizeIs(4));
    EXPECT_THAT(world.held(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(All, RenamingElsewhere,
                         testing::Combine(testing::Bool(), testing::Bool()));

TEST_F(Renaming, AChangedIdentifierMovesTheLinkAndChangesMedicapps) {
    const auto id = world.medicapp.find("P1")->id;
    retire_p1("P9", true);
    const auto report = world.run();
    EXPECT_EQ(report.outcome, sync::Outcome::complete) << report.reason;
    EXPECT_EQ(world.medicapp.find("P1"), nullptr);
    ASSERT_NE(world.medicapp.find("P9"), nullptr);
    EXPECT_EQ(world.medicapp.find("P9")->id, id);
    EXPECT_THAT(world.medicapp.patients, SizeIs(3)) << "nobody was created";
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_EQ(world.log.count("patient.renamed"), 1);

    world.medicapp.writes.clear();
    world.run();
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
    world.his.edit("P9", Field::email, "p9@example.org");
    world.run();
    EXPECT_EQ(text(*world.medicapp.find("P9"), Field::email), "p9@example.org");
}

/// While Medicapp does not change the identifier, whyever, the new one is nobody's.
/// What a user of Medicapp changed under the former externalId is not written over unseen.
TEST_F(Renaming, KeepsTheNewerOfBothSidesChanges) {
    for (const bool renamed : {true, false}) {
        World one;
        one.settings.policy.authority.fill(reconcile::Authority::newest);
        one.fill_his(3);
        one.run();
        one.his.now += std::chrono::minutes(1);
        auto& retired = one.his.at("P1");
        auto alive = retired;
        retired.merged_into = "P9";
        retired.renamed = renamed;
        retired.modified_at = one.his.now;
        alive.patient.set_external_id("P9");
        alive.patient[Field::phone] = reconcile::FieldValue::known(new_phone);
        alive.modified_at = one.his.now;
        one.his.records.push_back(std::move(alive));
        one.medicapp.now = one.his.now + std::chrono::seconds(5);
        one.medicapp.edit(one.medicapp.find("P1")->id, Field::phone, "+33612340088");
        one.run();
        ASSERT_NE(one.medicapp.find("P9"), nullptr);
        EXPECT_EQ(text(*one.medicapp.find("P9"), Field::phone), "+33612340088");
        EXPECT_EQ(one.log.count("patient.conflict"), 1);
        one.run_whole();
        EXPECT_EQ(text(*one.medicapp.find("P9"), Field::phone), "+33612340088");
        EXPECT_THAT(one.held(), IsEmpty());
    }
}

TEST_F(Renaming, WhoCannotBeRenamedIsNotCreatedASecondTime) {
    using connectors::Failure;
    const std::vector<connectors::ApiError> errors{
        failure(Failure::unknown), failure(Failure::unknown, 504), failure(Failure::rejected, 400),
        failure(Failure::refused, 403), failure(Failure::unavailable, 503)};
    for (const auto& error : errors) {
        for (const bool renamed : {true, false}) {
            SCOPED_TRACE(std::string(name(error.failure)) + (renamed ? ", A47" : ", A40"));
            World hospital;
            hospital.fill_his(3);
            hospital.run();
            hospital.his.now += std::chrono::minutes(1);
            std::swap(world.his.records, hospital.his.records);
            std::swap(world.his.now, hospital.his.now);
            retire_p1("P9", renamed);
            std::swap(world.his.records, hospital.his.records);
            std::swap(world.his.now, hospital.his.now);
            const auto id = hospital.medicapp.find("P1")->id;
            hospital.medicapp.fault = [&](ModelMedicapp::Call call, int) {
                std::optional<ModelMedicapp::Fault> fault;
                if (call == ModelMedicapp::Call::update) fault = ModelMedicapp::Fault{error, false};
                return fault;
            };
            for (int cycle = 0; cycle < 4; ++cycle)
                hospital.run();
            hospital.his.edit("P9", Field::email, "p9@example.org");
            hospital.run();
            EXPECT_THAT(hospital.medicapp.patients, SizeIs(3));
            hospital.medicapp.fault = {};
            sync::Request full;
            full.full = true;
            hospital.run(full);
            hospital.run();
            ASSERT_NE(hospital.medicapp.find("P9"), nullptr);
            EXPECT_EQ(hospital.medicapp.find("P9")->id, id);
            EXPECT_THAT(hospital.medicapp.patients, SizeIs(3));
            EXPECT_THAT(hospital.held(), IsEmpty());
        }
    }
}

TEST_F(Renaming, AMergeIntoSomebodyUnknownIsAChangeOfTheIdentifier) {
    const auto id = world.medicapp.find("P1")->id;
    retire_p1("P9", false);
    world.run();
    ASSERT_NE(world.medicapp.find("P9"), nullptr);
    EXPECT_EQ(world.medicapp.find("P9")->id, id);
    EXPECT_THAT(world.medicapp.patients, SizeIs(3));
}

TEST_F(Renaming, AMergeIntoSomebodyElseWhoIsUnknownRenamesNobody) {
    merge_p1_into(record("P9"));
    world.run();
    EXPECT_NE(world.medicapp.find("P1"), nullptr);
    EXPECT_EQ(world.medicapp.find("P9"), nullptr) << "the HIS says that they are P1";
    ASSERT_THAT(world.held(), SizeIs(2));
    EXPECT_EQ(held_as("P1"), HoldReason::merged_in_his);
    EXPECT_EQ(held_as("P9"), HoldReason::possible_duplicate);
}

TEST_F(Renaming, AMergeIntoAClearlyOtherPersonWhoIsUnknownCreatesThem) {
    auto other = record("P9");
    other.patient[Field::birth_date] = reconcile::FieldValue::known("1931-10-10");
    merge_p1_into(other);
    world.run();
    EXPECT_NE(world.medicapp.find("P9"), nullptr);
    EXPECT_EQ(held_as("P1"), HoldReason::merged_in_his);
}

TEST_F(Renaming, AMergeIntoAKnownPatientHoldsTheRetiredOne) {
    retire_p1("P2", false);
    world.run();
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
    ASSERT_THAT(world.held(), SizeIs(1));
    EXPECT_EQ(reason_held(), HoldReason::merged_in_his);
    EXPECT_NE(world.medicapp.find("P1"), nullptr);
}

TEST_F(Renaming, AnIdentifierThatSomebodyElseHasIsNotTaken) {
    retire_p1("P2", true);
    world.run();
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
    ASSERT_THAT(world.held(), SizeIs(1));
    EXPECT_EQ(reason_held(), HoldReason::external_id_taken);
}

TEST_F(Renaming, AnIdentifierThatMedicappHasUnseenIsNotTakenEither) {
    auto stranger = record("P9").patient;
    stranger[Field::last_name] = reconcile::FieldValue::known("Ailleurs");
    world.medicapp.hidden.insert(world.medicapp.add(stranger));
    retire_p1("P9", true);
    world.run();
    EXPECT_NE(world.medicapp.find("P1"), nullptr);
    EXPECT_THAT(world.medicapp.duplicates(), IsEmpty());
    const auto held = world.held();
    EXPECT_TRUE(std::ranges::any_of(held, [](const state::Held& one) {
        return one.key == "P1" && one.reason == HoldReason::external_id_taken;
    }));
}

TEST_F(Renaming, ALaterRecordUnderTheRetiredIdentifierChangesNobody) {
    retire_p1("P9", true);
    world.run();
    world.medicapp.writes.clear();
    world.his.at("P1").merged_into.clear();
    world.his.at("P1").renamed = false;
    world.his.edit("P1", Field::email, "stale@example.org");
    world.run();
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
    EXPECT_THAT(world.medicapp.patients, SizeIs(3));
}

TEST_F(Renaming, OfTwoMergesIntoEachOtherTheLaterHolds) {
    retire_p1("P2", false);
    world.run();
    world.his.now += std::chrono::minutes(1);
    auto& p1 = world.his.at("P1");
    p1.merged_into.clear();
    world.his.edit("P1", Field::email, "p1@example.org");
    world.his.at("P2").merged_into = "P1";
    world.his.at("P2").modified_at = world.his.now;
    world.run();
    world.run();
    ASSERT_THAT(world.held(), SizeIs(1));
    EXPECT_EQ(world.held().front().key, "P2");
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::email), "p1@example.org");
}

TEST_F(Renaming, AMergeIntoOneselfIsNothing) {
    auto& p1 = world.his.at("P1");
    p1.merged_into = "P1";
    p1.modified_at = world.his.now;
    world.run();
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
}

/// The power goes, or the answer is lost, at the nth call or commit: the next runs come to the
/// same.
TEST(RenamingInterrupted, ComesToTheSameEnd) {
    struct Exit : std::runtime_error {
        Exit() : std::runtime_error("exit") {}
    };
    int interrupted = 0;
    for (int n = 1; n < 40; ++n) {
        for (const bool after_effect : {false, true}) {
            World world;
            world.fill_his(2);
            world.run();
            world.his.now += std::chrono::minutes(1);
            auto& retired = world.his.at("P1");
            auto alive = retired;
            retired.merged_into = "P9";
            retired.renamed = true;
            retired.modified_at = world.his.now;
            alive.patient.set_external_id("P9");
            alive.modified_at = world.his.now;
            world.his.records.push_back(alive);
            const auto id = world.medicapp.find("P1")->id;

            const int calls = world.medicapp.calls;
            world.medicapp.fault = [&](ModelMedicapp::Call, int nth) {
                std::optional<ModelMedicapp::Fault> fault;
                if (nth == calls + n) {
                    ++interrupted;
                    fault =
                        ModelMedicapp::Fault{failure(connectors::Failure::cancelled), after_effect};
                }
                return fault;
            };
            const int commits = world.commits;
            if (after_effect) {
                world.medicapp.fault = {};
                world.before_commit = [&](int nth) {
                    if (nth != commits + n) return;
                    ++interrupted;
                    throw Exit();
                };
            }
            try {
                world.run();
            } catch (const Exit&) { // NOLINT: what follows is the test
            }
            world.medicapp.fault = {};
            world.before_commit = {};
            world.restart();
            world.run();
            world.run();
            SCOPED_TRACE("interrupted at " + std::to_string(n) +
                         (after_effect ? " (commit)" : " (call)"));
            ASSERT_NE(world.medicapp.find("P9"), nullptr);
            EXPECT_EQ(world.medicapp.find("P9")->id, id);
            EXPECT_THAT(world.medicapp.patients, SizeIs(2));
            EXPECT_THAT(world.held(), IsEmpty());
        }
    }
    EXPECT_GE(interrupted, 7);
}

} // namespace
} // namespace medibridge::tests
