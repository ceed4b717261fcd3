#include "state/sqlite/row_counts.hpp"

#include <array>
#include <optional>
#include <sstream>
#include <string>

namespace medibridge::state {
namespace {

/// The numbers in their order, apart by blanks.
std::string written(const Counts& counts) {
    std::string text;
    for (const auto number :
         {counts.links, counts.unlinked, counts.held, counts.intents, counts.tombstones})
        text += (text.empty() ? "" : " ") + std::to_string(number);
    return text;
}

std::optional<Counts> read_counts(const std::string& text) {
    std::istringstream numbers(text);
    Counts counts;
    numbers >> counts.links >> counts.unlinked >> counts.held >> counts.intents >>
        counts.tombstones;
    if (numbers.fail() || written(counts) != text) return std::nullopt;
    return counts;
}

std::optional<Counts> kept_counts(SQLite::Database& database) {
    Prepared kept(database, "SELECT value FROM meta WHERE key = 'counts'");
    Use use(kept);
    return use.row() ? read_counts(use.text(0)) : std::nullopt;
}

} // namespace

RowCounts::RowCounts(SQLite::Database& database)
    : count_(database, "SELECT (SELECT count(*) FROM link), (SELECT count(*) FROM unlinked),"
                       " (SELECT count(*) FROM held), (SELECT count(*) FROM intent),"
                       " (SELECT count(*) FROM tombstone)"),
      put_(database, "INSERT OR REPLACE INTO meta VALUES ('counts', ?)") {
    const auto kept = kept_counts(database);
    now_ = next_ = kept ? *kept : count();
}

void RowCounts::finish() {
    if (next_ == now_) return;
    const std::string text = written(next_);
    Use(put_).bind(text).run();
}

Counts RowCounts::count() {
    Use use(count_);
    if (!use.row()) return {};
    return {use.number(0), use.number(1), use.number(2), use.number(3), use.number(4)};
}

void start_row_counts(SQLite::Database& database) {
    RowCounts counts(database);
    const std::string text = written(counts.count());
    Prepared put(database, "INSERT OR REPLACE INTO meta VALUES ('counts', ?)");
    Use(put).bind(text).run();
}

} // namespace medibridge::state
