#include "control/behaviour.hpp"
#include "control/erasing.hpp"
#include "control/operations.hpp"

#include <chrono>
#include <utility>

namespace medibridge::control::operations {

using connectors::Behaviour;
using runtime::Task;

namespace {

/// The externalId of a sentinel that may be in Medicapp; empty: there is none.
constexpr const char* sentinel_key = "medicapp_sentinel";

Json behaviour_json(const KnownBehaviour& known) {
    Json it;
    it["at"] = time_json(known.at_ms);
    it["behaviour"] = Json::object();
    for (const auto& [aspect, words] : known.aspects)
        it["behaviour"][aspect] = words;
    return it;
}

Task<std::optional<KnownBehaviour>> known(Backend& backend) {
    auto look = [address = address_of(backend.settings().medicapp)](state::Store& store) {
        return known_behaviour(store, address);
    };
    co_return co_await backend.database().run(std::move(look));
}

[[noreturn]] void fail(const connectors::ApiError& error) {
    throw Failure(Failure::Kind::unavailable, reason_of(error));
}

/// The client of a probe is patient, and whoever asks is not: one request of another that has to be
/// answered within some seconds.
Task<void> expect_answer(Call& call) {
    constexpr std::chrono::seconds longest{10};
    connectors::ListQuery query;
    query.page = 1;
    query.per_page = 1;
    const auto page = co_await call.backend.ask_medicapp(query, longest);
    if (!page) fail(page.error());
}

Task<Behaviour> look(Call& call) {
    co_await call.progress({{"probing", "medicapp"}});
    co_await expect_answer(call);
    auto seen = co_await call.backend.look_at_behaviour();
    if (!seen) fail(seen.error());
    co_return std::move(*seen);
}

/// Keeps what was seen, and gives all that is known.
Task<Json> conclude(Call& call, Behaviour seen, state::Batch batch) {
    const auto before = co_await known(call.backend);
    const auto changed = before ? connectors::differences(before->aspects, seen) : "";
    const auto now = completed({std::move(seen), call.backend.now_ms()}, before);
    put_behaviour(batch, address_of(call.backend.settings().medicapp), now);
    co_await call.backend.database().commit(std::move(batch));
    auto it = behaviour_json(now);
    it["changed"] = text_or_null(changed);
    co_return it;
}

/// Nobody in the HIS has that externalId.
std::string new_sentinel() {
    return "medibridge-sentinel-" + state::KeyBytes::random().check();
}

/// Removes the sentinel that a trial before this one may have left.
Task<void> clear_away(Call& call) {
    auto look = [](state::Store& store) { return store.meta(sentinel_key); };
    auto left = co_await call.backend.database().run(std::move(look));
    if (left.empty()) co_return;
    co_await call.progress({{"removing", left}});
    const auto removed = co_await call.backend.remove_sentinels(left);
    if (!removed) fail(removed.error());
    state::Batch ended;
    ended.put_meta(sentinel_key, {});
    ended.audit(call.audit_entry("sentinel_deleted", left));
    co_await call.backend.database().commit(std::move(ended));
}

} // namespace

Task<Json> known_probe(Call& call) {
    call.allow_parameters({});
    const auto its = co_await known(call.backend);
    if (!its)
        throw Failure(Failure::Kind::not_found,
                      "this Medicapp was not probed yet: run `medibridgectl probe`");
    co_return behaviour_json(*its);
}

Task<Json> probe(Call& call) {
    call.allow_parameters({});
    call.body({});
    co_await call.begin_lines();
    auto seen = co_await look(call);
    co_return co_await conclude(call, std::move(seen), state::Batch());
}

Task<Json> probe_with_sentinel(Call& call) {
    call.allow_parameters({});
    call.body({});
    const ErasureTurn turn(call.backend);
    co_await call.begin_lines();
    co_await expect_answer(call);
    co_await clear_away(call);
    auto seen = co_await look(call);

    const auto external_id = new_sentinel();
    state::Batch begun;
    begun.put_meta(sentinel_key, external_id);
    begun.audit(call.audit_entry("sentinel_tried", external_id));
    co_await call.backend.database().commit(std::move(begun));
    co_await call.progress({{"trying", external_id}});
    auto tried = co_await call.backend.try_sentinel(external_id);
    if (!tried) fail(tried.error());
    state::Batch ended;
    ended.put_meta(sentinel_key, {});
    ended.audit(call.audit_entry("sentinel_deleted", external_id));
    seen.merge(*tried);
    co_return co_await conclude(call, std::move(seen), std::move(ended));
}

} // namespace medibridge::control::operations
