#pragma once

#include "connectors/medicapp/values.hpp"
#include "reconcile/assess.hpp"
#include "reconcile/digest.hpp"
#include "reconcile/field_table.hpp"
#include "state/records.hpp"

#include <string>

/// Each side as the decision tables see it: digests and times.
namespace medibridge::sync {

/// How a HIS record looks. A field that the record does not know has no digest.
reconcile::SideView his_view(const reconcile::Assessed& record,
                             const reconcile::Digester& digester);

/// When the HIS changed the record. If its time is not believed, the time taken before counts;
/// without one, the earliest time there is. `before`: what was taken of the record last.
std::optional<reconcile::Instant> believed_time(const std::optional<reconcile::Instant>& believed,
                                                const std::optional<reconcile::Instant>& unbelieved,
                                                const reconcile::SideView& before);

/// Removes the times that cannot be believed. True if there were any.
bool drop_unbelieved_times(connectors::MedicappPatient& patient, const reconcile::Clocks& clocks);

/// The fields that the record says are empty.
reconcile::FieldSet cleared_fields(const reconcile::Assessed& record);

/// How a Medicapp patient looks, digested as the patient with that externalId. What Medicapp shows
/// as empty is cleared; a list item's address stays unknown.
reconcile::SideView medicapp_view(const connectors::MedicappPatient& patient,
                                  const std::string& external_id,
                                  const reconcile::Digester& digester,
                                  const reconcile::IdentityPolicy& policy);

/// The same for the answer to a write of `sent`, whose digests are known: fields that came back as
/// they were sent, nearly all of them, are not digested again.
reconcile::SideView medicapp_view(const connectors::MedicappPatient& answer,
                                  const reconcile::Patient& sent,
                                  const reconcile::FieldDigests& sent_digests,
                                  const reconcile::Digester& digester,
                                  const reconcile::IdentityPolicy& policy);

/// `seen`, with what it does not show (the address of a list item) taken from `before`.
reconcile::SideView completed(reconcile::SideView seen, const reconcile::SideView& before);

/// The HIS baseline after `now` was taken: fields that it does not know keep their former digest.
reconcile::SideView merged_baseline(const reconcile::SideView& before,
                                    const reconcile::SideView& now);

bool is_unknown(const reconcile::FieldDigest& digest);
const reconcile::FieldDigest& of(const reconcile::FieldDigests& digests, reconcile::Field field);
reconcile::FieldDigest& of(reconcile::FieldDigests& digests, reconcile::Field field);

/// The fields whose digests differ and are known in both.
reconcile::FieldSet differing(const reconcile::FieldDigests& a, const reconcile::FieldDigests& b);

/// Whether Medicapp shows other strict traits than before: somebody may have made the patient
/// another person.
bool moves_identity(const reconcile::SideView& before, const reconcile::SideView& now);

/// Everything that a HIS record says, but for when it was modified, spelled so that no two records
/// are spelled alike.
std::string record_text(const reconcile::Assessed& record);

/// A digest of that: a held record is looked at again when it changes.
reconcile::Digest record_digest(const reconcile::Assessed& record,
                                const reconcile::Digester& digester);

/// What state::Taken keeps of a record about that Medicapp patient: the same whatever the
/// externalId is, so that it outlasts a renaming, and another one for each patient.
reconcile::Digest taken_digest(const reconcile::Assessed& record, const std::string& medicapp_id,
                               const reconcile::Digester& digester);

/// What state::ToldApart keeps of a record, of which this is the record_digest(), and a Medicapp
/// patient.
reconcile::Digest told_apart_digest(const reconcile::Digest& record, const std::string& medicapp_id,
                                    const reconcile::Digester& digester);

/// What state::Held::look keeps of a divergence: both sides as they are.
reconcile::Digest divergence_digest(const reconcile::Assessed& record,
                                    const reconcile::SideView& medicapp,
                                    const reconcile::Digester& digester);

/// The key under which the state knows the record's patient: the externalId, or `record:HEX` for a
/// record without one: of what it says, or of where it stands if it says nothing.
std::string state_key(const reconcile::Assessed& record, const reconcile::Digester& digester);

/// Whether the key is that of a record without externalId.
bool is_nameless(const std::string& key);

} // namespace medibridge::sync
