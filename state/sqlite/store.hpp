#pragma once

#include "state/facts_log.hpp"
#include "state/key_ring.hpp"
#include "state/sqlite/audit.hpp"
#include "state/sqlite/changes.hpp"
#include "state/sqlite/compaction.hpp"
#include "state/sqlite/file_check.hpp"
#include "state/sqlite/inbox.hpp"
#include "state/sqlite/ownership.hpp"
#include "state/sqlite/queries.hpp"
#include "state/sqlite/resealing.hpp"
#include "state/sqlite/row_counts.hpp"
#include "state/store.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace SQLite {
class Database;
}

namespace medibridge::state {

/// What is known of a file, found out by this process, or by the former owner's word.
struct Soundness {
    std::int64_t file_at_ms = 0; ///< when the check of the file began: Unix time
    bool rows = false;           ///< it was found whole, and each of its rows as it was written
};

/// The state in a database that is open: see Store.
class SqliteStore final : public Store {
  public:
    /// `owned`: null for a file that has no owner, such as a copy. `place` names it in errors.
    /// `check`: null for one that is whole.
    SqliteStore(std::unique_ptr<Ownership> owned, std::unique_ptr<SQLite::Database> connection,
                const AuditSeal& seal, std::string place, Soundness sound = {},
                std::unique_ptr<FileCheck> check = nullptr,
                std::int64_t compacted_from = Compaction::never);
    SqliteStore(const SqliteStore&) = delete;
    SqliteStore& operator=(const SqliteStore&) = delete;
    ~SqliteStore() override;

    std::vector<Known> look_up(const std::vector<std::string>& external_ids) override;
    std::vector<std::optional<Link>>
    links_to(const std::vector<std::string>& medicapp_ids) override;
    std::vector<Link> links_modified_last(std::size_t limit) override;
    bool has_links_from(const std::string& source) override;
    std::vector<Unlinked> matching(const std::vector<Digest>& keys) override;
    std::vector<std::string> related(const std::string& external_id) override;
    std::vector<Intent> intents() override;
    std::vector<Held> held() override;
    std::vector<std::optional<Unlinked>>
    unlinked(const std::vector<std::string>& medicapp_ids) override;
    std::vector<Held> held_about(const std::vector<std::string>& medicapp_ids) override;
    std::vector<Tombstone> tombstones_of(const std::vector<std::string>& medicapp_ids) override;
    Watermark watermark(const std::string& side) override;
    std::string meta(const std::string& key) override;
    Counts counts() override { return counts_.now(); }
    void each_link(const std::function<void(const Link&)>& visit) override;
    void each_linked_id(const std::function<void(const std::string&)>& visit) override;
    Waiting waiting() override;
    std::vector<OperatorDecision> decisions() override;
    std::vector<AuditEntry> audit(const AuditQuery& query) override;
    AuditVerification verify_audit() override;
    bool rows_are_sound() override { return sound_.rows; }
    AlteredRows find_altered(std::size_t limit) override;
    std::int64_t prune_audit(std::int64_t before_ms) override;
    void rotate_key(const KeyBytes& from, const KeyBytes& to, const AuditEntry& line,
                    const std::string& abandoned) override;
    bool reseal(std::size_t rows) override;
    void backup_to(const std::filesystem::path& path) override;
    std::vector<std::optional<InboxEntry>>
    inbox_entries(const std::string& source, const std::vector<std::string>& keys) override;
    std::int64_t inbox_newest(const std::string& source) override;
    std::vector<InboxEntry> inbox_after(const std::string& source, bool only_new,
                                        std::int64_t after, std::size_t limit) override;
    std::vector<InboxEntry> inbox_nameless(const std::string& source, std::size_t limit) override;
    InboxLoad inbox_load(const std::string& source) override;
    std::map<std::string, InboxLoad> waiting_inboxes() override;
    std::optional<InboxReceipt> inbox_receipt(const std::string& source,
                                              const Digest& content) override;
    void commit(const Batch& batch) override;
    void tidy_up() override;

    /// Applies what the log holds, and writes to it from now on.
    void keep(std::unique_ptr<FactsLog> facts);
    /// Applies what the log holds.
    void learn(const FactsLog& facts);

  private:
    template <class Job>
    auto read(Job job) -> decltype(job());
    /// If it finds damage, all of the file is to be read by the next owner.
    template <class Job>
    auto distrust_after(Job job) -> decltype(job());
    /// One read transaction for all: starting one costs as much as a query.
    template <class Row, class Job>
    std::vector<Row> read_each(const std::vector<std::string>& ids, Job job);
    void write(const Batch& batch);
    /// Folds the log into the database and cuts it off: until then it has the bytes of what was
    /// removed. What fails here is tried again after the next commit: the batch itself is durable.
    void clear_log();
    /// What contradicts a batch may be a row that somebody, or a bad disk, changed.
    void refuse_damage();
    static bool forgets(const Batch& batch);
    /// Somebody may have added or removed rows beside medibridge.
    void count_again();
    /// Until the file was found whole.
    void await_check();
    /// SQLite would keep writing to a file that nobody can find again.
    void prepare_to_write();

    std::unique_ptr<Ownership> owned_; // first: the lock goes last; null: a file that has none
    std::string place_;
    std::unique_ptr<SQLite::Database> connection_;
    Soundness sound_;
    std::unique_ptr<FileCheck> check_; ///< null: the file is whole
    KeyRing ring_;
    Queries queries_;
    Audit audit_;
    RowCounts counts_;
    Changes changes_;
    InboxQueries inbox_;
    Resealing resealing_;
    Compaction compaction_;
    std::unique_ptr<FactsLog> facts_;
    bool must_clear_log_ = false;
    bool rotated_ = false; ///< its keys are not those that this store goes on with
};

} // namespace medibridge::state
