#include "world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// A time that names no second, say, is older only than what was changed after its end.

namespace medibridge::tests {
namespace {

using reconcile::Field;
using reconcile::FieldValue;
using testing::IsEmpty;

/// Source `his` knows when P1 changed; `other`, which knows P1 as well, only in which minute.
class VagueTime : public testing::Test {
  protected:
    VagueTime() {
        world.sources.push_back(&other);
        world.restart();
        world.fill_his(2);
        world.run();
        other.records.push_back(world.his.at("P1"));
        other.records.back().patient[Field::phone] = FieldValue::known(new_phone);
    }
    void other_says_at(reconcile::Instant minute) {
        auto& said = other.records.back();
        said.modified_at = minute;
        said.recorded = reconcile::StatedTime{minute, minute + std::chrono::milliseconds(59'999)};
        world.medicapp.writes.clear();
        world.run();
    }
    const std::string& phone() { return text(*world.medicapp.find("P1"), Field::phone); }

    World world;
    ModelSource other{"other"};
};

TEST_F(VagueTime, AMinuteThatEndedBeforeIsOlder) {
    other_says_at(*world.his.at("P1").modified_at - std::chrono::seconds(90));
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
}

TEST_F(VagueTime, OfTheSameMinuteWhatCameLaterCountsOnce) {
    other_says_at(*world.his.at("P1").modified_at - std::chrono::seconds(30));
    EXPECT_EQ(phone(), new_phone);
    world.medicapp.writes.clear();
    world.run_whole();
    EXPECT_THAT(world.medicapp.writes, IsEmpty()) << "unchanged records are no news";
    world.his.edit("P1", Field::phone, "+33612340055");
    world.run();
    EXPECT_EQ(phone(), "+33612340055");
}

} // namespace
} // namespace medibridge::tests
