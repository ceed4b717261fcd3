#include "state/sqlite/file_check.hpp"

#include "state/sqlite/connection.hpp"
#include "state/sqlite/error.hpp"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <algorithm>
#include <array>
#include <cstdlib>
#include <exception>
#include <sqlite3.h>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace medibridge::state {
namespace {

/// A check reads each page once: a cache of more than the way down a tree is of no use to it.
constexpr const char* check_settings = "PRAGMA cell_size_check = ON; PRAGMA cache_size = -256;";

/// Of SQLite's virtual machine, between two looks whether the check is to go on: well below a
/// millisecond. (SQLite before 3.42 walks all the trees in one of them.)
constexpr int steps_between_looks = 1'000;

/// The result code in a finding of a page that could not be read, which does not mean that the file
/// is damaged; 0: the finding is about what was read.
int code_of_failed_read(const std::string& finding) {
    constexpr std::string_view words = "unable to get the page. error code=";
    const auto at = finding.find(words);
    if (at == std::string::npos) return 0;
    const int code = std::atoi(finding.c_str() + at + words.size());
    return (code & 0xff) == SQLITE_CORRUPT ? 0 : code;
}

/// What is wrong with an index, or with the order of a table that is one: the rows are there.
bool is_about_an_index(const std::string& finding) {
    constexpr std::array<std::string_view, 6> words{
        " missing from index ",     "wrong # of entries in index ", "non-unique entry in index",
        "not in PRIMARY KEY order", "values differ from index",     "rowid not at end-of-record"};
    return std::ranges::any_of(words, [&](std::string_view one) { return finding.contains(one); });
}

/// All that a check tells; nothing: it found nothing.
std::vector<std::string> findings_of(SQLite::Database& database, const char* check) {
    // A row that breaks a CHECK is no damage of the file: where it has a mac, only its patient is
    // held.
    database.exec("PRAGMA ignore_check_constraints = ON");
    std::vector<std::string> findings;
    for (SQLite::Statement rows(database, check); rows.executeStep();)
        findings.push_back(rows.getColumn(0).getString());
    database.exec("PRAGMA ignore_check_constraints = OFF");
    if (findings == std::vector<std::string>{"ok"}) findings.clear();
    return findings;
}

} // namespace

void check_integrity(SQLite::Database& database, const std::filesystem::path& path) {
    const auto findings = findings_of(database, "PRAGMA quick_check");
    const auto worst = std::ranges::find_if_not(findings, is_about_an_index);
    if (worst == findings.end()) return;
    if (const int code = code_of_failed_read(*worst); code != 0)
        throw SQLite::Exception("while checking: " + *worst, code);
    throw StoreError(StoreError::Kind::damaged,
                     "the state " + path.string() +
                         " is damaged; it was left as it is: restore a backup, or move it away "
                         "and let a full run rebuild it (SQLite: " +
                         *worst + ")");
}

bool indexes_are_right(SQLite::Database& database, const std::filesystem::path& path) {
    if (findings_of(database, "PRAGMA integrity_check").empty()) return true;
    // Behind a row out of its order it tells of values that are there: the other check does not.
    check_integrity(database, path);
    return false;
}

FileCheck::FileCheck(const std::filesystem::path& path, CheckInBackground how)
    : path_(path),
      how_(std::move(how)),
      database_(connect_for_reading(path)),
      outcome_(found_.get_future().share()) {
    database_->exec(check_settings);
    const auto must_end = [](void* its) {
        return static_cast<const FileCheck*>(its)->is_cut_off() ? 1 : 0;
    };
    sqlite3_progress_handler(database_->getHandle(), steps_between_looks, must_end, this);
    thread_ = std::thread([this] { run(); });
}

FileCheck::~FileCheck() {
    is_over_ = true;
    thread_.join();
}

void FileCheck::run() {
    try {
        with_store_errors("check", path_.string(), [this] {
            if (is_cut_off()) throw SQLite::Exception("interrupted", SQLITE_INTERRUPT);
            check_integrity(*database_, path_);
        });
        found_.set_value();
    } catch (const StoreError& error) {
        if (!is_cut_off()) {
            found_.set_exception(std::current_exception());
            if (how_.on_fault) how_.on_fault(error);
            return;
        }
        const StoreError ended(StoreError::Kind::unavailable,
                               "the program ended before the state " + path_.string() +
                                   " was checked: nothing was written to it; start it again");
        found_.set_exception(std::make_exception_ptr(ended));
    } catch (...) {
        found_.set_exception(std::current_exception());
    }
}

// A process that ended before it could cut off its log may have removed somebody, too.
std::unique_ptr<FileCheck> begin_check(SQLite::Database& owner, const std::filesystem::path& path,
                                       CheckInBackground how) {
    if (cut_off_log(owner)) return std::make_unique<FileCheck>(path, std::move(how));
    check_integrity(owner, path);
    return nullptr;
}

} // namespace medibridge::state
