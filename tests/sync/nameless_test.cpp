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
    world.run_whole();
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
    EXPECT_EQ(world.run_whole().created, most + 50);
    EXPECT_TRUE(world.held().empty());
}

/// A record that was sent without an identifier, as an inbox shows it.
class SentNameless : public testing::Test {
  protected:
    SentNameless() {
        world.his.is_inbox = true;
        world.fill_his(2);
        auto one = record("X");
        one.patient.set_external_id("");
        one.kept_as = key;
        one.place = "a.csv, line 3";
        one.modified_at = world.his.now;
        world.his.records.push_back(one);
        world.run();
    }
    reconcile::SourceRecord& kept() { return world.his.records.back(); }
    std::string decide(sync::DecisionKind kind) {
        sync::Order order;
        order.key = key;
        order.kind = kind;
        order.reason = "a test row";
        order.actor = {"alice", 1000};
        return world.decide(order);
    }

    World world;
    const std::string key = "record:0000000000000000000000000000002a";
};

TEST_F(SentNameless, IsHeldUnderItsKeyUntilItIsMadeGood) {
    ASSERT_EQ(world.held().size(), 1u);
    EXPECT_EQ(world.held().front().key, key);
    EXPECT_NE(world.held().front().detail.find("a.csv, line 3"), std::string::npos);
    kept().made_good = true;
    world.run();
    EXPECT_TRUE(world.held().empty());
    EXPECT_EQ(world.log.count("patient.released"), 1);
    world.run_whole();
    EXPECT_TRUE(world.held().empty()) << "it is still kept, and asks nothing of anybody";
    EXPECT_EQ(world.medicapp.patients.size(), 2u);
}

TEST_F(SentNameless, IsShownWithItsValues) {
    const auto seen = world.look(key);
    ASSERT_NE(seen.record(), nullptr);
    EXPECT_TRUE(seen.record()->patient[Field::last_name].is_known());
}

TEST_F(SentNameless, IsLookedAtAgainWhenAnOperatorSaysSo) {
    EXPECT_EQ(decide(sync::DecisionKind::retry), "");
    world.run();
    EXPECT_EQ(world.log.count("decision.applied"), 1);
    ASSERT_EQ(world.held().size(), 1u);
    EXPECT_EQ(world.held().front().attempts, 2);
}

TEST_F(SentNameless, IsToBeSentAgainWhereItIsNotKeptAnyMore) {
    world.his.records.pop_back();
    EXPECT_NE(decide(sync::DecisionKind::retry).find("the file dropped, again"), std::string::npos);
}

/// A message in an unknown character set, for one.
TEST_F(SentNameless, IsToBeSentAgainWhereNothingOfItCouldBeRead) {
    auto& nothing = kept();
    nothing.external_id_defect = "MSH-18 names a character set that is not supported";
    for (const auto field : reconcile::all_fields())
        nothing.patient[field] = FieldValue::unreadable("it cannot be read");
    world.run();
    const auto refusal = decide(sync::DecisionKind::retry);
    EXPECT_NE(refusal.find("nothing of it is kept"), std::string::npos) << refusal;
    EXPECT_NE(refusal.find("sent, or the file dropped, again"), std::string::npos) << refusal;
    const auto shown = world.look(key);
    const auto told =
        std::ranges::find(shown.previews, sync::DecisionKind::retry, &sync::Preview::decision);
    ASSERT_NE(told, shown.previews.end());
    EXPECT_EQ(told->untold, refusal);
}

TEST_F(SentNameless, EndsWithAnOperatorsWordThatIsAudited) {
    EXPECT_EQ(decide(sync::DecisionKind::ignore), "");
    EXPECT_TRUE(world.held().empty());
    EXPECT_EQ(world.log.count("patient.released"), 1);
    state::AuditQuery query;
    query.external_id = key;
    query.after_id = 0;
    std::vector<std::string> actions;
    for (const auto& line : world.state().audit(query))
        actions.push_back(line.action + " " + line.detail);
    EXPECT_EQ(actions.at(1), "decided ignore: a test row");
    EXPECT_EQ(actions.at(2), "released invalid");
}

/// Of a list, nobody can ask for it, and nobody says so of an identifier that is none.
TEST(ListedNameless, IsReadAgainWithAllTheOthers) {
    World world;
    world.fill_his(2);
    lose_identifiers(world, 1);
    world.run();
    sync::Order order;
    order.key = world.held().front().key;
    order.actor = {"alice", 1000};
    const auto pages = world.his.pages;
    const auto refusal = world.decide(order);
    EXPECT_NE(refusal.find("medibridgectl sync --full --source his"), std::string::npos) << refusal;
    EXPECT_EQ(world.his.pages, pages);
    order.kind = sync::DecisionKind::ignore;
    EXPECT_EQ(world.decide(order), "");
    EXPECT_TRUE(world.held().front().acknowledged);
}

INSTANTIATE_TEST_SUITE_P(Page, Nameless, testing::Values(100, 5'000),
                         [](const auto& page) { return "of" + std::to_string(page.param); });

} // namespace
} // namespace medibridge::tests
