#include "state/sqlite/store.hpp"

#include "state/facts.hpp"
#include "state/row_seal.hpp"
#include "state/sqlite/backup.hpp"
#include "state/sqlite/connection.hpp"
#include "state/sqlite/error.hpp"
#include "state/sqlite/keys.hpp"
#include "state/sqlite/mending.hpp"
#include "state/sqlite/sealed_rows.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Transaction.h>
#include <algorithm>
#include <sqlite3.h>
#include <stdexcept>
#include <system_error>
#include <utility>
#include <variant>

namespace medibridge::state {
namespace {

namespace fs = std::filesystem;

/// Links that each_link() holds in memory at a time, and ids that each_linked_id() does.
constexpr std::size_t links_at_a_time = 256;

/// A log of so many bytes is left as it is.
constexpr std::uintmax_t little_log = std::uintmax_t{1} << 20;

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

} // namespace

SqliteStore::SqliteStore(std::unique_ptr<Ownership> owned,
                         std::unique_ptr<SQLite::Database> connection, const AuditSeal& seal,
                         std::string place, Soundness sound, std::unique_ptr<FileCheck> check,
                         std::int64_t compacted_from)
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
      resealing_(*connection_),
      compaction_(*connection_, compacted_from) {}

SqliteStore::~SqliteStore() {
    if (owned_ && sound_.rows) owned_->vouch(sound_.file_at_ms, RowSeal(ring_));
}

std::vector<Known> SqliteStore::look_up(const std::vector<std::string>& external_ids) {
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
SqliteStore::links_to(const std::vector<std::string>& medicapp_ids) {
    return read_each<std::optional<Link>>(
        medicapp_ids, [this](const std::string& id) { return queries_.link_to(id); });
}

std::vector<Link> SqliteStore::links_modified_last(std::size_t limit) {
    return read([&] { return queries_.links_modified_last(limit); });
}

bool SqliteStore::has_links_from(const std::string& source) {
    return read([&] { return queries_.has_links_from(source); });
}

std::vector<std::string> SqliteStore::related(const std::string& external_id) {
    return read([&] { return queries_.related(external_id); });
}

std::vector<Unlinked> SqliteStore::matching(const std::vector<Digest>& keys) {
    return read([&] { return queries_.matching(keys); });
}

std::vector<Intent> SqliteStore::intents() {
    return read([&] { return queries_.intents(); });
}

std::vector<Held> SqliteStore::held() {
    return read([&] { return queries_.held(); });
}

std::vector<std::optional<Unlinked>>
SqliteStore::unlinked(const std::vector<std::string>& medicapp_ids) {
    return read([&] { return queries_.unlinked(medicapp_ids); });
}

std::vector<Held> SqliteStore::held_about(const std::vector<std::string>& medicapp_ids) {
    return read([&] { return queries_.held_about(medicapp_ids); });
}

std::vector<Tombstone> SqliteStore::tombstones_of(const std::vector<std::string>& medicapp_ids) {
    return read([&] { return queries_.tombstones_of(medicapp_ids); });
}

Watermark SqliteStore::watermark(const std::string& side) {
    return read([&] { return queries_.watermark(side); });
}

std::string SqliteStore::meta(const std::string& key) {
    return read([&] { return queries_.meta(key); });
}

// Page by page, so that `visit` may use the store itself and no snapshot stays pinned.
void SqliteStore::each_link(const std::function<void(const Link&)>& visit) {
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

void SqliteStore::each_linked_id(const std::function<void(const std::string&)>& visit) {
    std::string last;
    for (;;) {
        const std::vector<std::string> page =
            read([&] { return queries_.linked_ids_after(last, links_at_a_time); });
        for (const std::string& medicapp_id : page)
            visit(medicapp_id);
        if (page.size() < links_at_a_time) return;
        last = page.back();
    }
}

Waiting SqliteStore::waiting() {
    return read([&] { return queries_.waiting(); });
}

std::vector<OperatorDecision> SqliteStore::decisions() {
    return read([&] { return queries_.decisions(); });
}

std::vector<AuditEntry> SqliteStore::audit(const AuditQuery& query) {
    return read([&] { return audit_.find(query); });
}

AuditVerification SqliteStore::verify_audit() {
    return read([&] {
        SQLite::Transaction transaction(*connection_);
        return audit_.verify();
    });
}

AlteredRows SqliteStore::find_altered(std::size_t limit) {
    await_check(); // sound rows in a file that is not would say little
    auto found = read([&] {
        auto altered = queries_.find_altered(limit);
        look_over(*connection_, altered, place_);
        return altered;
    });
    sound_.rows = found.count == 0;
    if (found.count > 0 && limit > 0) {
        prepare_to_write();
        read([&] { make_indexes_anew(*connection_, found, place_); });
    }
    count_again();
    return found;
}

std::int64_t SqliteStore::prune_audit(std::int64_t before_ms) {
    prepare_to_write();
    return with_store_errors("write", place_, [&] {
        SQLite::Transaction transaction(*connection_, SQLite::TransactionBehavior::IMMEDIATE);
        const std::int64_t removed = audit_.prune(before_ms);
        transaction.commit();
        return removed;
    });
}

void SqliteStore::rotate_key(const KeyBytes& from, const KeyBytes& to, const AuditEntry& line,
                             const std::string& abandoned) {
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

bool SqliteStore::reseal(std::size_t rows) {
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

void SqliteStore::backup_to(const fs::path& path) {
    await_check();
    with_store_errors("copy", place_, [&] {
        const auto doubt = queries_.meta(std::string(unconfirmed_links_key));
        back_up(*connection_, queries_.facts(), doubt, path);
    });
}

std::vector<std::optional<InboxEntry>>
SqliteStore::inbox_entries(const std::string& source, const std::vector<std::string>& keys) {
    return read_each<std::optional<InboxEntry>>(
        keys, [&](const std::string& key) { return inbox_.entry(source, key); });
}

std::int64_t SqliteStore::inbox_newest(const std::string& source) {
    return read([&] { return inbox_.newest(source); });
}

std::vector<InboxEntry> SqliteStore::inbox_after(const std::string& source, bool only_new,
                                                 std::int64_t after, std::size_t limit) {
    return read([&] { return inbox_.after(source, only_new, after, limit); });
}

std::vector<InboxEntry> SqliteStore::inbox_nameless(const std::string& source, std::size_t limit) {
    return read([&] { return inbox_.nameless(source, limit); });
}

InboxLoad SqliteStore::inbox_load(const std::string& source) {
    return read([&] { return inbox_.load(source); });
}

std::map<std::string, InboxLoad> SqliteStore::waiting_inboxes() {
    return read([&] { return inbox_.waiting(); });
}

std::optional<InboxReceipt> SqliteStore::inbox_receipt(const std::string& source,
                                                       const Digest& content) {
    return read([&] { return inbox_.receipt(source, content); });
}

void SqliteStore::commit(const Batch& batch) {
    if (batch.empty()) return;
    prepare_to_write();
    distrust_after([&] { with_store_errors("write", place_, [&] { write(batch); }); });
    must_clear_log_ = must_clear_log_ || forgets(batch);
    if (must_clear_log_) clear_log();
}

void SqliteStore::clear_log() {
    must_clear_log_ = !cut_off_log(*connection_);
}

void SqliteStore::tidy_up() {
    if (check_) return;
    std::error_code missing;
    const auto size = owned_ ? fs::file_size(owned_->path().string() + "-wal", missing) : 0;
    if (!missing && size > little_log) clear_log();
    const auto links = counts_.now().links;
    // What somebody altered is found by what contradicts it, which would be made anew.
    if (!sound_.rows || !compaction_.is_due(links)) return;
    prepare_to_write();
    const bool done = with_store_errors("write", place_, [&] { return compaction_.run(links); });
    if (done) clear_log();
}

void SqliteStore::keep(std::unique_ptr<FactsLog> facts) {
    learn(*facts);
    facts->take_over(queries_.facts());
    facts_ = std::move(facts);
}

void SqliteStore::learn(const FactsLog& facts) {
    Batch missing;
    for (const Fact& fact : facts.missing_in(queries_.facts()))
        missing.add(change_for(fact));
    if (missing.empty()) return;
    await_check();
    write(missing);
}

template <class Job>
auto SqliteStore::read(Job job) -> decltype(job()) {
    return distrust_after([&] { return with_store_errors("read", place_, job); });
}

template <class Job>
auto SqliteStore::distrust_after(Job job) -> decltype(job()) {
    try {
        return job();
    } catch (const StoreError& error) {
        if (error.kind() == StoreError::Kind::damaged) sound_.rows = false;
        throw;
    } catch (const LinkTaken&) {
        sound_.rows = false; // the other link may be a row that somebody altered
        throw;
    }
}

template <class Row, class Job>
std::vector<Row> SqliteStore::read_each(const std::vector<std::string>& ids, Job job) {
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

void SqliteStore::write(const Batch& batch) {
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

void SqliteStore::refuse_damage() {
    refuse_altered(*connection_, queries_.find_altered(0), place_);
}

bool SqliteStore::forgets(const Batch& batch) {
    return std::ranges::any_of(batch.changes(), [](const Batch::Change& change) {
        return std::holds_alternative<Batch::Forget>(change);
    });
}

void SqliteStore::count_again() {
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

void SqliteStore::await_check() {
    if (!check_) return;
    check_->wait();
    check_.reset();
}

void SqliteStore::prepare_to_write() {
    await_check();
    if (!owned_ || owned_->is_in_place()) return;
    throw StoreError(StoreError::Kind::unavailable,
                     "the state " + place_ +
                         " was moved or removed while it is in use: stop medibridged, put the "
                         "file and its -wal back together, then start it again");
}

} // namespace medibridge::state
