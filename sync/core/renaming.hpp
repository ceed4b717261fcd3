#pragma once

#include "reconcile/assess.hpp"
#include "sync/core/effects.hpp"
#include "sync/core/formers.hpp"
#include "sync/core/settings.hpp"

#include <optional>
#include <string>
#include <vector>

/// Changes of a linked patient's externalId: what they need, and what follows.
namespace medibridge::sync {

/// Whether any of the records says that its patient goes on under another externalId.
bool speaks_of_renaming(const std::vector<reconcile::Assessed>& records);

/// A linked patient who gets another externalId.
struct Renaming {
    std::string source;
    state::Link link;
    std::optional<state::Held> held; ///< under the former externalId
    std::string survivor;
    std::optional<state::Held> survivor_held;
    const reconcile::Assessed* record = nullptr; ///< the survivor's own; nothing: it is not at hand
    bool changed_identifier = false; ///< the HIS says that it is the same patient (HL7 A47)
    /// Either number was others' too, as was stated once: whom the HIS speaks of is uncertain, and
    /// only the survivor's record tells.
    bool shared_number = false;
    bool contested = false; ///< somebody else may have come under the former number already
    /// Who was erased in Medicapp under the survivor's number, and left it since.
    std::optional<state::Tombstone> displaced = {};
};

/// Whether a linked Medicapp patient carries the externalId to which we changed it ourselves, in a
/// run that ended before that was noted: the HIS's record follows. An externalId that was taken
/// away is nobody's.
bool is_our_renaming(const state::Known& known, const std::string& carried);

/// Remembers into whom the record's patient was merged, before any write: after a crash this tells
/// that the new externalId is ours. And when that was said: an older record does not stand against
/// it. Empty if both are known already. `closes_ring`: the survivor went on as this patient, which
/// is over.
Effects keep_redirect(const reconcile::Assessed& retiring, const state::Known& retired,
                      bool closes_ring = false);

/// The externalIds under which the patient of `retiring` goes on, as far as `records` tell: each
/// survivor may have been merged or renamed in turn. The last one is where they are now, unless a
/// number on the way was left by somebody else before it was given to them.
std::vector<std::string> survivors_of(const std::vector<reconcile::Assessed>& records,
                                      const reconcile::Assessed& retiring);

/// The renaming that `retiring` calls for, one of `records`; nothing: none. `retired` and `known`
/// are of its externalId and of `survivor`'s. A merge alone does not say that it is the same
/// person: the survivor's record has to.
std::optional<Renaming> renaming_of(const std::string& source,
                                    const std::vector<reconcile::Assessed>& records,
                                    const reconcile::Assessed& retiring,
                                    const std::string& survivor, const state::Known& retired,
                                    const state::Known& known);

/// The renaming of somebody whose new externalId was not free when the HIS stated it; nothing: it
/// is not free, or not to be made. `retired` and `known` are of both externalIds. After a merge the
/// survivor's record was compared before, and is held for it.
std::optional<Renaming> renaming_of_former(const Former& former, const std::string& survivor,
                                           const state::Known& retired, const state::Known& known);

/// The linked patient of that externalId, whom Medicapp shows as `seen`, is another one's there:
/// the link ends.
Effects let_go(const Rules& rules, const std::string& external_id,
               const connectors::MedicappPatient& seen);

/// The Medicapp patient who has the survivor's externalId as far as is known, and from whom it may
/// have been taken since; empty: there is none. `known` is of that externalId.
std::string may_be_freed(const Former& former, const state::Known& known);
/// Gives up what was known of them if `seen` does not carry the externalId any more; null: they are
/// gone. Nothing else becomes of them: the HIS gives the externalId to another one.
Effects free_survivor(const Rules& rules, const std::string& survivor, const state::Known& known,
                      const connectors::MedicappPatient* seen);

/// What is to be done once the Medicapp patient was read.
enum class RenamingStep {
    leave,  ///< nothing: it is for an operator
    send,   ///< external_id_update()
    follow, ///< an earlier run has sent it
};
/// The survivor's record, if it is at hand, must describe the Medicapp patient. Where only the
/// identifier changed, the record is judged like any update of that patient.
RenamingStep step_of(const Rules& rules, const Renaming& renaming,
                     const connectors::MedicappPatient& seen);

/// Whoever was erased in Medicapp as `retired` must not come back by themselves under the
/// externalId with which the HIS goes on, if nobody has it there. `known`: of the survivor. Empty:
/// they were not erased, or it is known.
Effects stay_erased(const std::string& survivor, const state::Known& retired,
                    const state::Known& known);

/// What follows where Medicapp does not have the patient any more: they were erased.
Effects record_erased(const Rules& rules, const Renaming& renaming);

connectors::PatientUpdate external_id_update(const Renaming& renaming);

/// The patient has the new externalId. `seen` is how Medicapp looked before our write, `answer`
/// after it: our own write is no edit of Medicapp's.
Effects follow(const Rules& rules, const Renaming& renaming,
               const connectors::MedicappPatient& seen, const connectors::MedicappPatient& answer);

/// The patient of `renaming.link` has `renaming.survivor` in the HIS and in Medicapp, which shows
/// them as `seen`: a former externalId again, or one that is new here. Their link is of it now, and
/// the externalId that it was of leads to it. Whoever the HIS has under that one is asked for.
Effects take_back(const Rules& rules, const Renaming& renaming,
                  const connectors::MedicappPatient& seen);

/// Whether the patient may still get the new externalId after that error, so that neither record is
/// to be decided now: the survivor's would be created, as the same person a second time.
bool is_open_after(const connectors::ApiError& error);

/// Holds the survivor where Medicapp refuses the new externalId, as on_rename_failure() does the
/// retired one. Whoever is held so is not created: see awaits_renaming().
Effects hold_survivor(const Rules& rules, const Renaming& renaming,
                      const connectors::ApiError& error);

/// Holds whoever would be new under an externalId under which, as one source says, a linked patient
/// goes on, while a record in use of the former one refutes that: as `possible_duplicate` of that
/// patient. `known`: of the claim's patient and of the survivor. `record`: the survivor's; null: it
/// is not at hand. Empty: there is nobody to hold, or an operator has told the two apart.
Effects hold_disputed(const Rules& rules, const std::string& source,
                      const reconcile::Assessed& claim, const state::Known& retired,
                      const state::Known& known, const reconcile::Assessed* record);

/// The hold of a survivor who stands, or may stand, in Medicapp under the former externalId.
bool awaits_renaming(const state::Held& held);

/// Why the patient has not got the new externalId, although Medicapp took the request: as it
/// answers or, where that says nothing, as it shows them. Nothing: they have it.
std::optional<connectors::ApiError> not_renamed(const Renaming& renaming,
                                                const connectors::MedicappPatient& shown);

/// What follows from an error in the place of an answer.
Effects on_rename_failure(const Rules& rules, const Renaming& renaming,
                          const connectors::ApiError& error);

} // namespace medibridge::sync
