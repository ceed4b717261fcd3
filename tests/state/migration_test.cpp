#include "former_rows.hpp"
#include "opening.hpp"
#include "record_text.hpp"
#include "samples.hpp"
#include "scratch.hpp"
#include "state/sqlite/connection.hpp"
#include "state/sqlite/file.hpp"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <gtest/gtest.h>
#include <initializer_list>
#include <sqlite3.h>
#include <vector>

namespace medibridge::state::test {
namespace {

/// What follows the newest version of this program, so that it stands for "newer".
const int next = schema_version() + 1;

/// Every step that there is, and further ones.
std::vector<Migration> all_and(std::initializer_list<const char*> further) {
    std::vector<Migration> steps(all_migrations().begin(), all_migrations().end());
    for (const char* sql : further)
        steps.push_back({static_cast<int>(steps.size()) + 1, sql});
    return steps;
}

constexpr const char* add_table = "CREATE TABLE later(a INTEGER) STRICT";
constexpr const char* fill_table = "INSERT INTO later SELECT count(*) FROM link";
constexpr const char* broken = "INSERT INTO later VALUES (7); INSERT INTO nowhere VALUES (1)";

class MigrationTest : public testing::Test {
  protected:
    void make_state() { open_sqlite(path)->commit(batch(Batch::PutLink{link("P1", "m1")})); }
    int integer(const std::string& query) {
        return SQLite::Database(path.string()).execAndGet(query).getInt();
    }

    const Scratch scratch;
    const std::filesystem::path path = scratch.state_file();
};

TEST_F(MigrationTest, VersionsCountUpFromOneWithoutGaps) {
    int expected = 1;
    for (const Migration& step : all_migrations())
        EXPECT_EQ(step.to, expected++);
    EXPECT_EQ(schema_version(), expected - 1);
}

TEST_F(MigrationTest, AnOlderStateIsBroughtForwardThroughEveryStepAndKeepsItsRows) {
    make_state();
    const auto steps = all_and({add_table, fill_table});
    auto store = open_sqlite_in(path, {&file_system_of, steps});
    EXPECT_EQ(text(store->look_up({"P1"}).front().link), text(link("P1", "m1")));
    store.reset();
    EXPECT_EQ(integer("PRAGMA user_version"), next + 1);
    EXPECT_EQ(integer("SELECT a FROM later"), 1);
}

TEST_F(MigrationTest, AStateOfTheFirstVersionKeepsItsWatermarks) {
    const auto first = all_migrations().first(1);
    {
        SQLite::Database database(path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
        migrate(database, first, audit_seal());
        database.exec("INSERT INTO watermark VALUES ('medicapp', 1700000000123, 'P0042',"
                      " 1700000000456, 1, 'milliseconds')");
    }
    auto before = watermark("medicapp");
    before.pending.reset();
    before.clock.reset();
    EXPECT_EQ(text(open_sqlite(path)->watermark("medicapp")), text(before));
}

TEST_F(MigrationTest, AStateOfTheThirdVersionKeepsItsLinksWithTheirIdentityAsConfirmed) {
    const auto before = link("P1", "m1");
    {
        SQLite::Database database(path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
        migrate(database, all_migrations().first(3), audit_seal());
        SQLite::Statement row(database, "INSERT INTO link VALUES (?, ?, ?, ?, ?, ?, ?)");
        const auto digests =
            former_pair(before.baselines.his.fields, before.baselines.medicapp.fields);
        row.bind(1, before.external_id);
        row.bind(2, before.medicapp_id);
        row.bind(3, before.source);
        row.bind(4, digests.data(), static_cast<int>(digests.size()));
        row.bind(5, before.baselines.his.modified_at->time_since_epoch().count());
        row.bind(6, before.baselines.medicapp.modified_at->time_since_epoch().count());
        row.bind(7, before.contact_source);
        row.exec();
    }
    const auto store = open_sqlite(path);
    const auto after = store->look_up({"P1"}).front().link;
    ASSERT_TRUE(after);
    EXPECT_EQ(text(*after), text(before));
    EXPECT_TRUE(after->drift.empty());
    EXPECT_FALSE(after->unbelieved_at);
}

TEST_F(MigrationTest, AStateOfTheNinthVersionRemembersWhatIsTakenFromNowOn) {
    {
        SQLite::Database database(path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
        migrate(database, all_migrations().first(9), audit_seal());
        database.exec("INSERT INTO redirect VALUES ('P1', 'P2')");
    }
    const auto store = open_sqlite(path);
    EXPECT_EQ(store->look_up({"P1"}).front().redirect, "P2");
    EXPECT_FALSE(store->look_up({"P1"}).front().merged_at);
    store->commit(batch(Batch::PutTaken{{"P2", "adt", digest(1)}}));
    EXPECT_EQ(store->look_up({"P2"}).front().taken.at("adt"), digest(1));
}

TEST_F(MigrationTest, ARedirectOfTheTwelfthVersionRelatesItsNumbers) {
    {
        SQLite::Database database(path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
        migrate(database, all_migrations().first(12), audit_seal());
        database.exec("INSERT INTO redirect VALUES ('P1', 'P2', NULL)");
    }
    EXPECT_EQ(open_sqlite(path)->related("P2"), std::vector<std::string>{"P1"});
}

TEST_F(MigrationTest, OnlyTheMissingStepsRun) {
    make_state();
    const auto one_more = all_and({add_table});
    open_sqlite_in(path, {&file_system_of, one_more});
    const auto further = all_and({add_table, fill_table});
    for (int again = 0; again < 2; ++again)
        open_sqlite_in(path, {&file_system_of, further});
    EXPECT_EQ(integer("SELECT count(*) FROM later"), 1);
}

TEST_F(MigrationTest, AStepThatFailsLeavesTheOldVersionWhole) {
    make_state();
    const auto steps = all_and({add_table, broken});
    const auto error = store_error([&] { open_sqlite_in(path, {&file_system_of, steps}); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), StoreError::Kind::damaged) << "a table of the state is missing";
    EXPECT_EQ(integer("PRAGMA user_version"), next - 1);
    EXPECT_EQ(integer("SELECT count(*) FROM sqlite_schema WHERE name = 'later'"), 0);
    const auto store = open_sqlite(path);
    EXPECT_EQ(store->counts().links, 1);
}

TEST_F(MigrationTest, AnOlderProgramRefusesTheNewerState) {
    make_state();
    const auto steps = all_and({add_table});
    open_sqlite_in(path, {&file_system_of, steps});
    const auto error = store_error([&] { open_sqlite(path); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), StoreError::Kind::too_new);
}

TEST_F(MigrationTest, ACopyIsMigratedAndTheFileIsNot) {
    make_state();
    const std::string before = bytes_of(path);
    const auto steps = all_and({add_table});
    const auto copy = open_sqlite_copy_in(path, {&file_system_of, steps});
    EXPECT_EQ(copy->counts().links, 1);
    EXPECT_TRUE(bytes_of(path) == before);
}

} // namespace
} // namespace medibridge::state::test
