#include "state/database.hpp"

namespace medibridge::state {

runtime::Task<std::vector<Known>> Database::look_up(std::vector<std::string> external_ids) {
    auto job = [ids = std::move(external_ids)](Store& store) { return store.look_up(ids); };
    co_return co_await run(std::move(job));
}

runtime::Task<std::vector<std::optional<Link>>>
Database::links_to(std::vector<std::string> medicapp_ids) {
    auto job = [ids = std::move(medicapp_ids)](Store& store) { return store.links_to(ids); };
    co_return co_await run(std::move(job));
}

runtime::Task<Watermark> Database::watermark(std::string side) {
    auto job = [name = std::move(side)](Store& store) { return store.watermark(name); };
    co_return co_await run(std::move(job));
}

runtime::Task<void> Database::commit(Batch batch) {
    co_await commit(std::make_shared<const Batch>(std::move(batch)));
}

runtime::Task<void> Database::commit(std::shared_ptr<const Batch> batch) {
    if (batch->empty()) co_return;
    auto job = [changes = std::move(batch)](Store& store) { store.commit(*changes); };
    co_await write(std::move(job));
}

} // namespace medibridge::state
