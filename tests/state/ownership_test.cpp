#include "opening.hpp"
#include "samples.hpp"
#include "scratch.hpp"
#include "state/sqlite/connection.hpp"

#include <SQLiteCpp/Database.h>
#include <array>
#include <ctime>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <stop_token>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace medibridge::state::test {
namespace {

namespace fs = std::filesystem;

std::int64_t now_ms = 1'800'000'000'000;

/// One owner's word to the next.
class OwnershipTest : public testing::Test {
  protected:
    OwnershipTest() {
        surroundings.now_ms = [] { return now_ms; };
        const auto store = open();
        store->commit(batch(Batch::PutLink{link("P1", "m1")}));
        store->find_altered(1);
    }

    std::unique_ptr<Store> open(CheckInBackground check = {}) const {
        return state::open_sqlite_in(path, audit_seal(), surroundings, std::move(check));
    }

    /// Whether who opens it now takes the file for sound unread: then nothing waits for a check,
    /// which here would be cut off before it begins.
    bool is_trusted() const {
        std::stop_source end;
        end.request_stop();
        const auto store = open({{}, end.get_token()});
        const bool rows = store->rows_are_sound();
        const bool file = !store_error([&] { await_check(*store); });
        EXPECT_EQ(rows, file);
        return rows && file;
    }

    fs::path lock() const { return path.string() + ".lock"; }

    Surroundings surroundings;
    const Scratch scratch;
    const fs::path path = scratch.state_file();
};

TEST_F(OwnershipTest, WhatOneFoundSoundTheNextNeedNotReadAgain) {
    EXPECT_TRUE(is_trusted());
    EXPECT_TRUE(is_trusted()) << "who trusts it hands it on";
    open()->commit(batch(Batch::PutLink{link("P2", "m2")}));
    EXPECT_TRUE(is_trusted()) << "and so does who wrote to it";
    EXPECT_EQ(open()->counts().links, 2);
}

TEST_F(OwnershipTest, ADayLaterItIsReadAgain) {
    constexpr std::int64_t day_ms = 86'400'000;
    now_ms += day_ms;
    EXPECT_TRUE(is_trusted());
    now_ms += 1;
    EXPECT_FALSE(is_trusted());
    open()->find_altered(1);
    EXPECT_TRUE(is_trusted());
    now_ms -= day_ms;
    EXPECT_FALSE(is_trusted()) << "of a time that has not come";
}

TEST_F(OwnershipTest, WhoeverWritesToTheFileHasItReadAgain) {
    const auto bytes = bytes_of(path);
    write_bytes(path, bytes);
    EXPECT_FALSE(is_trusted());
}

TEST_F(OwnershipTest, AlsoWhereTheTimeOfTheWriteIsPutBack) {
    struct stat before{};
    ASSERT_EQ(::stat(path.c_str(), &before), 0);
    write_bytes(path, bytes_of(path));
    // The kernel's times of files move on by some milliseconds at once.
    for (timespec now{}; now.tv_sec == 0 || (now.tv_sec == before.st_ctim.tv_sec &&
                                             now.tv_nsec <= before.st_ctim.tv_nsec);)
        ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
    const std::array<timespec, 2> times = {before.st_atim, before.st_mtim};
    ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times.data(), 0), 0);
    EXPECT_FALSE(is_trusted());
}

TEST_F(OwnershipTest, ACopyInItsPlaceIsReadAgain) {
    fs::copy_file(path, path.string() + ".copy");
    fs::rename(path.string() + ".copy", path);
    EXPECT_FALSE(is_trusted());
}

TEST_F(OwnershipTest, AnOwnerThatIsKilledLeavesNoWord) {
    for (const bool writes : {false, true}) {
        open()->find_altered(1);
        ASSERT_TRUE(is_trusted());
        Child owner([&](int to_parent) {
            const auto store = open();
            if (writes) store->commit(batch(Batch::PutMeta{"a", "b"}));
            send(to_parent, 1);
            for (;;)
                ::pause();
        });
        ASSERT_TRUE(owner.receive());
        owner.kill();
        EXPECT_FALSE(is_trusted()) << writes;
    }
}

TEST_F(OwnershipTest, WhoHasNotLookedAtTheRowsLeavesNoWord) {
    write_bytes(path, bytes_of(path));
    test::open_sqlite(path);
    EXPECT_FALSE(is_trusted());
}

TEST_F(OwnershipTest, NobodyWithoutTheKeyCanGiveIt) {
    const auto word = bytes_of(lock());
    const auto time = std::to_string(now_ms);
    const auto place = word.find(time);
    ASSERT_NE(place, std::string::npos);
    now_ms += 1;
    auto later = word;
    later.replace(place, time.size(), std::to_string(now_ms));
    write_bytes(lock(), later);
    EXPECT_FALSE(is_trusted());
    write_bytes(lock(), word);
    EXPECT_TRUE(is_trusted());
}

TEST_F(OwnershipTest, WhoOnlyReadsTheFileTakesNothingAway) {
    test::open_sqlite_copy(path);
    read_key_ring(path, audit_seal().ring().seal);
    EXPECT_TRUE(is_trusted());
}

TEST_F(OwnershipTest, WhoReadARowThatIsNotAsItWasWrittenLeavesNoWord) {
    SQLite::Database(path.string(), SQLITE_OPEN_READWRITE).exec("UPDATE link SET source = 'x'");
    // As on a disk that loses bits: nobody has written to the file since.
    {
        Ownership owned(path);
        owned.vouch(now_ms, audit_seal().rows());
    }
    {
        const auto store = open();
        ASSERT_TRUE(store->rows_are_sound());
        EXPECT_EQ(store->look_up({"P1"}).front().altered, "link");
        EXPECT_FALSE(store->rows_are_sound());
    }
    EXPECT_FALSE(is_trusted());
    EXPECT_EQ(open()->find_altered(1).count, 1);
}

} // namespace
} // namespace medibridge::state::test
