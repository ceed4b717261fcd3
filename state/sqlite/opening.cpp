#include "state/sqlite_store.hpp"

#include "state/facts_log.hpp"
#include "state/sqlite/connection.hpp"
#include "state/sqlite/error.hpp"
#include "state/sqlite/file.hpp"
#include "state/sqlite/file_check.hpp"
#include "state/sqlite/keys.hpp"
#include "state/sqlite/log_check.hpp"
#include "state/sqlite/ownership.hpp"
#include "state/sqlite/schema.hpp"
#include "state/sqlite/store.hpp"

#include <SQLiteCpp/Database.h>
#include <utility>

namespace medibridge::state {
namespace {

namespace fs = std::filesystem;

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
                                                   path.string(), sound, std::move(check),
                                                   surroundings.compacted_from);
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
        auto store =
            std::make_unique<SqliteStore>(nullptr, std::move(connection), settled, name,
                                          Soundness(), nullptr, surroundings.compacted_from);
        if (facts) store->keep(std::make_unique<FactsLog>(std::move(facts)));
        return store;
    });
}

namespace {

std::unique_ptr<SQLite::Database> copy_of(const fs::path& path, const AuditSeal& seal,
                                          const Surroundings& surroundings) {
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
