#pragma once

#include "reconcile/patient.hpp"

#include <cstddef>

/// What may enter an inbox. Pure.
namespace medibridge::connectors {

/// No record within bounds is longer as a text (record_text()), in bytes, whatever was sent.
inline constexpr std::size_t longest_record = 16 << 10;

/// The record without what is longer than Medicapp takes in any reading:
///
/// - a field's value becomes unreadable: an optional field is dropped and reported, without a
///   required one the patient is held as invalid;
/// - without its identifier the record is held as invalid;
/// - a record that says at such length into whom the patient was merged, or what its identity's
///   status is, is held as invalid: what it meant is lost.
///
/// A value that only begins or ends with blanks is cut to what is between them.
reconcile::SourceRecord within_bounds(reconcile::SourceRecord record);

} // namespace medibridge::connectors
