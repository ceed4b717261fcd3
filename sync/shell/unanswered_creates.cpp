#include "sync/shell/unanswered_creates.hpp"

#include "base/runtime/concurrency.hpp"

#include <functional>
#include <utility>

namespace medibridge::sync {

using connectors::Failure;
using runtime::Task;

namespace {

Task<Effects> read_and_link(Context& context, const Unanswered& one) {
    Effects effects;
    if (!context.going()) co_return effects;
    auto reply = co_await context.env.medicapp.get(one.medicapp_id);
    if (!reply) {
        if (reply.error().failure == Failure::not_found) co_return effects;
        RefusedPatient patient;
        patient.external_id = one.create.external_id;
        patient.medicapp_id = one.medicapp_id;
        patient.error = reply.error();
        context.fail_one(std::move(patient));
        co_return effects;
    }
    co_return link_if_created(context.rules(), one.create, *reply);
}

} // namespace

Task<void> link_created(Context& context, std::vector<Unanswered> unanswered) {
    if (unanswered.empty()) co_return;
    Effects all;
    std::function<Task<void>(std::size_t)> link = [&](std::size_t i) -> Task<void> {
        auto effects = co_await read_and_link(context, unanswered[i]);
        context.heed(effects);
        all.append(std::move(effects));
    };
    co_await runtime::for_each_concurrently(unanswered.size(), context.env.settings.concurrency,
                                            std::move(link));
    co_await context.apply(std::move(all));
}

} // namespace medibridge::sync
