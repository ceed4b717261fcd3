#include "state/sqlite/compaction.hpp"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <charconv>
#include <sqlite3.h>
#include <string>

namespace medibridge::state {
namespace {

/// 13 seconds of waiting.
constexpr std::int64_t largest_file = std::int64_t{1} << 30;

std::int64_t links_when_done(SQLite::Database& database) {
    Prepared kept(database, "SELECT value FROM meta WHERE key = 'compacted_links'");
    Use use(kept);
    if (!use.row()) return 0;
    const std::string text = use.text(0);
    std::int64_t links = 0;
    std::from_chars(text.data(), text.data() + text.size(), links);
    return links;
}

/// While it lives, what SQLite makes for a moment stands in files, and its cache is small.
class LittleMemory {
  public:
    explicit LittleMemory(SQLite::Database& database)
        : database_(&database),
          cache_(database.execAndGet("PRAGMA cache_size").getString()) {
        database.exec("PRAGMA temp_store = FILE; PRAGMA cache_size = -500; PRAGMA shrink_memory");
    }
    ~LittleMemory() {
        database_->tryExec("PRAGMA temp_store = MEMORY; PRAGMA cache_size = " + cache_);
    }
    LittleMemory(const LittleMemory&) = delete;
    LittleMemory& operator=(const LittleMemory&) = delete;

  private:
    SQLite::Database* database_;
    std::string cache_;
};

bool is_about_the_disk(int code) {
    switch (code & 0xff) {
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_NOMEM:
        return true;
    default:
        return false;
    }
}

} // namespace

Compaction::Compaction(SQLite::Database& database, std::int64_t from_links)
    : database_(&database),
      put_(database, "INSERT OR REPLACE INTO meta VALUES ('compacted_links', ?)"),
      from_links_(from_links),
      done_at_links_(links_when_done(database)) {}

std::int64_t Compaction::bytes() {
    return database_->execAndGet("PRAGMA page_count").getInt64() *
           database_->execAndGet("PRAGMA page_size").getInt64();
}

bool Compaction::is_due(std::int64_t links) {
    return links >= from_links_ && links >= 2 * done_at_links_ && bytes() <= largest_file;
}

bool Compaction::run(std::int64_t links) {
    done_at_links_ = links;
    try {
        const LittleMemory little(*database_);
        database_->exec("VACUUM");
        const std::string text = std::to_string(links);
        Use(put_).bind(text).run();
    } catch (const SQLite::Exception& error) {
        if (is_about_the_disk(error.getErrorCode())) return false;
        throw;
    }
    return true;
}

} // namespace medibridge::state
