#include "connectors/inbox/source.hpp"
#include "rig.hpp"

#include <gmock/gmock.h>

// What a source of what is pushed shows of one patient, over a real state file.

namespace medibridge::tests {
namespace {

using connectors::InboxFeed;
using connectors::InboxSource;
using connectors::SourceError;
using reconcile::Field;
using reconcile::SourceRecord;
using testing::ElementsAre;
using testing::IsEmpty;

/// Brings nothing, and counts how often it was asked to.
class CountingFeed final : public InboxFeed {
  public:
    void start() override {}
    runtime::Task<void> stop() override { co_return; }
    runtime::Task<connectors::SourceResult<void>> import_all() override {
        ++imports;
        co_return connectors::SourceResult<void>();
    }

    int imports = 0;
};

class ReadOne : public InboxRig {
  protected:
    /// The source of what the rig's inbox holds; to be made when all has been sent.
    void open() { source_ = std::make_unique<InboxSource>("adt", std::move(inbox_), feed_); }

    std::vector<SourceRecord> one(const std::string& external_id) {
        const auto reading = source_->read_one(external_id);
        auto page = run(reading->next());
        EXPECT_TRUE(page && page->last);
        EXPECT_TRUE(reading->proven());
        EXPECT_EQ(reading->cursor(), 0) << "nothing is to be taken";
        return page ? std::move(page->records) : std::vector<SourceRecord>();
    }

    std::vector<std::string> ids(std::optional<reconcile::Instant> since) {
        std::vector<std::string> shown;
        const auto reading = source_->read(since);
        const auto page = run(reading->next());
        for (const auto& record : page->records)
            shown.push_back(record.patient.external_id());
        return shown;
    }

    std::shared_ptr<CountingFeed> feed_ = std::make_shared<CountingFeed>();
    std::unique_ptr<InboxSource> source_;
};

TEST_F(ReadOne, ShowsTheEntryWhetherItWasTakenOrNot) {
    send({.id = "7001", .pid = anne({{13, "^^^a@example.org"}})});
    take();
    send({.id = "7002", .pid = anne()});
    open();
    EXPECT_TRUE(source_->reads_one());
    for (const std::string id : {"7001", "7002"}) {
        const auto records = one(id);
        ASSERT_EQ(records.size(), 1u);
        EXPECT_EQ(records[0].patient.external_id(), id);
        EXPECT_EQ(records[0].patient[Field::last_name].text(), "MOREL");
    }
    EXPECT_THAT(one("7003"), IsEmpty());
    EXPECT_THAT(one(""), IsEmpty());
    EXPECT_THAT(one("7001' OR '1'='1"), IsEmpty());
    EXPECT_EQ(feed_->imports, 0) << "what waits outside is left to the next reading";
}

TEST_F(ReadOne, TakesNothing) {
    send({.id = "7001", .pid = anne()});
    open();
    const auto reading = source_->read_one("7001");
    ASSERT_TRUE(run(reading->next()));
    run([](InboxSource& source, std::int64_t cursor) -> runtime::Task<bool> {
        co_await source.taken(cursor);
        co_return true;
    }(*source_, reading->cursor()));
    EXPECT_THAT(ids(now), ElementsAre("7001")) << "even if somebody says that it was taken";
}

TEST_F(ReadOne, ShowsWhoWasMergedAway) {
    send({.id = "7001", .pid = anne()});
    send({.event = "A40", .id = "7002", .pid = anne(), .retired = "7001"});
    open();
    const auto records = one("7001");
    ASSERT_EQ(records.size(), 1u);
    EXPECT_EQ(records[0].merged_into, "7002");
}

TEST_F(ReadOne, FindsOddIdentifiers) {
    std::vector<SourceRecord> odd;
    for (const auto* id : {"a&b|c", "d'e\"f", "Zoé 日本", "%;--", "184127645108946"}) {
        SourceRecord record;
        record.patient.set_external_id(id);
        odd.push_back(std::move(record));
    }
    put_records(odd);
    open();
    for (const auto& record : odd) {
        const auto& id = record.patient.external_id();
        ASSERT_EQ(one(id).size(), 1u) << id;
        EXPECT_EQ(one(id)[0].patient.external_id(), id);
    }
}

TEST_F(ReadOne, ADamagedEntryIsShownAsThatAndTheEndIsAnError) {
    state::InboxEntry entry;
    entry.source = "adt";
    entry.key = "7001";
    entry.sealed = "garbled";
    state::Batch batch;
    batch.put_inbox(std::move(entry));
    store_->commit(batch);
    open();
    const auto damaged = one("7001");
    ASSERT_EQ(damaged.size(), 1u);
    EXPECT_EQ(damaged[0].patient.external_id(), "7001");
    EXPECT_EQ(damaged[0].patient[reconcile::Field::last_name].state(),
              reconcile::FieldValue::State::unreadable);
    source_->cancel();
    const auto cancelled = run(source_->read_one("7001")->next());
    ASSERT_FALSE(cancelled);
    EXPECT_EQ(cancelled.error().kind, SourceError::Kind::cancelled);
}

/// Either all that a message says is shown, or nothing of it: half of a merge is a second patient.
TEST_F(ReadOne, AReadingShowsWhatWasThereWhenItBegan) {
    for (const auto& id : {"7001", "7003"})
        send({.id = id, .pid = anne()});
    open();
    inbox_ = make_inbox();
    for (const bool only_new : {true, false}) {
        const auto reading = source_->read(only_new ? std::optional(now) : std::nullopt);
        const auto first = run(reading->next());
        send({.event = "A47",
              .recorded = "20261128100100",
              .id = only_new ? "7002" : "7004",
              .pid = anne(),
              .retired = only_new ? "7001" : "7003"});
        const auto second = run(reading->next());
        ASSERT_TRUE(first && second);
        EXPECT_THAT(second->records, IsEmpty());
        EXPECT_EQ(second->last, only_new);
        EXPECT_EQ(second->later.size(), 2u) << "both are known to be shown";
    }
}

} // namespace
} // namespace medibridge::tests
