#include "daemon/state_key_check.hpp"

namespace medibridge::daemon {

namespace {
constexpr const char* check_key = "key_check";
}

void check_state_key(state::Store& store, const reconcile::Digester& digester) {
    const auto mark = digester.pseudonym("medibridge state key");
    const auto known = store.meta(check_key);
    if (known == mark) return;
    if (!known.empty()) {
        throw state::StoreError(state::StoreError::Kind::not_ours,
                                "the state was written with another key: restore the previous key, "
                                "or move the state file away, and run medibridged --once --full");
    }
    state::Batch batch;
    batch.put_meta(check_key, mark);
    store.commit(batch);
}

} // namespace medibridge::daemon
