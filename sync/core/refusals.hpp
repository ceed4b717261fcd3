#pragma once

#include "sync/core/decision.hpp"
#include "sync/core/effects.hpp"
#include "sync/core/settings.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

/// Patients whose requests alone are refused: see HoldReason::refused_by_server.
namespace medibridge::sync {

/// The audit's word for the first of the cycles in a row in which requests about a patient were
/// refused; the line's detail is what was answered.
inline constexpr std::string_view refused_action = "refused";

/// In how many cycles in a row requests about the patient were refused: 0 also where the one cycle
/// that refused them served nobody.
std::int64_t refusal_cycles(const state::Known& known);

/// A request about the item's patient was refused.
RefusedPatient refused_patient(const Rules& rules, const Item& item,
                               const connectors::ApiError& error, const std::string& medicapp_id);

/// At the end of a cycle, for the patients whose requests were refused, by externalId. Each gets
/// one more refused cycle; the first is reported. A patient is held after limits::refused_cycles in
/// a row if others were served in that time, and deferred otherwise. `known`: of these patients, in
/// their order.
Effects count_refusals(const Rules& rules, const std::map<std::string, RefusedPatient>& patients,
                       const std::vector<state::Known>& known, bool others_served);

/// The same where the cycle ended because nobody was served: that may be no fault of these
/// patients, so it does not count. But the next cycle tries the others first.
Effects put_refused_last(const std::map<std::string, RefusedPatient>& patients,
                         const std::vector<state::Known>& known);

} // namespace medibridge::sync
