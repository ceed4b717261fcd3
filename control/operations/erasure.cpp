#include "control/operations.hpp"
#include "control/patient_json.hpp"
#include "sync/core/views.hpp"

#include <optional>
#include <utility>

/// The only way by which a patient is deleted in Medicapp. The order is durable before the request:
/// a tombstone, so that nobody creates the patient again, a line of the audit, and a note of what
/// is under way. If the process ends before the answer is noted, the next look at an erasure reads
/// Medicapp: gone → done, still there → not done. A cycle that meets the gap holds the patient
/// `erased_in_medicapp`, as anybody who was erased there.
namespace medibridge::control::operations {

using runtime::Task;

namespace {

/// Meta key of the one erasure that is under way: externalId and Medicapp id, a line each.
constexpr const char* under_way_key = "erasure_under_way";

struct Order {
    std::string external_id;
    std::string medicapp_id;

    std::string text() const { return external_id + '\n' + medicapp_id; }
};

std::optional<Order> order_in(const std::string& text) {
    const auto end = text.find('\n');
    if (end == std::string::npos) return std::nullopt;
    return Order{text.substr(0, end), text.substr(end + 1)};
}

state::AuditEntry line_about(const Call& call, const Order& order, std::string action,
                             std::string detail) {
    auto line = call.audit_entry(std::move(action), std::move(detail));
    line.external_id = order.external_id;
    line.medicapp_id = order.medicapp_id;
    return line;
}

/// One erasure at a time, so that what is found under way is of a process that ended.
class Turn {
  public:
    explicit Turn(Backend& backend) : backend_(backend) {
        if (backend.erasing)
            throw Failure(Failure::Kind::unavailable,
                          "another erasure is under way: try again in a moment");
        backend.erasing = true;
    }
    ~Turn() { backend_.erasing = false; }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

  private:
    Backend& backend_;
};

std::string words_of(const connectors::ApiError& error) {
    return error.what.empty() ? std::string(connectors::name(error.failure)) : error.what;
}

/// Nobody else has to decide about it: an operator has. `record`: what the source shows now; the
/// hold lasts until that changes.
state::Batch done(const Call& call, const Order& order, const state::Known& known,
                  const std::optional<reconcile::Digest>& record) {
    state::Batch batch;
    batch.drop_link(order.external_id);
    batch.drop_unlinked(order.medicapp_id);
    batch.drop_intent(order.external_id);
    batch.drop_decision(order.external_id);
    batch.forget(order.external_id);
    state::Held held;
    held.key = order.external_id;
    if (known.link) held.source = known.link->source;
    held.reason = reconcile::HoldReason::erased_in_medicapp;
    held.medicapp_id = order.medicapp_id;
    held.held_at_ms = call.backend.now_ms();
    held.acknowledged = true;
    if (record) held.record = *record;
    batch.hold(std::move(held));
    batch.put_meta(under_way_key, {});
    batch.audit(line_about(call, order, "erased", {}));
    return batch;
}

/// Of a former erasure there may be a tombstone, which stays.
state::Batch undone(const Call& call, const Order& order, const state::Known& known,
                    const std::string& why) {
    state::Batch batch;
    if (known.tombstone && known.tombstone->medicapp_id == order.medicapp_id)
        batch.drop_tombstone(order.external_id);
    batch.put_meta(under_way_key, {});
    batch.audit(line_about(call, order, "not_erased", why));
    return batch;
}

std::optional<reconcile::Digest> record_of(const Call& call, const sync::Inquiry& inquiry) {
    const auto* record = inquiry.record();
    if (!record) return std::nullopt;
    return sync::record_digest(*record, call.backend.digester());
}

/// Finds out what became of an order whose answer nobody noted. Throws Failure::unavailable if
/// Medicapp cannot say.
Task<bool> settle(Call& call, Order order) {
    const auto reply = co_await call.backend.medicapp().get(order.medicapp_id);
    if (!reply && reply.error().failure != connectors::Failure::not_found)
        throw Failure(Failure::Kind::unavailable,
                      "an erasure was sent, and Medicapp does not say whether it was done: try "
                      "again later (" +
                          words_of(reply.error()) + ")");
    const auto now = co_await call.backend.inquire(order.external_id);
    auto batch = reply ? undone(call, order, now.known, "the patient is still in Medicapp")
                       : done(call, order, now.known, record_of(call, now));
    co_await call.backend.database().commit(std::move(batch));
    co_return !reply;
}

Task<void> settle_former(Call& call) {
    auto job = [](state::Store& store) { return store.meta(under_way_key); };
    const auto order = order_in(co_await call.backend.database().run(std::move(job)));
    if (order) co_await settle(call, *order);
}

/// The patient as Medicapp has them now, and what proves that somebody saw just that.
struct Subject {
    sync::Inquiry inquiry;
    Order order;
    std::optional<std::int64_t> records;
    std::string token;
};

Task<Subject> subject_of(Call& call) {
    Subject subject;
    const auto& key = call.captured.at(0);
    subject.inquiry = co_await call.backend.inquire(key);
    const auto& inquiry = subject.inquiry;
    if (!inquiry.medicapp_trouble.empty())
        throw Failure(Failure::Kind::unavailable,
                      "Medicapp cannot be read now: " + inquiry.medicapp_trouble);
    if (!inquiry.medicapp)
        throw Failure(Failure::Kind::not_found,
                      "Medicapp is not known to have a patient with that externalId");
    subject.order = {key, inquiry.medicapp->id};
    subject.records = inquiry.medicapp->records_count;
    const auto seen = reconcile::hex(inquiry.token) + ' ' + subject.order.text() + ' ' +
                      (subject.records ? std::to_string(*subject.records) : "?");
    subject.token = reconcile::hex(call.backend.digester().text("who is to be erased", seen));
    co_return subject;
}

Json number_or_null(const std::optional<std::int64_t>& number) {
    return number ? Json(*number) : Json();
}

Json result_json(const Order& order, const std::string& result, const std::string& reason) {
    Json it;
    it["external_id"] = order.external_id;
    it["medicapp_id"] = order.medicapp_id;
    it["result"] = result;
    it["reason"] = text_or_null(reason);
    return it;
}

/// Why the order is not about what is there now; empty: it is.
std::string misfit(const Json& body, const Subject& now) {
    if (text_in(body, "token").value_or("") != now.token)
        return "the patient has changed since you looked: look at them again";
    if (number_in(body, "records") != now.records)
        return "the number of records is another one: look at the patient again";
    return {};
}

} // namespace

Task<Json> show_erasure(Call& call) {
    call.allow_parameters({});
    {
        const Turn turn(call.backend);
        co_await settle_former(call);
    }
    const auto subject = co_await subject_of(call);
    co_await call.note_look(subject.order.external_id, "values");
    Json it;
    it["external_id"] = subject.order.external_id;
    it["medicapp_id"] = subject.order.medicapp_id;
    it["patient"] = medicapp_json(*subject.inquiry.medicapp);
    it["records"] = number_or_null(subject.records);
    it["token"] = subject.token;
    co_return it;
}

Task<Json> erase(Call& call) {
    call.allow_parameters({});
    const auto body = call.body({"token", "records"});
    if (!text_in(body, "token"))
        throw Failure(Failure::Kind::usage, "`token` must be what GET gave for this patient");
    if (call.backend.live().running)
        throw Failure(Failure::Kind::unavailable,
                      "a cycle is running: try again when it has ended");
    const Turn turn(call.backend);
    co_await settle_former(call);
    const auto subject = co_await subject_of(call);
    const auto& order = subject.order;
    const auto wrong = misfit(body, subject);
    if (!wrong.empty()) throw Failure(Failure::Kind::refused, wrong);

    state::Batch begun;
    if (!subject.inquiry.known.tombstone)
        begun.put_tombstone({order.external_id, order.medicapp_id});
    begun.put_meta(under_way_key, order.text());
    const auto count = subject.records ? std::to_string(*subject.records) : "an unknown number of";
    begun.audit(line_about(call, order, "erasing", "with " + count + " records"));
    co_await call.backend.database().commit(std::move(begun));

    const auto reply = co_await call.backend.erase_in_medicapp(order.medicapp_id);
    using connectors::Failure::not_found;
    using connectors::Failure::unknown;
    if (reply || reply.error().failure == not_found) {
        const auto record = record_of(call, subject.inquiry);
        co_await call.backend.database().commit(done(call, order, subject.inquiry.known, record));
        co_return result_json(order, "applied", {});
    }
    if (reply.error().failure == unknown) {
        const bool gone = co_await settle(call, order);
        co_return result_json(order, gone ? "applied" : "refused",
                              gone ? "" : "Medicapp did not carry it out");
    }
    const auto why = words_of(reply.error());
    auto known = subject.inquiry.known;
    if (!known.tombstone) known.tombstone = state::Tombstone{order.external_id, order.medicapp_id};
    co_await call.backend.database().commit(undone(call, order, known, "refused"));
    co_return result_json(order, "refused", why);
}

} // namespace medibridge::control::operations
