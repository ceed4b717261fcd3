#pragma once

#include "connectors/medicapp/values.hpp"
#include "sync/core/decision.hpp"
#include "sync/core/effects.hpp"
#include "sync/core/settings.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Patients who were erased in Medicapp and are there again: it was restored from a backup, or
/// somebody entered them anew. The erasure may be a right that was exercised, so nothing is written
/// to them and nobody is linked by a rule; an operator decides.
namespace medibridge::sync {

/// Whether the hold says that the erased patient is in Medicapp again.
bool says_returned(const state::Held& held);
bool says_returned(const Decision& decision);

/// The Medicapp patient who is the erased one, or carries their externalId, as far as is known;
/// empty: none is, or a write of ours that an operator asked for brought them back.
std::string returned_as(const state::Known& known);

/// Somebody who was erased, and a Medicapp patient who may be them.
struct Returned {
    std::string external_id; ///< the one that Medicapp shows, else the one that was erased
    std::string medicapp_id;
};

/// Those of a page, by externalId or by their Medicapp id; `tombstones` are of the ids of those
/// who are not linked, `known` is of the page's externalIds. Each is to be read before anything is
/// said: a list may lag.
std::vector<Returned> find_returned(const connectors::MedicappPage& page,
                                    const std::vector<std::optional<state::Link>>& links,
                                    const std::vector<state::Known>& known,
                                    const std::vector<state::Tombstone>& tombstones);

/// Why nobody is linked, or erased once more, where another person has the externalId of somebody
/// who was erased, and what to do.
inline constexpr std::string_view another_has_returned =
    "in Medicapp another person has the externalId of the patient who was erased: have it taken "
    "from them there, and the erasure stands; or, if it is the same person after all, have "
    "Medicapp's patient corrected first";

/// They were read just now and are there: held, to be decided, and logged, once for each return.
Effects hold_returned(const Rules& rules, const Returned& patient, const state::Known& known);

/// They are gone again: nothing is to be decided about their return. The tombstone stays.
Effects end_return(const state::Held& held);

/// Decides for the record of a patient who is there again. `looked_at`: what was found of them;
/// null: they are gone again. Another one who does not carry the externalId any more is as good as
/// gone.
Decision decide_returned(const state::Known& known, const connectors::MedicappPatient* looked_at);

} // namespace medibridge::sync
