#pragma once

#include "connectors/csv/drop_folder.hpp"
#include "memory_inbox.hpp"
#include "virtual_clock.hpp"

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace medibridge::connectors {

class KeptEvents final : public log::EventLog {
  public:
    void write(const log::Event& event) override { events.push_back(event); }
    /// Name, file and reason of each, such as `file.rejected a.csv: the file is empty`.
    std::vector<std::string> lines() const;

    std::vector<log::Event> events;
};

/// A folder on the disk that goes with its contents.
class DropFolderOnDisk {
  public:
    DropFolderOnDisk();
    ~DropFolderOnDisk();
    DropFolderOnDisk(const DropFolderOnDisk&) = delete;
    DropFolderOnDisk& operator=(const DropFolderOnDisk&) = delete;

    const std::filesystem::path& path() const { return path_; }
    /// Writes a file that has lain there for an hour, less a second for each written before.
    void drop(const std::string& name, std::string_view content);
    /// Writes a file, or at its end, now.
    void write(const std::string& name, std::string_view content, bool at_end = false);
    /// The names in a subfolder (none: in the folder itself), sorted, without the subfolders.
    std::vector<std::string> names(const std::string& subfolder = {}) const;
    std::string text(const std::string& name) const;

  private:
    std::filesystem::path path_;
    int dropped_ = 0;
};

/// Settings for files with the columns ipp;nom;prenom;naissance;ville;maj, of which the last two
/// may be missing in the file if they are not asked for.
CsvSettings drop_settings(const std::filesystem::path& directory);
std::string drop_header();
/// A row with these columns.
std::string drop_row(const std::string& ipp, const std::string& city = "Brest",
                     const std::string& modified = "2026-01-31T10:00:00Z");

/// A drop folder with an inbox in memory. restart() is what a crash and a new start do.
class DropRig {
  public:
    DropRig();
    ~DropRig();

    /// One import; nothing if it went well, or the error's text. Throws what a fault threw.
    std::optional<std::string> import(bool dry_run = false);
    /// As if the program had been started anew: nothing is remembered but disk and inbox.
    void restart();
    std::string city_of(const std::string& external_id) const;

    DropFolderOnDisk disk;
    CsvSettings settings;
    tests::MemoryInbox inbox;
    KeptEvents events;
    boost::asio::io_context io{1};
    tests::VirtualClock clock{io.get_executor()};
    /// Makes the directory that is imported from; tests put doubles here.
    std::function<std::unique_ptr<DropDirectory>()> make_directory;
    DropFolder::Limits limits;
    std::shared_ptr<figures::Side> figures = std::make_shared<figures::Side>();
    bool is_service = false; ///< it reads the folder again and again, rather than once

  private:
    std::shared_ptr<DropFolder> folder_;
};

} // namespace medibridge::connectors
