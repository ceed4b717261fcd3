#pragma once

#include "reconcile/hold.hpp"
#include "sync/core/inquiry.hpp"
#include "sync/core/preview.hpp"

#include <string>
#include <string_view>

/// What is said to an operator about a hold, without values.
namespace medibridge::control {

/// The rule that holds the patient, in a sentence.
std::string_view rule_of(reconcile::HoldReason reason);

/// The rule that applies to a patient, in a sentence: that of the hold, or why they are linked or
/// not. `in_his`: a source shows them now.
std::string_view rule_about(const state::Known& known, bool in_his);
/// The same, by what both sides show.
std::string_view rule_about(const sync::Inquiry& inquiry);

/// What the decision would do, in a sentence.
std::string effect_of(const sync::Preview& preview);
/// What an erasure would do, where it is one of the answers to the hold: an erased patient is in
/// Medicapp again. Empty: it is none.
std::string effect_of_erasure(const sync::Inquiry& inquiry);

/// Why the Medicapp patient who is shown is not erased under that externalId, as they may be
/// somebody else, and what to do; empty: nothing says so.
std::string doubt_about_erasure(const sync::Inquiry& inquiry);
/// The same where an erasure is one of the answers to the hold. Empty: it is none, or is offered.
std::string refusal_of_erasure(const sync::Inquiry& inquiry);

} // namespace medibridge::control
