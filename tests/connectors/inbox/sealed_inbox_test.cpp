#include "connectors/inbox/sealed_inbox.hpp"
#include "run_task.hpp"

#include "../../daemon/child.hpp"
#include "connectors/inbox/sealed_records.hpp"
#include "state/sqlite_store.hpp"
#include "watched_store.hpp"

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

// The inbox over a real state file and its worker thread.

namespace medibridge::tests {
namespace {

using connectors::Arrival;
using connectors::Receipt;
using connectors::SealedInbox;
using connectors::SealedRecords;
using connectors::SourceResult;
using reconcile::Field;
using reconcile::FieldValue;
using reconcile::Instant;
using reconcile::SourceRecord;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::array<std::uint8_t, 32> key{3, 1, 4};
constexpr Instant begin{std::chrono::days(20'500)};

class NoEvents final : public log::EventLog {
  public:
    void write(const log::Event&) override { ADD_FAILURE() << "nothing is to be told of"; }
};

class SealedInboxTest : public testing::Test {
  protected:
    SealedInboxTest() { restart(); }

    void restart() {
        inbox.reset();
        database.reset();
        store.reset();
        sqlite.reset();
        sqlite = state::open_sqlite(directory.path() / "state.db", state::AuditSeal(key));
        store = std::make_unique<WatchedStore>(*sqlite);
        store->after_commit = [this] { ++commits; };
        database = std::make_unique<state::Database>(*store, &worker);
        SealedRecords records("adt", state::Seal(key), reconcile::Digester(key));
        inbox = std::make_unique<SealedInbox>(io.get_executor(), *database, std::move(records), log,
                                              [] { return begin + std::chrono::hours(1); });
    }

    template <class T>
    T run(runtime::Task<T> task) {
        return tests::run_task(io, std::move(task));
    }

    SourceResult<Receipt> put(Arrival arrival) { return run(inbox->put(std::move(arrival))); }

    /// What a reading gives, as `externalId email`.
    std::vector<std::string> shown(bool only_new) {
        std::vector<std::string> all;
        const auto entries = run(inbox->read(only_new, 0, 100));
        for (const auto& entry : *entries)
            all.push_back(entry.record.patient.external_id() + " " +
                          entry.record.patient[Field::email].text());
        return all;
    }

    NoEvents log;
    TemporaryDirectory directory;
    boost::asio::io_context io{1};
    runtime::Worker worker;
    std::unique_ptr<state::Store> sqlite;
    std::unique_ptr<WatchedStore> store;
    std::unique_ptr<state::Database> database;
    std::unique_ptr<SealedInbox> inbox;
    int commits = 0;
};

SourceRecord patient(const std::string& id, const std::string& email, int second) {
    SourceRecord record;
    record.patient.set_external_id(id);
    record.patient[Field::last_name] = FieldValue::known("Lefèvre");
    if (!email.empty()) record.patient[Field::email] = FieldValue::known(email);
    record.modified_at = begin + std::chrono::seconds(second);
    return record;
}

Arrival arrival(const std::string& bytes, std::vector<SourceRecord> records) {
    Arrival made;
    made.content = connectors::content_digest(bytes);
    made.answer = "answer to " + bytes;
    made.records = std::move(records);
    return made;
}

TEST_F(SealedInboxTest, WhatWasAcceptedOutlivesTheProcessAndIsSealed) {
    ASSERT_TRUE(put(arrival("m1", {patient("8001", "a@example.org", 1)})));
    restart();
    EXPECT_THAT(shown(true), ElementsAre("8001 a@example.org"));
    inbox.reset();
    database.reset();
    store.reset();
    sqlite.reset();
    const auto bytes = read_file(directory.path() / "state.db");
    EXPECT_EQ(bytes.find("Lef"), std::string::npos);
    EXPECT_EQ(bytes.find("example.org"), std::string::npos);
    EXPECT_NE(bytes.find("8001"), std::string::npos) << "identifiers are in clear: is it the file?";
}

TEST_F(SealedInboxTest, ARepetitionGetsItsFirstAnswerAndHasNoEffect) {
    put(arrival("m1", {patient("8001", "a@example.org", 1)}));
    put(arrival("m2", {patient("8001", "b@example.org", 2)}));
    auto again = arrival("m1", {patient("8001", "a@example.org", 1)});
    again.answer = "another answer";
    const auto receipt = put(std::move(again));
    ASSERT_TRUE(receipt);
    EXPECT_TRUE(receipt->repeated);
    EXPECT_EQ(receipt->answer, "answer to m1");
    EXPECT_THAT(shown(true), ElementsAre("8001 b@example.org"));
    const auto found = run(inbox->find(connectors::content_digest("m2")));
    EXPECT_EQ((*found)->answer, "answer to m2");
    const auto unknown = run(inbox->find(connectors::content_digest("m3")));
    EXPECT_FALSE(*unknown);
}

TEST_F(SealedInboxTest, AFieldThatALaterMessageDoesNotSpeakOfStays) {
    put(arrival("m1", {patient("8001", "a@example.org", 1)}));
    auto later = patient("8001", "", 2);
    later.patient[Field::phone] = FieldValue::known("+33612345678");
    put(arrival("m2", {later}));
    const auto entries = *run(inbox->read(true, 0, 10));
    ASSERT_EQ(entries.size(), 1u);
    EXPECT_EQ(entries[0].record.patient[Field::email].text(), "a@example.org");
    EXPECT_EQ(entries[0].record.patient[Field::phone].text(), "+33612345678");
    EXPECT_EQ(entries[0].record.modified_at, later.modified_at);
}

TEST_F(SealedInboxTest, AnOlderMessageChangesNothing) {
    put(arrival("m2", {patient("8001", "new@example.org", 20)}));
    put(arrival("m1", {patient("8001", "old@example.org", 10)}));
    EXPECT_THAT(shown(true), ElementsAre("8001 new@example.org"));
}

TEST_F(SealedInboxTest, WhatWasTakenComesBackOnlyWhenItChangesOrAllIsRead) {
    put(arrival("m1", {patient("8001", "a@example.org", 1)}));
    const auto cursor = (*run(inbox->read(true, 0, 10))).back().sequence;
    ASSERT_TRUE(run(inbox->mark_taken(cursor)));
    EXPECT_THAT(shown(true), IsEmpty());
    EXPECT_THAT(shown(false), ElementsAre("8001 a@example.org"));
    auto same = patient("8001", "a@example.org", 1);
    same.place = "another message";
    put(arrival("m1 under another number", {same}));
    EXPECT_THAT(shown(true), IsEmpty()) << "it says the same";
    put(arrival("m2", {patient("8001", "b@example.org", 2)}));
    EXPECT_THAT(shown(true), ElementsAre("8001 b@example.org"));
}

TEST_F(SealedInboxTest, AMergeOutlivesLaterMessagesAboutTheRetiredAndIsUndoneByItsInverse) {
    const auto merge = [&](const std::string& from, const std::string& to, int second) {
        auto retired = patient(from, "", second);
        retired.merged_into = to;
        put(arrival(from + to, {retired, patient(to, "", second)}));
    };
    const auto merged_into = [&](const std::string& id) {
        const auto entries = *run(inbox->read(false, 0, 10));
        for (const auto& entry : entries)
            if (entry.record.patient.external_id() == id) return entry.record.merged_into;
        return std::string("?");
    };
    merge("8001", "8002", 1);
    put(arrival("m2", {patient("8001", "stale@example.org", 2)}));
    EXPECT_EQ(merged_into("8001"), "8002");
    merge("8002", "8001", 3);
    EXPECT_EQ(merged_into("8001"), "");
    EXPECT_EQ(merged_into("8002"), "8001");
}

TEST_F(SealedInboxTest, ThatAPatientDiedIsNotForgottenUntilTheHisSaysOtherwise) {
    auto dead = patient("8001", "", 1);
    dead.deceased = true;
    put(arrival("m1", {dead}));
    put(arrival("m2", {patient("8001", "a@example.org", 2)}));
    EXPECT_TRUE((*run(inbox->read(true, 0, 10)))[0].record.deceased);
    auto alive = patient("8001", "", 3);
    alive.alive = true;
    put(arrival("m3", {alive}));
    EXPECT_FALSE((*run(inbox->read(true, 0, 10)))[0].record.deceased);
}

TEST_F(SealedInboxTest, ManySendersShareACommit) {
    commits = 0;
    int answered = 0;
    for (int i = 0; i < 200; ++i) {
        auto on_end = [&](const std::exception_ptr& error, const SourceResult<Receipt>& receipt) {
            if (!error && receipt) ++answered;
        };
        auto one = arrival("m" + std::to_string(i), {patient(std::to_string(i), "", i)});
        boost::asio::co_spawn(io, inbox->put(std::move(one)), on_end);
    }
    io.restart();
    io.run();
    EXPECT_EQ(answered, 200);
    EXPECT_LE(commits, 10);
    EXPECT_EQ((*run(inbox->read(true, 0, 1000))).size(), 200u);
}

TEST_F(SealedInboxTest, WhatCannotBeStoredIsAnErrorAndCanBeSentAgain) {
    store->before_commit = [] {
        throw state::StoreError(state::StoreError::Kind::unavailable, "disk full");
    };
    const auto refused = put(arrival("m1", {patient("8001", "a@example.org", 1)}));
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().what, testing::HasSubstr("disk full"));
    store->before_commit = {};
    const auto receipt = put(arrival("m1", {patient("8001", "a@example.org", 1)}));
    ASSERT_TRUE(receipt);
    EXPECT_FALSE(receipt->repeated);
    EXPECT_THAT(shown(true), ElementsAre("8001 a@example.org"));
}

TEST(RecordText, SaysEverythingAgain) {
    auto record = patient("8001", "a@example.org", 5);
    record.patient[Field::phone] = FieldValue::cleared();
    record.patient[Field::birth_date] = FieldValue::unreadable("no date");
    record.active = false;
    record.deceased = true;
    record.deleted = true;
    record.identity_status = "PROV";
    record.usual_last_name = "Dupont";
    record.merged_into = "8002";
    record.renamed = true;
    record.second_hand = true;
    record.prior_ids = {"7", "été"};
    record.ambiguous = true;
    record.contradicting_fields = "lastName,gender";
    record.contradicting_places = "message 6 and message 7";
    record.external_id_defect = "went through a float";
    record.said.add(reconcile::Fact::death);
    record.said.add(reconcile::Fact::merge);
    record.recorded = reconcile::StatedTime{begin, begin + std::chrono::hours(1), false};
    record.sent = reconcile::StatedTime{begin, begin, true};
    record.place = "message 7";
    const auto again = connectors::record_from_text(connectors::record_text(record));
    EXPECT_EQ(connectors::record_text(again), connectors::record_text(record));
    for (const auto field : reconcile::all_fields())
        EXPECT_EQ(again.patient[field], record.patient[field]);
    EXPECT_EQ(again.modified_at, record.modified_at);
    EXPECT_EQ(again.active, record.active);
    EXPECT_TRUE(again.deceased && again.deleted && again.renamed && !again.alive);
    EXPECT_TRUE(again.second_hand && again.ambiguous);
    EXPECT_EQ(again.prior_ids, record.prior_ids);
    EXPECT_EQ(again.contradicting_fields, record.contradicting_fields);
    EXPECT_EQ(again.contradicting_places, record.contradicting_places);
    EXPECT_EQ(again.external_id_defect, record.external_id_defect);
    EXPECT_EQ(again.said, record.said);
    EXPECT_EQ(again.recorded, record.recorded);
    EXPECT_EQ(again.sent, record.sent);
    EXPECT_EQ(again.merged_into + again.identity_status + again.usual_last_name + again.place,
              "8002PROVDupontmessage 7");
    EXPECT_THROW(connectors::record_from_text("{}"), std::invalid_argument);
    EXPECT_THROW(connectors::record_from_text("no JSON"), std::invalid_argument);
}

} // namespace
} // namespace medibridge::tests
