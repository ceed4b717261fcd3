#include "world.hpp"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <optional>
#include <ostream>
#include <string>
#include <variant>

// What a person has said of two people is not asked again, as long as the record stays the same.

namespace medibridge::tests {
namespace {

using connectors::Failure;
using reconcile::Field;
using reconcile::HoldReason;
using sync::DecisionKind;
using testing::IsEmpty;
using testing::SizeIs;
using Call = ModelMedicapp::Call;

/// The patient is also in Medicapp, without an externalId.
void add_look_alike(World& world, const std::string& external_id) {
    auto same = world.his.at(external_id).patient;
    same.set_external_id("");
    world.medicapp.add(same);
}

void run_whole(World& world) {
    sync::Request whole;
    whole.full = true;
    world.run(whole);
}

struct Trouble {
    const char* name;
    Failure failure;
    int status;
    HoldReason reason;
};

void PrintTo(const Trouble& trouble, std::ostream* out) {
    *out << trouble.name;
}

/// An operator says that P1 is nobody whom Medicapp has, and Medicapp does not take P1 for a while.
class ToldApart : public testing::TestWithParam<Trouble> {
  protected:
    ToldApart() {
        world.fill_his(2);
        add_look_alike(world, "P1");
        world.run();
    }

    /// Others are served meanwhile.
    void refuse_create(const std::string& refused) {
        world.medicapp.fault_of =
            [refused](Call call, const std::string& id) -> std::optional<ModelMedicapp::Fault> {
            if (id != refused || call != Call::create) return std::nullopt;
            return ModelMedicapp::Fault{failure(GetParam().failure, GetParam().status)};
        };
        for (int i = 0; i < 3; ++i) {
            world.his.edit("P2", Field::phone, "+3361234020" + std::to_string(i));
            world.run();
        }
        world.medicapp.fault_of = nullptr;
        ASSERT_THAT(world.held(), SizeIs(1));
        ASSERT_EQ(world.held().front().reason, GetParam().reason);
    }
    int asked() {
        return static_cast<int>(std::ranges::count_if(world.log.events, [](const auto& event) {
            return event.type().name == "patient.held" &&
                   std::ranges::any_of(event.fields(), [](const auto& field) {
                       const auto* text = std::get_if<std::string>(&field.second);
                       return text && *text == "possible_duplicate";
                   });
        }));
    }

    World world;
};

TEST_P(ToldApart, IsNotAskedAgain) {
    ASSERT_EQ(asked(), 1);
    world.look_and_decide("P1", DecisionKind::create);
    refuse_create("P1");
    world.restart();
    run_whole(world);
    run_whole(world);
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_NE(world.medicapp.find("P1"), nullptr);
    EXPECT_EQ(asked(), 1);
}

TEST_P(ToldApart, IsAskedOfAnotherRecord) {
    world.look_and_decide("P1", DecisionKind::create);
    refuse_create("P1");
    world.his.edit("P1", Field::phone, new_phone);
    world.run();
    run_whole(world);
    ASSERT_THAT(world.held(), SizeIs(1));
    EXPECT_EQ(world.held().front().reason, HoldReason::possible_duplicate);
    EXPECT_EQ(world.medicapp.find("P1"), nullptr);
}

TEST_P(ToldApart, IsAskedOfSomebodyWhoWasNotShown) {
    world.look_and_decide("P1", DecisionKind::create);
    refuse_create("P1");
    add_look_alike(world, "P1");
    run_whole(world);
    ASSERT_THAT(world.held(), SizeIs(1));
    EXPECT_EQ(world.held().front().reason, HoldReason::possible_duplicate);
}

INSTANTIATE_TEST_SUITE_P(All, ToldApart,
                         testing::Values(Trouble{"refused", Failure::refused, 403,
                                                 HoldReason::refused_by_server},
                                         Trouble{"taken by nobody", Failure::conflict, 409,
                                                 HoldReason::conflict_unresolved}));

/// One source says that P1 goes on as N1, another has P1 in use.
class DisputedSurvivor : public testing::Test {
  protected:
    DisputedSurvivor() {
        world.sources.push_back(&other);
        world.restart();
        world.fill_his(2);
        other.records.push_back(world.his.at("P1"));
        world.run();
    }
    void give_number() {
        auto survivor = world.his.at("P1");
        survivor.patient.set_external_id("N1");
        world.his.edit("P1", Field::email, "merged@example.org");
        world.his.at("P1").merged_into = "N1";
        survivor.modified_at = world.his.at("P1").modified_at;
        world.his.records.push_back(survivor);
    }
    void expect_asked_once(const std::string& field) {
        ASSERT_THAT(world.held(), SizeIs(1));
        EXPECT_EQ(world.held().front().key, "N1");
        EXPECT_EQ(world.held().front().reason, HoldReason::possible_duplicate);
        EXPECT_EQ(world.held().front().field, field);
        EXPECT_EQ(world.log.count("patient.held"), 1);
    }

    World world;
    ModelSource other{"other"};
};

TEST_F(DisputedSurvivor, StaysOneWhoeverElseTheyResemble) {
    give_number();
    world.run();
    expect_asked_once("externalId");
    // No poll shows the merge once more.
    world.let_settle();
    world.his.edit("P2", Field::phone, new_phone);
    world.run();
    world.run();
    add_look_alike(world, "N1");
    world.his.edit("N1", Field::phone, new_phone);
    world.run();
    expect_asked_once("externalId");
    run_whole(world);
    run_whole(world);
    expect_asked_once("externalId");
}

TEST_F(DisputedSurvivor, WhoIsHeldAlreadyIsNotTwice) {
    auto alone = world.his.at("P1");
    alone.patient.set_external_id("N1");
    world.his.records.push_back(alone);
    add_look_alike(world, "N1");
    world.run();
    expect_asked_once("");
    world.his.records.pop_back();
    give_number();
    world.run();
    expect_asked_once("externalId");
}

TEST_F(DisputedSurvivor, WhomAnOperatorToldApartIsNotAskedForAgain) {
    give_number();
    world.run();
    world.look_and_decide("N1", DecisionKind::create);
    world.medicapp.fault_of = [](Call call,
                                 const std::string& id) -> std::optional<ModelMedicapp::Fault> {
        if (id != "N1" || call != Call::create) return std::nullopt;
        return ModelMedicapp::Fault{failure(Failure::refused, 403)};
    };
    for (int i = 0; i < 3; ++i) {
        world.his.edit("P2", Field::phone, "+3361234020" + std::to_string(i));
        world.run();
    }
    ASSERT_THAT(world.held(), SizeIs(1));
    ASSERT_EQ(world.held().front().reason, HoldReason::refused_by_server);
    world.medicapp.fault_of = nullptr;
    run_whole(world);
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_NE(world.medicapp.find("N1"), nullptr);
}

} // namespace
} // namespace medibridge::tests
