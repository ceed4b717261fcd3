#include "opening.hpp"
#include "record_text.hpp"
#include "samples.hpp"
#include "scratch.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

namespace medibridge::state::test {
namespace {

namespace fs = std::filesystem;

class CopyTest : public testing::Test {
  protected:
    /// Works in a copy as a dry run would.
    void use_copy() {
        const auto copy = open_sqlite_copy(path);
        EXPECT_EQ(text(copy->look_up({"P1"}).front().link), text(link("P1", "m1")));
        copy->commit(batch(Batch::DropLink{"P1"}, Batch::PutLink{link("P2", "m1")},
                           Batch::Audit{audit_entry("P2", 1)}));
        EXPECT_THROW(copy->commit(batch(Batch::PutLink{link("P3", "m1")})), std::logic_error);
        EXPECT_EQ(copy->links_to({"m1"}).front()->external_id, "P2");
        EXPECT_EQ(copy->counts().links, 1);
    }

    const Scratch scratch;
    const fs::path path = scratch.state_file();
};

TEST_F(CopyTest, ChangesNothingInTheFile) {
    open_sqlite(path)->commit(batch(Batch::PutLink{link("P1", "m1")}));
    const std::string before = bytes_of(path);
    const auto written = fs::last_write_time(path);
    use_copy();
    EXPECT_TRUE(bytes_of(path) == before);
    EXPECT_EQ(fs::last_write_time(path), written);
    EXPECT_EQ(scratch.names(), "state.db,state.db.lock");
    EXPECT_TRUE(open_sqlite(path)->look_up({"P1"}).front().link);
}

TEST_F(CopyTest, SeesWhatAKilledOwnerCommittedAndLeavesItsLogAlone) {
    Child owner([this](int to_parent) {
        const auto store = open_sqlite(path);
        store->commit(batch(Batch::PutLink{link("P1", "m1")}));
        send(to_parent, 1);
        for (;;)
            ::pause();
    });
    ASSERT_TRUE(owner.receive());
    owner.kill();
    const std::string before = bytes_of(path);
    const std::string log = bytes_of(path.string() + "-wal");
    ASSERT_FALSE(log.empty());
    use_copy();
    EXPECT_TRUE(bytes_of(path) == before);
    EXPECT_TRUE(bytes_of(path.string() + "-wal") == log);
    EXPECT_EQ(scratch.names(), "state.db,state.db-wal,state.db.lock");
    EXPECT_TRUE(open_sqlite(path)->look_up({"P1"}).front().link);
}

TEST_F(CopyTest, OfNothingIsEmptyAndMakesNothing) {
    const auto copy = open_sqlite_copy(path);
    EXPECT_EQ(text(copy->counts()), text(Counts{}));
    copy->commit(batch(Batch::PutLink{link("P1", "m1")}));
    EXPECT_EQ(copy->counts().links, 1);
    EXPECT_EQ(scratch.names(), "");
    EXPECT_NO_THROW(open_sqlite_copy(scratch.directory() / "missing" / "state.db"));
    EXPECT_EQ(scratch.names(), "");
}

TEST_F(CopyTest, DoesNotKeepTheOwnerOut) {
    open_sqlite(path)->commit(batch(Batch::PutLink{link("P1", "m1")}));
    const auto copy = open_sqlite_copy(path);
    const auto store = open_sqlite(path);
    store->commit(batch(Batch::DropLink{"P1"}));
    EXPECT_EQ(copy->counts().links, 1);
}

TEST_F(CopyTest, AFileNameMayHoldWhatUrisEscape) {
    const fs::path odd = scratch.directory() / "a?b#c%20d.db";
    open_sqlite(odd)->commit(batch(Batch::PutMeta{"a", "b"}));
    EXPECT_EQ(open_sqlite_copy(odd)->meta("a"), "b");
}

TEST_F(CopyTest, RefusesWhatTheOwnerWouldRefuse) {
    write_bytes(path, "no database");
    const auto error = store_error([&] { open_sqlite_copy(path); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), StoreError::Kind::not_ours);
}

TEST_F(CopyTest, RefusesADamagedFile) {
    Batch all;
    for (int i = 0; i < 2000; ++i)
        all.add(Batch::PutLink{link("P" + std::to_string(i), "m" + std::to_string(i))});
    open_sqlite(path)->commit(all);
    std::string bytes = bytes_of(path);
    bytes.replace(100'000, 20'000, 20'000, '\x5a');
    write_bytes(path, bytes);
    const auto error = store_error([&] { open_sqlite_copy(path); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), StoreError::Kind::damaged);
    EXPECT_TRUE(bytes_of(path) == bytes);
}

} // namespace
} // namespace medibridge::state::test
