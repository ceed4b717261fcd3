#include "opening.hpp"
#include "record_text.hpp"
#include "scratch.hpp"
#include "state/key.hpp"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

// What becomes of a state whose key is replaced.

namespace medibridge::state::test {
namespace {

namespace fs = std::filesystem;

constexpr int patients = 30;
constexpr std::size_t rows_at_a_time = 4;

KeyBytes key(std::uint8_t seed) {
    std::array<std::uint8_t, KeyBytes::size> bytes{};
    bytes.fill(seed);
    return KeyBytes(bytes);
}

std::string numbered(const char* prefix, int number) {
    return prefix + std::to_string(number);
}

/// A state with rows in every table that is sealed.
Batch everything(const Seal& seal) {
    Batch made;
    for (int n = 0; n < patients; ++n) {
        made.add(Batch::PutLink{link(numbered("P", n), numbered("m", n))});
        made.add(Batch::PutIntent{intent(numbered("I", n))});
        made.add(Batch::Hold{held(numbered("H", n))});
        made.add(Batch::PutDecision{decision(numbered("H", n))});
        InboxEntry entry{0, "adt", numbered("P", n), {}};
        entry.sealed = seal.close("record of " + entry.key, seal_place(entry));
        made.add(Batch::PutInbox{entry});
        InboxReceipt receipt{"adt", digest(static_cast<std::uint8_t>(n)), {}};
        receipt.sealed_answer = seal.close("answer", seal_place(receipt));
        made.add(Batch::PutReceipt{receipt});
        made.add(Batch::Audit{audit_entry(numbered("P", n), n + 1)});
    }
    return made;
}

class KeyRingTest : public testing::Test {
  protected:
    /// What the daemon makes of a state's key.
    struct Opened {
        Opened(const fs::path& path, const KeyBytes& its_key)
            : ring(read_key_ring(path, its_key)),
              seal(ring),
              store(state::open_sqlite(path, AuditSeal(ring))) {}
        KeyRing ring;
        Seal seal;
        std::unique_ptr<Store> store;
    };

    Opened open(std::uint8_t its_key) { return {path, key(its_key)}; }

    void make_state() {
        const auto opened = open(1);
        opened.store->commit(everything(opened.seal));
    }

    void replace(std::uint8_t from, std::uint8_t to, const std::string& abandoned = {}) {
        AuditEntry line;
        line.action = "key_rotated";
        line.actor = {"anna", 1000};
        open(from).store->rotate_key(key(from), key(to), line, abandoned);
    }

    void reseal(std::uint8_t with) {
        const auto opened = open(with);
        while (opened.store->reseal(rows_at_a_time)) {
        }
    }

    /// Whether everything is as it was, whichever key seals it.
    void expect_whole(std::uint8_t with) {
        const auto opened = open(with);
        EXPECT_EQ(opened.store->find_altered(5).count, 0);
        EXPECT_EQ(opened.store->counts().links, patients);
        EXPECT_EQ(opened.store->intents().size(), patients);
        EXPECT_EQ(opened.store->held().size(), patients);
        EXPECT_EQ(opened.store->decisions().size(), patients);
        EXPECT_TRUE(opened.store->verify_audit().intact);
        for (const auto& entry : opened.store->inbox_after("adt", false, 0, 1000))
            EXPECT_EQ(opened.seal.open(entry.sealed, seal_place(entry)), "record of " + entry.key);
        for (int n = 0; n < patients; ++n) {
            const auto receipt =
                opened.store->inbox_receipt("adt", digest(static_cast<std::uint8_t>(n)));
            ASSERT_TRUE(receipt);
            EXPECT_EQ(opened.seal.open(receipt->sealed_answer, seal_place(*receipt)), "answer");
        }
    }

    std::optional<StoreError> error_with(std::uint8_t its_key) {
        return store_error([&] { open(its_key); });
    }

    /// What somebody does to the file.
    void tamper(const std::string& sql) {
        SQLite::Database(path.string(), SQLITE_OPEN_READWRITE).exec(sql);
    }

    const Scratch scratch;
    const fs::path path = scratch.state_file();
};

TEST_F(KeyRingTest, BothKeysOpenTheStateUntilTheNextOneWasUsed) {
    make_state();
    replace(1, 2);
    expect_whole(1);
    expect_whole(1);
    expect_whole(2);
    const auto refused = error_with(1);
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->kind(), StoreError::Kind::not_ours);
    EXPECT_NE(std::string(refused->what()).find(key(1).check()), std::string::npos);
    EXPECT_NE(std::string(refused->what()).find(key(2).check()), std::string::npos);
    expect_whole(2);
}

TEST_F(KeyRingTest, WhatWasThereIsSealedAgainAndTheFormerKeyVouchesForNothing) {
    make_state();
    replace(1, 2);
    reseal(2);
    expect_whole(2);
    const auto opened = open(2);
    EXPECT_FALSE(opened.ring.former);
    EXPECT_EQ(opened.ring.digest, key(1)) << "digests keep the state's first key";
    EXPECT_FALSE(opened.ring.seal == key(1));
    const auto before = Seal(key(1).bytes());
    for (const auto& entry : opened.store->inbox_after("adt", false, 0, 1000))
        EXPECT_FALSE(before.open(entry.sealed, seal_place(entry)));
    const auto receipt = opened.store->inbox_receipt("adt", digest(3));
    EXPECT_FALSE(before.open(receipt->sealed_answer, seal_place(*receipt)));
}

TEST_F(KeyRingTest, ARowThatTheFormerKeySealedIsNoticedOnceAllIsSealedAgain) {
    make_state();
    const std::string before = bytes_of(path);
    replace(1, 2);
    reseal(2);
    fs::path copy = path;
    copy += ".before";
    write_bytes(copy, before);
    tamper("ATTACH '" + copy.string() +
           "' AS old;"
           "UPDATE link SET mac = (SELECT mac FROM old.link AS o WHERE o.external_id = 'P3')"
           " WHERE external_id = 'P3'");
    const auto opened = open(2);
    EXPECT_EQ(opened.store->find_altered(5).count, 1);
}

TEST_F(KeyRingTest, TheRunningStoreForgetsTheFormerKeyToo) {
    make_state();
    const auto macs = [&] {
        SQLite::Database database(path.string(), SQLITE_OPEN_READWRITE);
        return database.execAndGet("SELECT mac FROM link WHERE external_id = 'P3'").getInt64();
    };
    const auto before = macs();
    replace(1, 2);
    reseal(2);
    EXPECT_NE(macs(), before);
}

TEST_F(KeyRingTest, WhatIsAlteredIsNotMadeSoundByIt) {
    make_state();
    tamper("UPDATE link SET medicapp_id = 'm999' WHERE external_id = 'P3'");
    replace(1, 2);
    reseal(2);
    EXPECT_EQ(open(2).store->find_altered(5).count, 1);
}

TEST_F(KeyRingTest, ABrokenAuditStaysBroken) {
    make_state();
    tamper("DELETE FROM audit WHERE id = 5");
    replace(1, 2);
    reseal(2);
    const auto found = open(2).store->verify_audit();
    EXPECT_FALSE(found.intact);
    EXPECT_EQ(found.broken_at, 6);
}

TEST_F(KeyRingTest, TheAuditIsVerifiedOverSeveralKeysAndNamesWhoReplacedThem) {
    make_state();
    for (std::uint8_t n = 1; n < 4; ++n) {
        replace(n, static_cast<std::uint8_t>(n + 1));
        reseal(static_cast<std::uint8_t>(n + 1));
    }
    expect_whole(4);
    const auto lines = open(4).store->audit({.actor = "anna"});
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_EQ(lines.front().action, "key_rotated");
    tamper("UPDATE audit SET detail = 'x' WHERE id = 3");
    EXPECT_EQ(open(4).store->verify_audit().broken_at, 3);
}

TEST_F(KeyRingTest, OldLinesAreStillRemovedForTheirAgeAndTheirKeysAreForgotten) {
    make_state();
    replace(1, 2);
    reseal(2);
    EXPECT_EQ(open(2).store->prune_audit(patients + 2), patients);
    EXPECT_TRUE(open(2).store->verify_audit().intact);
    replace(2, 3);
    EXPECT_TRUE(open(3).store->verify_audit().intact);
}

TEST_F(KeyRingTest, ItIsNotReplacedAgainBeforeAllIsSealedAgain) {
    make_state();
    replace(1, 2);
    open(2);
    EXPECT_EQ(store_error([&] { replace(2, 3); })->kind(), StoreError::Kind::unavailable);
    reseal(2);
    EXPECT_FALSE(store_error([&] { replace(2, 3); }));
    EXPECT_EQ(store_error([&] { open(2).store->rotate_key(key(7), key(3), {}, {}); })->kind(),
              StoreError::Kind::not_ours);
}

TEST_F(KeyRingTest, TheNextKeyIsNotReplacedUnawares) {
    make_state();
    replace(1, 2);
    reseal(1);
    const auto other = store_error([&] { replace(1, 3); });
    ASSERT_TRUE(other);
    EXPECT_EQ(other->kind(), StoreError::Kind::unavailable);
    EXPECT_THAT(other->what(), testing::HasSubstr("--abandon " + key(2).check()));
    const auto same = store_error([&] { replace(1, 2); });
    ASSERT_TRUE(same);
    EXPECT_THAT(same->what(), testing::HasSubstr("is to be the state's next one already"));
    EXPECT_TRUE(store_error([&] { replace(1, 3, key(3).check()); }));
    open(2); // it opens the state still, and from now on alone
    EXPECT_TRUE(store_error([&] { open(1); }));
}

TEST_F(KeyRingTest, ALostNextKeyIsGivenUpByItsName) {
    make_state();
    replace(1, 2);
    reseal(1);
    replace(1, 3, key(2).check());
    EXPECT_TRUE(store_error([&] { open(2); }));
    open(3);
}

TEST_F(KeyRingTest, ADryRunWorksOnACopyWhoseKeysAreNew) {
    make_state();
    replace(1, 2);
    const std::string before = bytes_of(path);
    const auto ring = read_key_ring(path, key(2));
    const auto copy = state::open_sqlite_copy(path, AuditSeal(ring));
    EXPECT_EQ(copy->find_altered(5).count, 0);
    EXPECT_EQ(bytes_of(path), before);
    EXPECT_FALSE(error_with(1)) << "the copy was opened with the next key, the state was not";
}

TEST_F(KeyRingTest, KeysThatWereTamperedWithAreRefused) {
    make_state();
    replace(1, 2);
    const std::string whole = bytes_of(path);
    for (const char* harm : {"UPDATE meta SET value = '00' WHERE key = 'key_ring'",
                             "UPDATE meta SET value = '00' WHERE key GLOB 'key_wrap:*'"}) {
        tamper(harm);
        const auto refused = error_with(2);
        ASSERT_TRUE(refused) << harm;
        EXPECT_EQ(refused->kind(), StoreError::Kind::damaged) << harm;
        write_bytes(path, whole);
    }
    tamper("DELETE FROM meta WHERE key = 'key_ring'");
    EXPECT_EQ(error_with(2)->kind(), StoreError::Kind::not_ours);
}

/// Opens, and says so after each step of sealing again; ends when all is done.
Child::Job reseal_and_say(const fs::path& path, std::uint8_t with) {
    return [path, with](int to_parent) {
        const auto ring = read_key_ring(path, key(with));
        const auto store = state::open_sqlite(path, AuditSeal(ring));
        send(to_parent, 0);
        for (std::int64_t n = 1; store->reseal(rows_at_a_time); ++n)
            send(to_parent, n);
    };
}

TEST_F(KeyRingTest, AKillAtAnyStepLeavesAStateThatIsWholeAndIsSealedAgainToTheEnd) {
    for (std::int64_t step = 0;; ++step) {
        fs::remove(path);
        fs::remove(path.string() + "-wal");
        make_state();
        {
            Child replacer([&](int to_parent) {
                const auto ring = read_key_ring(path, key(1));
                const auto store = state::open_sqlite(path, AuditSeal(ring));
                send(to_parent, 0);
                store->rotate_key(key(1), key(2), {}, {});
                send(to_parent, 1);
                ::pause(); // until it is killed
            });
            replacer.receive();
            if (step % 2 == 0) replacer.receive();
        }
        // Whatever became of it, the former key opens the state.
        if (!error_with(1)) expect_whole(1);
        if (error_with(2)) replace(1, 2);
        bool killed = false;
        {
            Child child(reseal_and_say(path, 2));
            for (std::int64_t n = 0; n <= step; ++n)
                killed = child.receive().has_value();
            child.kill();
        }
        expect_whole(2);
        reseal(2);
        expect_whole(2);
        EXPECT_FALSE(open(2).ring.former);
        if (!killed) return; // beyond the last step
    }
}

} // namespace
} // namespace medibridge::state::test
