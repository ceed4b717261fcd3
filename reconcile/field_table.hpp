#pragma once

#include "reconcile/digest.hpp"
#include "reconcile/hold.hpp"
#include "reconcile/identity.hpp"
#include "reconcile/patient.hpp"
#include "reconcile/policy.hpp"

#include <optional>

/// The three-way table of fields: what the HIS and Medicapp say now, compared with what each said
/// when both last agreed, and what follows for each field.
namespace medibridge::reconcile {

/// One field of the HIS or Medicapp compared with its baseline.
enum class Change : std::uint8_t { unknown, same, changed };

/// What happens to one field.
enum class FieldAction : std::uint8_t {
    nothing,       ///< the HIS and Medicapp are as agreed, or nothing is known
    write_his,     ///< the HIS's value goes to Medicapp
    keep_medicapp, ///< Medicapp's value becomes what is agreed
    agreed,        ///< both have the same new value: no write
    clear,         ///< the HIS emptied the field, and the operator wants Medicapp to follow
};

struct FieldCase {
    Change his = Change::unknown;
    Change medicapp = Change::same;
    bool equal = false;       ///< the HIS's value equals Medicapp's
    bool his_cleared = false; ///< the HIS says explicitly that the field is empty
    /// The HIS's record is at least as new; where a time is unknown: the HIS changed the field.
    bool his_newer = true;
    Authority authority = Authority::his;
    OnCleared on_cleared = OnCleared::keep;
};

struct FieldOutcome {
    FieldAction action = FieldAction::nothing;
    bool conflict = false; ///< both changed, differently: to be reported by field name
    bool operator==(const FieldOutcome&) const = default;
};

/// The field table of the reconciliation rules. An explicitly emptied field is a value like any
/// other where `on_cleared` is `clear`, and says nothing where it is `keep`. A value that both have
/// is never written. Medicapp's `unknown` counts as `same`.
FieldOutcome outcome_of(const FieldCase& field);

/// What the HIS or Medicapp looked like when both last agreed, or looks like now.
struct SideView {
    FieldDigests fields{};
    std::optional<Instant> modified_at;
};

/// The decision for one patient that is linked, or about to be linked (no baselines).
struct UpdatePlan {
    FieldSet write;     ///< fields whose HIS value goes to Medicapp
    FieldSet clear;     ///< fields that are emptied in Medicapp
    FieldSet conflicts; ///< fields to report
    FieldSet kept;      ///< fields where Medicapp's value was kept although the HIS's differs
    FieldSet replaced;  ///< of `write`: Medicapp has another value; the rest fill in empty fields
    /// The HIS's address changed, but lacks a part that Medicapp has: sending it would mix
    /// two addresses, so nothing of it is written.
    bool partial_address = false;
    bool writes() const { return !write.empty() || !clear.empty(); }
};

/// A linked patient's two baselines.
struct Baselines {
    SideView his;
    SideView medicapp;
};

/// Applies the field table to every field.
/// `his` and `medicapp` are the current values; an unknown digest (all zero) of Medicapp's
/// address means "not seen" and counts as unchanged. `his_cleared` are the fields that the HIS
/// emptied explicitly (a `cleared_digest` says the same); required fields are never emptied.
/// An address is one value: if any part of it is written, so is every part that differs; where the
/// HIS is silent on a part that Medicapp has, or Medicapp's wins for a part, none is.
///
/// Without `baselines`, or for a field of Medicapp's that was never seen before, every known field
/// counts as changed in the HIS and in Medicapp: a difference follows the field's authority and is
/// not reported as a conflict; where Medicapp's is empty there is nothing to keep, and the HIS's is
/// written.
///
/// Once the plan is applied and the baselines are what both then say (a field on which the HIS is
/// silent keeps its old baseline), planning again writes nothing.
UpdatePlan plan_update(const Baselines* baselines, const SideView& his, const FieldSet& his_cleared,
                       const SideView& medicapp, const Policy& policy);

} // namespace medibridge::reconcile
