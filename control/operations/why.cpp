#include "control/hold_words.hpp"
#include "control/operations.hpp"
#include "control/patient_json.hpp"
#include "sync/core/claims.hpp"
#include "sync/core/refusals.hpp"
#include "sync/core/views.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace medibridge::control::operations {

using reconcile::FieldDigests;
using reconcile::HoldReason;
using runtime::Task;

namespace {

/// Of one patient; `medibridgectl audit --patient` shows more.
constexpr std::size_t most_history = 100;

/// What became of the look at a side.
enum class Look { shown, not_shown, not_read, not_asked };

Look look_of(bool shown, const std::string& trouble) {
    if (shown) return Look::shown;
    return trouble.empty() ? Look::not_shown : Look::not_read;
}

const char* word_of(Look look) {
    switch (look) {
    case Look::shown:
        return "shown";
    case Look::not_shown:
        return "not_shown";
    case Look::not_read:
        return "not_read";
    case Look::not_asked:
        break;
    }
    return "not_asked";
}

/// What is known of the HIS as a whole: of the leading source, else of any.
Look look_at_his(const sync::Inquiry& inquiry) {
    if (inquiry.record()) return Look::shown;
    std::string trouble;
    for (const auto& sight : inquiry.sources) {
        if (inquiry.leading.empty() || sight.source == inquiry.leading) trouble += sight.trouble;
    }
    return look_of(false, trouble);
}

/// Medicapp is asked for those whom it is known to have.
Look look_at_medicapp(const sync::Inquiry& inquiry) {
    const auto& known = inquiry.known;
    const bool asked = known.link || known.unlinked || known.tombstone;
    const auto look = look_of(inquiry.medicapp.has_value(), inquiry.medicapp_trouble);
    return look == Look::not_shown && !asked ? Look::not_asked : look;
}

Json look_json(const std::string& side, Look look, const std::string& trouble) {
    return {{"side", side}, {"look", word_of(look)}, {"trouble", text_or_null(trouble)}};
}

/// Each source, then Medicapp, and whether they could be read.
Json sides_json(const sync::Inquiry& inquiry) {
    Json list = Json::array();
    for (const auto& sight : inquiry.sources)
        list.push_back(look_json("source " + sight.source,
                                 look_of(sight.record.has_value(), sight.trouble), sight.trouble));
    list.push_back(look_json("Medicapp", look_at_medicapp(inquiry), inquiry.medicapp_trouble));
    return list;
}

/// Whether the source's value of the field cannot be used, so that it says nothing.
bool is_unusable(const sync::Inquiry& inquiry, reconcile::Field field) {
    const auto* record = inquiry.record();
    return record && std::ranges::find(record->dropped, name(field), &reconcile::Defect::field) !=
                         record->dropped.end();
}

/// How a side's values compare with those that it showed when both last agreed.
struct Comparison {
    bool known = false;
    bool differs = false;

    void take(const reconcile::FieldDigest& now, const reconcile::FieldDigest& agreed) {
        if (sync::is_unknown(now) || sync::is_unknown(agreed)) return;
        known = true;
        differs = differs || now != agreed;
    }
    /// A side that was not read, or shows nobody, is not the same as before.
    const char* word(Look his, Look medicapp) const {
        if (differs) return "differs";
        const bool both = his == Look::shown && medicapp == Look::shown;
        if (both) return known ? "same" : "unknown";
        const bool unread = his == Look::not_read || medicapp == Look::not_read;
        return word_of(unread ? Look::not_read : Look::not_shown);
    }
};

Json agreed_json(Backend& backend, const sync::Inquiry& inquiry) {
    Json it = Json::object();
    const auto& link = inquiry.known.link;
    if (!link) return it;
    FieldDigests his{};
    FieldDigests medicapp{};
    if (const auto* record = inquiry.record())
        his = sync::his_view(*record, backend.digester()).fields;
    if (inquiry.medicapp)
        medicapp = sync::medicapp_view(*inquiry.medicapp, inquiry.key, backend.digester(),
                                       backend.settings().identity)
                       .fields;
    const auto look_his = look_at_his(inquiry);
    const auto look_medicapp = look_at_medicapp(inquiry);
    for (const auto field : reconcile::all_fields()) {
        Comparison compared;
        compared.take(sync::of(his, field), sync::of(link->baselines.his.fields, field));
        compared.take(sync::of(medicapp, field), sync::of(link->baselines.medicapp.fields, field));
        const bool unusable = is_unusable(inquiry, field);
        it[std::string(name(field))] = inquiry.withheld.has(field) ? "withheld"
                                       : unusable && !compared.differs
                                           ? "unusable"
                                           : compared.word(look_his, look_medicapp);
    }
    return it;
}

/// Parts of the address that are not written, and why; null: none.
Json withheld_json(const sync::Inquiry& inquiry) {
    if (inquiry.withheld.empty()) return nullptr;
    Json it;
    it["fields"] = names_json(inquiry.withheld);
    it["reason"] = "the HIS's address is incomplete: Medicapp has a part that it lacks, and an "
                   "address is written as one value or not at all";
    return it;
}

Json hold_json(const std::optional<state::Held>& held,
               const std::map<std::string, Ignored>& ignored) {
    if (!held) return nullptr;
    Json it;
    it["reason"] = std::string(name(held->reason));
    it["kind"] = is_to_decide(*held) ? "decide" : "excluded";
    it["source"] = text_or_null(held->source);
    it["medicapp_id"] = text_or_null(held->medicapp_id);
    it["fields"] = names_json(held->field);
    it["detail"] = held->detail;
    it["since"] = time_json(held->held_at_ms);
    it["attempts"] = held->attempts;
    it["request_id"] = text_or_null(held->request_id);
    it["ignored"] = ignored_json(ignored, held->key);
    return it;
}

/// What the audit says of the patient.
struct History {
    std::vector<state::AuditEntry> lines; ///< the newest, newest first
    std::map<std::string, Ignored> ignored;
};

Task<History> history(Call& call, std::string external_id, std::optional<state::Held> held) {
    state::AuditQuery query;
    query.external_id = std::move(external_id);
    query.limit = most_history;
    auto job = [query = std::move(query), held = std::move(held)](state::Store& store) {
        History it;
        it.lines = store.audit(query);
        if (held) it.ignored = who_ignored(store, {&*held});
        return it;
    };
    co_return co_await call.backend.database().run(std::move(job));
}

/// In how many cycles in a row requests about the patient were refused; null: in none. What was
/// answered is in the audit's line of the first.
Json refused_json(const state::Known& known, const std::vector<state::AuditEntry>& history) {
    if (sync::refusal_cycles(known) == 0 || known.held) return nullptr;
    const auto line = std::ranges::find(history, sync::refused_action, &state::AuditEntry::action);
    const bool found = line != history.end();
    Json it;
    it["cycles"] = known.refusal->cycles;
    it["held_after"] = sync::limits::refused_cycles;
    it["others_served"] = known.refusal->others;
    it["answer"] = found ? text_or_null(line->detail) : Json();
    it["request_id"] = found ? text_or_null(line->request_id) : Json();
    it["since"] = found ? time_json(line->at_ms) : Json();
    return it;
}

/// The last merge or change of identifier that another source's record stood against, and when;
/// null: there was none, or it is followed now.
Json merge_refuted_json(const state::Known& known, const std::vector<state::AuditEntry>& history) {
    const auto line =
        std::ranges::find(history, sync::merge_refuted_action, &state::AuditEntry::action);
    const bool follows = known.held && (known.held->reason == HoldReason::merged_in_his ||
                                        known.held->reason == HoldReason::external_id_taken);
    if (line == history.end() || follows) return nullptr;
    return {{"detail", line->detail}, {"at", time_json(line->at_ms)}};
}

bool is_known(const state::Known& known) {
    return known.link || known.held || known.tombstone || known.intent || known.unlinked ||
           !known.redirect.empty() || known.refusal;
}

std::string medicapp_id_of(const state::Known& known) {
    if (known.link) return known.link->medicapp_id;
    return known.unlinked ? known.unlinked->medicapp_id : std::string();
}

/// The guard that stopped the last cycle, of several the one that is about the patient, and what
/// that cycle was about to do to them; null: none.
Json stopped_json(const Live& live, const std::string& external_id) {
    if (live.alarms.empty()) return nullptr;
    const auto about = std::ranges::find_if(live.alarms, [&](const sync::GuardAlarm& alarm) {
        return alarm.changes.covers(external_id);
    });
    const auto& alarm = about == live.alarms.end() ? live.alarms.front() : *about;
    Json it;
    it["guard"] = alarm.guard;
    it["reason"] = alarm.reason;
    it["concerned"] = alarm.changes.covers(external_id);
    it["kind"] = nullptr;
    it["fields"] = Json::array();
    for (const auto& example : alarm.changes.examples()) {
        if (example.external_id != external_id) continue;
        it["kind"] = name(example.kind);
        it["fields"] = names_json(example.fields);
    }
    return it;
}

Json patient_json_of(Backend& backend, const sync::Inquiry& inquiry, const History& past) {
    const auto& known = inquiry.known;
    const auto* record = inquiry.record();
    Json it;
    it["external_id"] = inquiry.key;
    it["pseudonym"] = backend.digester().pseudonym(inquiry.key);
    it["linked"] = known.link != nullptr;
    it["medicapp_id"] = text_or_null(medicapp_id_of(known));
    it["source"] = text_or_null(inquiry.record_source());
    it["sides"] = sides_json(inquiry);
    it["agreed"] = agreed_json(backend, inquiry);
    it["his"] = record ? patient_json(record->patient) : Json::object();
    it["sources"] = sources_json(inquiry);
    it["medicapp"] = inquiry.medicapp ? medicapp_json(*inquiry.medicapp) : Json();
    it["medicapp_trouble"] = text_or_null(inquiry.medicapp_trouble);
    it["differs"] = differs_json(inquiry);
    it["withheld"] = withheld_json(inquiry);
    it["held"] = hold_json(known.held, past.ignored);
    it["refused"] = refused_json(known, past.lines);
    const auto& decision = known.decision;
    it["decision"] = decision ? Json(std::string(state::name(decision->kind))) : Json();
    it["decided_by"] = decision ? text_or_null(decision->actor.name) : Json();
    it["stopped"] = stopped_json(backend.live(), inquiry.key);
    it["rule"] = std::string(rule_about(inquiry));
    it["merged_into"] = text_or_null(known.redirect);
    it["merge_refuted"] = merge_refuted_json(known, past.lines);
    it["other"] = other_json(inquiry);
    it["erased"] = known.tombstone ? Json(known.tombstone->medicapp_id) : Json();
    return it;
}

} // namespace

Task<Json> why(Call& call) {
    call.allow_parameters({});
    const auto& key = call.captured.at(0);
    auto inquiry = co_await call.backend.inquire(key);
    // A cycle that leaves nobody has found nobody refused, whatever the HIS took back meanwhile.
    if (last_outcome(call.backend.live()) == "complete") inquiry.known.refusal.reset();
    const auto past = co_await history(call, key, inquiry.known.held);
    if (!is_known(inquiry.known) && !inquiry.record() && past.lines.empty())
        throw Failure(Failure::Kind::not_found,
                      "nobody is known under that externalId: medibridgectl find TEXT looks for "
                      "names and dates");
    co_await call.note_look(key, "values");
    auto it = patient_json_of(call.backend, inquiry, past);
    it["history"] = Json::array();
    for (const auto& line : past.lines)
        it["history"].push_back(audit_line_json(line));
    co_return it;
}

} // namespace medibridge::control::operations
