#include "sync/shell/acceptance.hpp"

#include "sync/core/acceptance.hpp"

#include <utility>

namespace medibridge::sync {

runtime::Task<void> keep_acceptance(Context& context, bool ended) {
    auto& accepted = context.memory.accepted;
    auto now = accepted.after(context.request, accepted_configuration(context.rules()), ended);
    if (now == accepted) co_return;
    accepted = std::move(now);
    state::Batch batch;
    batch.put_meta(accepted_key, accepted.text());
    co_await context.env.database.commit(std::move(batch));
}

} // namespace medibridge::sync
