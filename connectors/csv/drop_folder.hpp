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

/// Brings what a HIS drops into a folder to an inbox, each file whole or not at all, and moves it
/// to done/ or rejected/ only then. It may be interrupted anywhere: what was brought and not moved
/// is recognised by its content.
class DropFolder final : public InboxFeed, public std::enable_shared_from_this<DropFolder> {
  public:
    struct Limits {
        std::size_t files = 10'000; ///< of one import, the oldest first
        std::size_t rows = 500;     ///< that go to the inbox at once
    };

    /// As a source of that environment; `inbox` outlives what is under way. Throws
    /// std::invalid_argument for settings that cannot work.
    DropFolder(SourceEnvironment its, const CsvSettings& settings,
               std::unique_ptr<DropDirectory> directory, Inbox& inbox, Limits limits);
    DropFolder(SourceEnvironment its, const CsvSettings& settings,
               std::unique_ptr<DropDirectory> directory, Inbox& inbox)
        : DropFolder(std::move(its), settings, std::move(directory), inbox, Limits()) {}
    ~DropFolder() override;

    /// Brings every file that is whole. A file that cannot be read or moved stops none of the
    /// others; an error means that the folder or the inbox cannot be used. Where nobody watches, a
    /// file whose time was set ahead is waited for until it has settled, if that takes 10 s at
    /// most.
    runtime::Task<SourceResult<void>> import_all() override;

    /// From now on the environment's `on_arrival` is called when a file has come that import_all()
    /// would take: at once for one that was renamed into its place, else when it has settled. Never
    /// called by files that another machine writes on a network file system: those need polling.
    void start() override;
    runtime::Task<void> stop() override;
    /// Ends what is under way, and the watch, for good.
    void cancel() override;

  private:
    /// What is known of a file that lies there.
    struct Look {
        DroppedFile file;
        runtime::TimePoint since;
        bool whole = false;    ///< renamed into its place, or old enough when it was first seen
        bool ahead = false;    ///< its time lies ahead of the folder's clock
        bool told = false;     ///< on_arrival was called for it
        bool reported = false; ///< that it cannot be taken
    };
    /// One file on its way.
    struct Passage;

    runtime::Task<SourceResult<std::vector<DroppedFile>>> look();
    void note(const std::vector<DroppedFile>& files, std::int64_t now_ns);
    bool is_settled(const Look& look) const;
    bool is_single_run() const { return !its_.on_arrival; }
    runtime::Duration until_settled_ahead() const;
    ContentDigest identity_of(const Passage& passage) const;

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
    runtime::Worker worker_;
};

struct DropFolder::Passage {
    Passage(DroppedFile its_file, runtime::TimePoint now) : file(std::move(its_file)), since(now) {}

    /// Reads the file from its beginning. The passage must outlive it.
    CsvRows::Read reader() const;
    /// Looks at so many rows for who they say somebody is; false at the end of the file.
    bool compare(std::size_t rows);
    /// The records of so many rows of the last pass; nothing if the file is not what the first
    /// pass saw.
    std::optional<std::vector<reconcile::SourceRecord>> next(std::size_t rows);

    DroppedFile file;
    runtime::TimePoint since;
    base::Descriptor descriptor;
    std::unique_ptr<CsvCheck> check;
    std::unique_ptr<CsvRecords> records;
};

} // namespace medibridge::connectors
