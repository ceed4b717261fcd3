#include "opening.hpp"
#include "record_text.hpp"
#include "samples.hpp"
#include "scratch.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace medibridge::state::test {
namespace {

namespace fs = std::filesystem;

class FactsLogTest : public testing::Test {
  protected:
    std::unique_ptr<Store> open() { return open_sqlite(path); }

    void erase(const std::string& id) {
        open()->commit(batch(Batch::PutTombstone{{id, "m-" + id}}));
    }
    void lose_the_state() {
        fs::remove(path);
        fs::remove(path.string() + "-wal");
    }
    static std::string medicapp_id_of_erased(Store& store, const std::string& id) {
        const auto known = store.look_up({id}).front();
        return known.tombstone ? known.tombstone->medicapp_id : "not erased";
    }
    std::string erased(const std::string& id) { return medicapp_id_of_erased(*open(), id); }

    const Scratch scratch;
    const fs::path path = scratch.state_file();
    const fs::path facts = path.string() + ".facts";
};

TEST_F(FactsLogTest, IsMadeWithTheFirstFactAndIsPrivate) {
    open()->commit(batch(Batch::PutMeta{"a", "b"}, Batch::DropTombstone{"P1"}));
    EXPECT_FALSE(fs::exists(facts));
    erase("P1");
    struct stat status{};
    ASSERT_EQ(::stat(facts.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0600U);
}

TEST_F(FactsLogTest, AnErasedAndAMergedPatientOutliveTheLossOfTheState) {
    erase("P1");
    open()->commit(batch(Batch::PutRedirect{"P2", "P3"}, Batch::PutLink{link("P3", "m3")}));
    lose_the_state();
    const auto store = open();
    EXPECT_EQ(store->counts().links, 0);
    EXPECT_EQ(medicapp_id_of_erased(*store, "P1"), "m-P1");
    EXPECT_EQ(store->look_up({"P2"}).front().redirect, "P3");
}

TEST_F(FactsLogTest, WhatWasTakenBackDoesNotComeBack) {
    erase("P1");
    open()->commit(batch(Batch::PutRedirect{"P2", "P3"}));
    open()->commit(batch(Batch::DropTombstone{"P1"}, Batch::PutRedirect{"P2", ""}));
    lose_the_state();
    const auto store = open();
    EXPECT_EQ(medicapp_id_of_erased(*store, "P1"), "not erased");
    EXPECT_EQ(store->look_up({"P2"}).front().redirect, "");
}

TEST_F(FactsLogTest, AnOlderBackupLearnsWhatHappenedSince) {
    erase("P1");
    const std::string backup = bytes_of(path);
    erase("P2");
    open()->commit(batch(Batch::DropTombstone{"P1"}));
    lose_the_state();
    write_bytes(path, backup);
    EXPECT_EQ(erased("P2"), "m-P2");
    EXPECT_EQ(erased("P1"), "not erased");
}

TEST_F(FactsLogTest, AStateOfBeforeWritesDownWhatItKnows) {
    erase("P1");
    open()->commit(batch(Batch::PutRedirect{"P2", "P3"}));
    fs::remove(facts);
    open();
    ASSERT_TRUE(fs::exists(facts));
    lose_the_state();
    const auto store = open();
    EXPECT_EQ(medicapp_id_of_erased(*store, "P1"), "m-P1");
    EXPECT_EQ(store->look_up({"P2"}).front().redirect, "P3");
}

TEST_F(FactsLogTest, NothingIsWrittenTwice) {
    erase("P1");
    const std::string before = bytes_of(facts);
    erase("P1");
    open();
    EXPECT_EQ(bytes_of(facts), before);
}

TEST_F(FactsLogTest, ATornLineIsPassedOverAndTheNextIsWholeAgain) {
    erase("P1");
    const std::string whole = bytes_of(facts);
    write_bytes(facts, whole + whole.substr(0, whole.size() / 2));
    EXPECT_EQ(erased("P1"), "m-P1");
    erase("P2");
    lose_the_state();
    EXPECT_EQ(erased("P1"), "m-P1");
    EXPECT_EQ(erased("P2"), "m-P2");
}

TEST_F(FactsLogTest, ALostLineOfAnErasureTakesNothingBackAndIsWrittenAgain) {
    erase("P1");
    open()->commit(batch(Batch::DropTombstone{"P1"}));
    const std::string lifted = bytes_of(facts);
    erase("P1");
    std::string bytes = bytes_of(facts);
    bytes[lifted.size() + 3] = '?'; // in the line that says that P1 is erased again
    write_bytes(facts, bytes);
    EXPECT_EQ(erased("P1"), "m-P1");
    lose_the_state();
    EXPECT_EQ(erased("P1"), "m-P1") << "the state has written it down anew";
}

TEST_F(FactsLogTest, ADryRunKnowsTheFactsAndWritesNothing) {
    erase("P1");
    const std::string before = bytes_of(facts);
    lose_the_state();
    fs::remove(path.string() + ".lock");
    {
        const auto copy = open_sqlite_copy(path);
        EXPECT_EQ(medicapp_id_of_erased(*copy, "P1"), "m-P1");
        copy->commit(batch(Batch::PutTombstone{{"P2", "m2"}}));
    }
    EXPECT_EQ(bytes_of(facts), before);
    EXPECT_EQ(scratch.names(), "state.db.facts");
}

TEST_F(FactsLogTest, ADryRunOfAStateOfBeforeWritesNoFacts) {
    erase("P1");
    fs::remove(facts);
    open_sqlite_copy(path)->commit(batch(Batch::PutTombstone{{"P2", "m2"}}));
    EXPECT_FALSE(fs::exists(facts));
}

TEST_F(FactsLogTest, AFactThatCannotBeWrittenIsNotInTheStateEither) {
    const auto store = open();
    fs::create_directory(facts);
    const auto error = store_error([&] {
        store->commit(batch(Batch::PutMeta{"a", "b"}, Batch::PutTombstone{{"P1", "m-P1"}}));
    });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), StoreError::Kind::unavailable);
    EXPECT_NE(std::string(error->what()).find(facts.string()), std::string::npos) << error->what();
    EXPECT_EQ(store->meta("a"), "");
    EXPECT_EQ(medicapp_id_of_erased(*store, "P1"), "not erased");
    fs::remove(facts);
    store->commit(batch(Batch::PutTombstone{{"P1", "m-P1"}}));
    EXPECT_EQ(medicapp_id_of_erased(*store, "P1"), "m-P1");
}

TEST_F(FactsLogTest, ABatchThatIsRefusedStatesNoFacts) {
    const auto store = open();
    store->commit(batch(Batch::PutLink{link("P1", "m1")}));
    EXPECT_THROW(
        store->commit(batch(Batch::PutTombstone{{"P2", "m2"}}, Batch::PutLink{link("P3", "m1")})),
        std::logic_error);
    EXPECT_FALSE(fs::exists(facts));
}

} // namespace
} // namespace medibridge::state::test
