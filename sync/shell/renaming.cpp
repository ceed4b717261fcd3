#include "sync/shell/renaming.hpp"

#include "base/log/catalogue.hpp"
#include "reconcile/identity.hpp"
#include "sync/core/views.hpp"
#include "sync/shell/recording.hpp"

#include <algorithm>
#include <utility>

namespace medibridge::sync {

using connectors::Failure;
using log::Key;
using reconcile::Assessed;
using reconcile::FieldDigests;
using reconcile::IdentityTraits;
using runtime::Task;

namespace {

/// A linked patient who gets another externalId.
struct Renaming {
    std::string source;
    state::Link link;
    std::optional<state::Held> held; ///< under the former externalId
    std::string survivor;
    const Assessed* record = nullptr; ///< the survivor's own; nothing: it is not at hand
};

/// The survivor's record, if it stands among these.
const Assessed* find_survivor(const std::vector<Assessed>& records, const std::string& survivor) {
    const auto place = std::ranges::find(
        records, survivor, [](const Assessed& record) { return record.patient.external_id(); });
    return place == records.end() ? nullptr : &*place;
}

/// A merge alone does not say that it is the same person: the survivor's record has to.
std::optional<Renaming> renaming_of(const std::string& source, const Assessed& retiring,
                                    const Assessed* survivor, const state::Known& retired,
                                    const state::Known& known) {
    const bool free = !known.link && !known.unlinked && !known.tombstone;
    if (!retired.link || !free || (!survivor && !retiring.renamed)) return std::nullopt;
    return Renaming{source, *retired.link, retired.held, retiring.merged_into, survivor};
}

/// Whether the survivor's record, if it is at hand, describes the Medicapp patient.
bool is_same_person(const Renaming& renaming, const connectors::MedicappPatient& seen,
                    const reconcile::IdentityPolicy& policy) {
    if (!renaming.record) return true;
    const IdentityTraits ours(renaming.record->patient, renaming.record->other_last_name, policy);
    return agree(ours, IdentityTraits(seen.patient, {}, policy));
}

connectors::PatientUpdate external_id_update(const Renaming& renaming) {
    connectors::PatientUpdate update;
    update.id = renaming.link.medicapp_id;
    update.patient = reconcile::Patient(renaming.survivor);
    update.write_external_id = true;
    return update;
}

/// Digests hold the externalId, so under another one they have to be made anew, from values: those
/// that Medicapp and the HIS show. Where neither shows what was agreed, the former digest stays: it
/// equals none any more, so that the field counts as changed.
class Rekeying {
  public:
    void show(const FieldDigests& before, const FieldDigests& after) {
        shown_.emplace_back(before, after);
    }
    FieldDigests operator()(FieldDigests digests) const {
        for (const auto field : reconcile::all_fields()) {
            auto& digest = of(digests, field);
            for (const auto& [before, after] : shown_) {
                if (is_unknown(digest) || digest != of(before, field)) continue;
                digest = of(after, field);
                break;
            }
        }
        return digests;
    }

  private:
    std::vector<std::pair<FieldDigests, FieldDigests>> shown_;
};

/// The link under the new externalId, with what was agreed under the former one. `seen` is how
/// Medicapp looked before our write, `answer` after it: our own write is no edit of Medicapp's.
state::Link renamed_link(const Context& context, const Renaming& renaming,
                         const connectors::MedicappPatient& seen,
                         const connectors::MedicappPatient& answer) {
    const auto& env = context.env;
    const auto& identity = env.settings.identity;
    auto link = renaming.link;
    const auto before = medicapp_view(seen, link.external_id, env.digester, identity);
    const auto after = medicapp_view(seen, renaming.survivor, env.digester, identity);
    Rekeying rekeyed;
    rekeyed.show(before.fields, after.fields);
    if (renaming.record) {
        auto patient = renaming.record->patient;
        const auto now = env.digester.fields(patient);
        patient.set_external_id(link.external_id);
        rekeyed.show(env.digester.fields(patient), now);
    }
    link.external_id = renaming.survivor;
    link.baselines.his.fields = rekeyed(link.baselines.his.fields);
    link.baselines.medicapp.fields = rekeyed(link.baselines.medicapp.fields);
    link.drift.confirmed = rekeyed(link.drift.confirmed);
    const auto answered = medicapp_view(answer, renaming.survivor, env.digester, identity);
    const bool edited_meanwhile = answer.patient[reconcile::Field::last_name].is_known() &&
                                  !differing(after.fields, answered.fields).empty();
    link.baselines.medicapp.modified_at =
        edited_meanwhile ? std::optional<reconcile::Instant>() : answer.modified_at;
    return link;
}

Task<void> record_renamed(Context& context, Renaming renaming, connectors::MedicappPatient seen,
                          connectors::MedicappPatient answer) {
    state::Batch batch;
    batch.drop_link(renaming.link.external_id);
    auto link = renamed_link(context, renaming, seen, answer);
    context.note_written(link.medicapp_id, answer.modified_at);
    batch.put_link(std::move(link));
    if (renaming.held) record_release(context, *renaming.held, batch);
    state::AuditEntry entry;
    entry.external_id = renaming.survivor;
    entry.medicapp_id = renaming.link.medicapp_id;
    entry.action = "renamed";
    batch.audit(std::move(entry));
    co_await context.env.database.commit(std::move(batch));
    context.report.updated += 1;
    context.env.observer.acted(renaming.survivor, Action::updated, "externalId");
    context.write(context.event(log::events::patient_renamed)
                      .with(Key::source, renaming.source)
                      .with(Key::patient, renaming.survivor)
                      .with(Key::medicapp_id, renaming.link.medicapp_id));
}

void hold_refused(Context& context, const Renaming& renaming, const connectors::ApiError& error,
                  state::Batch& batch) {
    state::Held held;
    held.key = renaming.link.external_id;
    held.source = renaming.source;
    held.reason = error.failure == Failure::conflict ? reconcile::HoldReason::external_id_taken
                                                     : reconcile::HoldReason::rejected;
    held.field = "externalId";
    held.detail = error.code;
    held.medicapp_id = renaming.link.medicapp_id;
    held.request_id = error.request_id;
    held.held_at_ms = context.request.wall_clock_ms;
    record_hold(context, std::move(held), batch);
}

Task<void> on_rename_failure(Context& context, const Renaming& renaming,
                             const connectors::ApiError& error) {
    if (error.failure == Failure::conflict || error.failure == Failure::rejected) {
        state::Batch batch;
        const bool known = renaming.held && renaming.held->field == "externalId";
        if (!known) hold_refused(context, renaming, error, batch);
        co_await context.env.database.commit(std::move(batch));
        co_return;
    }
    if (concerns_one_patient(error)) {
        RefusedPatient patient(renaming.link, error);
        patient.source = renaming.source;
        context.fail_one(std::move(patient));
        co_return;
    }
    context.report.deferred += 1;
    if (error.failure == Failure::unknown) {
        context.leave_for_later("Medicapp: the outcome of an update is not known");
    } else {
        context.halt(error);
    }
}

Task<void> rename(Context& context, Renaming renaming) {
    auto seen = co_await context.env.medicapp.get(renaming.link.medicapp_id);
    if (!seen && seen.error().failure == Failure::not_found) co_return; // erased: found out later
    if (!seen) {
        co_await on_rename_failure(context, renaming, seen.error());
        co_return;
    }
    const auto& carried = seen->patient.external_id();
    if (carried == renaming.survivor) { // an earlier run got as far as that
        co_await record_renamed(context, std::move(renaming), *seen, *seen);
        co_return;
    }
    // Somebody gave it a third one in Medicapp: for the operator, who is told of that already.
    if (carried != renaming.link.external_id) co_return;
    if (!is_same_person(renaming, *seen, context.env.settings.identity))
        co_return; // then the retired one waits for an operator
    auto update = external_id_update(renaming);
    auto answer = co_await context.env.medicapp.update(std::move(update));
    if (!answer) {
        co_await on_rename_failure(context, renaming, answer.error());
        co_return;
    }
    co_await record_renamed(context, std::move(renaming), *seen, *answer);
}

} // namespace

bool speaks_of_renaming(const std::vector<Assessed>& records) {
    return std::ranges::any_of(records,
                               [](const Assessed& record) { return !record.merged_into.empty(); });
}

Task<void> follow_renaming(Context& context, std::string source,
                           const std::vector<Assessed>& records) {
    for (const auto& record : records) {
        if (record.merged_into.empty() || record.patient.external_id().empty()) continue;
        if (!context.going()) co_return;
        std::vector<std::string> ids(1, record.patient.external_id());
        ids.push_back(record.merged_into);
        const auto known = co_await context.env.database.look_up(std::move(ids));
        if (known[0].redirect != record.merged_into) {
            // Before any write: who crashes after it knows by this that the new externalId is ours.
            state::Batch batch;
            record_redirect(record.patient.external_id(), record.merged_into, batch);
            co_await context.env.database.commit(std::move(batch));
        }
        const auto* survivor = find_survivor(records, record.merged_into);
        auto renaming = renaming_of(source, record, survivor, known[0], known[1]);
        if (renaming) co_await rename(context, std::move(*renaming));
    }
}

} // namespace medibridge::sync
