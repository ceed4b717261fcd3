#include "world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// A source whose records have no identifier, because a column is missing or a mapping is wrong.
namespace medibridge::tests {
namespace {

using reconcile::Field;
using reconcile::FieldValue;
constexpr int most = sync::limits::nameless_records;

/// `count` records without identifier, each of somebody else, in front of those that there are.
void lose_identifiers(World& world, int count) {
    std::vector<reconcile::SourceRecord> all;
    for (int i = 0; i < count; ++i) {
        auto one = record("X" + std::to_string(i));
        one.patient.set_external_id("");
        one.patient[Field::email] = FieldValue::known("x" + std::to_string(i) + "@example.org");
        one.modified_at = world.his.now;
        all.push_back(std::move(one));
    }
    all.insert(all.end(), world.his.records.begin(), world.his.records.end());
    world.his.records = std::move(all);
}

std::vector<state::Held> held_together(World& world) {
    auto all = world.held();
    std::erase_if(all, [](const auto& one) {
        return one.detail.find("further records of his") == std::string::npos;
    });
    return all;
}

class Nameless : public testing::TestWithParam<std::size_t> {
  protected:
    Nameless() {
        world.his.page_size = GetParam();
        world.fill_his(3);
    }
    sync::Report run_whole() {
        sync::Request request;
        request.full = true;
        return world.run(request);
    }
    World world;
};

TEST_P(Nameless, AreHeldOneByOneUpToALimitAndTheRestTogether) {
    lose_identifiers(world, most + 700);
    const auto report = world.run();
    EXPECT_EQ(report.created, 3) << "the others go on";
    EXPECT_EQ(report.held, most + 1);
    EXPECT_EQ(world.held().size(), most + 1u);
    const auto rest = held_together(world);
    ASSERT_EQ(rest.size(), 1u);
    EXPECT_EQ(rest[0].reason, reconcile::HoldReason::invalid);
    EXPECT_EQ(rest[0].field, "externalId");
    EXPECT_EQ(world.log.count("source.nameless_records"), 1);
    run_whole();
    EXPECT_EQ(world.held().size(), most + 1u);
    EXPECT_EQ(world.log.count("source.nameless_records"), 1) << "said once";
}

TEST_P(Nameless, EachCauseIsSeen) {
    lose_identifiers(world, most + 50);
    auto& bad = world.his.records[most + 20];
    bad.patient.set_external_id("1,23E+09");
    bad.external_id_defect = "went through a spreadsheet";
    world.run();
    const auto rest = held_together(world);
    ASSERT_EQ(rest.size(), 2u);
    EXPECT_NE(rest[0].key, rest[1].key);
}

TEST_P(Nameless, OnceTheyHaveIdentifiersNothingIsHeld) {
    lose_identifiers(world, most + 50);
    world.run();
    std::erase_if(world.his.records,
                  [](const auto& one) { return one.patient.external_id().empty(); });
    for (int i = 0; i < most + 50; ++i) {
        world.his.records.push_back(record("X" + std::to_string(i)));
        world.his.records.back().modified_at = world.his.now;
    }
    EXPECT_EQ(run_whole().created, most + 50);
    EXPECT_TRUE(world.held().empty());
}

INSTANTIATE_TEST_SUITE_P(Page, Nameless, testing::Values(100, 5'000),
                         [](const auto& page) { return "of" + std::to_string(page.param); });

} // namespace
} // namespace medibridge::tests
