#include "disk/simulated_disk.hpp"

#include <gtest/gtest.h>
#include <memory>
#include <set>
#include <sqlite3.h>
#include <string>

namespace medibridge::disk {
namespace {

using Fault = SimulatedDisk::Fault;

/// A database on the disk, or the result code that stood in the way.
class Database {
  public:
    explicit Database(const SimulatedDisk& disk) {
        opened_ = sqlite3_open_v2("a.db", &handle_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                                  disk.vfs());
    }
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;
    ~Database() { sqlite3_close(handle_); }

    int exec(const char* sql) {
        return opened_ != SQLITE_OK ? opened_
                                    : sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
    }
    int number(const char* sql) {
        int found = -1;
        sqlite3_exec(
            handle_, sql,
            [](void* to, int, char** columns, char**) {
                *static_cast<int*>(to) = std::stoi(columns[0]);
                return 0;
            },
            &found, nullptr);
        return found;
    }

  private:
    sqlite3* handle_ = nullptr;
    int opened_ = SQLITE_OK;
};

constexpr const char* unsynced = "PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF;"
                                 "CREATE TABLE t(a); INSERT INTO t VALUES (7)";
// EXTRA: the removal of the journal is synced as well.
constexpr const char* synced = "PRAGMA synchronous = EXTRA;"
                               "CREATE TABLE t(a); INSERT INTO t VALUES (7)";

TEST(SimulatedDiskTest, HoldsADatabaseFromOneOpeningToTheNext) {
    SimulatedDisk disk;
    EXPECT_EQ(Database(disk).exec(synced), SQLITE_OK);
    EXPECT_EQ(Database(disk).number("SELECT a FROM t"), 7);
    EXPECT_TRUE(disk.files().contains("a.db"));
}

TEST(SimulatedDiskTest, ADeadProcessKeepsWhatItWroteAndItsHandlesDoNothingMore) {
    SimulatedDisk disk;
    Database dead(disk);
    EXPECT_EQ(dead.exec(unsynced), SQLITE_OK);
    disk.kill_process();
    const auto before = disk.files();
    EXPECT_NE(dead.exec("INSERT INTO t VALUES (8)"), SQLITE_OK);
    EXPECT_TRUE(disk.files() == before);
    EXPECT_EQ(Database(disk).number("SELECT count(*) FROM t"), 1);
}

TEST(SimulatedDiskTest, APowerCutKeepsWhatWasSynced) {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        SimulatedDisk disk;
        Database database(disk);
        ASSERT_EQ(database.exec(synced), SQLITE_OK);
        disk.cut_power(seed);
        EXPECT_EQ(Database(disk).number("SELECT a FROM t"), 7) << seed;
    }
}

TEST(SimulatedDiskTest, APowerCutKeepsLosesAndTearsWhatWasNotSynced) {
    std::set<std::string> left;
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        SimulatedDisk disk;
        Database database(disk);
        ASSERT_EQ(database.exec(unsynced), SQLITE_OK);
        disk.cut_power(seed);
        left.insert(disk.files().contains("a.db") ? disk.bytes() : "no file");
    }
    EXPECT_TRUE(left.contains("no file"));
    EXPECT_GT(left.size(), 5U);
}

TEST(SimulatedDiskTest, TheSameSeedLeavesTheSameBytes) {
    std::set<std::string> left;
    for (int again = 0; again < 2; ++again) {
        SimulatedDisk disk;
        Database database(disk);
        ASSERT_EQ(database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL"),
                  SQLITE_OK);
        ASSERT_EQ(database.exec(unsynced), SQLITE_OK);
        disk.cut_power(3);
        left.insert(disk.bytes());
    }
    EXPECT_EQ(left.size(), 1U);
}

TEST(SimulatedDiskTest, FromTheStopOnNothingReachesTheDisk) {
    SimulatedDisk disk;
    Database database(disk);
    const auto made = disk.changes();
    disk.stop_at_change(3);
    EXPECT_NE(database.exec(synced), SQLITE_OK);
    EXPECT_TRUE(disk.stopped());
    EXPECT_EQ(disk.changes(), made + 3);
    const auto before = disk.files();
    EXPECT_NE(database.exec(synced), SQLITE_OK);
    EXPECT_TRUE(disk.files() == before);
    disk.kill_process();
    EXPECT_EQ(Database(disk).exec(synced), SQLITE_OK);
}

TEST(SimulatedDiskTest, EachFaultIsWhatSqliteIsTold) {
    SimulatedDisk disk;
    ASSERT_EQ(Database(disk).exec(synced), SQLITE_OK);
    const auto outcome = [&](Fault fault, const char* sql) {
        Database database(disk);
        disk.fail(1, fault);
        const int code = database.exec(sql) & 0xff;
        EXPECT_TRUE(disk.struck());
        disk.heal();
        return code;
    };
    EXPECT_EQ(outcome(Fault::full, "INSERT INTO t VALUES (8)"), SQLITE_FULL);
    EXPECT_EQ(outcome(Fault::locked, "SELECT * FROM t"), SQLITE_BUSY);
    EXPECT_EQ(outcome(Fault::io_error, "SELECT * FROM t"), SQLITE_IOERR);
    EXPECT_EQ(outcome(Fault::corrupt_read, "SELECT * FROM t"), SQLITE_NOTADB);
    EXPECT_EQ(Database(disk).number("SELECT count(*) FROM t"), 1);
}

TEST(SimulatedDiskTest, AFaultThatLastsEndsWhenItIsHealed) {
    SimulatedDisk disk;
    Database database(disk);
    ASSERT_EQ(database.exec(synced), SQLITE_OK);
    disk.fail(2, Fault::io_error, true);
    for (int again = 0; again < 3; ++again)
        EXPECT_NE(database.exec("INSERT INTO t VALUES (8)"), SQLITE_OK);
    disk.heal();
    EXPECT_EQ(database.exec("INSERT INTO t VALUES (8)"), SQLITE_OK);
}

TEST(SimulatedDiskTest, ASecondOwnerIsKeptOut) {
    SimulatedDisk disk;
    Database first(disk);
    ASSERT_EQ(first.exec("PRAGMA locking_mode = EXCLUSIVE"), SQLITE_OK);
    ASSERT_EQ(first.exec(synced), SQLITE_OK);
    EXPECT_EQ(Database(disk).exec("SELECT * FROM t"), SQLITE_BUSY);
    disk.kill_process();
    EXPECT_EQ(Database(disk).exec("SELECT * FROM t"), SQLITE_OK);
}

} // namespace
} // namespace medibridge::disk
