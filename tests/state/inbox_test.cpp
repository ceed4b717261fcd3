#include "opening.hpp"
#include "samples.hpp"
#include "scratch.hpp"

#include <gtest/gtest.h>

// What every Store promises of the inbox is in model_test.cpp; here are its limits.

namespace medibridge::state::test {
namespace {

Batch::PutInbox entry(const std::string& key, const std::string& sealed = "x") {
    return {{0, "adt", key, sealed}};
}

std::vector<std::string> keys_of(const std::vector<InboxEntry>& entries) {
    std::vector<std::string> keys;
    for (const auto& one : entries)
        keys.push_back(one.key);
    return keys;
}

TEST(InboxTest, AnEntryThatChangesComesLastAndIsNewAgain) {
    const Scratch scratch;
    const auto store = open_sqlite(scratch.state_file());
    store->commit(batch(entry("8001", "old"), entry("8002"), Batch::TakeInbox{"adt", 2}));
    EXPECT_TRUE(store->inbox_after("adt", true, 0, 10).empty());

    store->commit(batch(entry("8001", "new")));
    const auto fresh = store->inbox_after("adt", true, 0, 10);
    ASSERT_EQ(keys_of(fresh), std::vector<std::string>{"8001"});
    EXPECT_EQ(fresh[0].sealed, "new");
    EXPECT_EQ(keys_of(store->inbox_after("adt", false, 0, 10)),
              (std::vector<std::string>{"8002", "8001"}));
}

TEST(InboxTest, WhatChangedAfterItWasReadIsNotTaken) {
    const Scratch scratch;
    const auto store = open_sqlite(scratch.state_file());
    store->commit(batch(entry("8001")));
    const auto read = store->inbox_after("adt", true, 0, 10).back().sequence;
    store->commit(batch(entry("8001", "newer")));
    store->commit(batch(Batch::TakeInbox{"adt", read}));
    EXPECT_EQ(store->inbox_after("adt", true, 0, 10).size(), 1u);
}

TEST(InboxTest, RecordsWithoutIdentifierDoNotFillTheDisk) {
    const Scratch scratch;
    const auto store = open_sqlite(scratch.state_file());
    Batch many;
    for (int i = 0; i < InboxLimits::nameless + 10; ++i)
        many.add(entry("record:" + std::to_string(i)));
    many.add(entry("8001"));
    store->commit(many);
    EXPECT_EQ(store->inbox_after("adt", false, 0, 2000).size(), InboxLimits::nameless + 11u)
        << "none goes before it was taken";
    store->commit(batch(Batch::TakeInbox{"adt", 1'000'000}));
    const auto left = store->inbox_after("adt", false, 0, 2000);
    EXPECT_EQ(left.size(), InboxLimits::nameless + 1u);
    EXPECT_EQ(left.front().key, "record:10");
}

TEST(InboxTest, AReadingIsBoundedInBytesAndLeavesRowsThatAreTooLarge) {
    const Scratch scratch;
    const auto store = open_sqlite(scratch.state_file());
    const auto put = [&store](const std::string& key, std::size_t size) {
        InboxEntry entry;
        entry.source = "adt";
        entry.key = key;
        entry.sealed = std::string(size, 'x');
        store->commit(batch(Batch::PutInbox{std::move(entry)}));
    };
    for (int n = 0; n < 40; ++n)
        put(std::to_string(n), InboxLimits::row);
    put("large", InboxLimits::row + 1);
    EXPECT_EQ(store->inbox_after("adt", true, 0, 1'000).size(), 17u) << "with the one beyond 1 MiB";
    const auto last = store->inbox_after("adt", true, 34, 1'000);
    ASSERT_EQ(last.size(), 7u);
    EXPECT_EQ(last.front().sealed.size(), InboxLimits::row);
    EXPECT_EQ(last.back().sealed, "");
    EXPECT_EQ(store->inbox_entries("adt", {"large"}).front()->sealed, "");

    auto load = store->inbox_load("adt");
    EXPECT_EQ(load.rows, 41);
    EXPECT_EQ(load.bytes, static_cast<std::int64_t>(41 * InboxLimits::row + 1));
    store->commit(batch(Batch::TakeInbox{"adt", 40}));
    load = store->inbox_load("adt");
    EXPECT_EQ(load.rows, 1);
    EXPECT_EQ(store->inbox_load("other").bytes, 0);
    const auto waiting = store->waiting_inboxes();
    ASSERT_EQ(waiting.size(), 1u);
    EXPECT_EQ(waiting.at("adt").rows, 1);
    store->commit(batch(Batch::TakeInbox{"adt", 1'000}));
    EXPECT_TRUE(store->waiting_inboxes().empty());
}

TEST(InboxTest, AReceiptStaysAsItWasFirstGiven) {
    const Scratch scratch;
    const auto store = open_sqlite(scratch.state_file());
    store->commit(batch(Batch::PutReceipt{{"adt", digest(1), "first"}}));
    store->commit(batch(Batch::PutReceipt{{"adt", digest(1), "second"}}));
    EXPECT_EQ(store->inbox_receipt("adt", digest(1))->sealed_answer, "first");
    EXPECT_FALSE(store->inbox_receipt("other", digest(1)));
}

} // namespace
} // namespace medibridge::state::test
