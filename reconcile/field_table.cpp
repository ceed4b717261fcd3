#include "reconcile/field_table.hpp"

namespace medibridge::reconcile {

namespace {

constexpr FieldDigest unknown{};

const FieldDigest& of(const SideView& view, Field field) {
    return view.fields[static_cast<std::size_t>(field)];
}

/// What the HIS and Medicapp say of one field: now, and when they last agreed.
struct Observed {
    FieldDigest his;
    FieldDigest his_before;
    FieldDigest medicapp;
    FieldDigest medicapp_before;
};

Observed observe(Field field, const Baselines* baselines, const SideView& his,
                 const FieldSet& his_cleared, const SideView& medicapp) {
    Observed observed{of(his, field), unknown, of(medicapp, field), unknown};
    if (his_cleared.has(field)) observed.his = cleared_digest;
    // Medicapp has no patient without these fields, so an empty one says nothing.
    if (is_required(field) && observed.his == cleared_digest) observed.his = unknown;
    if (baselines) {
        observed.his_before = of(baselines->his, field);
        observed.medicapp_before = of(baselines->medicapp, field);
    }
    if (observed.medicapp == unknown) observed.medicapp = observed.medicapp_before;
    return observed;
}

/// Medicapp has a value on which nothing was agreed yet.
bool is_first_sight(const Observed& observed) {
    return observed.medicapp_before == unknown && observed.medicapp != unknown;
}

/// Which of both was changed last, as far as their times say; nothing: one of them has none.
std::optional<bool> is_his_newer(const SideView& his, const SideView& medicapp) {
    if (!his.modified_at || !medicapp.modified_at) return std::nullopt;
    return *his.modified_at >= *medicapp.modified_at;
}

FieldCase case_of(const Observed& observed, std::optional<bool> his_newer, Authority authority,
                  OnCleared on_cleared) {
    FieldCase field;
    if (observed.his != unknown)
        field.his = observed.his == observed.his_before ? Change::same : Change::changed;
    if (is_first_sight(observed)) {
        // If Medicapp has no value, nothing stands against the HIS's. If it has one, the HIS's
        // value must be compared with it, even if the HIS gave it before.
        field.medicapp = observed.medicapp == cleared_digest ? Change::same : Change::changed;
        if (observed.his != unknown) field.his = Change::changed;
    } else {
        field.medicapp =
            observed.medicapp == observed.medicapp_before ? Change::same : Change::changed;
    }
    field.equal = observed.his != unknown && observed.his == observed.medicapp;
    field.his_cleared = observed.his == cleared_digest;
    // Without times, whoever changed the field since both agreed is the newer one.
    field.his_newer = his_newer.value_or(field.his == Change::changed);
    field.authority = authority;
    field.on_cleared = on_cleared;
    return field;
}

/// Whether writing the HIS's value replaces a value, rather than fills in an empty field.
bool replaces(const Observed& observed) {
    const FieldDigest& before =
        observed.medicapp != unknown ? observed.medicapp : observed.his_before;
    return before != unknown && before != cleared_digest && before != observed.his;
}

void apply(const FieldOutcome& outcome, const FieldCase& field_case, Field field, bool first_sight,
           UpdatePlan& plan) {
    if (outcome.action == FieldAction::write_his) plan.write.add(field);
    if (outcome.action == FieldAction::clear) plan.clear.add(field);
    if (outcome.conflict && !first_sight) plan.conflicts.add(field);
    const bool his_speaks = field_case.his != Change::unknown &&
                            !(field_case.his_cleared && field_case.on_cleared == OnCleared::keep);
    if (outcome.action == FieldAction::keep_medicapp && his_speaks) plan.kept.add(field);
}

/// Whether the HIS says what the field is: a value, or that it is empty if `on_cleared` follows
/// that.
bool his_speaks(Field field, const SideView& his, const FieldSet& his_cleared,
                OnCleared on_cleared) {
    const FieldDigest& digest = of(his, field);
    if (his_cleared.has(field) || digest == cleared_digest) return on_cleared == OnCleared::clear;
    return digest != unknown;
}

bool is_empty(const FieldDigest& digest) {
    return digest == unknown || digest == cleared_digest;
}

/// Makes one decision of those for the parts of an address.
void keep_address_whole(const Baselines* baselines, const SideView& his,
                        const FieldSet& his_cleared, const SideView& medicapp, const Policy& policy,
                        UpdatePlan& plan) {
    const FieldSet written = plan.write & address_fields();
    if (written.empty()) return;
    FieldSet differs;
    bool mixed = false;
    for (const Field field : all_fields()) {
        if (!is_address(field)) continue;
        FieldDigest theirs = of(medicapp, field);
        if (theirs == unknown && baselines) theirs = of(baselines->medicapp, field);
        if (!his_speaks(field, his, his_cleared, policy.on_cleared)) {
            mixed = mixed || !is_empty(theirs);
        } else if (of(his, field) != theirs && of(his, field) != cleared_digest &&
                   !his_cleared.has(field)) {
            differs.add(field);
        }
    }
    const bool medicapp_wins = !(plan.kept & address_fields()).empty();
    if (!mixed && !medicapp_wins) {
        plan.write |= differs;
        return;
    }
    plan.write = plan.write - address_fields();
    plan.clear = plan.clear - address_fields();
    if (medicapp_wins) plan.kept |= written;
    plan.partial_address = mixed && !medicapp_wins;
}

} // namespace

FieldOutcome outcome_of(const FieldCase& field) {
    const bool medicapp_changed = field.medicapp == Change::changed;
    // If emptying is followed, an empty field is a value like any other; if not, it says nothing.
    const bool empties = field.his_cleared && field.on_cleared == OnCleared::clear;
    const bool his_silent = field.his_cleared ? !empties : field.his == Change::unknown;
    if (his_silent)
        return {medicapp_changed ? FieldAction::keep_medicapp : FieldAction::nothing, false};

    const bool his_changed = field.his != Change::same;
    if (!his_changed && !medicapp_changed) return {};
    if (field.equal) return {FieldAction::agreed, false};

    const FieldAction follow_his = empties ? FieldAction::clear : FieldAction::write_his;
    if (!medicapp_changed) return {follow_his, false};
    const bool his_wins = field.authority == Authority::his ||
                          (field.authority == Authority::newest && field.his_newer);
    return {his_wins ? follow_his : FieldAction::keep_medicapp, his_changed};
}

UpdatePlan plan_update(const Baselines* baselines, const SideView& his, const FieldSet& his_cleared,
                       const SideView& medicapp, const Policy& policy) {
    const auto his_newer = is_his_newer(his, medicapp);
    UpdatePlan plan;
    for (const Field field : all_fields()) {
        const auto observed = observe(field, baselines, his, his_cleared, medicapp);
        const auto field_case =
            case_of(observed, his_newer, policy.authority_of(field), policy.on_cleared);
        apply(outcome_of(field_case), field_case, field, is_first_sight(observed), plan);
        if (plan.write.has(field) && replaces(observed)) plan.replaced.add(field);
    }
    keep_address_whole(baselines, his, his_cleared, medicapp, policy, plan);
    return plan;
}

} // namespace medibridge::reconcile
