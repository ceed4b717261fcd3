#include "world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// Several sources over one space of externalIds, and sources that keep a cursor of their own.

namespace medibridge::tests {
namespace {

using reconcile::Field;
using reconcile::FieldValue;
using testing::IsEmpty;

/// A feed in real time and a nightly view, both of which know P1.
class TwoSources : public testing::Test {
  protected:
    TwoSources() {
        world.sources.push_back(&view);
        world.his.records.push_back(record("P1"));
        view.records.push_back(record("P1"));
        world.restart();
        world.run();
    }
    /// The patient's e-mail address in Medicapp after a cycle.
    std::string email_after_cycle() {
        world.run();
        return text(*world.medicapp.find("P1"), Field::email);
    }
    /// Time passes for both sources.
    void later() {
        world.his.now += std::chrono::minutes(1);
        view.now = world.his.now;
    }

    World world;
    ModelSource view{"view"};
};

TEST_F(TwoSources, TheNewerRecordCounts) {
    EXPECT_EQ(world.medicapp.patients.size(), 1u);
    later();
    world.his.edit("P1", Field::email, "adt@example.org");
    later();
    view.edit("P1", Field::email, "view@example.org");
    EXPECT_EQ(email_after_cycle(), "view@example.org");
    later();
    world.his.edit("P1", Field::email, "adt2@example.org");
    EXPECT_EQ(email_after_cycle(), "adt2@example.org");
}

TEST_F(TwoSources, AnIdleCycleWritesNothingThoughTheyDisagree) {
    later();
    view.edit("P1", Field::email, "view@example.org");
    later();
    world.his.edit("P1", Field::email, "adt@example.org");
    world.run();
    world.medicapp.writes.clear();
    for (int i = 0; i < 3; ++i) {
        world.let_settle();
        world.run();
    }
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
    sync::Request full;
    full.full = true;
    world.run(full);
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::email), "adt@example.org");
}

/// Whose record was the first to be taken, is no news as long as it stays the same.
TEST(UndatedGiver, DoesNotWriteItsValueBackOverANewerOne) {
    for (const bool giver_first : {false, true}) {
        World world;
        ModelSource view("view");
        if (giver_first)
            world.sources.push_back(&view);
        else
            world.sources.insert(world.sources.begin(), &view);
        world.his.records.push_back(record("P1"));
        world.his.records.front().modified_at.reset();
        world.restart();
        world.run();
        view.records.push_back(record("P1"));
        const auto settle = [&] {
            for (int cycle = 0; cycle < 3; ++cycle) {
                world.run();
                world.let_settle();
            }
            sync::Request full;
            full.full = true;
            world.run(full);
        };
        settle();
        view.now += std::chrono::minutes(1);
        view.edit("P1", Field::phone, new_phone);
        settle();
        EXPECT_EQ(text(*world.medicapp.find("P1"), Field::phone), new_phone) << giver_first;

        // A change of its own is news.
        world.his.records.front().patient[Field::phone] = FieldValue::known("+33199000005");
        settle();
        EXPECT_EQ(text(*world.medicapp.find("P1"), Field::phone), "+33199000005") << giver_first;
    }
}

/// Both say something else, at one time or at none.
class Contradiction : public TwoSources, public testing::WithParamInterface<bool> {
  protected:
    Contradiction() {
        later();
        for (auto* source : {&world.his, &view}) {
            auto& said = source->records.front();
            said.patient[Field::phone] =
                FieldValue::known(source == &view ? "+33199000002" : "+33199000001");
            said.modified_at = moment();
        }
        rest();
    }
    std::optional<reconcile::Instant> moment() {
        return GetParam() ? std::optional(world.his.now) : std::nullopt;
    }
    void rest() {
        for (int i = 0; i < 4; ++i) {
            world.run();
            world.let_settle();
        }
        world.medicapp.writes.clear();
    }
    void whole() {
        sync::Request full;
        full.full = true;
        world.run(full);
    }
    std::string phone() { return text(*world.medicapp.find("P1"), Field::phone); }
};

TEST_P(Contradiction, IsNoReasonToWriteInEveryCycle) {
    const auto stands = phone();
    for (int i = 0; i < 3; ++i) {
        world.run();
        whole();
        world.let_settle();
    }
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
    EXPECT_EQ(phone(), stands);
}

TEST_P(Contradiction, EndsWithAChangeOfEither) {
    for (auto* source : {&world.his, &view, &world.his}) {
        later();
        auto& said = source->records.front();
        const std::string changed = "+3319900001" + std::to_string(world.medicapp.writes.size());
        said.patient[Field::phone] = FieldValue::known(changed);
        said.modified_at = moment();
        whole();
        EXPECT_EQ(phone(), changed) << source->name();
        rest();
        whole();
        EXPECT_EQ(phone(), changed) << source->name();
        EXPECT_THAT(world.medicapp.writes, IsEmpty());
        world.medicapp.writes.resize(0);
    }
}

TEST_P(Contradiction, DoesNotHideWhatOnlyOneOfThemSays) {
    for (auto* source : {&world.his, &view}) {
        auto said = record("P2");
        said.patient[Field::last_name] = FieldValue::known("Autre");
        said.patient[Field::email] =
            source == &view ? FieldValue::known("only@example.org") : FieldValue();
        said.patient[Field::phone] =
            FieldValue::known(source == &view ? "+33199000004" : "+33199000003");
        said.modified_at = moment();
        source->records.push_back(said);
    }
    for (int i = 0; i < 3; ++i)
        whole();
    EXPECT_EQ(text(*world.medicapp.find("P2"), Field::email), "only@example.org");
    world.medicapp.writes.clear();
    whole();
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
}

TEST_P(Contradiction, IsSettledForTheNextProcess) {
    const auto stands = phone();
    for (int i = 0; i < 2; ++i) {
        world.restart();
        whole();
        world.let_settle();
    }
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
    EXPECT_EQ(phone(), stands);
}

TEST_P(Contradiction, IsNoWriteInADryRunOfAnotherProcess) {
    struct Planned final : sync::Observer {
        void planned(const sync::PlannedWrite&) override { ++count; }
        int count = 0;
    } watching;
    world.observer = &watching;
    world.restart();
    sync::Request rehearsed;
    rehearsed.full = true;
    rehearsed.dry_run = true;
    world.run(rehearsed);
    EXPECT_EQ(watching.count, 0);
    world.his.edit("P1", Field::phone, "+33199000077");
    world.run(rehearsed);
    EXPECT_EQ(watching.count, 1) << "what a run would do is shown";
}

TEST_P(Contradiction, EndsWithTheLastChangeThoughOneOfThemChangedTwice) {
    std::string changed;
    for (auto* source : {&world.his, &world.his, &view}) {
        later();
        auto& said = source->records.front();
        changed = "+3319900003" + std::to_string(changed.empty() ? 0 : changed.back() - '0' + 1);
        said.patient[Field::phone] = FieldValue::known(changed);
        said.modified_at = moment();
        whole();
    }
    for (int i = 0; i < 2; ++i)
        whole();
    EXPECT_EQ(phone(), changed);
}

TEST_P(Contradiction, StaysSettledUnderANewNumber) {
    auto& retired = world.his.records.front();
    auto goes_on = retired;
    retired.merged_into = "P9";
    retired.renamed = true;
    goes_on.patient.set_external_id("P9");
    world.his.records.push_back(goes_on);
    view.records.front().patient.set_external_id("P9");
    whole();
    ASSERT_NE(world.medicapp.find("P9"), nullptr);
    EXPECT_EQ(world.medicapp.writes.size(), 1U) << "the new number";
    world.medicapp.writes.clear();
    for (int i = 0; i < 3; ++i) {
        world.restart();
        whole();
    }
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Times, Contradiction, testing::Bool(),
                         [](const auto& info) { return info.param ? "Equal" : "None"; });

TEST_F(TwoSources, ContactDataOfASourceWithPriorityStay) {
    world.settings.contact_priority = {"his"};
    later();
    world.his.edit("P1", Field::email, "adt@example.org");
    world.run();
    later();
    view.edit("P1", Field::email, "view@example.org");
    view.edit("P1", Field::first_name, "Anne-Sophie");
    EXPECT_EQ(email_after_cycle(), "adt@example.org");
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::first_name), "Anne-Sophie")
        << "priority is for contact data only";
    later();
    world.his.edit("P1", Field::email, "adt2@example.org");
    EXPECT_EQ(email_after_cycle(), "adt2@example.org");
}

TEST_F(TwoSources, WhatTheSourceWithPriorityNeverGaveMayComeFromTheOther) {
    world.settings.contact_priority = {"his"};
    view.records.push_back(record("P2"));
    view.edit("P2", Field::email, "p2@example.org");
    world.run();
    later();
    view.edit("P2", Field::email, "p2b@example.org");
    world.run();
    EXPECT_EQ(text(*world.medicapp.find("P2"), Field::email), "p2b@example.org");
}

TEST_F(TwoSources, OneThatFailsDoesNotStopTheOther) {
    world.his.broken = connectors::SourceError(connectors::SourceError::Kind::unavailable, "down");
    later();
    view.edit("P1", Field::email, "view@example.org");
    EXPECT_EQ(email_after_cycle(), "view@example.org");
    EXPECT_EQ(world.log.count("source.unavailable"), 1);
    world.his.broken.reset();
    EXPECT_EQ(world.run().outcome, sync::Outcome::complete);
}

/// A source that remembers what was taken, as an inbox does.
class Feed final : public connectors::Source {
  public:
    std::vector<reconcile::SourceRecord> arrived;
    std::int64_t taken_up_to = 0;

    const std::string& name() const override { return name_; }
    std::unique_ptr<connectors::SourceReading>
    read(std::optional<reconcile::Instant> since) override {
        return std::make_unique<Reading>(*this, since.has_value());
    }
    std::int64_t requests() const override { return 0; }
    void cancel() override {}
    bool keeps_cursor() const override { return true; }
    runtime::Task<void> taken(std::int64_t cursor) override {
        taken_up_to = cursor;
        co_return;
    }

  private:
    class Reading final : public connectors::SourceReading {
      public:
        Reading(Feed& feed, bool only_new) : feed_(feed), only_new_(only_new) {}
        runtime::Task<connectors::SourceResult<connectors::SourcePage>> next() override {
            connectors::SourcePage page;
            page.last = true;
            const auto first = only_new_ ? feed_.taken_up_to : 0;
            for (auto i = first; i < static_cast<std::int64_t>(feed_.arrived.size()); ++i)
                page.records.push_back(feed_.arrived[static_cast<std::size_t>(i)]);
            cursor_ = static_cast<std::int64_t>(feed_.arrived.size());
            co_return page;
        }
        bool proven() const override { return true; }
        std::uint64_t fingerprint() const override { return 0; }
        std::int64_t cursor() const override { return cursor_; }

      private:
        Feed& feed_;
        bool only_new_;
        std::int64_t cursor_ = 0;
    };

    std::string name_ = "adt";
};

/// A list and an inbox that never agreed about P1, both of one time. Whichever is first in the
/// configuration is taken, or whichever comes first.
class NeverAgreed : public testing::TestWithParam<std::tuple<bool, bool>> {};

TEST_P(NeverAgreed, WhoGaveWhatWasTakenKeepsTheirWord) {
    World world;
    Feed feed;
    const auto [feed_first, at_once] = GetParam();
    world.sources.insert(feed_first ? world.sources.begin() : world.sources.end(), &feed);
    world.restart();
    auto said = record("P1");
    said.patient[Field::phone] = FieldValue::known("+33199000001");
    said.patient[Field::email] = FieldValue();
    world.his.records.push_back(said);
    said.patient[Field::email] = FieldValue::known("only@example.org");
    said.patient[Field::phone] = FieldValue::known("+33199000002");
    if (!at_once) world.run();
    feed.arrived.push_back(said);
    world.run();
    const auto taken = text(*world.medicapp.find("P1"), Field::phone);
    world.medicapp.writes.clear();
    sync::Request full;
    full.full = true;
    for (int i = 0; i < 3; ++i) {
        world.run();
        world.run(full);
        world.let_settle();
    }
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::phone), taken);
}

INSTANTIATE_TEST_SUITE_P(Order, NeverAgreed, testing::Combine(testing::Bool(), testing::Bool()));

class FeedTest : public testing::Test {
  protected:
    FeedTest() {
        world.sources = {&feed};
        world.restart();
    }
    World world;
    Feed feed;
};

TEST_F(FeedTest, WhatWasAppliedIsTaken) {
    feed.arrived = {record("P1"), record("P2")};
    world.run();
    EXPECT_EQ(feed.taken_up_to, 2);
    EXPECT_EQ(world.medicapp.patients.size(), 2u);
    world.medicapp.writes.clear();
    world.run();
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
}

TEST_F(FeedTest, NothingIsTakenWhileMedicappIsAway) {
    feed.arrived = {record("P1")};
    world.medicapp.fault = [](ModelMedicapp::Call call, int) {
        std::optional<ModelMedicapp::Fault> fault;
        if (call == ModelMedicapp::Call::create)
            fault = ModelMedicapp::Fault{failure(connectors::Failure::unavailable), false};
        return fault;
    };
    EXPECT_EQ(world.run().outcome, sync::Outcome::incomplete);
    EXPECT_EQ(feed.taken_up_to, 0);
    world.medicapp.fault = {};
    world.run();
    EXPECT_EQ(feed.taken_up_to, 1);
    EXPECT_EQ(world.medicapp.patients.size(), 1u);
}

TEST_F(FeedTest, SilenceAndOldTimesAreNoSignOfARewoundSource) {
    feed.arrived = {record("P1")};
    world.run();
    auto late = record("P1");
    late.modified_at = *late.modified_at - std::chrono::hours(24);
    late.patient[Field::email] = FieldValue::known("old@example.org");
    feed.arrived.push_back(late);
    EXPECT_EQ(world.run().outcome, sync::Outcome::complete);
    EXPECT_EQ(feed.taken_up_to, 2);
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::email), "old@example.org")
        << "an inbox has put in order what it shows";
}

/// A source was renamed while something waited that its senders believe to be safe.
TEST(UnreadInbox, IsToldOnceForEachConfigurationUntilItsSourceIsBack) {
    World world;
    world.fill_his(1);
    state::Batch arrived;
    arrived.put_inbox({0, "former", "P7", "sealed", false});
    arrived.put_inbox({0, "former", "P8", "sealed", false});
    arrived.put_inbox({0, world.his.name(), "P1", "sealed", false});
    world.state().commit(arrived);
    world.run();
    world.run();
    ASSERT_EQ(world.log.count("source.unread"), 1);
    const auto told = std::ranges::find(world.log.events, "source.unread",
                                        [](const log::Event& event) { return event.type().name; });
    EXPECT_THAT(told->fields(),
                testing::Contains(std::pair(log::Key::source, log::Event::Value("former"))));
    EXPECT_THAT(told->fields(), testing::Contains(std::pair(log::Key::patients,
                                                            log::Event::Value(std::int64_t{2}))));
    world.restart();
    world.run();
    EXPECT_EQ(world.log.count("source.unread"), 2);
}

} // namespace
} // namespace medibridge::tests
