#include "state/sqlite_store.hpp"

#include "state/facts_log.hpp"
#include "state/sqlite/audit.hpp"
#include "state/sqlite/backup.hpp"
#include "state/sqlite/changes.hpp"
#include "state/sqlite/connection.hpp"
#include "state/sqlite/error.hpp"
#include "state/sqlite/file.hpp"
#include "state/sqlite/file_check.hpp"
#include "state/sqlite/keys.hpp"
#include "state/sqlite/log_check.hpp"
#include "state/sqlite/ownership.hpp"
#include "state/sqlite/queries.hpp"
#include "state/sqlite/resealing.hpp"
#include "state/sqlite/row_counts.hpp"
#include "state/sqlite/schema.hpp"
#include "state/sqlite/sealed_rows.hpp"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>
#include <algorithm>
#include <optional>
#include <sqlite3.h>

namespace medibridge::state {
namespace {

namespace fs = std::filesystem;
using Connection = std::unique_ptr<SQLite::Database>;

/// Links that each_link() holds in memory at a time.
constexpr std::size_t links_at_a_time = 256;

/// A log of so many bytes is left as it is.
constexpr std::uintmax_t little_log = std::uintmax_t{1} << 20;

/// What is known of a file, found out by this process, or by the former owner's word.
struct Soundness {
    std::int64_t file_at_ms = 0; ///< when the check of the file began: Unix time
    bool rows = false;           ///< it was found whole, and each of its rows as it was written
};

std::string another_successor(const std::string& check, bool is_given) {
    if (is_given)
        return "that key (" + check +
               ") is to be the state's next one already: put it where state.key says, and restart "
               "the service";
    return "another key (" + check +
           ") is to be the state's next one, and would open nothing any more: put that where "
           "state.key says and restart the service, or give this one up with --abandon " +
           check;
}

class SqliteStore final : public Store {
  public:
    SqliteStore(std::unique_ptr<Ownership> owned, Connection connection, const AuditSeal& seal,
                std::string place, Soundness sound = {}, std::unique_ptr<FileCheck> check = nullptr)
        : owned_(std::move(owned)),
          place_(std::move(place)),
          connection_(std::move(connection)),
          sound_(sound),
          check_(std::move(check)),
          ring_(seal.ring()),
          queries_(*connection_),
          audit_(*connection_, seal),
          counts_(*connection_),
          changes_(*connection_, audit_, counts_),
          inbox_(*connection_),
          resealing_(*connection_) {}
    SqliteStore(const SqliteStore&) = delete;
    SqliteStore& operator=(const SqliteStore&) = delete;
    ~SqliteStore() override {
        if (owned_ && sound_.rows) owned_->vouch(sound_.file_at_ms, RowSeal(ring_));
    }

    std::vector<Known> look_up(const std::vector<std::string>& external_ids) override {
        return read([&] {
            SQLite::Transaction transaction(*connection_);
            auto all = queries_.known(external_ids);
            transaction.commit();
            for (const Known& known : all)
                if (!known.altered.empty()) sound_.rows = false;
            return all;
        });
    }

    std::vector<std::optional<Link>>
    links_to(const std::vector<std::string>& medicapp_ids) override {
        return read_each<std::optional<Link>>(
            medicapp_ids, [this](const std::string& id) { return queries_.link_to(id); });
    }

    std::vector<Link> links_modified_last(std::size_t limit) override {
        return read([&] { return queries_.links_modified_last(limit); });
    }

    bool has_links_from(const std::string& source) override {
        return read([&] { return queries_.has_links_from(source); });
    }

    std::vector<Unlinked> matching(const std::vector<Digest>& keys) override {
        return read([&] { return queries_.matching(keys); });
    }

    std::vector<Intent> intents() override {
        return read([&] { return queries_.intents(); });
    }

    std::vector<Held> held() override {
        return read([&] { return queries_.held(); });
    }

    std::vector<std::optional<Unlinked>>
    unlinked(const std::vector<std::string>& medicapp_ids) override {
        return read([&] { return queries_.unlinked(medicapp_ids); });
    }

    std::vector<Held> held_about(const std::vector<std::string>& medicapp_ids) override {
        return read([&] { return queries_.held_about(medicapp_ids); });
    }

    std::vector<Tombstone> tombstones_of(const std::vector<std::string>& medicapp_ids) override {
        return read([&] { return queries_.tombstones_of(medicapp_ids); });
    }

    Watermark watermark(const std::string& side) override {
        return read([&] { return queries_.watermark(side); });
    }

    std::string meta(const std::string& key) override {
        return read([&] { return queries_.meta(key); });
    }

    Counts counts() override { return counts_.now(); }

    // Page by page, so that `visit` may use the store itself and no snapshot stays pinned.
    void each_link(const std::function<void(const Link&)>& visit) override {
        std::string last;
        for (;;) {
            const std::vector<Link> page =
                read([&] { return queries_.links_after(last, links_at_a_time); });
            for (const Link& link : page)
                visit(link);
            if (page.size() < links_at_a_time) return;
            last = page.back().external_id;
        }
    }

    Waiting waiting() override {
        return read([&] { return queries_.waiting(); });
    }

    std::vector<OperatorDecision> decisions() override {
        return read([&] { return queries_.decisions(); });
    }

    std::vector<AuditEntry> audit(const AuditQuery& query) override {
        return read([&] { return audit_.find(query); });
    }

    AuditVerification verify_audit() override {
        return read([&] {
            SQLite::Transaction transaction(*connection_);
            return audit_.verify();
        });
    }

    bool rows_are_sound() override { return sound_.rows; }

    AlteredRows find_altered(std::size_t limit) override {
        auto found = read([&] { return queries_.find_altered(limit); });
        await_check(); // sound rows in a file that is not would say little
        sound_.rows = found.count == 0;
        // What the indexes say of such a row is what it said before: it could not be removed.
        if (found.count > 0) {
            prepare_to_write();
            read([&] { connection_->exec("REINDEX link; REINDEX held;"); });
        }
        count_again();
        return found;
    }

    std::int64_t prune_audit(std::int64_t before_ms) override {
        prepare_to_write();
        return with_store_errors("write", place_, [&] {
            SQLite::Transaction transaction(*connection_, SQLite::TransactionBehavior::IMMEDIATE);
            const std::int64_t removed = audit_.prune(before_ms);
            transaction.commit();
            return removed;
        });
    }

    void rotate_key(const KeyBytes& from, const KeyBytes& to, const AuditEntry& line,
                    const std::string& abandoned) override {
        prepare_to_write();
        if (rotated_)
            throw StoreError(StoreError::Kind::unavailable,
                             "the state's key was replaced a moment ago: try again when the new "
                             "one is in use");
        if (from.check() != ring_.holder)
            throw StoreError(StoreError::Kind::not_ours,
                             another_key(place_, from.check(), {ring_.holder}));
        if (!ring_.successor.empty() && ring_.successor != abandoned)
            throw StoreError(StoreError::Kind::unavailable,
                             another_successor(ring_.successor, ring_.successor == to.check()));
        if (ring_.former)
            throw StoreError(StoreError::Kind::unavailable,
                             "the state is still being sealed with the keys of the last "
                             "replacement: try again when state.resealed was logged");
        with_store_errors("write", place_, [&] {
            SQLite::Transaction transaction(*connection_, SQLite::TransactionBehavior::IMMEDIATE);
            audit_.begin();
            audit_.append(line);
            audit_.finish();
            put_replacement(*connection_, ring_, from, to);
            transaction.commit();
        });
        rotated_ = true;
        clear_log();
    }

    bool reseal(std::size_t rows) override {
        if (!ring_.former) return false;
        prepare_to_write();
        return with_store_errors("write", place_, [&] {
            SQLite::Transaction transaction(*connection_, SQLite::TransactionBehavior::IMMEDIATE);
            if (resealing_.some(ring_, rows)) {
                transaction.commit();
                return true;
            }
            KeyRing done = ring_;
            done.former.reset();
            put_ring(*connection_, done);
            transaction.commit();
            ring_ = done;
            teach_row_mac(*connection_, RowSeal(ring_));
            clear_log();
            return false;
        });
    }

    void backup_to(const fs::path& path) override {
        await_check();
        with_store_errors("copy", place_, [&] {
            const auto doubt = queries_.meta(std::string(unconfirmed_links_key));
            back_up(*connection_, queries_.facts(), doubt, path);
        });
    }

    std::vector<std::optional<InboxEntry>>
    inbox_entries(const std::string& source, const std::vector<std::string>& keys) override {
        return read_each<std::optional<InboxEntry>>(
            keys, [&](const std::string& key) { return inbox_.entry(source, key); });
    }

    std::vector<InboxEntry> inbox_after(const std::string& source, bool only_new,
                                        std::int64_t after, std::size_t limit) override {
        return read([&] { return inbox_.after(source, only_new, after, limit); });
    }

    std::vector<InboxEntry> inbox_nameless(const std::string& source, std::size_t limit) override {
        return read([&] { return inbox_.nameless(source, limit); });
    }

    InboxLoad inbox_load(const std::string& source) override {
        return read([&] { return inbox_.load(source); });
    }

    std::optional<InboxReceipt> inbox_receipt(const std::string& source,
                                              const Digest& content) override {
        return read([&] { return inbox_.receipt(source, content); });
    }

    void commit(const Batch& batch) override {
        if (batch.empty()) return;
        prepare_to_write();
        distrust_after([&] { with_store_errors("write", place_, [&] { write(batch); }); });
        must_clear_log_ = must_clear_log_ || forgets(batch);
        if (must_clear_log_) clear_log();
    }

    /// Folds the log into the database and cuts it off: until then it has the bytes of what was
    /// removed. What fails here is tried again after the next commit: the batch itself is durable.
    void clear_log() { must_clear_log_ = !cut_off_log(*connection_); }

    void fold_log() override {
        std::error_code missing;
        const auto size = owned_ ? fs::file_size(owned_->path().string() + "-wal", missing) : 0;
        if (!missing && size > little_log && !check_) clear_log();
    }

    /// Applies what the log holds, and writes to it from now on.
    void keep(std::unique_ptr<FactsLog> facts) {
        learn(*facts);
        facts->take_over(queries_.facts());
        facts_ = std::move(facts);
    }

    /// Applies what the log holds.
    void learn(const FactsLog& facts) {
        Batch missing;
        for (const Fact& fact : facts.missing_in(queries_.facts()))
            missing.add(change_for(fact));
        if (missing.empty()) return;
        await_check();
        write(missing);
    }

  private:
    template <class Job>
    auto read(Job job) -> decltype(job()) {
        return distrust_after([&] { return with_store_errors("read", place_, job); });
    }

    template <class Job>
    auto distrust_after(Job job) -> decltype(job()) {
        try {
            return job();
        } catch (const StoreError& error) {
            if (error.kind() == StoreError::Kind::damaged) sound_.rows = false;
            throw;
        }
    }

    /// One read transaction for all: starting one costs as much as a query.
    template <class Row, class Job>
    std::vector<Row> read_each(const std::vector<std::string>& ids, Job job) {
        return read([&] {
            std::vector<Row> rows;
            rows.reserve(ids.size());
            SQLite::Transaction transaction(*connection_);
            for (const std::string& id : ids)
                rows.push_back(job(id));
            transaction.commit();
            return rows;
        });
    }

    void write(const Batch& batch) {
        try {
            SQLite::Transaction transaction(*connection_, SQLite::TransactionBehavior::IMMEDIATE);
            audit_.begin();
            counts_.begin();
            for (const Batch::Change& change : batch.changes())
                std::visit([this](const auto& one) { changes_.apply(one); }, change);
            audit_.finish();
            counts_.finish();
            // Before the commit, and only facts that are true in any case: see FactsLog::record.
            if (facts_) facts_->record(facts_in(batch));
            transaction.commit();
            counts_.commit();
        } catch (const SQLite::Exception& error) {
            if (error.getErrorCode() != SQLITE_CONSTRAINT) throw;
            refuse_damage();
            throw std::logic_error(std::string("a batch contradicts what the state holds, nothing "
                                               "of it was kept: ") +
                                   error.what());
        }
    }

    /// What contradicts a batch may be a row that somebody, or a bad disk, changed.
    void refuse_damage() {
        check_integrity(*connection_, place_);
        if (queries_.find_altered(0).count == 0) return;
        throw StoreError(StoreError::Kind::damaged,
                         "rows of the state " + place_ +
                             " are not as medibridge wrote them, and stand in the way of what was "
                             "to be written: the next start sets them aside; or restore a backup");
    }

    static bool forgets(const Batch& batch) {
        return std::ranges::any_of(batch.changes(), [](const Batch::Change& change) {
            return std::holds_alternative<Batch::Forget>(change);
        });
    }

    /// Somebody may have added or removed rows beside medibridge.
    void count_again() {
        const Counts counted = read([&] { return counts_.count(); });
        if (counted == counts_.now()) return;
        prepare_to_write();
        with_store_errors("write", place_, [&] {
            SQLite::Transaction transaction(*connection_, SQLite::TransactionBehavior::IMMEDIATE);
            counts_.next() = counted;
            counts_.finish();
            transaction.commit();
            counts_.commit();
        });
    }

    /// Until the file was found whole.
    void await_check() {
        if (!check_) return;
        check_->wait();
        check_.reset();
    }

    /// SQLite would keep writing to a file that nobody can find again.
    void prepare_to_write() {
        await_check();
        if (!owned_ || owned_->is_in_place()) return;
        throw StoreError(StoreError::Kind::unavailable,
                         "the state " + place_ +
                             " was moved or removed while it is in use: stop medibridged, put the "
                             "file and its -wal back together, then start it again");
    }

    std::unique_ptr<Ownership> owned_; // first: the lock goes last; null: a file that has none
    std::string place_;
    Connection connection_;
    Soundness sound_;
    std::unique_ptr<FileCheck> check_; ///< null: the file is whole
    KeyRing ring_;
    Queries queries_;
    Audit audit_;
    RowCounts counts_;
    Changes changes_;
    InboxQueries inbox_;
    Resealing resealing_;
    std::unique_ptr<FactsLog> facts_;
    bool must_clear_log_ = false;
    bool rotated_ = false; ///< its keys are not those that this store goes on with
};

} // namespace

std::unique_ptr<Store> open_sqlite_in(const fs::path& given, const AuditSeal& seal,
                                      const Surroundings& surroundings, CheckInBackground how) {
    const fs::path path = settled_path(given);
    return with_store_errors("open", path.string(), [&] {
        refuse_network(path.parent_path(), surroundings.file_system(path.parent_path()));
        auto owned = std::make_unique<Ownership>(path);
        const auto now_ms = surroundings.now_ms();
        const auto word = owned->former_word(seal.rows(), now_ms);
        check_beside(path);
        check_log(path);
        auto connection = connect(path, seal, surroundings, WholeCheck::later);
        auto check = word ? nullptr : begin_check(*connection, path, std::move(how));
        if (check && must_settle_keys(*connection, seal)) check->wait();
        const AuditSeal settled = settle_keys(*connection, seal);
        const Soundness sound{word.value_or(now_ms), word.has_value()};
        auto store = std::make_unique<SqliteStore>(std::move(owned), std::move(connection), settled,
                                                   path.string(), sound, std::move(check));
        store->keep(std::make_unique<FactsLog>(facts_beside(path)));
        return store;
    });
}

std::unique_ptr<Store> open_sqlite_on_vfs(const std::string& name, const AuditSeal& seal,
                                          const Surroundings& surroundings,
                                          std::unique_ptr<AppendOnly> facts) {
    return with_store_errors("open", name, [&] {
        auto connection = connect(name, seal, surroundings, WholeCheck::now);
        const AuditSeal settled = settle_keys(*connection, seal);
        auto store = std::make_unique<SqliteStore>(nullptr, std::move(connection), settled, name);
        if (facts) store->keep(std::make_unique<FactsLog>(std::move(facts)));
        return store;
    });
}

namespace {

Connection copy_of(const fs::path& path, const AuditSeal& seal, const Surroundings& surroundings) {
    if (!fs::exists(path)) return connect_to_nothing(seal, surroundings.migrations);
    const Lock lock(path);
    check_file(path);
    check_beside(path);
    check_log(path);
    return connect_to_copy(path, seal, surroundings.migrations);
}

} // namespace

std::unique_ptr<Store> open_sqlite_copy_in(const fs::path& given, const AuditSeal& seal,
                                           const Surroundings& surroundings) {
    const std::string place = given.string() + " (a copy for a dry run)";
    return with_store_errors("copy", given.string(), [&] {
        const fs::path path = fs::exists(given) ? settled_path(given) : given;
        if (fs::exists(path))
            refuse_network(path.parent_path(), surroundings.file_system(path.parent_path()));
        auto connection = copy_of(path, seal, surroundings);
        const AuditSeal settled = settle_keys(*connection, seal);
        auto store = std::make_unique<SqliteStore>(nullptr, std::move(connection), settled, place);
        store->learn(FactsLog(facts_beside(path)));
        return store;
    });
}

bool try_backup(const fs::path& path, const fs::path& state_file, const KeyBytes& state_key) {
    return with_store_errors("check", path.string(), [&] {
        const AuditSeal seal(find_ring(*connect_for_reading(path), state_key, path));
        auto copy = connect_to_copy(path, seal, all_migrations());
        check_tables(*copy, *connect_to_nothing(seal, all_migrations()), path);
        const AuditSeal settled = settle_keys(*copy, seal);
        SqliteStore store(nullptr, std::move(copy), settled, path.string());
        const bool has_facts = fs::exists(state_file.string() + ".facts");
        store.learn(FactsLog(facts_beside(has_facts ? state_file : path)));
        const bool is_intact = store.verify_audit().intact;
        AuditEntry line;
        line.action = "restored";
        Batch trial;
        trial.audit(std::move(line));
        store.commit(trial);
        return is_intact;
    });
}

std::unique_ptr<Store> open_sqlite(const fs::path& path, const AuditSeal& seal,
                                   CheckInBackground check) {
    return open_sqlite_in(path, seal, {}, std::move(check));
}

std::unique_ptr<Store> open_sqlite_copy(const fs::path& path, const AuditSeal& seal) {
    return open_sqlite_copy_in(path, seal, {});
}

} // namespace medibridge::state
