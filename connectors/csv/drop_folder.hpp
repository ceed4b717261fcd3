#pragma once

#include "base/runtime/worker.hpp"
#include "connectors/csv/check.hpp"
#include "connectors/csv/drop_directory.hpp"
#include "connectors/csv/kind.hpp"
#include "connectors/csv/records.hpp"
#include "connectors/inbox/inbox.hpp"
#include "connectors/inbox/source.hpp"
#include "connectors/mapping/record_mapping.hpp"
#include "connectors/source/environment.hpp"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace medibridge::connectors {

/// Brings the files that a HIS drops into a folder to an inbox, each completely or not at all, and
/// only then moves them to done/ or rejected/. It may be interrupted at any point: a file that was
/// brought but not moved is recognised by its content.
class DropFolder final : public InboxFeed, public std::enable_shared_from_this<DropFolder> {
  public:
    struct Limits {
        std::size_t files = 10'000;                   ///< of one import, the oldest first
        std::uint64_t bytes = std::uint64_t{1} << 30; ///< of them, unless the first has more
        /// Of what waits in the inbox for a cycle to read: beyond it no file is begun.
        InboxQuota waiting{.rows = 1'000'000, .bytes = std::int64_t{1} << 30};
        std::size_t rows = 500; ///< that go to the inbox at once
        /// How often done/ is looked through for files to delete, unless none is kept.
        runtime::Duration deletion = std::chrono::hours(1);
    };

    /// `inbox` must outlive everything under way. Throws std::invalid_argument for settings that
    /// cannot work.
    DropFolder(SourceEnvironment its, const CsvSettings& settings,
               std::unique_ptr<DropDirectory> directory, Inbox& inbox, Limits limits);
    DropFolder(SourceEnvironment its, const CsvSettings& settings,
               std::unique_ptr<DropDirectory> directory, Inbox& inbox)
        : DropFolder(std::move(its), settings, std::move(directory), inbox, Limits()) {}
    ~DropFolder() override;

    /// Brings the complete files, within Limits; what is left stays in the folder, and is said.
    /// A file that cannot be read or moved does not stop the others; an
    /// error means that the folder or the inbox cannot be used. If nobody watches the folder, waits
    /// up to 10 s for a file whose time lies in the future to settle.
    runtime::Task<SourceResult<void>> import_all() override;

    /// From now on calls the environment's `on_arrival` when there is a new file that import_all()
    /// would take: at once for a file that was renamed into place, else when it has settled. Does
    /// not see files that another machine writes on a network file system: those need polling.
    void start() override;
    runtime::Task<void> stop() override;
    /// Ends everything under way, and the watch, permanently.
    void cancel() override;

  private:
    /// What is known of a file in the folder.
    struct Look {
        DroppedFile file;
        runtime::TimePoint since;
        bool whole = false;       ///< renamed into its place, or old enough when it was first seen
        bool ahead = false;       ///< its time is ahead of the folder's clock
        bool told = false;        ///< on_arrival was called for it
        runtime::TimePoint met;   ///< when a file of its name was first seen, whatever it was then
        std::string impediment{}; ///< why it cannot be taken, as reported; empty: nothing is known
    };
    /// One file on its way.
    struct Passage;

    runtime::Task<SourceResult<std::vector<DroppedFile>>> look();
    void note(const std::vector<DroppedFile>& files, std::int64_t now_ns);
    bool is_settled(const Look& look) const;
    bool is_single_run() const { return !its_.on_arrival; }
    runtime::Duration until_settled_ahead() const;
    ContentDigest identity_of(const Passage& passage) const;

    runtime::Task<SourceResult<bool>> has_room();
    void leave(std::size_t files, const std::string& reason);
    void show_left(const std::vector<DroppedFile>& found, std::size_t next);
    bool is_restless(const Look& look) const;
    void look_anew(const std::string& name);
    runtime::Task<SourceResult<void>> import_one(DroppedFile file);
    runtime::Task<bool> open(std::shared_ptr<Passage> passage);
    runtime::Task<SourceResult<bool>> check(std::shared_ptr<Passage> passage);
    runtime::Task<bool> start(std::shared_ptr<Passage> passage);
    runtime::Task<SourceResult<bool>> tell_apart(std::shared_ptr<Passage> passage);
    runtime::Task<SourceResult<bool>> bring(std::shared_ptr<Passage> passage);
    runtime::Task<bool> is_as_checked(std::shared_ptr<Passage> passage);
    runtime::Task<bool> move_to_done(std::shared_ptr<Passage> passage);
    runtime::Task<void> reject(std::shared_ptr<Passage> passage, CsvFault fault);
    void report(const Passage& passage);
    runtime::Task<void> delete_done();
    void impeded(const DroppedFile& file, const std::string& reason);

    void open_watch();
    void end_watch();
    void happened(ArrivalWatch::Happening happening, const std::string& name);
    void look_again_later();
    runtime::Task<void> look_and_tell();

    SourceEnvironment its_;
    CsvSettings settings_;
    RecordMapping mapping_;
    std::shared_ptr<DropDirectory> directory_;
    Inbox& inbox_;
    Limits limits_;
    bool cancelled_ = false;
    std::map<std::string, Look> looks_;
    std::set<std::string> renamed_; ///< into their place, and not looked at yet
    bool watches_ = false;          ///< start() was called, and no end followed
    std::optional<ArrivalWatch> watch_;
    struct Timer;
    std::unique_ptr<Timer> timer_; ///< until something may have settled
    bool timer_runs_ = false;
    std::optional<runtime::TimePoint> deletion_; ///< the next
    bool kept_reported_ = false;
    std::string left_for_; ///< why files stayed in the folder, as reported; empty: none did
    runtime::Worker worker_;
};

struct DropFolder::Passage {
    Passage(DroppedFile its_file, runtime::TimePoint now) : file(std::move(its_file)), since(now) {}

    /// Reads the file from its beginning. The passage must outlive it.
    CsvRows::Read reader() const;
    /// Compares the identities in `rows` more rows; false at the end of the file.
    bool compare(std::size_t rows);
    /// The records of `rows` more rows in the last pass; nothing if the file is not what the first
    /// pass saw.
    std::optional<std::vector<reconcile::SourceRecord>> next(std::size_t rows);

    DroppedFile file;
    runtime::TimePoint since;
    base::Descriptor descriptor;
    std::unique_ptr<CsvCheck> check;
    std::unique_ptr<CsvRecords> records;
};

} // namespace medibridge::connectors
