#include "sync/database.hpp"

namespace medibridge::sync {

runtime::Task<std::vector<state::Known>> Database::look_up(std::vector<std::string> external_ids) {
    auto job = [ids = std::move(external_ids)](state::Store& store) { return store.look_up(ids); };
    co_return co_await run(std::move(job));
}

runtime::Task<std::vector<std::optional<state::Link>>>
Database::links_to(std::vector<std::string> medicapp_ids) {
    auto job = [ids = std::move(medicapp_ids)](state::Store& store) { return store.links_to(ids); };
    co_return co_await run(std::move(job));
}

runtime::Task<state::Watermark> Database::watermark(std::string side) {
    auto job = [name = std::move(side)](state::Store& store) { return store.watermark(name); };
    co_return co_await run(std::move(job));
}

runtime::Task<void> Database::commit(state::Batch batch) {
    if (batch.empty()) co_return;
    auto job = [changes = std::move(batch)](state::Store& store) { store.commit(changes); };
    co_await run(std::move(job));
}

} // namespace medibridge::sync
