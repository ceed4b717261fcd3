#pragma once

#include "samples.hpp"
#include "state/sqlite/connection.hpp"
#include "state/sqlite_store.hpp"

/// What opens a state, with the key of all states of these tests.
namespace medibridge::state::test {

/// Throws what the check of the whole file has found, as any write does.
inline void await_check(Store& store) {
    Batch nothing;
    nothing.put_meta("none", {});
    store.commit(nothing);
}

/// Opens it, and waits until the whole file is checked.
inline std::unique_ptr<Store> open_sqlite(const std::filesystem::path& path) {
    auto store = state::open_sqlite(path, audit_seal());
    await_check(*store);
    return store;
}

inline std::unique_ptr<Store> open_sqlite_copy(const std::filesystem::path& path) {
    return state::open_sqlite_copy(path, audit_seal());
}

inline std::unique_ptr<Store> open_sqlite_in(const std::filesystem::path& path,
                                             const Surroundings& surroundings) {
    auto store = state::open_sqlite_in(path, audit_seal(), surroundings);
    await_check(*store);
    return store;
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
