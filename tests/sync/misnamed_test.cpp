#include "world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// Whose externalId was changed in Medicapp is written by no source, whatever another one says.

namespace medibridge::tests {
namespace {

using reconcile::Field;
using reconcile::FieldValue;
using reconcile::HoldReason;
using testing::IsEmpty;
using testing::SizeIs;

/// Medicapp gives P1 another externalId, before or after one source's record of P1 became one that
/// cannot be sent.
class MisnamedAndInvalid : public testing::TestWithParam<bool> {
  protected:
    MisnamedAndInvalid() {
        world.sources.push_back(&other);
        world.restart();
        world.fill_his(2);
        world.run();
    }
    void break_record() { world.his.edit("P1", Field::birth_date, "2026-13-45"); }
    void other_has_new_phone() {
        auto said = world.his.at("P1");
        said.patient[Field::birth_date] = record("P1").patient[Field::birth_date];
        said.patient[Field::phone] = FieldValue::known(new_phone);
        said.modified_at = *said.modified_at + std::chrono::seconds(10);
        other.records.push_back(said);
    }

    World world;
    ModelSource other{"other"};
};

TEST_P(MisnamedAndInvalid, IsWrittenByNoSource) {
    const bool invalid_first = GetParam();
    const auto id = world.medicapp.find("P1")->id;
    if (invalid_first)
        break_record();
    else
        world.medicapp.renumber(id, "Z1");
    world.run();
    if (invalid_first)
        world.medicapp.renumber(id, "Z1");
    else
        break_record();
    other_has_new_phone();
    world.medicapp.writes.clear();
    for (int i = 0; i < 2; ++i) {
        world.run();
        world.run_whole();
    }
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
    ASSERT_THAT(world.held(), SizeIs(1));
    EXPECT_EQ(world.held().front().reason, HoldReason::identity_mismatch);

    world.medicapp.renumber(id, "P1");
    world.run_whole();
    ASSERT_THAT(world.held(), SizeIs(1));
    EXPECT_EQ(world.held().front().reason, HoldReason::invalid);
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::phone), new_phone);
}

INSTANTIATE_TEST_SUITE_P(Orders, MisnamedAndInvalid, testing::Bool());

} // namespace
} // namespace medibridge::tests
