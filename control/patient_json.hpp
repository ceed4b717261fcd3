#pragma once

#include "control/call.hpp"
#include "sync/core/inquiry.hpp"

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

/// What may be decided, in the order in which it is offered.
Json decisions_json(const state::Known& known);
/// What each source shows of the patient.
Json sources_json(const sync::Inquiry& inquiry);

/// `held show`: everything that an operator sees before they decide.
Json inquiry_json(Backend& backend, const sync::Inquiry& inquiry);

} // namespace medibridge::control
