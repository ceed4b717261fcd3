#include "record_text.hpp"
#include "samples.hpp"
#include "scratch.hpp"
#include "state/sqlite/database.hpp"
#include "state/sqlite/file.hpp"
#include "state/sqlite_store.hpp"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <array>
#include <gtest/gtest.h>
#include <sqlite3.h>

namespace medibridge::state::test {
namespace {

const Migration base = all_migrations().front();

constexpr const char* add_table = "CREATE TABLE later(a INTEGER) STRICT";
constexpr const char* fill_table = "INSERT INTO later SELECT count(*) FROM link";
constexpr const char* broken = "INSERT INTO later VALUES (7); INSERT INTO nowhere VALUES (1)";

class MigrationTest : public testing::Test {
  protected:
    void make_version_1() {
        const std::array steps = {base};
        open_sqlite_in(path, {&file_system_of, steps})
            ->commit(batch(Batch::PutLink{link("P1", "m1")}));
    }
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
    make_version_1();
    const std::array steps = {base, Migration{2, add_table}, Migration{3, fill_table}};
    auto store = open_sqlite_in(path, {&file_system_of, steps});
    EXPECT_EQ(text(store->look_up({"P1"}).front().link), text(link("P1", "m1")));
    store.reset();
    EXPECT_EQ(integer("PRAGMA user_version"), 3);
    EXPECT_EQ(integer("SELECT a FROM later"), 1);
}

TEST_F(MigrationTest, OnlyTheMissingStepsRun) {
    make_version_1();
    const std::array to_2 = {base, Migration{2, add_table}};
    open_sqlite_in(path, {&file_system_of, to_2});
    const std::array to_3 = {base, Migration{2, add_table}, Migration{3, fill_table}};
    for (int again = 0; again < 2; ++again)
        open_sqlite_in(path, {&file_system_of, to_3});
    EXPECT_EQ(integer("SELECT count(*) FROM later"), 1);
}

TEST_F(MigrationTest, AStepThatFailsLeavesTheOldVersionWhole) {
    make_version_1();
    const std::array steps = {base, Migration{2, add_table}, Migration{3, broken}};
    const auto error = store_error([&] { open_sqlite_in(path, {&file_system_of, steps}); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), StoreError::Kind::unavailable);
    EXPECT_EQ(integer("PRAGMA user_version"), 1);
    EXPECT_EQ(integer("SELECT count(*) FROM sqlite_schema WHERE name = 'later'"), 0);
    const auto store = open_sqlite(path);
    EXPECT_EQ(store->counts().links, 1);
}

TEST_F(MigrationTest, AnOlderProgramRefusesTheNewerState) {
    make_version_1();
    const std::array steps = {base, Migration{2, add_table}};
    open_sqlite_in(path, {&file_system_of, steps});
    const std::array old_steps = {base};
    const auto error = store_error([&] { open_sqlite_in(path, {&file_system_of, old_steps}); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), StoreError::Kind::too_new);
}

TEST_F(MigrationTest, ACopyIsMigratedAndTheFileIsNot) {
    make_version_1();
    const std::string before = bytes_of(path);
    const std::array steps = {base, Migration{2, add_table}};
    const auto copy = open_sqlite_copy_in(path, {&file_system_of, steps});
    EXPECT_EQ(copy->counts().links, 1);
    EXPECT_TRUE(bytes_of(path) == before);
}

} // namespace
} // namespace medibridge::state::test
