#include "state/sqlite/resealing.hpp"

#include "state/key.hpp"
#include "state/records.hpp"
#include "state/sqlite/sealed_rows.hpp"
#include "state/sqlite/statement.hpp"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <algorithm>

namespace medibridge::state {
namespace {

/// After those with macs come what senders handed over, and what they were answered.
constexpr std::size_t inbox_table = sealed_tables.size();
constexpr std::size_t receipt_table = inbox_table + 1;
constexpr std::size_t table_count = receipt_table + 1;
/// Of sealed text that is read at a time, so that memory stays bounded.
constexpr std::size_t bytes_at_a_time = std::size_t{1} << 20;

std::string text_of(const SQLite::Column& column) {
    const auto* bytes = static_cast<const char*>(column.getBlob());
    return bytes == nullptr ? std::string()
                            : std::string(bytes, static_cast<std::size_t>(column.getBytes()));
}

/// A row of one of the two tables.
struct SealedText {
    std::int64_t id = 0;
    std::string place;
    std::string sealed;
};

SealedText read_inbox(SQLite::Statement& row) {
    InboxEntry entry;
    entry.source = row.getColumn(1).getString();
    entry.key = row.getColumn(2).getString();
    return {row.getColumn(0).getInt64(), seal_place(entry), text_of(row.getColumn(3))};
}

SealedText read_receipt(SQLite::Statement& row) {
    InboxReceipt receipt;
    receipt.source = row.getColumn(1).getString();
    const auto content = text_of(row.getColumn(2));
    std::copy_n(content.begin(), std::min(content.size(), receipt.content.size()),
                receipt.content.begin());
    return {row.getColumn(0).getInt64(), seal_place(receipt), text_of(row.getColumn(3))};
}

} // namespace

bool Resealing::some(const KeyRing& ring, std::size_t rows) {
    if (table_ < sealed_tables.size())
        rows_with_mac(rows);
    else if (table_ < table_count)
        sealed_texts(ring, table_ == receipt_table, rows);
    return table_ < table_count;
}

void Resealing::rows_with_mac(std::size_t rows) {
    const SealedTable& table = sealed_tables.at(table_);
    const std::string key(table.key);
    Prepared last(*database_,
                  ("SELECT max(k) FROM (SELECT " + key + " AS k FROM " + std::string(table.name) +
                   " WHERE " + key + " > ?1 ORDER BY " + key + " LIMIT ?2)")
                      .c_str());
    const auto bind = [&](Use& use, const std::string& its) {
        if (table.packs_ids)
            use.bind_id(its);
        else
            use.bind(its);
    };
    std::string up_to;
    {
        Use use(last);
        bind(use, last_key_);
        use.bind(static_cast<std::int64_t>(rows));
        if (!use.row() || use.is_null(0)) {
            go_to_next_table();
            return;
        }
        up_to = use.id(0);
    }
    Prepared seal(*database_, seal_rows_again(table).c_str());
    Use use(seal);
    bind(use, last_key_);
    bind(use, up_to);
    use.run();
    last_key_ = up_to;
}

void Resealing::sealed_texts(const KeyRing& ring, bool receipts, std::size_t rows) {
    const Seal seal(ring);
    SQLite::Statement next(
        *database_, receipts
                        ? "SELECT id, source, content, sealed_answer FROM inbox_receipt"
                          " WHERE id > ? AND length(sealed_answer) <= 65536 ORDER BY id LIMIT 1"
                        : "SELECT sequence, source, key, sealed FROM inbox"
                          " WHERE sequence > ? AND length(sealed) <= 65536"
                          " ORDER BY sequence LIMIT 1");
    SQLite::Statement put(*database_,
                          receipts ? "UPDATE inbox_receipt SET sealed_answer = ? WHERE id = ?"
                                   : "UPDATE inbox SET sealed = ? WHERE sequence = ?");
    std::size_t bytes = 0;
    for (std::size_t done = 0; done < rows && bytes <= bytes_at_a_time; ++done) {
        next.reset();
        next.bind(1, last_id_);
        if (!next.executeStep()) {
            go_to_next_table();
            return;
        }
        const SealedText row = receipts ? read_receipt(next) : read_inbox(next);
        next.reset();
        last_id_ = row.id;
        bytes += row.sealed.size();
        const auto again = seal.again(row.sealed, row.place);
        if (!again) continue;
        put.reset();
        put.bind(1, again->data(), static_cast<int>(again->size()));
        put.bind(2, row.id);
        put.exec();
    }
}

void Resealing::go_to_next_table() {
    ++table_;
    last_key_.clear();
    last_id_ = 0;
}

} // namespace medibridge::state
