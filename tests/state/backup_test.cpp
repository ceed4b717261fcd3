#include "opening.hpp"
#include "record_text.hpp"
#include "scratch.hpp"
#include "script.hpp"
#include "state/key_file.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <csignal>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/resource.h>

namespace medibridge::state::test {
namespace {

namespace fs = std::filesystem;

class BackupTest : public testing::Test {
  protected:
    std::unique_ptr<Store> scripted_store() {
        auto store = open_sqlite(scratch.state_file());
        for (int n = 1; n <= scripted_batches; ++n)
            store->commit(scripted(n));
        return store;
    }

    void expect_refused(StoreError::Kind kind, const std::string& words) {
        const auto error = store_error([&] { check_backup(backup); });
        ASSERT_TRUE(error);
        EXPECT_EQ(error->kind(), kind) << error->what();
        EXPECT_NE(std::string(error->what()).find(words), std::string::npos) << error->what();
    }

    const Scratch scratch;
    const Scratch elsewhere;
    const fs::path backup = elsewhere.directory() / "saved % ?.db";
};

TEST_F(BackupTest, ACopyOfARunningStateHoldsTheSameAndCanBeOpened) {
    const auto store = scripted_store();
    store->backup_to(backup);
    EXPECT_EQ(elsewhere.names(), "saved % ?.db,saved % ?.db.facts");
    for (const auto& file : {backup, fs::path(backup.string() + ".facts")})
        EXPECT_EQ(fs::status(file).permissions(), fs::perms::owner_read | fs::perms::owner_write);
    EXPECT_EQ(check_backup(backup), schema_version());
    EXPECT_EQ(elsewhere.names(), "saved % ?.db,saved % ?.db.facts") << "looking leaves no trace";
    const std::string before = scripted_text(*store);
    store->commit(scripted(scripted_batches + 1));
    const auto restored = open_sqlite(backup);
    EXPECT_EQ(scripted_text(*restored), before);
    EXPECT_TRUE(restored->verify_audit().intact);
    restored->commit(scripted(scripted_batches + 1));
    EXPECT_EQ(scripted_text(*restored), scripted_text(*store));
}

TEST_F(BackupTest, TheKeyIsNotInIt) {
    const auto key_file = scratch.state_file().string() + ".key";
    const auto key = read_or_make_key(key_file);
    const auto text = bytes_of(key_file).substr(0, 64);
    scripted_store()->backup_to(backup);
    const std::string bytes(key.bytes().begin(), key.bytes().end());
    for (const auto& file : fs::directory_iterator(elsewhere.directory())) {
        EXPECT_EQ(bytes_of(file.path()).find(bytes), std::string::npos) << file;
        EXPECT_EQ(bytes_of(file.path()).find(text), std::string::npos) << file;
    }
    EXPECT_EQ(elsewhere.names(), "saved % ?.db,saved % ?.db.facts");
}

TEST_F(BackupTest, ADiskThatTakesNoMoreIsTheBackupsAndNotTheStates) {
    scripted_store();
    const auto store = open_sqlite(scratch.state_file()); // its log is short
    const auto before = std::signal(SIGXFSZ, SIG_IGN);
    rlimit limit{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
    const rlimit small{fs::file_size(scratch.state_file()) / 2, limit.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    const auto error = store_error([&] { store->backup_to(backup); });
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
    std::signal(SIGXFSZ, before);
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), StoreError::Kind::unavailable);
    const std::string text = error->what();
    EXPECT_NE(text.find(backup.string()), std::string::npos) << text;
    EXPECT_EQ(text.find(scratch.state_file().string() + ":"), std::string::npos) << text;
}

TEST_F(BackupTest, ItSaysWhichKeyItNeeds) {
    scripted_store()->backup_to(backup);
    EXPECT_EQ(keys_of_backup(backup), std::vector<std::string>{audit_seal().key_check()});
}

TEST_F(BackupTest, TheFactsOfABackupAreThoseOfTheState) {
    const auto store = open_sqlite(scratch.state_file());
    store->backup_to(elsewhere.directory() / "none.db");
    EXPECT_EQ(elsewhere.names(), "none.db") << "there were none";
    store->commit(batch(Batch::PutTombstone{{"P1", "m1"}}, Batch::PutRedirect{"P2", "P3"}));
    store->backup_to(backup);
    fs::rename(backup.string() + ".facts", elsewhere.directory() / "new.db.facts");
    const auto fresh = open_sqlite(elsewhere.directory() / "new.db");
    EXPECT_TRUE(fresh->look_up({"P1"}).front().tombstone);
    EXPECT_EQ(fresh->look_up({"P2"}).front().redirect, "P3");
}

TEST_F(BackupTest, WhatIsThereIsNotReplaced) {
    const auto store = scripted_store();
    for (const std::string suffix : {"", ".facts", "-wal", "-journal"}) {
        write_bytes(backup.string() + suffix, "mine");
        const auto error = store_error([&] { store->backup_to(backup); });
        ASSERT_TRUE(error) << suffix;
        EXPECT_EQ(error->kind(), StoreError::Kind::unavailable);
        EXPECT_EQ(bytes_of(backup.string() + suffix), "mine");
        EXPECT_EQ(elsewhere.names(), "saved % ?.db" + suffix);
        fs::remove(backup.string() + suffix);
    }
    EXPECT_TRUE(store_error([&] { store->backup_to(scratch.state_file()); }));
    EXPECT_TRUE(store_error([&] { store->backup_to(elsewhere.directory() / "no" / "b.db"); }));
    EXPECT_EQ(elsewhere.names(), "");
    store->commit(scripted(scripted_batches + 1));
}

TEST_F(BackupTest, WhatIsNoBackupIsRefused) {
    expect_refused(StoreError::Kind::unavailable, "No such file");
    write_bytes(backup, "");
    expect_refused(StoreError::Kind::not_ours, "is empty");
    write_bytes(backup, std::string(5'000, 'x'));
    expect_refused(StoreError::Kind::not_ours, "does not begin as a SQLite database");
    fs::remove(backup);
    scripted_store()->backup_to(backup);
    const std::string bytes = bytes_of(backup);
    write_bytes(backup, bytes.substr(0, bytes.size() / 2));
    expect_refused(StoreError::Kind::damaged, "damaged");
    write_bytes(backup, bytes);
    SQLite::Database(backup.string(), SQLITE_OPEN_READWRITE)
        .exec("PRAGMA user_version = " + std::to_string(schema_version() + 1));
    expect_refused(StoreError::Kind::too_new, "version");
}

TEST_F(BackupTest, IsTriedAsTheStartOfAServiceWouldOpenIt) {
    const auto store = scripted_store();
    store->backup_to(backup);
    const auto state_key = audit_seal().ring().seal;
    const auto before = bytes_of(backup);
    EXPECT_TRUE(try_backup(backup, scratch.state_file(), state_key));
    EXPECT_EQ(bytes_of(backup), before);
    EXPECT_EQ(elsewhere.names(), "saved % ?.db,saved % ?.db.facts");
    const auto refusal = [&] {
        const auto error =
            store_error([&] { try_backup(backup, scratch.state_file(), state_key); });
        return error ? std::string(error->what()) : "none";
    };
    struct Damage {
        std::string from, to, words;
    };
    // Each passes SQLite's own check.
    const std::vector<Damage> damages{
        {"CHECK (kind IN ('retry'", "CHECK (khnd IN ('retry'", "no such column: khnd"},
        {"CHECK (acknowledged IN (0, 1))", "CHECK (acknowledged IN (0, 3))",
         "table `held` is not as"},
        {"modified_at DESC)", "modified_at  ASC)", "index `unlinked_by_external_id` is not as"}};
    for (const auto& [from, to, words] : damages) {
        auto bytes = before;
        const auto at = bytes.find(from);
        if (at == std::string::npos) {
            ADD_FAILURE() << from;
            continue;
        }
        write_bytes(backup, bytes.replace(at, from.size(), to));
        EXPECT_NE(refusal().find(words), std::string::npos) << refusal();
    }
    write_bytes(backup, before);
    write_bytes(scratch.state_file().string() + ".facts", "shadow put P1 m1 6892252bbb1a1457\n");
    EXPECT_NE(refusal().find("facts"), std::string::npos) << refusal();
}

TEST_F(BackupTest, IsTriedWithoutBelievingItsAudit) {
    scripted_store()->backup_to(backup);
    SQLite::Database(backup.string(), SQLITE_OPEN_READWRITE)
        .exec("UPDATE audit SET detail = detail || 'x' WHERE id = (SELECT min(id) FROM audit)");
    EXPECT_FALSE(try_backup(backup, scratch.state_file(), audit_seal().ring().seal));
}

class RestoreTest : public BackupTest {
  protected:
    RestoreTest() {
        const auto store = scripted_store();
        store->backup_to(backup);
        store->commit(batch(Batch::PutTombstone{{"late", "m9"}}));
    }

    const fs::path kept = scratch.directory() / "kept.db";
    const fs::path facts = scratch.state_file().string() + ".facts";
};

TEST_F(RestoreTest, TheBackupComesInItsPlaceAndTheFactsStay) {
    const auto before = bytes_of(facts);
    restore_sqlite(scratch.state_file(), backup, kept);
    EXPECT_EQ(bytes_of(facts), before);
    EXPECT_EQ(fs::status(scratch.state_file()).permissions(),
              fs::perms::owner_read | fs::perms::owner_write);
    const auto store = open_sqlite(scratch.state_file());
    EXPECT_EQ(last_scripted(*store), scripted_batches);
    EXPECT_TRUE(store->look_up({"late"}).front().tombstone) << "known from the facts";
    EXPECT_TRUE(store->verify_audit().intact);
    EXPECT_TRUE(open_sqlite(kept)->look_up({"late"}).front().tombstone) << "the former state";
}

TEST_F(RestoreTest, FactsThatAreGoneComeFromTheBackup) {
    open_sqlite(backup)->commit(batch(Batch::PutTombstone{{"P7", "m7"}}));
    fs::remove(facts);
    fs::remove(scratch.state_file());
    restore_sqlite(scratch.state_file(), backup, kept);
    EXPECT_FALSE(fs::exists(kept)) << "there was none";
    EXPECT_EQ(bytes_of(facts), bytes_of(backup.string() + ".facts"));
    EXPECT_TRUE(open_sqlite(scratch.state_file())->look_up({"P7"}).front().tombstone);
}

TEST_F(RestoreTest, ALogOfTheFormerStateGoesWithIt) {
    const auto log = scratch.state_file().string() + "-wal";
    write_bytes(log, "of the former state");
    restore_sqlite(scratch.state_file(), backup, kept);
    EXPECT_FALSE(fs::exists(log));
    EXPECT_EQ(bytes_of(kept.string() + "-wal"), "of the former state");
    EXPECT_EQ(last_scripted(*open_sqlite(scratch.state_file())), scripted_batches);
}

TEST_F(RestoreTest, NothingIsChangedWhereItCannotBe) {
    const auto before = bytes_of(scratch.state_file());
    const auto names = scratch.names();
    {
        const auto owner = open_sqlite(scratch.state_file());
        const auto locked =
            store_error([&] { restore_sqlite(scratch.state_file(), backup, kept); });
        ASSERT_TRUE(locked);
        EXPECT_EQ(locked->kind(), StoreError::Kind::locked);
    }
    write_bytes(backup, std::string(5'000, 'x'));
    EXPECT_TRUE(store_error([&] { restore_sqlite(scratch.state_file(), backup, kept); }));
    EXPECT_EQ(bytes_of(scratch.state_file()), before);
    EXPECT_EQ(scratch.names(), names);
}

} // namespace
} // namespace medibridge::state::test
