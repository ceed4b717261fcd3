#include "state/sqlite/inbox.hpp"

#include <algorithm>
#include <limits>
#include <span>

namespace medibridge::state {
namespace {

/// A record that is too large stays on the disk.
#define ENTRY_COLUMNS                                                                              \
    "SELECT sequence, source, key, CASE WHEN length(sealed) <= 65536 THEN sealed ELSE x'' END,"    \
    " taken FROM inbox "
static_assert(InboxLimits::row == 65536, "the number in ENTRY_COLUMNS");

/// The table `sources` of all names, and a null. Each is one step in an index, however much they
/// sent.
#define INBOX_SOURCES                                                                              \
    "WITH RECURSIVE sources(name) AS (SELECT min(source) FROM inbox UNION ALL"                     \
    " SELECT (SELECT min(source) FROM inbox WHERE source > name) FROM sources"                     \
    " WHERE name IS NOT NULL)"

/// How often receipts are trimmed: doing it for each one would cost more than writing it.
constexpr std::int64_t trim_every = 1'024;

std::span<const std::uint8_t> blob_of(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string payload_of(std::span<const std::uint8_t> bytes) {
    return {bytes.begin(), bytes.end()};
}

InboxEntry read_entry(const Use& row) {
    InboxEntry entry;
    entry.sequence = row.number(0);
    entry.source = row.text(1);
    entry.key = row.text(2);
    entry.sealed = payload_of(row.blob(3));
    entry.taken = row.number(4) != 0;
    return entry;
}

} // namespace

InboxWrites::InboxWrites(SQLite::Database& db)
    // The new row's sequence is chosen before the old row goes, so that it rises in any case.
    : put_(db, "INSERT OR REPLACE INTO inbox(source, key, sealed, taken) VALUES (?, ?, ?, 0)"),
      put_receipt_(db, "INSERT OR IGNORE INTO inbox_receipt(source, content, sealed_answer)"
                       " VALUES (?, ?, ?)"),
      last_receipt_(db, "SELECT max(id) FROM inbox_receipt"),
      trim_receipts_(db, "DELETE FROM inbox_receipt WHERE id <= ?"),
      take_(db, "UPDATE inbox SET taken = 1 WHERE source = ? AND taken = 0 AND sequence <= ?"),
      trim_nameless_(db, "DELETE FROM inbox WHERE sequence IN"
                         " (SELECT sequence FROM inbox WHERE source = ? AND taken = 1"
                         "  AND key GLOB 'record:*' ORDER BY sequence DESC LIMIT -1 OFFSET ?)"),
      // Source by source: an index by key alone would cost a line a patient.
      forget_(db, INBOX_SOURCES
              " DELETE FROM inbox WHERE source IN (SELECT name FROM sources) AND key = ?"
              " AND taken >= ?") {}

void InboxWrites::apply(const Batch::PutInbox& change) {
    const InboxEntry& entry = change.entry;
    Use(put_).bind(entry.source).bind(entry.key).bind(blob_of(entry.sealed)).run();
}

void InboxWrites::apply(const Batch::PutReceipt& change) {
    const InboxReceipt& receipt = change.receipt;
    Use(put_receipt_)
        .bind(receipt.source)
        .bind(receipt.content)
        .bind(blob_of(receipt.sealed_answer))
        .run();
    std::int64_t last = 0;
    if (Use use(last_receipt_); use.row()) last = use.number(0);
    if (last % trim_every == 0) Use(trim_receipts_).bind(last - InboxLimits::receipts).run();
}

void InboxWrites::apply(const Batch::TakeInbox& change) {
    Use(take_).bind(change.source).bind(change.up_to).run();
    Use(trim_nameless_).bind(change.source).bind(InboxLimits::nameless).run();
}

void InboxWrites::forget(const std::string& key, bool only_taken) {
    Use(forget_).bind(key).bind(std::int64_t{only_taken}).run();
}

InboxQueries::InboxQueries(SQLite::Database& db)
    : entry_(db, ENTRY_COLUMNS "WHERE source = ? AND key = ?"),
      newest_(db, "SELECT max(sequence) FROM inbox WHERE source = ? AND taken = ?"),
      after_(db, ENTRY_COLUMNS "WHERE source = ? AND sequence > ? ORDER BY sequence LIMIT ?"),
      new_after_(db, ENTRY_COLUMNS "WHERE source = ? AND taken = 0 AND sequence > ?"
                                   " ORDER BY sequence LIMIT ?"),
      nameless_(db, ENTRY_COLUMNS "WHERE source = ? AND key >= 'record:' AND key < 'record;'"
                                  " ORDER BY sequence DESC LIMIT ?"),
      load_(db, "SELECT count(*), ifnull(sum(length(sealed)), 0) FROM inbox"
                " WHERE source = ? AND taken = 0"),
      sources_(db, INBOX_SOURCES " SELECT name FROM sources WHERE name IS NOT NULL"),
      receipt_(db, "SELECT source, content, sealed_answer FROM inbox_receipt"
                   " WHERE source = ? AND content = ?") {}

std::optional<InboxEntry> InboxQueries::entry(const std::string& source, const std::string& key) {
    Use use(entry_);
    if (!use.bind(source).bind(key).row()) return std::nullopt;
    return read_entry(use);
}

std::int64_t InboxQueries::newest(const std::string& source) {
    std::int64_t newest = 0;
    for (const std::int64_t taken : {0, 1}) { // as the index has them
        Use use(newest_);
        if (use.bind(source).bind(taken).row()) newest = std::max(newest, use.number(0));
    }
    return newest;
}

std::vector<InboxEntry> InboxQueries::after(const std::string& source, bool only_new,
                                            std::int64_t after, std::size_t limit) {
    constexpr std::size_t most = std::numeric_limits<std::int64_t>::max();
    std::vector<InboxEntry> found;
    Use use(only_new ? new_after_ : after_);
    use.bind(source).bind(after).bind(static_cast<std::int64_t>(std::min(limit, most)));
    std::size_t bytes = 0;
    while (bytes <= InboxLimits::read_at_once && use.row()) {
        found.push_back(read_entry(use));
        bytes += found.back().sealed.size();
    }
    return found;
}

std::vector<InboxEntry> InboxQueries::nameless(const std::string& source, std::size_t limit) {
    std::vector<InboxEntry> found;
    Use use(nameless_);
    use.bind(source).bind(static_cast<std::int64_t>(limit));
    while (use.row())
        found.push_back(read_entry(use));
    return found;
}

InboxLoad InboxQueries::load(const std::string& source) {
    InboxLoad load;
    Use use(load_);
    if (!use.bind(source).row()) return load;
    load.rows = use.number(0);
    load.bytes = use.number(1);
    return load;
}

std::map<std::string, InboxLoad> InboxQueries::waiting() {
    std::vector<std::string> sources;
    Use use(sources_);
    while (use.row())
        sources.push_back(use.text(0));
    std::map<std::string, InboxLoad> loads;
    for (auto& source : sources) {
        const auto found = load(source);
        if (found.rows > 0) loads.emplace(std::move(source), found);
    }
    return loads;
}

std::optional<InboxReceipt> InboxQueries::receipt(const std::string& source,
                                                  const Digest& content) {
    Use use(receipt_);
    if (!use.bind(source).bind(content).row()) return std::nullopt;
    InboxReceipt receipt;
    receipt.source = use.text(0);
    receipt.content = content;
    receipt.sealed_answer = payload_of(use.blob(2));
    return receipt;
}

#undef ENTRY_COLUMNS

} // namespace medibridge::state
