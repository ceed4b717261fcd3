#pragma once

#include "control/call.hpp"
#include "control/ignored.hpp"
#include "sync/core/inquiry.hpp"

#include <map>
#include <string>
#include <string_view>

/// Internal to the room: a patient's values, for an operator. Whoever answers with them leaves a
/// line in the audit.
namespace medibridge::control {

/// Under Medicapp's names; the address is an object. What is not known is left out, what is said to
/// be empty is null.
Json patient_json(const reconcile::Patient& patient);
/// The same of some fields.
Json patient_json(const reconcile::Patient& patient, const reconcile::FieldSet& fields);
Json medicapp_json(const connectors::MedicappPatient& patient);
/// Names of fields, in a list.
Json names_json(const reconcile::FieldSet& fields);
/// The same of names that are joined by commas, as state::Held and sync::PlannedWrite have them;
/// empty: none.
Json names_json(std::string_view joined);

/// The fields in which the HIS's record and the Medicapp patient beside it differ, externalId among
/// them where the linked one does not carry the patient's.
Json differs_json(const sync::Inquiry& inquiry);

/// What may be decided, in the order in which it is offered.
Json decisions_json(const std::vector<sync::DecisionKind>& kinds);
/// What each source shows of the patient.
Json sources_json(const sync::Inquiry& inquiry);

/// The decision that waits to be carried out, and whose it is, under `decided` and `decided_by`.
void add_decision(Json& it, const state::Known& known);
/// Whom else the hold is about; null: nobody.
Json other_json(const sync::Inquiry& inquiry);

/// `held show`: everything that an operator sees before they decide. `ignored`: as who_ignored()
/// gives it.
Json inquiry_json(Backend& backend, const sync::Inquiry& inquiry,
                  const std::map<std::string, Ignored>& ignored);

} // namespace medibridge::control
