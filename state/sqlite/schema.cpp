#include "state/sqlite/schema.hpp"

#include "state/sqlite/audit.hpp"
#include "state/sqlite/file.hpp"
#include "state/sqlite/row_counts.hpp"
#include "state/sqlite/sealed_rows.hpp"
#include "state/sqlite/shortening.hpp"
#include "state/sqlite_store.hpp"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>
#include <array>
#include <map>

namespace medibridge::state {
namespace {

// Times are Unix milliseconds; absent texts are empty; absent times are NULL. docs/state.md
// describes each table: keep the two together.
constexpr const char* version_1 = R"sql(
CREATE TABLE link(
    external_id TEXT NOT NULL PRIMARY KEY CHECK (external_id <> ''),
    medicapp_id TEXT NOT NULL CHECK (medicapp_id <> ''),
    source TEXT NOT NULL,
    digests BLOB NOT NULL,
    his_modified_at INTEGER,
    medicapp_modified_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX link_by_medicapp_id ON link(medicapp_id);

CREATE TABLE unlinked(
    medicapp_id TEXT NOT NULL PRIMARY KEY CHECK (medicapp_id <> ''),
    external_id TEXT NOT NULL,
    modified_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX unlinked_by_external_id ON unlinked(external_id, modified_at DESC)
    WHERE external_id <> '';

CREATE TABLE unlinked_key(
    digest BLOB NOT NULL CHECK (length(digest) = 16),
    medicapp_id TEXT NOT NULL REFERENCES unlinked ON DELETE CASCADE,
    PRIMARY KEY (digest, medicapp_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX unlinked_key_by_medicapp_id ON unlinked_key(medicapp_id);

CREATE TABLE intent(
    external_id TEXT NOT NULL PRIMARY KEY CHECK (external_id <> ''),
    kind TEXT NOT NULL CHECK (kind IN ('create', 'update')),
    medicapp_id TEXT NOT NULL,
    sent BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE held(
    key TEXT NOT NULL PRIMARY KEY CHECK (key <> ''),
    source TEXT NOT NULL,
    reason TEXT NOT NULL,
    field TEXT NOT NULL,
    detail TEXT NOT NULL,
    medicapp_id TEXT NOT NULL,
    request_id TEXT NOT NULL,
    record BLOB NOT NULL CHECK (length(record) = 16),
    attempts INTEGER NOT NULL,
    held_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tombstone(
    external_id TEXT NOT NULL PRIMARY KEY CHECK (external_id <> ''),
    medicapp_id TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE redirect(
    from_id TEXT NOT NULL PRIMARY KEY CHECK (from_id <> ''),
    to_id TEXT NOT NULL CHECK (to_id <> '')
) STRICT, WITHOUT ROWID;

CREATE TABLE watermark(
    side TEXT NOT NULL PRIMARY KEY CHECK (side <> ''),
    stamp INTEGER,
    tie_breaker TEXT NOT NULL,
    reached_at INTEGER,
    settled INTEGER NOT NULL CHECK (settled IN (0, 1)),
    precision TEXT NOT NULL CHECK (precision IN ('seconds', 'milliseconds'))
) STRICT, WITHOUT ROWID;

CREATE TABLE meta(
    key TEXT NOT NULL PRIMARY KEY CHECK (key <> ''),
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE audit(
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    external_id TEXT NOT NULL,
    medicapp_id TEXT NOT NULL,
    action TEXT NOT NULL,
    detail TEXT NOT NULL,
    request_id TEXT NOT NULL
) STRICT;
)sql";

constexpr const char* version_2 = R"sql(
ALTER TABLE watermark ADD COLUMN pending INTEGER;
ALTER TABLE watermark ADD COLUMN clock INTEGER;
)sql";

// An entry that changes is written again, so that its sequence, the rowid, is the newest.
constexpr const char* version_3 = R"sql(
CREATE TABLE inbox(
    sequence INTEGER PRIMARY KEY,
    source TEXT NOT NULL CHECK (source <> ''),
    key TEXT NOT NULL CHECK (key <> ''),
    sealed BLOB NOT NULL,
    taken INTEGER NOT NULL CHECK (taken IN (0, 1)),
    UNIQUE (source, key)
) STRICT;
CREATE INDEX inbox_by_sequence ON inbox(source, taken, sequence);

CREATE TABLE inbox_receipt(
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL CHECK (source <> ''),
    content BLOB NOT NULL CHECK (length(content) = 16),
    sealed_answer BLOB NOT NULL,
    UNIQUE (source, content)
) STRICT;

ALTER TABLE link ADD COLUMN contact_source TEXT NOT NULL DEFAULT '';
)sql";

constexpr const char* version_4 = R"sql(
ALTER TABLE link ADD COLUMN drift BLOB; -- NULL: the identity is as confirmed
ALTER TABLE link ADD COLUMN unbelieved_at INTEGER;

CREATE TABLE refusal(
    external_id TEXT NOT NULL PRIMARY KEY CHECK (external_id <> ''),
    cycles INTEGER NOT NULL,
    others INTEGER NOT NULL CHECK (others IN (0, 1))
) STRICT, WITHOUT ROWID;
)sql";

constexpr const char* version_5 = R"sql(
ALTER TABLE held ADD COLUMN acknowledged INTEGER NOT NULL DEFAULT 0 CHECK (acknowledged IN (0, 1));
ALTER TABLE held ADD COLUMN looked_at INTEGER NOT NULL DEFAULT 0;
UPDATE held SET looked_at = held_at;
CREATE INDEX held_about ON held(medicapp_id) WHERE medicapp_id <> '';

CREATE TABLE decision(
    key TEXT NOT NULL PRIMARY KEY CHECK (key <> ''),
    kind TEXT NOT NULL CHECK (kind IN ('retry', 'link', 'create', 'update', 'ignore')),
    medicapp_id TEXT NOT NULL,
    record BLOB NOT NULL CHECK (length(record) = 16),
    medicapp BLOB NOT NULL CHECK (length(medicapp) = 16),
    reason TEXT NOT NULL,
    actor TEXT NOT NULL,
    uid INTEGER NOT NULL,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

ALTER TABLE audit ADD COLUMN actor TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN uid INTEGER NOT NULL DEFAULT -1;
ALTER TABLE audit ADD COLUMN mac BLOB NOT NULL DEFAULT x'';
)sql";

constexpr const char* version_6 = R"sql(
ALTER TABLE link ADD COLUMN mac INTEGER NOT NULL DEFAULT 0;
ALTER TABLE intent ADD COLUMN mac INTEGER NOT NULL DEFAULT 0;
ALTER TABLE held ADD COLUMN mac INTEGER NOT NULL DEFAULT 0;
ALTER TABLE decision ADD COLUMN mac INTEGER NOT NULL DEFAULT 0;
)sql";

constexpr const char* version_7 = R"sql(
CREATE TABLE ignored(
    key TEXT NOT NULL CHECK (key <> ''),
    source TEXT NOT NULL CHECK (source <> ''),
    record BLOB NOT NULL CHECK (length(record) = 16),
    PRIMARY KEY (key, source)
) STRICT, WITHOUT ROWID;
)sql";

// An id stands as text or in fewer bytes, and a list of fields as a number: see packed_text.hpp.
constexpr const char* version_9 = R"sql(
ALTER TABLE link RENAME TO former_link;
CREATE TABLE link(
    external_id ANY NOT NULL PRIMARY KEY CHECK (external_id <> ''),
    medicapp_id ANY NOT NULL CHECK (medicapp_id <> ''),
    source TEXT NOT NULL,
    digests BLOB NOT NULL,
    his_modified_at INTEGER,
    medicapp_modified_at INTEGER,
    contact_source TEXT NOT NULL,
    drift BLOB, -- NULL: the identity is as confirmed
    unbelieved_at INTEGER,
    mac INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

ALTER TABLE audit RENAME TO former_audit;
CREATE TABLE audit(
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    external_id ANY NOT NULL,
    medicapp_id ANY NOT NULL,
    action TEXT NOT NULL,
    detail ANY NOT NULL,
    request_id ANY NOT NULL,
    actor TEXT NOT NULL,
    uid INTEGER NOT NULL,
    mac BLOB NOT NULL
) STRICT;
)sql";

constexpr const char* version_10 = R"sql(
CREATE TABLE taken(
    external_id TEXT NOT NULL CHECK (external_id <> ''),
    source TEXT NOT NULL CHECK (source <> ''),
    digest BLOB NOT NULL CHECK (length(digest) = 16),
    PRIMARY KEY (external_id, source)
) STRICT, WITHOUT ROWID;
)sql";

constexpr const char* version_11 = R"sql(
ALTER TABLE redirect ADD COLUMN merged_at INTEGER;

CREATE TABLE told_apart(
    external_id TEXT NOT NULL CHECK (external_id <> ''),
    digest BLOB NOT NULL CHECK (length(digest) = 16),
    PRIMARY KEY (external_id, digest)
) STRICT, WITHOUT ROWID;
)sql";

constexpr const char* version_12 = R"sql(
CREATE TABLE divergence(
    key TEXT PRIMARY KEY CHECK (key <> ''),
    look BLOB NOT NULL CHECK (length(look) = 16)
) STRICT, WITHOUT ROWID;
)sql";

// Who goes on under another number must be recognised there, whatever became of the redirect.
constexpr const char* version_13 = R"sql(
CREATE TABLE prior_identifier(
    external_id TEXT NOT NULL CHECK (external_id <> ''),
    prior TEXT NOT NULL CHECK (prior <> ''),
    PRIMARY KEY (external_id, prior)
) STRICT, WITHOUT ROWID;
CREATE INDEX prior_identifier_by_prior ON prior_identifier(prior);
INSERT INTO prior_identifier SELECT to_id, from_id FROM redirect WHERE to_id <> from_id;
)sql";

void count_all_rows(SQLite::Database& database, const AuditSeal&) {
    start_row_counts(database);
}

/// As they stand: what changed them before cannot be known. So every link is confirmed by a look
/// before Medicapp is written to.
void seal_all_rows(SQLite::Database& database, const AuditSeal& seal) {
    teach_row_mac(database, seal.rows());
    for (const SealedTable& table : sealed_tables)
        seal_rows(database, table);
    database.exec("INSERT OR REPLACE INTO meta SELECT '" + std::string(unconfirmed_links_key) +
                  "', 'upgrade' WHERE EXISTS (SELECT 1 FROM link)");
}

constexpr std::array<Migration, 13> steps = {{
    {1, version_1},
    {2, version_2},
    {3, version_3},
    {4, version_4},
    {5, version_5, &start_audit_chain},
    {6, version_6, &seal_all_rows},
    {7, version_7},
    {8, "", &count_all_rows},
    {9, version_9, &shorten_rows},
    {10, version_10},
    {11, version_11},
    {12, version_12},
    {13, version_13},
}};

void set_header(SQLite::Database& database, const char* name, int value) {
    database.exec(std::string("PRAGMA ") + name + " = " + std::to_string(value));
}

/// What SQLite keeps for itself (`sqlite_…`) is not ours.
std::map<std::string, std::string> definitions_in(SQLite::Database& database) {
    std::map<std::string, std::string> all;
    SQLite::Statement each(database, "SELECT type || ' `' || name || '`', tbl_name || ': ' || sql "
                                     "FROM sqlite_schema WHERE name NOT GLOB 'sqlite_*'");
    while (each.executeStep())
        all.emplace(each.getColumn(0).getString(), each.getColumn(1).getString());
    return all;
}

} // namespace

std::span<const Migration> all_migrations() {
    return steps;
}

int version_after(std::span<const Migration> migrations) {
    return migrations.back().to;
}

int version_of(SQLite::Database& database) {
    return database.execAndGet("PRAGMA user_version").getInt();
}

void check_tables(SQLite::Database& found, SQLite::Database& made,
                  const std::filesystem::path& path) {
    const auto there = definitions_in(found);
    const auto ours = definitions_in(made);
    if (there == ours) return;
    const auto odd_one = [](const auto& in, const auto& other) -> std::string {
        for (const auto& [name, definition] : in)
            if (const auto same = other.find(name);
                same == other.end() || same->second != definition)
                return name;
        return {};
    };
    const auto missing = odd_one(ours, there);
    throw StoreError(StoreError::Kind::damaged,
                     path.string() + " is damaged, or somebody changed it: its " +
                         (missing.empty() ? odd_one(there, ours) : missing) +
                         " is not as medibridge makes it. Nothing was changed: use another backup");
}

void migrate(SQLite::Database& database, std::span<const Migration> migrations,
             const AuditSeal& seal) {
    const int from = version_of(database);
    if (from >= version_after(migrations)) return;
    SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
    if (from == 0) set_header(database, "application_id", application_id);
    for (const Migration& migration : migrations) {
        if (migration.to <= from) continue;
        database.exec(migration.sql);
        if (migration.then) migration.then(database, seal);
    }
    set_header(database, "user_version", version_after(migrations));
    transaction.commit();
    // The steps leave free pages, whose list SQLite checks the least.
    if (from == 0) database.exec("VACUUM");
}

int schema_version() {
    return version_after(all_migrations());
}

} // namespace medibridge::state
