#include "state/sqlite/keys.hpp"

#include "state/sqlite/audit.hpp"
#include "state/sqlite/connection.hpp"
#include "state/sqlite/error.hpp"
#include "state/sqlite/file.hpp"
#include "state/sqlite/log_check.hpp"
#include "state/sqlite/schema.hpp"
#include "state/sqlite_store.hpp"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>
#include <sqlite3.h>

namespace medibridge::state {
namespace {

namespace fs = std::filesystem;

// Rows of the table meta.
const std::string ring_row = "key_ring";
const std::string wrap_rows = "key_wrap:";
const std::string check_row = "key_check";

std::string value_of(SQLite::Database& database, const std::string& key) {
    SQLite::Statement known(database, "SELECT value FROM meta WHERE key = ?");
    known.bind(1, key);
    return known.executeStep() ? known.getColumn(0).getString() : std::string();
}

void put(SQLite::Database& database, const std::string& key, const std::string& value) {
    SQLite::Statement row(database, "INSERT OR REPLACE INTO meta VALUES (?, ?)");
    row.bind(1, key);
    row.bind(2, value);
    row.exec();
}

void drop_wraps_but(SQLite::Database& database, const std::string& check) {
    SQLite::Statement drop(database, "DELETE FROM meta WHERE key GLOB 'key_wrap:*' AND key <> ?");
    drop.bind(1, wrap_rows + check);
    drop.exec();
}

/// The lines so far are an era of their own, and the chain goes on under the newest key.
void begin_era(SQLite::Database& database, KeyRing& ring) {
    KeyRing before = ring;
    before.seal = *ring.former;
    before.former.reset();
    const auto ends = reseal_audit_ends(database, AuditSeal(before), AuditSeal(ring));
    std::erase_if(ring.eras, [&](const AuditEra& era) { return era.until_id <= ends.base_id; });
    ring.eras.push_back({ends.last_id, *ring.former});
    put(database, check_row, ring.seal.check());
    put_ring(database, ring);
    Audit audit(database, AuditSeal(ring));
    audit.begin();
    AuditEntry line;
    line.action = "keys_renewed";
    line.detail = ring.seal.check();
    audit.append(line);
    audit.finish();
}

/// The state is opened with its next key for the first time.
bool is_successor(const KeyRing& ring) {
    return ring.master && ring.successor == ring.holder;
}

/// Nobody has opened the state since its keys were replaced.
bool has_former_check(SQLite::Database& database, const KeyRing& ring) {
    return ring.master && ring.former && value_of(database, check_row) == ring.former->check();
}

bool has_ring(SQLite::Database& database) {
    return version_of(database) > 0 && !value_of(database, ring_row).empty();
}

/// What the state says of its keys, without a trace; what opening it finds fault with is left to
/// that.
KeyRing ring_of_file(const fs::path& path, const KeyBytes& state_key) {
    try {
        const auto database = connect_for_reading(path);
        return find_ring(*database, state_key, path);
    } catch (const SQLite::Exception& error) {
        const int code = error.getErrorCode();
        if (code != SQLITE_CORRUPT && code != SQLITE_NOTADB && code != SQLITE_ERROR) throw;
        return KeyRing(state_key);
    }
}

} // namespace

void put_ring(SQLite::Database& database, const KeyRing& ring) {
    put(database, ring_row, ring.close());
}

std::vector<std::string> checks_of_keys(SQLite::Database& database) {
    std::vector<std::string> all;
    if (version_of(database) == 0) return all;
    if (!has_ring(database)) {
        const auto only = value_of(database, check_row);
        return only.empty() ? all : std::vector<std::string>{only};
    }
    SQLite::Statement wraps(database,
                            "SELECT key FROM meta WHERE key GLOB 'key_wrap:*' ORDER BY key");
    while (wraps.executeStep())
        all.push_back(wraps.getColumn(0).getString().substr(wrap_rows.size()));
    return all;
}

KeyRing find_ring(SQLite::Database& database, const KeyBytes& state_key, const fs::path& place) {
    if (!has_ring(database)) return KeyRing(state_key);
    const auto wrapped = value_of(database, wrap_rows + state_key.check());
    if (wrapped.empty())
        throw StoreError(StoreError::Kind::not_ours,
                         another_key(place, state_key.check(), checks_of_keys(database)));
    const auto master = unwrap_master(wrapped, state_key);
    auto ring =
        master ? KeyRing::open(value_of(database, ring_row), *master) : std::optional<KeyRing>();
    if (!ring)
        throw StoreError(StoreError::Kind::damaged,
                         "the keys in the state " + place.string() +
                             " are damaged; it was left as it is: restore a backup, or move it "
                             "away and let a full run rebuild it");
    ring->holder = state_key.check();
    return *std::move(ring);
}

bool must_settle_keys(SQLite::Database& database, const AuditSeal& seal) {
    return is_successor(seal.ring()) || has_former_check(database, seal.ring());
}

AuditSeal settle_keys(SQLite::Database& database, const AuditSeal& seal) {
    KeyRing ring = seal.ring();
    const bool is_next = is_successor(ring);
    const bool is_new = has_former_check(database, ring);
    if (!is_next && !is_new) return seal;
    SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
    if (is_next) {
        ring.successor.clear();
        drop_wraps_but(database, ring.holder);
        put_ring(database, ring);
    }
    if (is_new) begin_era(database, ring);
    transaction.commit();
    return AuditSeal(ring);
}

void put_replacement(SQLite::Database& database, const KeyRing& ring, const KeyBytes& from,
                     const KeyBytes& to) {
    KeyRing next = ring;
    next.former = ring.seal;
    next.seal = KeyBytes::random();
    next.master = KeyBytes::random();
    next.successor = to.check();
    drop_wraps_but(database, {});
    for (const auto& key : {from, to})
        put(database, wrap_rows + key.check(), wrap_master(*next.master, key));
    put_ring(database, next);
}

std::vector<std::string> keys_of_backup(const fs::path& path) {
    return with_store_errors("check", path.string(),
                             [&] { return checks_of_keys(*connect_for_reading(path)); });
}

KeyRing read_key_ring(const fs::path& given, const KeyBytes& state_key) {
    return with_store_errors("open", given.string(), [&] {
        std::error_code missing;
        if (!fs::exists(given, missing) || fs::file_size(given, missing) == 0)
            return KeyRing(state_key);
        const fs::path path = settled_path(given);
        const Lock lock(path);
        check_file(path);
        check_beside(path);
        check_log(path);
        if (creation_was_cut_off(path)) return KeyRing(state_key);
        return ring_of_file(path, state_key);
    });
}

} // namespace medibridge::state
