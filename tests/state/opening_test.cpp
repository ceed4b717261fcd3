#include "opening.hpp"
#include "record_text.hpp"
#include "samples.hpp"
#include "scratch.hpp"
#include "state/sqlite/connection.hpp"
#include "state/sqlite/sealed_rows.hpp"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <array>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace medibridge::state::test {
namespace {

namespace fs = std::filesystem;
using Kind = StoreError::Kind;

constexpr int make = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;

class OpeningTest : public testing::Test {
  protected:
    /// Expects that the file is refused, with words in the reason, and that no byte of it changes.
    void expect_refused(Kind kind, const std::string& words) {
        const std::string before = bytes_of(path);
        const auto error = store_error([&] { open_sqlite(path); });
        ASSERT_TRUE(error);
        EXPECT_EQ(error->kind(), kind) << error->what();
        const std::string what = error->what();
        EXPECT_NE(what.find(words), std::string::npos) << what;
        EXPECT_NE(what.find(scratch.directory().string()), std::string::npos) << what;
        EXPECT_TRUE(bytes_of(path) == before) << "a refused file must be left as it is";
    }

    void fill(int links = 2000) {
        Batch all;
        for (int i = 0; i < links; ++i)
            all.add(Batch::PutLink{link("P" + std::to_string(i), "m" + std::to_string(i))});
        open_sqlite(path)->commit(all);
    }

    const Scratch scratch;
    const fs::path path = scratch.state_file();
};

TEST_F(OpeningTest, ANewStateIsEmptyAndPrivate) {
    const auto store = open_sqlite(path);
    EXPECT_EQ(text(store->counts()), text(Counts{}));
    store->commit(batch(Batch::PutMeta{"a", "b"}));
    for (const char* file : {"", "-wal", ".lock"}) {
        struct stat status{};
        ASSERT_EQ(::stat((path.string() + file).c_str(), &status), 0) << file;
        EXPECT_EQ(status.st_mode & 07777U, 0600U) << file;
    }
    EXPECT_EQ(scratch.names(), "state.db,state.db-wal,state.db.lock") << "no shared memory";
}

TEST_F(OpeningTest, ItsLogIsCutOffInAQuietMomentWhereItHasGrown) {
    const auto store = open_sqlite(path);
    const auto log = path.string() + "-wal";
    store->commit(batch(Batch::PutMeta{"a", "b"}));
    const auto little = fs::file_size(log);
    store->tidy_up();
    EXPECT_EQ(fs::file_size(log), little) << "not worth it";
    for (int i = 0; i < 3; ++i)
        store->commit(
            batch(Batch::PutMeta{"a", std::string(1u << 20, static_cast<char>('a' + i))}));
    EXPECT_GT(fs::file_size(log), 1u << 20);
    store->tidy_up();
    EXPECT_EQ(fs::file_size(log), 0u);
    EXPECT_EQ(store->meta("a"), std::string(1u << 20, 'c'));
}

TEST_F(OpeningTest, AnotherKeyIsRefusedBeforeAnythingIsWrittenUnderIt) {
    fill(3);
    constexpr std::array<std::uint8_t, AuditSeal::key_size> other{9};
    const std::string before = bytes_of(path);
    for (const bool copy : {false, true}) {
        const auto error = store_error([&] {
            if (copy)
                state::open_sqlite_copy(path, AuditSeal(other));
            else
                state::open_sqlite(path, AuditSeal(other));
        });
        ASSERT_TRUE(error);
        EXPECT_EQ(error->kind(), Kind::not_ours) << error->what();
        EXPECT_NE(std::string(error->what()).find("another key"), std::string::npos);
    }
    EXPECT_TRUE(bytes_of(path) == before);
    EXPECT_TRUE(open_sqlite(path)->verify_audit().intact);
}

TEST_F(OpeningTest, TheLogsIndexIsNeverSharedMemory) {
    fill(1);
    for (int again = 0; again < 2; ++again) {
        const auto store = open_sqlite(path);
        EXPECT_EQ(scratch.names(), "state.db,state.db-wal,state.db.lock");
        store->commit(batch(Batch::PutMeta{"a", "b"}));
        EXPECT_EQ(scratch.names(), "state.db,state.db-wal,state.db.lock");
    }
}

TEST_F(OpeningTest, AnEmptyFileBecomesAState) {
    write_bytes(path, "");
    open_sqlite(path)->commit(batch(Batch::PutMeta{"a", "b"}));
    EXPECT_EQ(open_sqlite(path)->meta("a"), "b");
}

TEST_F(OpeningTest, AFileWhoseMakingWasCutOffIsMadeAnew) {
    Child maker([this](int to_parent) {
        SQLite::Database unfinished(path.string(), make);
        // A cache of one page: SQLite writes to the file long before the commit.
        unfinished.exec("PRAGMA cache_size = 1; BEGIN; CREATE TABLE t(a);"
                        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 500)"
                        "INSERT INTO t SELECT zeroblob(4000) FROM n");
        send(to_parent, 1);
        for (;;)
            ::pause();
    });
    ASSERT_TRUE(maker.receive());
    maker.kill();
    ASSERT_NE(scratch.names().find("state.db-journal"), std::string::npos);
    ASSERT_FALSE(bytes_of(path).empty());
    const auto error = store_error([&] { open_sqlite_copy(path); });
    ASSERT_TRUE(error) << "a dry run may not tidy up";
    EXPECT_EQ(error->kind(), Kind::unavailable);
    open_sqlite(path)->commit(batch(Batch::PutMeta{"a", "b"}));
    EXPECT_EQ(open_sqlite(path)->meta("a"), "b");
    EXPECT_EQ(scratch.names(), "state.db,state.db.lock");
}

TEST_F(OpeningTest, OthersRightsToTheFileAreTakenAway) {
    fill(1);
    fs::permissions(path, fs::perms::group_read | fs::perms::others_read, fs::perm_options::add);
    open_sqlite(path);
    EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(OpeningTest, TheFileSaysWhatItIs) {
    fill(1);
    SQLite::Database plain(path.string());
    EXPECT_EQ(plain.execAndGet("PRAGMA application_id").getInt(), 0x6d646272);
    EXPECT_EQ(plain.execAndGet("PRAGMA user_version").getInt(), schema_version());
    EXPECT_EQ(plain.execAndGet("PRAGMA journal_mode").getString(), "wal");
}

TEST_F(OpeningTest, TheConnectionIsSetToSurvivePowerCutsAndToStaySmall) {
    fill(1);
    const auto connection = connect(path, audit_seal(), {}, WholeCheck::now);
    const auto setting = [&](const std::string& name) {
        return connection->execAndGet("PRAGMA " + name).getString();
    };
    EXPECT_EQ(setting("journal_mode"), "wal");
    EXPECT_EQ(setting("locking_mode"), "exclusive");
    EXPECT_EQ(setting("synchronous"), "2") << "FULL: each commit waits for the disk";
    EXPECT_EQ(setting("foreign_keys"), "1");
    EXPECT_EQ(setting("secure_delete"), "1");
    EXPECT_EQ(setting("cache_size"), "-2000");
    EXPECT_EQ(setting("mmap_size"), "0");
}

TEST_F(OpeningTest, AMissingDirectoryIsNamed) {
    const fs::path missing = scratch.directory() / "missing" / "state.db";
    const auto error = store_error([&] { open_sqlite(missing); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), Kind::unavailable);
    EXPECT_NE(std::string(error->what()).find(missing.parent_path().string()), std::string::npos);
    EXPECT_EQ(scratch.names(), "");
}

TEST_F(OpeningTest, AFileInPlaceOfTheDirectoryIsNamed) {
    write_bytes(scratch.directory() / "file", "x");
    const auto error = store_error([&] { open_sqlite(scratch.directory() / "file" / "state.db"); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), Kind::unavailable) << error->what();
}

TEST_F(OpeningTest, ADirectoryInPlaceOfTheFileIsRefused) {
    fs::create_directory(path);
    const auto error = store_error([&] { open_sqlite(path); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), Kind::not_ours) << error->what();
}

TEST_F(OpeningTest, AFileThatIsNoDatabaseIsRefused) {
    write_bytes(path, std::string(5000, 'x'));
    expect_refused(Kind::not_ours, "does not begin as a SQLite database");
    write_bytes(path, "short");
    expect_refused(Kind::not_ours, "does not begin as a SQLite database");
}

TEST_F(OpeningTest, AnotherProgramsDatabaseIsRefusedAndNotTouched) {
    SQLite::Database(path.string(), make).exec("CREATE TABLE t(a)");
    expect_refused(Kind::not_ours, "another program");
}

TEST_F(OpeningTest, AnotherProgramsDatabaseWithAnUnreadLogIsNotTouched) {
    Child writer([this](int to_parent) {
        SQLite::Database theirs(path.string(), make);
        theirs.exec("PRAGMA journal_mode = WAL; CREATE TABLE t(a); INSERT INTO t VALUES (1)");
        send(to_parent, 1);
        for (;;)
            ::pause();
    });
    ASSERT_TRUE(writer.receive());
    writer.kill();
    const std::string log = bytes_of(path.string() + "-wal");
    ASSERT_FALSE(log.empty());
    expect_refused(Kind::not_ours, "another program");
    EXPECT_TRUE(bytes_of(path.string() + "-wal") == log);
}

TEST_F(OpeningTest, BesideAnotherProgramsDatabaseNothingIsLeftButTheLock) {
    SQLite::Database(path.string(), make).exec("PRAGMA journal_mode = WAL; CREATE TABLE t(a)");
    ASSERT_EQ(scratch.names(), "state.db");
    expect_refused(Kind::not_ours, "another program");
    EXPECT_EQ(scratch.names(), "state.db,state.db.lock");
}

TEST_F(OpeningTest, ANewerStateWithAnUnreadLogIsNotTouched) {
    fill(1);
    std::vector<Migration> steps(all_migrations().begin(), all_migrations().end());
    steps.push_back({schema_version() + 1, "CREATE TABLE later(a)"});
    Child newer([&](int to_parent) {
        const auto store = open_sqlite_in(path, {&file_system_of, steps});
        store->commit(batch(Batch::PutMeta{"later", "x"}));
        send(to_parent, 1);
        for (;;)
            ::pause();
    });
    ASSERT_TRUE(newer.receive());
    newer.kill();
    const std::string log = bytes_of(path.string() + "-wal");
    ASSERT_FALSE(log.empty());
    expect_refused(Kind::too_new, "version " + std::to_string(schema_version() + 1));
    EXPECT_TRUE(bytes_of(path.string() + "-wal") == log);
}

TEST_F(OpeningTest, ANewerStateIsRefusedAndNotTouched) {
    fill(1);
    SQLite::Database(path.string(), SQLITE_OPEN_READWRITE)
        .exec("PRAGMA user_version = " + std::to_string(schema_version() + 1));
    expect_refused(Kind::too_new, "version " + std::to_string(schema_version() + 1));
}

TEST_F(OpeningTest, ADamagedStateIsRefusedAndNotTouched) {
    fill();
    std::string bytes = bytes_of(path);
    ASSERT_GT(bytes.size(), 200'000U);
    bytes.replace(100'000, 20'000, 20'000, '\x5a');
    write_bytes(path, bytes);
    expect_refused(Kind::damaged, "restore a backup");
}

TEST_F(OpeningTest, WhatRunsByItselfInAStateIsRefusedAndNotTouched) {
    fill(10);
    const std::string whole = bytes_of(path);
    for (const std::string planted :
         {"CREATE TRIGGER t AFTER INSERT ON meta BEGIN DELETE FROM link; END",
          "CREATE VIEW v AS SELECT 1", "CREATE VIRTUAL TABLE f USING fts5(x)"}) {
        write_bytes(path, whole);
        SQLite::Database(path.string(), SQLITE_OPEN_READWRITE).exec(planted);
        SQLite::Database(path.string(), SQLITE_OPEN_READWRITE)
            .exec("PRAGMA wal_checkpoint(TRUNCATE)");
        expect_refused(Kind::not_ours, "and medibridge makes none");
        const auto copied = store_error([&] { open_sqlite_copy(path); });
        ASSERT_TRUE(copied) << planted;
        EXPECT_EQ(copied->kind(), Kind::not_ours) << copied->what();
    }
}

TEST_F(OpeningTest, ACutOffStateIsRefusedAndNotTouched) {
    fill();
    const std::string bytes = bytes_of(path);
    write_bytes(path, bytes.substr(0, bytes.size() / 2));
    expect_refused(Kind::damaged, "restore a backup");
}

/// Runs it, and seals the table's rows as they are then.
void write_sealed(const fs::path& path, const char* sql, const SealedTable& table) {
    SQLite::Database database(path.string(), SQLITE_OPEN_READWRITE);
    teach_row_mac(database, audit_seal().rows());
    database.exec(sql);
    seal_rows(database, table);
}

TEST_F(OpeningTest, ARowThatNoVersionWroteIsDamage) {
    fill(1);
    write_sealed(path, "UPDATE link SET digests = x'0102'", sealed_link);
    const auto store = open_sqlite(path);
    const auto error = store_error([&] { store->look_up({"P0"}); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), Kind::damaged);
    EXPECT_NO_THROW(store->commit(batch(Batch::DropLink{"P0"}))) << "the read must have ended";
    EXPECT_NO_THROW(store->look_up({"P0"}));
}

TEST_F(OpeningTest, AReasonOfANewerVersionIsNamed) {
    open_sqlite(path)->commit(batch(Batch::Hold{held("P1")}));
    write_sealed(path, "UPDATE held SET reason = 'new'", sealed_held);
    const auto store = open_sqlite(path);
    const auto error = store_error([&] { store->held(); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), Kind::too_new);
}

TEST_F(OpeningTest, AFileThatMayNotBeWrittenIsNamed) {
    fill(1);
    const WithoutRights nobody(scratch.directory());
    fs::permissions(path, fs::perms::owner_read);
    expect_refused(Kind::unavailable, "Permission denied");
}

TEST_F(OpeningTest, ADirectoryThatMayNotBeWrittenIsNamed) {
    const WithoutRights nobody(scratch.directory());
    fs::permissions(scratch.directory(), fs::perms::owner_read | fs::perms::owner_exec);
    const auto error = store_error([&] { open_sqlite(path); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), Kind::unavailable);
    EXPECT_NE(std::string(error->what()).find("Permission denied"), std::string::npos)
        << error->what();
}

TEST_F(OpeningTest, AStateThatIsRemovedUnderARunningOwnerAcceptsNothingMore) {
    const auto store = open_sqlite(path);
    store->commit(batch(Batch::PutMeta{"a", "b"}));
    fs::rename(path, scratch.directory() / "elsewhere");
    const auto error = store_error([&] { store->commit(batch(Batch::PutMeta{"a", "c"})); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), Kind::unavailable);
    fs::rename(scratch.directory() / "elsewhere", path);
    store->commit(batch(Batch::PutMeta{"a", "d"}));
    EXPECT_EQ(store->meta("a"), "d");
}

} // namespace
} // namespace medibridge::state::test
