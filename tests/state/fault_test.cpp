#include "disk/simulated_disk.hpp"
#include "opening.hpp"
#include "scratch.hpp"
#include "script.hpp"
#include "state/sqlite/connection.hpp"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <algorithm>
#include <gtest/gtest.h>
#include <iostream>
#include <sqlite3.h>

namespace medibridge::state::test {
namespace {

using disk::SimulatedDisk;
using Fault = SimulatedDisk::Fault;
using Kind = StoreError::Kind;

struct Case {
    const char* name;
    Fault fault;
    bool lasting;
    std::vector<Kind> kinds;         ///< what it may be reported as
    std::vector<const char*> advice; ///< one of these must be said
};

const std::vector<const char*> restore = {"restore a backup"};
const std::vector<const char*> look = {"kernel's log", "own the file and its directory"};

const std::vector<Case> cases = {
    {"IoErrorOnce", Fault::io_error, false, {Kind::unavailable}, look},
    {"IoErrors", Fault::io_error, true, {Kind::unavailable}, look},
    {"FullOnce", Fault::full, false, {Kind::unavailable}, {"free some space"}},
    {"Full", Fault::full, true, {Kind::unavailable}, {"free some space"}},
    {"LockedOnce", Fault::locked, false, {Kind::locked}, {"close whatever reads it"}},
    {"Locked", Fault::locked, true, {Kind::locked}, {"close whatever reads it"}},
    {"CorruptRead", Fault::corrupt_read, true, {Kind::damaged, Kind::not_ours}, restore},
};

/// The script on a disk where something fails: after each failure the disk is healed.
class Workload {
  public:
    Workload(SimulatedDisk& disk, const Case& about) : disk_(disk), about_(about) {}

    /// After a fault that lasts, the state is opened anew as by the next process; after one that
    /// passes, the same object is used further.
    void run() {
        while (done_ < scripted_batches) {
            if (!store_) attempt([this] { open(); });
            while (store_ && done_ < scripted_batches)
                if (!attempt([this] { commit(); }) && about_.lasting) crash();
        }
        store_.reset();
        disk_.heal();
    }

  private:
    void open() {
        Surroundings surroundings;
        surroundings.vfs = disk_.vfs();
        surroundings.log_pages = 24;
        // Not a member before it has answered: a store that cannot be read is opened anew.
        auto store = open_sqlite_on_vfs("state.db", surroundings);
        const int found = last_scripted(*store);
        EXPECT_GE(found, done_);
        EXPECT_LE(found, done_ + 1);
        EXPECT_EQ(scripted_text(*store), scripted_texts()[static_cast<std::size_t>(found)]);
        done_ = found;
        store_ = std::move(store);
    }

    void commit() {
        store_->commit(scripted(done_ + 1));
        ++done_;
        if (done_ % 4 == 0) store_.reset();
    }

    void crash() {
        store_.reset();
        disk_.kill_process();
    }

    bool attempt(const std::function<void()>& job) {
        const auto error = store_error(job);
        if (!error) return true;
        EXPECT_TRUE(disk_.struck()) << error->what();
        EXPECT_TRUE(std::ranges::count(about_.kinds, error->kind()) != 0) << error->what();
        const std::string what = error->what();
        EXPECT_TRUE(std::ranges::any_of(about_.advice, [&](const char* words) {
            return what.find(words) != std::string::npos;
        })) << what;
        disk_.heal();
        if (++failures_ > 1) {
            ADD_FAILURE() << "healed, nothing may fail: " << what;
            throw StoreError(*error);
        }
        if (!store_ || about_.lasting) return false;
        EXPECT_EQ(scripted_text(*store_), scripted_texts()[static_cast<std::size_t>(done_)])
            << "nothing of what failed was kept";
        return false;
    }

    SimulatedDisk& disk_;
    const Case& about_;
    std::unique_ptr<Store> store_;
    int done_ = 0;
    int failures_ = 0;
};

class FaultTest : public testing::TestWithParam<Case> {};

void expect_the_scripts_end(const SimulatedDisk& disk) {
    {
        SQLite::Database plain(std::string("state.db"), SQLITE_OPEN_READWRITE, 0,
                               std::string(disk.vfs()));
        plain.exec("PRAGMA locking_mode = EXCLUSIVE");
        EXPECT_EQ(plain.execAndGet("PRAGMA integrity_check").getString(), "ok");
    }
    Surroundings surroundings;
    surroundings.vfs = disk.vfs();
    const auto store = open_sqlite_on_vfs("state.db", surroundings);
    EXPECT_EQ(scripted_text(*store), scripted_texts().back());
}

TEST_P(FaultTest, AtAnyAccessIsReportedAndOnceHealedTheEndIsTheSame) {
    int faults = 0;
    for (std::int64_t nth = 1; !HasFailure(); nth += nth < 20 ? 1 : stride) {
        SCOPED_TRACE("access " + std::to_string(nth));
        SimulatedDisk disk;
        disk.fail(nth, GetParam().fault, GetParam().lasting);
        Workload(disk, GetParam()).run();
        if (!disk.struck()) break;
        expect_the_scripts_end(disk);
        ++faults;
    }
    RecordProperty("faults", faults);
    std::cout << faults << " faults\n";
    EXPECT_GT(faults, 4);
}

std::string name_of(const testing::TestParamInfo<Case>& about) {
    return about.param.name;
}

INSTANTIATE_TEST_SUITE_P(Each, FaultTest, testing::ValuesIn(cases), name_of);

} // namespace
} // namespace medibridge::state::test
