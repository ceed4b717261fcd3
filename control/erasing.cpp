#include "control/erasing.hpp"

#include "base/log/catalogue.hpp"
#include "sync/core/views.hpp"

#include <array>
#include <charconv>
#include <string_view>
#include <utility>

namespace medibridge::control {

using runtime::Task;

namespace {

/// Meta key of the one order that is under way: externalId, Medicapp id, the uid and name of
/// whoever gave it, and whether the patient had been erased before, a line each.
constexpr const char* under_way_key = "erasure_under_way";
constexpr const char* erased_before = "erased before";

std::string note_of(const ErasureOrder& order) {
    return order.external_id + '\n' + order.medicapp_id + '\n' + std::to_string(order.actor.uid) +
           '\n' + order.actor.name + '\n' + (order.erased_before ? erased_before : "");
}

std::optional<ErasureOrder> order_in(std::string_view note) {
    if (note.empty()) return std::nullopt;
    std::array<std::string, 5> lines;
    for (auto& line : lines) {
        const auto end = note.find('\n');
        line = note.substr(0, end);
        note = end == std::string_view::npos ? std::string_view() : note.substr(end + 1);
    }
    ErasureOrder order{lines[0], lines[1], {lines[3], 0}, lines[4] == erased_before};
    std::from_chars(lines[2].data(), lines[2].data() + lines[2].size(), order.actor.uid);
    return order;
}

state::AuditEntry line_about(const ErasureOrder& order, std::string action, std::string detail) {
    state::AuditEntry line;
    line.external_id = order.external_id;
    line.medicapp_id = order.medicapp_id;
    line.action = std::move(action);
    line.detail = std::move(detail);
    line.actor = order.actor;
    return line;
}

state::Batch begun(const ErasureOrder& order, const sync::Inquiry& seen) {
    state::Batch batch;
    if (!order.erased_before) batch.put_tombstone({order.external_id, order.medicapp_id});
    batch.put_meta(under_way_key, note_of(order));
    const auto& records = seen.medicapp->records_count;
    const auto count = records ? std::to_string(*records) : "an unknown number of";
    batch.audit(line_about(order, "erasing", "with " + count + " records"));
    return batch;
}

/// Nobody else has to decide about it: an operator has. The hold lasts until the record that the
/// source shows now changes.
state::Batch done(const Backend& backend, const ErasureOrder& order, const sync::Inquiry& seen) {
    const auto& known = seen.known;
    state::Batch batch;
    batch.drop_link(order.external_id);
    batch.drop_unlinked(order.medicapp_id);
    batch.drop_intent(order.external_id);
    batch.drop_decision(order.external_id);
    batch.forget(order.external_id);
    state::Held held;
    held.key = order.external_id;
    if (known.link)
        held.source = known.link->source;
    else if (known.held)
        held.source = known.held->source;
    held.reason = reconcile::HoldReason::erased_in_medicapp;
    held.medicapp_id = order.medicapp_id;
    held.held_at_ms = backend.now_ms();
    held.acknowledged = true;
    if (held.source.empty()) held.source = seen.record_source();
    for (const auto& sight : seen.sources) {
        if (!sight.record) continue;
        const auto digest = sync::record_digest(*sight.record, backend.digester());
        if (sight.source == held.source)
            held.record = digest;
        else
            held.others[sight.source] = digest;
    }
    batch.hold(std::move(held));
    batch.put_meta(under_way_key, {});
    batch.audit(line_about(order, "erased", {}));
    return batch;
}

/// The tombstone of a former erasure stays.
state::Batch undone(const ErasureOrder& order, const std::string& why) {
    state::Batch batch;
    if (!order.erased_before) batch.drop_tombstone(order.external_id);
    batch.put_meta(under_way_key, {});
    batch.audit(line_about(order, "not_erased", why));
    return batch;
}

/// The end is durable before it is told.
Task<ErasureEnd> conclude(Backend& backend, const ErasureOrder& order, state::Batch batch,
                          ErasureEnd end) {
    co_await backend.database().commit(std::move(batch));
    auto event =
        log::Event(end.erased ? log::events::patient_erased : log::events::patient_not_erased)
            .with(log::Key::patient, order.external_id)
            .with(log::Key::medicapp_id, order.medicapp_id)
            .with(log::Key::actor, order.actor.name);
    if (!end.erased) event.add(log::Key::reason, end.why_not);
    backend.log().write(event);
    co_return end;
}

/// Asks Medicapp what became of it.
Task<ErasureEnd> settle(Backend& backend, ErasureOrder order) {
    const auto reply = co_await backend.ask_medicapp_about(order.medicapp_id);
    if (!reply && reply.error().failure != connectors::Failure::not_found)
        throw Unavailable("an erasure was sent, and Medicapp does not say whether it was done: try "
                          "again later (" +
                          reason_of(reply.error()) + ")");
    const auto now = co_await backend.inquire(order.external_id);
    ErasureEnd end{!reply.has_value(), reply ? "Medicapp did not carry it out" : ""};
    auto batch =
        end.erased ? done(backend, order, now) : undone(order, "the patient is still in Medicapp");
    co_return co_await conclude(backend, order, std::move(batch), std::move(end));
}

} // namespace

ErasureTurn::ErasureTurn(Backend& backend) : backend_(backend) {
    if (backend.erasing)
        throw Unavailable(
            "another erasure, or a trial with a sentinel, is under way: try again in a moment");
    backend.erasing = true;
}

Task<ErasureEnd> carry_out(Backend& backend, ErasureOrder order, sync::Inquiry seen) {
    co_await backend.database().commit(begun(order, seen));
    const auto reply = co_await backend.erase_in_medicapp(order.medicapp_id);
    if (reply) {
        ErasureEnd end{true, {}};
        co_return co_await conclude(backend, order, done(backend, order, seen), std::move(end));
    }
    const auto failure = reply.error().failure;
    if (failure == connectors::Failure::unknown || failure == connectors::Failure::not_found)
        co_return co_await settle(backend, std::move(order));
    ErasureEnd end{false, reason_of(reply.error())};
    co_return co_await conclude(backend, order, undone(order, "refused"), std::move(end));
}

Task<std::optional<ErasureEnd>> settle_erasure(Backend& backend) {
    auto job = [](state::Store& store) { return store.meta(under_way_key); };
    const auto order = order_in(co_await backend.database().run(std::move(job)));
    if (!order) co_return std::nullopt;
    co_return co_await settle(backend, *order);
}

} // namespace medibridge::control
