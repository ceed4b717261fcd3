#pragma once

#include "state/sqlite_store.hpp"

#include <atomic>
#include <filesystem>
#include <future>
#include <memory>
#include <thread>

namespace SQLite {
class Database;
}

namespace medibridge::state {

/// Reads the whole database. Throws StoreError (damaged) if its structure is not whole, and
/// SQLite's own exceptions for what cannot be read.
void check_integrity(SQLite::Database& database, const std::filesystem::path& path);

/// Whether every index says what the rows of its table say, and the rows stand in their order.
/// Reads the whole database, and looks each row up in each index: some seconds for a million
/// patients. Throws as check_integrity() does.
bool indexes_are_right(SQLite::Database& database, const std::filesystem::path& path);

/// check_integrity of a state file on a thread of its own, while its owner only reads it.
///
/// The owner's connection keeps all others out, so the file is read beside it without a lock and
/// without its log: nothing may be in that log, and nothing may be written, until wait() returns.
class FileCheck {
  public:
    FileCheck(const std::filesystem::path& path, CheckInBackground how);
    FileCheck(const FileCheck&) = delete;
    FileCheck& operator=(const FileCheck&) = delete;
    ~FileCheck(); ///< cuts it off

    /// Returns once the file was found whole. Throws StoreError with what was found, or
    /// (unavailable) if the check was cut off. May be called again.
    void wait() const { outcome_.get(); }

  private:
    bool is_cut_off() const { return is_over_ || how_.stop.stop_requested(); }
    void run();

    std::filesystem::path path_;
    CheckInBackground how_;
    std::unique_ptr<SQLite::Database> database_;
    std::atomic<bool> is_over_ = false;
    std::promise<void> found_;
    std::shared_future<void> outcome_;
    std::thread thread_;
};

/// Begins the check of the file that `owner` is connected to; null: it is done, as the file could
/// not be parted from its log. Throws StoreError, and SQLite's own exceptions.
std::unique_ptr<FileCheck> begin_check(SQLite::Database& owner, const std::filesystem::path& path,
                                       CheckInBackground how);

} // namespace medibridge::state
