#include "world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// An optional field that Medicapp refuses, of more patients than one cycle tries out.

namespace medibridge::tests {
namespace {

using connectors::Failure;
using reconcile::Field;
using sync::Outcome;
using testing::IsEmpty;
using Call = ModelMedicapp::Call;

/// Each patient of a hospital has an e-mail that Medicapp does not take.
class RefusedField : public testing::TestWithParam<bool> {};

TEST_P(RefusedField, OfManyPatientsHoldsNobody) {
    World world;
    world.medicapp.refused_fields = {Field::email};
    world.medicapp.names_refused_field = GetParam();
    world.fill_his(150);
    EXPECT_EQ(world.run().created, 150);
    EXPECT_THAT(world.held(), IsEmpty());
}

/// The tries of a cycle are spent on patients whom nothing helps.
TEST_P(RefusedField, IsFoundByALaterCycleWhereOneHasNoTriesLeft) {
    World world;
    world.medicapp.refused_fields = {Field::email};
    world.medicapp.names_refused_field = GetParam();
    world.fill_his(160);
    world.medicapp.fault_of = [](Call call, const std::string& id) {
        const bool hopeless = call == Call::create && std::stoi(id.substr(1)) <= 130;
        return hopeless ? std::optional<ModelMedicapp::Fault>({failure(Failure::rejected, 400)})
                        : std::nullopt;
    };
    const auto first = world.run();
    EXPECT_EQ(first.outcome, Outcome::incomplete);
    EXPECT_GT(first.deferred, 0);
    int cycles = 1;
    while (world.run().outcome != Outcome::complete && cycles < 10)
        ++cycles;
    EXPECT_LT(cycles, 10);
    EXPECT_EQ(world.held().size(), 130u);
    EXPECT_EQ(world.medicapp.patients.size(), 30u);
}

INSTANTIATE_TEST_SUITE_P(Named, RefusedField, testing::Bool());

} // namespace
} // namespace medibridge::tests
