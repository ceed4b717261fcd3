#pragma once

#include "connectors/medicapp/values.hpp"
#include "reconcile/assess.hpp"
#include "reconcile/field_table.hpp"
#include "state/records.hpp"
#include "sync/core/decision.hpp"

#include <optional>
#include <string>
#include <vector>

namespace medibridge::sync {

/// One HIS record on its way: what it says, what is known of it, and what is to be done.
class Item {
  public:
    Item() = default;

    std::string source;
    reconcile::Assessed record;
    reconcile::SideView his;
    state::Known known;
    /// How Medicapp looks now, if a change was seen that is not yet in the baselines.
    std::optional<reconcile::SideView> seen;
    Decision decision;
    /// Whether this source's record may end the patient's hold, if there is one.
    bool may_release = false;
    /// The record is news of a patient about whom only all sources together can decide.
    bool calls_for_all = false;
    /// What a request about this patient alone was answered; nothing: none failed.
    std::optional<connectors::ApiError> failure;
    /// The Medicapp patient, if it had to be read for the decision.
    std::optional<connectors::MedicappPatient> detail;

    const std::string& external_id() const { return record.patient.external_id(); }
};

} // namespace medibridge::sync
