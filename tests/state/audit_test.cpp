#include "opening.hpp"
#include "record_text.hpp"
#include "scratch.hpp"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <string>
#include <vector>

namespace medibridge::state::test {
namespace {

class AuditTest : public testing::Test {
  protected:
    /// Lines 1 to `count`, each in a commit of its own, at the milliseconds 1 to `count`.
    void write_lines(int count) {
        const auto store = open_sqlite(path);
        for (int n = 1; n <= count; ++n)
            store->commit(batch(Batch::Audit{audit_entry("P" + std::to_string(n), n)}));
    }

    /// What somebody does to the file who does not have the key.
    void tamper(const std::string& sql) {
        SQLite::Database(path.string(), SQLITE_OPEN_READWRITE).exec(sql);
    }

    AuditVerification verify() { return open_sqlite(path)->verify_audit(); }

    void expect_intact(const AuditVerification& found) {
        EXPECT_TRUE(found.intact);
        EXPECT_FALSE(found.broken_at);
    }

    void expect_broken_at(std::int64_t id) {
        const auto found = verify();
        EXPECT_FALSE(found.intact);
        EXPECT_EQ(found.broken_at, id);
    }

    const Scratch scratch;
    const std::filesystem::path path = scratch.state_file();
};

TEST_F(AuditTest, AnEmptyChainIsIntact) {
    const auto found = verify();
    expect_intact(found);
    EXPECT_EQ(found.lines, 0);
    EXPECT_EQ(found.first, 0);
    EXPECT_EQ(found.last, 0);
}

TEST_F(AuditTest, LinesOfManyCommitsAreOneChainAlsoAfterReopening) {
    write_lines(3);
    {
        const auto store = open_sqlite(path);
        store->commit(batch(Batch::Audit{audit_entry("P4", 4)}, Batch::Audit{audit_entry("P5", 5)},
                            Batch::Audit{{}}));
    }
    const auto found = verify();
    expect_intact(found);
    EXPECT_EQ(found.lines, 6);
    EXPECT_EQ(found.first, 1);
    EXPECT_EQ(found.last, 6);
}

TEST_F(AuditTest, ABatchThatIsRefusedLeavesNoTrace) {
    const auto store = open_sqlite(path);
    store->commit(batch(Batch::Audit{audit_entry("P1", 1)}));
    EXPECT_THROW(
        store->commit(batch(Batch::Audit{audit_entry("P2", 2)}, Batch::PutLink{link("", "m1")})),
        std::logic_error);
    store->commit(batch(Batch::PutMeta{"a", "b"}));
    store->commit(batch(Batch::Audit{audit_entry("P3", 3)}));
    const auto found = store->verify_audit();
    expect_intact(found);
    EXPECT_EQ(found.lines, 2);
    EXPECT_EQ(found.last, 2);
}

TEST_F(AuditTest, AnEditOfAnyColumnShows) {
    for (const std::string edit :
         {"at = at + 1", "external_id = external_id || 'x'", "medicapp_id = ''",
          "action = 'created'", "detail = ''", "request_id = 'req-3'", "actor = 'eve'", "uid = 0",
          "mac = x'00112233445566778899aabbccddeeff'", "mac = x''",
          // What was in one column in the next one.
          "external_id = external_id || medicapp_id, medicapp_id = ''"}) {
        const Scratch other;
        {
            const auto store = open_sqlite(other.state_file());
            for (int n = 1; n <= 5; ++n)
                store->commit(batch(Batch::Audit{audit_entry("P1", n)}));
        }
        SQLite::Database(other.state_file().string(), SQLITE_OPEN_READWRITE)
            .exec("UPDATE audit SET " + edit + " WHERE id = 3");
        const auto found = open_sqlite(other.state_file())->verify_audit();
        EXPECT_FALSE(found.intact) << edit;
        EXPECT_EQ(found.broken_at, 3) << edit;
        EXPECT_EQ(found.lines, 5);
    }
}

TEST_F(AuditTest, ARemovedLineShowsWhereverItWas) {
    write_lines(5);
    const std::string whole = bytes_of(path);
    tamper("DELETE FROM audit WHERE id = 1");
    expect_broken_at(2);
    write_bytes(path, whole);
    tamper("DELETE FROM audit WHERE id = 3");
    expect_broken_at(4);
    write_bytes(path, whole);
    tamper("DELETE FROM audit WHERE id = 5");
    expect_broken_at(5);
    write_bytes(path, whole);
    tamper("DELETE FROM audit");
    expect_broken_at(5);
    write_bytes(path, whole);
    expect_intact(verify());
}

TEST_F(AuditTest, TwoLinesThatChangedPlacesShow) {
    write_lines(5);
    tamper("UPDATE audit SET id = 100 WHERE id = 2; UPDATE audit SET id = 2 WHERE id = 4;"
           "UPDATE audit SET id = 4 WHERE id = 100");
    expect_broken_at(2);
}

TEST_F(AuditTest, AnOldLineThatIsPutInAgainShows) {
    write_lines(5);
    const std::string whole = bytes_of(path);
    const std::string copy = ", at, external_id, medicapp_id, action, detail, request_id, actor,"
                             " uid, mac FROM audit WHERE id = 2";
    tamper("INSERT INTO audit SELECT 6" + copy);
    expect_broken_at(6);
    write_bytes(path, whole);
    tamper("DELETE FROM audit WHERE id = 4; INSERT INTO audit SELECT 4" + copy);
    expect_broken_at(4);
}

TEST_F(AuditTest, ACutEndShowsWhateverIsDoneToWhereTheEndIsKept) {
    write_lines(4);
    std::string head;
    {
        SQLite::Database database(path.string());
        head = database.execAndGet("SELECT value FROM meta WHERE key = 'audit:head'").getString();
    }
    write_lines(1);
    const std::string whole = bytes_of(path);
    const std::string cut = "DELETE FROM audit WHERE id > 3;";
    tamper(cut + "DELETE FROM meta WHERE key = 'audit:head'");
    expect_broken_at(3);
    write_bytes(path, whole);
    tamper("DELETE FROM meta WHERE key = 'audit:head'");
    expect_broken_at(5);
    write_bytes(path, whole);
    // The head with the id and the mac of the line that shall be the last.
    tamper(cut + "UPDATE meta SET value = '0000000000000003'"
                 " || (SELECT lower(hex(mac)) FROM audit WHERE id = 3) || substr(value, 49)"
                 " WHERE key = 'audit:head'");
    expect_broken_at(3);
    write_bytes(path, whole);
    tamper("UPDATE meta SET value = '" + head + "' WHERE key = 'audit:head'");
    expect_broken_at(5);
    write_bytes(path, whole);
    tamper("DELETE FROM audit; DELETE FROM meta WHERE key LIKE 'audit:%'");
    expect_broken_at(0);
}

TEST_F(AuditTest, ABaseThatIsNotOursShows) {
    write_lines(3);
    tamper("DELETE FROM audit WHERE id = 1;"
           "UPDATE meta SET value = replace(value, '0000000000000000', '0000000000000001')"
           " WHERE key = 'audit:base'");
    expect_broken_at(2);
}

TEST_F(AuditTest, AnAuditThatIsGoneIsDamageAndNothingThatPasses) {
    write_lines(3);
    const std::string whole = bytes_of(path);
    for (const char* harm : {"DROP TABLE audit", "ALTER TABLE audit DROP COLUMN detail"}) {
        tamper(harm);
        const auto error = store_error([&] { open_sqlite(path); });
        ASSERT_TRUE(error) << harm;
        EXPECT_EQ(error->kind(), StoreError::Kind::damaged) << error->what();
        write_bytes(path, whole);
    }
}

TEST_F(AuditTest, AnotherKeyVouchesForNothing) {
    write_lines(3);
    constexpr std::array<std::uint8_t, AuditSeal::key_size> other{9};
    // Who hides that it is another key still cannot vouch.
    tamper("UPDATE meta SET value = '" + AuditSeal(other).key_check() +
           "' WHERE key = 'key_check'");
    EXPECT_FALSE(state::open_sqlite(path, AuditSeal(other))->verify_audit().intact);
}

TEST_F(AuditTest, ABrokenChainStaysBrokenAndGoesOnBeingWritten) {
    write_lines(5);
    for (const std::string harm :
         {"DELETE FROM audit WHERE id = 5", "DELETE FROM meta WHERE key = 'audit:head'",
          "INSERT INTO audit SELECT 70, at, external_id, medicapp_id, action, detail, request_id,"
          " actor, uid, mac FROM audit WHERE id = 1"}) {
        const std::string whole = bytes_of(path);
        tamper(harm);
        write_lines(2);
        EXPECT_FALSE(verify().intact) << harm;
        EXPECT_EQ(open_sqlite(path)->audit({.limit = 1}).front().external_id, "P2") << harm;
        write_bytes(path, whole);
    }
}

TEST_F(AuditTest, PruningRemovesTheOldestAndKeepsTheChain) {
    write_lines(10);
    const auto store = open_sqlite(path);
    EXPECT_EQ(store->prune_audit(4), 3);
    EXPECT_EQ(store->prune_audit(4), 0);
    auto found = store->verify_audit();
    expect_intact(found);
    EXPECT_EQ(found.lines, 7);
    EXPECT_EQ(found.first, 4);
    EXPECT_EQ(store->prune_audit(100), 7) << "all of them";
    expect_intact(store->verify_audit());
    store->commit(batch(Batch::Audit{audit_entry("P11", 11)}));
    found = store->verify_audit();
    expect_intact(found);
    EXPECT_EQ(found.first, 11) << "no id is given twice";
}

TEST_F(AuditTest, PruningStopsAtTheFirstLineThatIsNotOldEnough) {
    const auto store = open_sqlite(path);
    for (const int at : {1, 9, 2, 3})
        store->commit(batch(Batch::Audit{audit_entry("P1", at)}));
    EXPECT_EQ(store->prune_audit(5), 1);
    expect_intact(store->verify_audit());
    EXPECT_EQ(store->audit({}).size(), 3U);
}

TEST_F(AuditTest, PruningIsBoundedWork) {
    const auto store = open_sqlite(path);
    Batch many;
    for (int n = 1; n <= 1'500; ++n)
        many.audit(audit_entry("P1", n));
    store->commit(many);
    EXPECT_EQ(store->prune_audit(5'000), 1'000);
    expect_intact(store->verify_audit());
    EXPECT_EQ(store->prune_audit(5'000), 500);
    EXPECT_EQ(store->prune_audit(5'000), 0);
}

TEST_F(AuditTest, PruningDoesNotCoverTracks) {
    write_lines(6);
    tamper("UPDATE audit SET actor = 'eve' WHERE id = 3");
    EXPECT_EQ(open_sqlite(path)->prune_audit(100), 2);
    EXPECT_EQ(open_sqlite(path)->prune_audit(100), 0);
    expect_broken_at(3);
}

TEST_F(AuditTest, LinesWithAFirstOneCutAfterPruningAreBroken) {
    write_lines(6);
    EXPECT_EQ(open_sqlite(path)->prune_audit(3), 2);
    tamper("DELETE FROM audit WHERE id = 3");
    expect_broken_at(4);
}

std::vector<std::int64_t> ids(const std::vector<AuditEntry>& lines) {
    std::vector<std::int64_t> all;
    for (const AuditEntry& line : lines)
        all.push_back(line.id);
    return all;
}

TEST_F(AuditTest, LinesAreFoundByTimePatientActorAndPlace) {
    const auto store = open_sqlite(path);
    for (int n = 1; n <= 6; ++n) {
        auto line = audit_entry(n % 2 == 0 ? "even" : "odd", n * 10);
        line.actor = n <= 3 ? Actor{"alice", 1001} : Actor{};
        store->commit(batch(Batch::Audit{line}));
    }
    using Ids = std::vector<std::int64_t>;
    EXPECT_EQ(ids(store->audit({})), (Ids{6, 5, 4, 3, 2, 1}));
    EXPECT_EQ(ids(store->audit({.since_ms = 40})), (Ids{6, 5, 4}));
    EXPECT_EQ(ids(store->audit({.external_id = "odd"})), (Ids{5, 3, 1}));
    EXPECT_EQ(ids(store->audit({.actor = "alice"})), (Ids{3, 2, 1}));
    EXPECT_EQ(ids(store->audit({.external_id = "even", .actor = "alice"})), (Ids{2}));
    EXPECT_EQ(ids(store->audit({.limit = 2})), (Ids{6, 5}));
    EXPECT_EQ(ids(store->audit({.after_id = 0, .limit = 2})), (Ids{1, 2}));
    EXPECT_EQ(ids(store->audit({.external_id = "even", .after_id = 2})), (Ids{4, 6}));
    const auto line = store->audit({.actor = "alice", .limit = 1}).front();
    EXPECT_EQ(line.actor.uid, 1001);
    EXPECT_EQ(store->audit({.limit = 1}).front().actor.uid, -1);
}

TEST_F(AuditTest, LinesOfAnEarlierVersionAreChainedAsTheyAreFound) {
    {
        SQLite::Database database(path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
        migrate(database, all_migrations().first(4), audit_seal());
        SQLite::Statement row(database, "INSERT INTO audit VALUES (?, 7, 'P1', 'm1', 'updated',"
                                        " 'phone', 'req-1')");
        for (int id = 2; id <= 2'500; ++id) {
            row.bind(1, id);
            row.exec();
            row.reset();
        }
        database.exec("INSERT INTO held VALUES ('P1', 'dpi', 'invalid', '', '', '', '',"
                      " x'00112233445566778899aabbccddeeff', 2, 5)");
    }
    {
        const auto store = open_sqlite(path);
        store->commit(batch(Batch::Audit{audit_entry("P2", 8)}));
        const auto found = store->verify_audit();
        expect_intact(found);
        EXPECT_EQ(found.lines, 2'500);
        EXPECT_EQ(found.first, 2);
        EXPECT_EQ(found.last, 2'501);
        EXPECT_EQ(store->audit({.after_id = 0, .limit = 1}).front().actor.uid, -1);
        EXPECT_FALSE(store->held().front().acknowledged);
        EXPECT_EQ(store->held().front().looked_at_ms, 5);
    }
    tamper("UPDATE audit SET detail = '' WHERE id = 1500");
    expect_broken_at(1'500);
}

} // namespace
} // namespace medibridge::state::test
