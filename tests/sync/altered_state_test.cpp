#include "world.hpp"

#include "state/audit_seal.hpp"
#include "state/sqlite/ownership.hpp"
#include "state/sqlite/sealed_rows.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <iterator>
#include <sqlite3.h>
#include <sstream>

namespace medibridge::tests {
namespace {

using reconcile::Field;
using reconcile::HoldReason;
using sync::DecisionKind;
using sync::Outcome;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* whom = "P3";

/// One column of one table whose rows have a mac.
struct Column {
    state::SealedTable table;
    std::string name;
};

std::vector<Column> all_columns() {
    std::vector<Column> columns;
    for (const auto& table : state::sealed_tables) {
        std::istringstream names{std::string(table.columns)};
        for (std::string name; std::getline(names >> std::ws, name, ',');)
            columns.push_back({table, name});
        columns.push_back({table, "mac"});
    }
    return columns;
}

std::string file_bytes(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// Flips one bit of the value.
void flip(SQLite::Statement& update, const SQLite::Column& value, bool is_blob) {
    if (value.isInteger()) {
        update.bind(1, static_cast<std::int64_t>(value.getInt64() ^ 1));
    } else if (value.isNull() && is_blob) {
        update.bind(1, "1", 1);
    } else if (value.isNull()) {
        update.bind(1, 1);
    } else {
        std::string bytes = value.getString();
        if (bytes.empty()) bytes = std::string(1, '\0');
        bytes.back() = static_cast<char>(bytes.back() ^ 8);
        if (value.isBlob())
            update.bind(1, bytes.data(), static_cast<int>(bytes.size()));
        else
            update.bind(1, bytes);
    }
}

void flip_bit(const std::filesystem::path& path, const Column& column) {
    SQLite::Database database(path.string(), SQLITE_OPEN_READWRITE);
    database.exec("PRAGMA ignore_check_constraints = ON");
    const auto where = " WHERE " + std::string(column.table.key) + " = '" + whom + "'";
    const std::string table(column.table.name);
    SQLite::Statement row(database, "SELECT " + column.name + " FROM " + table + where);
    ASSERT_TRUE(row.executeStep()) << table;
    SQLite::Statement update(database, "UPDATE " + table + " SET " + column.name + " = ?" + where);
    flip(update, row.getColumn(0), column.name == "drift");
    row.reset();
    ASSERT_EQ(update.exec(), 1);
}

/// Somebody with the file, but without the key, runs a statement on it.
auto running(const char* sql) {
    return [sql](const std::filesystem::path& path) {
        SQLite::Database(path.string(), SQLITE_OPEN_READWRITE).exec(sql);
    };
}

/// As on a disk that loses bits: by its last owner's word nobody has written to the file since.
void vouch_for(const std::filesystem::path& path) {
    state::Ownership owned(path);
    owned.vouch(state::machine_now_ms(), state::AuditSeal(World::key).rows());
}

class AlteredStateTest : public testing::Test {
  protected:
    AlteredStateTest() {
        world.fill_his(6);
        world.run();
        world.let_settle();
        world.run();
        world.medicapp.writes.clear();
    }

    /// A row about the patient in each table.
    void fill_tables() {
        state::Batch batch;
        state::Intent intent;
        intent.external_id = whom;
        intent.kind = state::Intent::Kind::update;
        intent.medicapp_id = world.medicapp.find(whom)->id;
        batch.put_intent(intent);
        state::Held held;
        held.key = whom;
        held.source = "his";
        held.reason = HoldReason::rejected;
        batch.hold(held);
        state::OperatorDecision decision;
        decision.external_id = whom;
        decision.kind = DecisionKind::ignore;
        batch.put_decision(decision);
        world.state().commit(batch);
    }

    void change_phones() {
        world.his.edit("P1", Field::phone, new_phone);
        world.his.edit(whom, Field::phone, new_phone);
    }

    std::vector<std::string> written() {
        std::vector<std::string> ids;
        for (const auto& write : world.medicapp.writes)
            ids.push_back(write.external_id);
        return ids;
    }

    World world;
};

class AlteredColumn : public AlteredStateTest, public testing::WithParamInterface<Column> {};

TEST_P(AlteredColumn, HoldsThePatientAndNobodyElse) {
    const auto& column = GetParam();
    fill_tables();
    world.restart([&](const auto& path) { flip_bit(path, column); });
    change_phones();
    const auto report = world.run();
    EXPECT_EQ(report.outcome, Outcome::complete) << report.reason;
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::phone), new_phone);
    EXPECT_EQ(world.log.count("state.altered"), 1);
    const auto held = world.held();
    const auto altered =
        std::ranges::count(held, HoldReason::altered_in_state, &state::Held::reason);
    EXPECT_EQ(altered, 1);
    // Which patient the row was about cannot be seen any more where that was changed.
    if (column.name == column.table.key) return;
    EXPECT_THAT(written(), ElementsAre("P1"));
    ASSERT_EQ(held.size(), 1U);
    EXPECT_EQ(held.front().key, whom);
    EXPECT_THAT(held.front().detail, testing::HasSubstr(std::string(column.table.name)));

    EXPECT_EQ(world.run().outcome, Outcome::complete);
    world.restart();
    sync::Request full;
    full.full = true;
    EXPECT_EQ(world.run(full).outcome, Outcome::complete);
    EXPECT_THAT(written(), ElementsAre("P1")) << "only an operator ends it";
    EXPECT_EQ(world.log.count("state.altered"), 1);
    world.look_and_decide(whom, DecisionKind::retry);
    world.run();
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_EQ(text(*world.medicapp.find(whom), Field::phone), new_phone);
    EXPECT_THAT(world.medicapp.duplicates(), IsEmpty());
}

TEST_P(AlteredColumn, HoldsThePatientAlsoWhereTheFileIsTakenForSound) {
    const auto& column = GetParam();
    if (column.name == column.table.key) return; // nothing of it is read
    fill_tables();
    world.restart([&](const auto& path) {
        flip_bit(path, column);
        vouch_for(path);
    });
    ASSERT_TRUE(world.state().rows_are_sound());
    change_phones();
    EXPECT_EQ(world.run().outcome, Outcome::complete);
    EXPECT_THAT(written(), ElementsAre("P1"));
    ASSERT_EQ(world.held().size(), 1U);
    EXPECT_EQ(world.held().front().key, whom);
    EXPECT_EQ(world.held().front().reason, HoldReason::altered_in_state);
    EXPECT_FALSE(world.state().rows_are_sound()) << "the next process looks at all of them";
}

INSTANTIATE_TEST_SUITE_P(All, AlteredColumn, testing::ValuesIn(all_columns()),
                         [](const auto& column) {
                             return std::string(column.param.table.name) + "_" + column.param.name;
                         });

/// The n-th place where the file has the patient's externalId.
std::size_t place_of_key(const std::string& bytes, int n) {
    auto place = bytes.find(whom);
    while (place != std::string::npos && n-- > 0)
        place = bytes.find(whom, place + 1);
    return place;
}

/// Wherever a bit of a patient's key is lost: in its row or in an index of it.
TEST(LostBits, OfAKeyStopNobodyForEver) {
    bool is_there = true;
    for (int n = 0; is_there; ++n) {
        for (const auto& [byte, bit] : {std::pair(1, 1), std::pair(0, 0x40)}) {
            SCOPED_TRACE(std::to_string(n) + " byte " + std::to_string(byte));
            World world;
            world.fill_his(6);
            world.run();
            world.let_settle();
            world.run();
            for (const char* id : {"P1", "P2", whom, "P4"})
                world.his.edit(id, Field::phone, new_phone);
            int complete = 0;
            for (int run = 0; run < 4; ++run) {
                try {
                    world.restart([&](const auto& path) {
                        if (run > 0) return;
                        auto bytes = file_bytes(path);
                        const auto place = place_of_key(bytes, n);
                        is_there = place != std::string::npos;
                        if (is_there) bytes[place + static_cast<std::size_t>(byte)] ^= bit;
                        std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
                    });
                    sync::Request full;
                    full.full = run > 1;
                    if (world.run(full).outcome == Outcome::complete) ++complete;
                } catch (const state::StoreError& error) {
                    EXPECT_EQ(error.kind(), state::StoreError::Kind::damaged) << error.what();
                    EXPECT_THAT(error.what(), testing::HasSubstr("restore a backup"));
                }
            }
            EXPECT_GE(complete, 3);
            EXPECT_THAT(world.medicapp.duplicates(), IsEmpty());
            for (const char* id : {"P1", "P2", "P4"})
                EXPECT_EQ(text(*world.medicapp.find(id), Field::phone), new_phone) << id;
        }
    }
}

TEST_F(AlteredStateTest, AKeyThatNobodyCanWriteIsHeldUnderOneThatAnOperatorCanName) {
    fill_tables();
    world.restart(running("UPDATE held SET key = CAST(x'50FF33' AS TEXT) WHERE key = 'P3'"));
    EXPECT_EQ(world.run().outcome, Outcome::complete);
    auto held = world.held();
    const auto altered =
        std::ranges::find(held, HoldReason::altered_in_state, &state::Held::reason);
    ASSERT_NE(altered, held.end());
    EXPECT_EQ(altered->key, "altered:50ff33");
    world.look_and_decide("altered:50ff33", DecisionKind::ignore);
    EXPECT_EQ(world.run().outcome, Outcome::complete);
    held = world.held();
    const auto after = std::ranges::find(held, "altered:50ff33", &state::Held::key);
    EXPECT_TRUE(after == held.end() || after->acknowledged);
}

TEST_F(AlteredStateTest, ALinkThatPointsAtAStrangerIsNotWrittenTo) {
    auto stranger = world.his.at("P1").patient;
    stranger.set_external_id("");
    stranger[Field::last_name] = reconcile::FieldValue::known("Inconnue");
    const auto id = world.medicapp.add(stranger);
    const auto sql = "UPDATE link SET medicapp_id = '" + id + "' WHERE external_id = 'P3'";
    world.restart(running(sql.c_str()));
    change_phones();
    EXPECT_EQ(world.run().outcome, Outcome::complete);
    EXPECT_THAT(written(), ElementsAre("P1"));
    ASSERT_EQ(world.held().size(), 1U);
    EXPECT_EQ(world.held().front().reason, HoldReason::altered_in_state);
}

TEST_F(AlteredStateTest, ALinkUnderAnotherExternalIdIsFoundByTheNextProcess) {
    world.restart([](const auto& path) {
        running("UPDATE link SET external_id = 'P9' WHERE external_id = 'P3'")(path);
        vouch_for(path);
    });
    change_phones();
    EXPECT_EQ(world.run().outcome, Outcome::complete);
    ASSERT_EQ(world.held().size(), 1U);
    EXPECT_EQ(world.held().front().key, "P3") << "whoever Medicapp's patient is linked to";
    world.restart();
    EXPECT_EQ(world.run().outcome, Outcome::complete);
    EXPECT_EQ(world.log.count("state.altered"), 1);
    EXPECT_THAT(world.medicapp.duplicates(), IsEmpty());
    EXPECT_EQ(text(*world.medicapp.find(whom), Field::phone), new_phone);
}

TEST_F(AlteredStateTest, TwoLinksThatWereExchangedAreBothHeld) {
    world.restart(running("UPDATE link SET medicapp_id = medicapp_id || 'x';"
                          "UPDATE link AS l SET medicapp_id = (SELECT rtrim(o.medicapp_id, 'x')"
                          " FROM link AS o WHERE o.external_id = CASE l.external_id"
                          " WHEN 'P3' THEN 'P4' WHEN 'P4' THEN 'P3' ELSE l.external_id END)"
                          " WHERE external_id NOT IN ('P3', 'P4');"
                          "UPDATE link SET medicapp_id = CASE external_id WHEN 'P3' THEN"
                          " (SELECT rtrim(medicapp_id, 'x') || 'y' FROM link WHERE external_id ="
                          " 'P4') ELSE (SELECT rtrim(medicapp_id, 'x') || 'y' FROM link WHERE"
                          " external_id = 'P3') END WHERE external_id IN ('P3', 'P4');"));
    change_phones();
    world.run();
    EXPECT_THAT(written(), ElementsAre("P1"));
    EXPECT_EQ(world.held().size(), 2U);
}

TEST_F(AlteredStateTest, ManyAlteredRowsAreNoMatterOfSinglePatients) {
    world.restart(running("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE"
                          " i < 1001) INSERT INTO intent SELECT 'X' || i, 'create', '', x'', 0"
                          " FROM n"));
    EXPECT_THROW(world.run(), state::StoreError);
    EXPECT_THAT(written(), IsEmpty());
}

} // namespace
} // namespace medibridge::tests
