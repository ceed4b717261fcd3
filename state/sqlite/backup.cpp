#include "state/sqlite/backup.hpp"

#include "base/files/open.hpp"
#include "state/facts_log.hpp"
#include "state/sqlite/connection.hpp"
#include "state/sqlite/error.hpp"
#include "state/sqlite/file.hpp"
#include "state/sqlite/log_check.hpp"
#include "state/sqlite_store.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <cerrno>
#include <sqlite3.h>
#include <unistd.h>

namespace medibridge::state {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void backup_fails(const fs::path& path, const std::string& why) {
    throw StoreError(StoreError::Kind::unavailable,
                     "cannot write the backup " + path.string() + ": " + why);
}

void make_durable(const fs::path& path, const files::Result<base::Descriptor>& opened) {
    if (!opened) backup_fails(path, opened.error().text);
    if (::fsync(opened->number()) != 0) backup_fails(path, errno_text(errno));
}

/// The files of a backup, which go again unless it is finished.
class Unfinished {
  public:
    explicit Unfinished(const fs::path& path) : path_(path), facts_(path.string() + ".facts") {
        // A log that is left there would be taken for the backup's own.
        for (const fs::path& beside :
             {facts_, fs::path(path.string() + "-wal"), fs::path(path.string() + "-journal")})
            if (exists(symlink_status(beside)))
                backup_fails(path, "there is " + beside.string() + "; choose another name");
        const auto file = files::make_file(path, 0600);
        if (!file)
            backup_fails(path, file.error().error == EEXIST
                                   ? "there is such a file; choose another name"
                                   : errno_text(file.error().error));
        is_made_ = true;
    }
    Unfinished(const Unfinished&) = delete;
    Unfinished& operator=(const Unfinished&) = delete;
    ~Unfinished() {
        std::error_code ignored;
        if (!is_made_) return;
        fs::remove(path_, ignored);
        fs::remove(facts_, ignored);
    }

    void finish() { is_made_ = false; }

  private:
    fs::path path_;
    fs::path facts_;
    bool is_made_ = false;
};

bool is_about_writing(const SQLite::Exception& error) {
    switch (error.getErrorCode() & 0xff) {
    case SQLITE_FULL:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
        return true;
    case SQLITE_IOERR:
        return error.getExtendedErrorCode() != SQLITE_IOERR_READ &&
               error.getExtendedErrorCode() != SQLITE_IOERR_SHORT_READ;
    default:
        return false;
    }
}

/// While it lives, the state says that its links are to be confirmed. If the process ends
/// meanwhile, they are: that costs some looks.
class Doubt {
  public:
    Doubt(SQLite::Database& database, std::string before)
        : database_(database),
          before_(std::move(before)) {
        put("backup");
    }
    Doubt(const Doubt&) = delete;
    Doubt& operator=(const Doubt&) = delete;
    ~Doubt() {
        try {
            put(before_);
        } catch (const SQLite::Exception&) {
            return; // the doubt stays
        }
    }

  private:
    void put(const std::string& why) {
        SQLite::Statement statement(database_, why.empty()
                                                   ? "DELETE FROM meta WHERE key = ?1"
                                                   : "INSERT OR REPLACE INTO meta VALUES (?1, ?2)");
        statement.bind(1, std::string(unconfirmed_links_key));
        if (!why.empty()) statement.bind(2, why);
        statement.exec();
    }

    SQLite::Database& database_;
    std::string before_;
};

} // namespace

void back_up(SQLite::Database& database, const std::vector<Fact>& facts,
             const std::string& unconfirmed, const fs::path& given) {
    // What is put back one day is older than Medicapp: each link is to be confirmed then.
    const Doubt doubt(database, unconfirmed);
    const fs::path path = fs::absolute(given);
    Unfinished files(path);
    try {
        copy_to(database, path);
    } catch (const SQLite::Exception& error) {
        // The state is only read: what cannot be written is the backup.
        if (is_about_writing(error)) throw translate(error, "write", path.string(), "the backup");
        throw;
    }
    make_durable(path, files::open_own(path, files::Access::read));
    FactsLog(facts_beside(path)).take_over(facts);
    make_durable(path.parent_path(), files::open_directory(path.parent_path()));
    files.finish();
}

int check_backup(const fs::path& path) {
    return with_store_errors("check", path.string(), [&] {
        std::error_code missing;
        if (fs::file_size(path, missing) == 0 && !missing)
            throw StoreError(StoreError::Kind::not_ours, path.string() + " is empty: no backup");
        check_file(path);
        check_log(path);
        return check_unused(path, all_migrations());
    });
}

} // namespace medibridge::state
