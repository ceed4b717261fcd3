#pragma once

#include "samples.hpp"
#include "state/sqlite/connection.hpp"
#include "state/sqlite_store.hpp"

/// What opens a state, with the key of all states of these tests.
namespace medibridge::state::test {

inline std::unique_ptr<Store> open_sqlite(const std::filesystem::path& path) {
    return state::open_sqlite(path, audit_seal());
}

inline std::unique_ptr<Store> open_sqlite_copy(const std::filesystem::path& path) {
    return state::open_sqlite_copy(path, audit_seal());
}

inline std::unique_ptr<Store> open_sqlite_in(const std::filesystem::path& path,
                                             const Surroundings& surroundings) {
    return state::open_sqlite_in(path, audit_seal(), surroundings);
}

inline std::unique_ptr<Store> open_sqlite_copy_in(const std::filesystem::path& path,
                                                  const Surroundings& surroundings) {
    return state::open_sqlite_copy_in(path, audit_seal(), surroundings);
}

inline std::unique_ptr<Store> open_sqlite_on_vfs(const std::string& name,
                                                 const Surroundings& surroundings,
                                                 std::unique_ptr<AppendOnly> facts = nullptr) {
    return state::open_sqlite_on_vfs(name, audit_seal(), surroundings, std::move(facts));
}

} // namespace medibridge::state::test
