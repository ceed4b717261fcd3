#include "disk/simulated_disk.hpp"
#include "opening.hpp"
#include "scratch.hpp"
#include "script.hpp"
#include "state/sqlite/connection.hpp"
#include "state/sqlite/log_check.hpp"
#include "tests/sanitized.hpp"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <gtest/gtest.h>
#include <iostream>
#include <sqlite3.h>
#include <sstream>
#include <vector>

namespace medibridge::state::test {
namespace {

using disk::SimulatedDisk;

constexpr const char* file_name = "state.db";
/// The program is upgraded after so many batches.
constexpr int batches_before_upgrade = 6;

/// This program's migrations, and those of two later versions.
std::vector<Migration> with_later_versions() {
    std::vector<Migration> steps(all_migrations().begin(), all_migrations().end());
    for (const char* sql :
         {"CREATE TABLE later(a INTEGER) STRICT; CREATE INDEX later_a ON later(a)",
          "INSERT INTO later SELECT length(digests) FROM link"})
        steps.push_back({static_cast<int>(steps.size()) + 1, sql});
    return steps;
}

const std::vector<Migration> last_version = with_later_versions();

/// The script's way on a disk: open, commit, close for an upgrade, open, commit, close.
class Workload {
  public:
    explicit Workload(SimulatedDisk& disk) : disk_(disk) {}

    /// Goes on from what is on the disk to the script's end; false if the disk stopped before.
    bool go_on() {
        try {
            if (acknowledged_ < batches_before_upgrade)
                session(all_migrations(), batches_before_upgrade);
            session(last_version, scripted_batches);
        } catch (const StoreError&) {
            EXPECT_TRUE(disk_.stopped()) << "nothing else may fail";
        }
        return !disk_.stopped();
    }

  private:
    void session(std::span<const Migration> migrations, int last) {
        Surroundings surroundings;
        surroundings.migrations = migrations;
        surroundings.vfs = disk_.vfs();
        surroundings.log_pages = 24; // so that the log is folded in again and again
        surroundings.compacted_from = 1;
        const auto store = open_sqlite_on_vfs(file_name, surroundings);
        const int found = last_scripted(*store);
        EXPECT_GE(found, acknowledged_) << "what was acknowledged is there";
        EXPECT_LE(found, acknowledged_ + 1) << "one commit at most was under way";
        EXPECT_EQ(scripted_text(*store), scripted_texts()[static_cast<std::size_t>(found)])
            << "batch " << found << " is there whole and no other";
        acknowledged_ = found;
        while (acknowledged_ < last) {
            store->commit(scripted(acknowledged_ + 1));
            ++acknowledged_;
        }
        store->find_altered(0);
        store->tidy_up();
    }

    SimulatedDisk& disk_;
    int acknowledged_ = 0;
};

std::int64_t changes_of_a_whole_run() {
    SimulatedDisk disk;
    EXPECT_TRUE(Workload(disk).go_on());
    return disk.changes();
}

void expect_intact(const SimulatedDisk& disk) {
    SQLite::Database plain(std::string(file_name), SQLITE_OPEN_READWRITE, 0,
                           std::string(disk.vfs()));
    plain.exec("PRAGMA locking_mode = EXCLUSIVE");
    EXPECT_EQ(plain.execAndGet("PRAGMA integrity_check").getString(), "ok");
    EXPECT_EQ(plain.execAndGet("PRAGMA user_version").getInt(), version_after(last_version));
    EXPECT_GT(plain.execAndGet("SELECT count(*) FROM later").getInt(), 0);
    EXPECT_EQ(plain.execAndGet("SELECT count(*) FROM meta WHERE key = 'compacted_links'").getInt(),
              1);
}

/// What a power cut does to a log is never taken for damage.
void expect_no_damage(const SimulatedDisk& disk) {
    const auto files = disk.files();
    const auto log = files.find(std::string(file_name) + "-wal");
    if (log == files.end()) return;
    std::istringstream bytes(log->second);
    EXPECT_FALSE(has_lost_commits(bytes));
}

class PowerCutTest : public testing::TestWithParam<std::uint64_t> {};

TEST_P(PowerCutTest, AtAnyChangeOfTheDiskLosesNothingAcknowledgedAndLeavesNoHalves) {
    const std::int64_t last = changes_of_a_whole_run();
    int cuts = 0;
    for (std::int64_t cut = first_moment(); cut <= last && !HasFailure(); cut += stride) {
        SCOPED_TRACE("cut at change " + std::to_string(cut));
        SimulatedDisk disk;
        Workload workload(disk);
        // Then a second time, at another moment of what is left to do, the recovery included.
        const std::uint64_t seed = GetParam() * 1'000'003 + static_cast<std::uint64_t>(cut);
        for (const std::int64_t at : {cut, 1 + static_cast<std::int64_t>(seed * 7919 % 97)}) {
            disk.stop_at_change(at);
            if (workload.go_on()) break;
            disk.cut_power(seed);
            expect_no_damage(disk);
            ++cuts;
        }
        disk.kill_process();
        EXPECT_TRUE(workload.go_on());
        expect_intact(disk);
    }
    RecordProperty("cuts", cuts);
    std::cout << cuts << " power cuts, of " << last << " changes each was the moment of one\n";
    EXPECT_GT(last, 100);
}

INSTANTIATE_TEST_SUITE_P(Seeds, PowerCutTest, testing::Range<std::uint64_t>(0, 4));

/// Puts what the disk holds into real files.
void unload(const SimulatedDisk& disk, const Scratch& to) {
    for (const auto& [name, bytes] : disk.files())
        write_bytes(to.directory() / name, bytes);
}

TEST(PowerCutAtCreationTest, LeavesAFileThatIsStillKnownAsOurs) {
    constexpr std::int64_t step = tests::sanitized ? 5 : 1;
    int cuts = 0;
    for (std::int64_t cut = 1;; cut += step) {
        bool ended = false;
        for (std::uint64_t seed = 0; seed < 4; ++seed) {
            SimulatedDisk disk;
            Surroundings surroundings;
            surroundings.vfs = disk.vfs();
            disk.stop_at_change(cut);
            store_error([&] { open_sqlite_on_vfs(file_name, surroundings); });
            ended = !disk.stopped();
            disk.cut_power(seed);
            const Scratch scratch;
            unload(disk, scratch);
            const auto store = open_sqlite(scratch.state_file());
            store->commit(scripted(1));
            ASSERT_EQ(scripted_text(*store), scripted_texts()[1]) << cut << " " << seed;
            ++cuts;
        }
        if (ended) break;
    }
    std::cout << cuts << " power cuts while a state was made\n";
    EXPECT_GT(cuts, 40 / step);
}

} // namespace
} // namespace medibridge::state::test
