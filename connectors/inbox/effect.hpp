#pragma once

#include "base/bytes/id_set.hpp"
#include "reconcile/instant.hpp"
#include "reconcile/patient.hpp"
#include "reconcile/policy.hpp"

#include <optional>
#include <string>
#include <vector>

namespace medibridge::connectors {

/// What an inbox knows, as take_records() sees and changes it.
class InboxEntries {
  public:
    struct Known {
        reconcile::SourceRecord record;
        bool taken = false; ///< a cycle has applied or held what is known
    };

    virtual ~InboxEntries() = default;
    virtual std::optional<Known> find(const std::string& external_id) = 0;
    /// Replaces what is known of the record's externalId; a record without one is kept by itself.
    virtual void put(reconcile::SourceRecord record) = 0;
};

/// Applies an arrival's records to what is known. Each is merged into its patient's record
/// (merged_record()), and besides
///
/// - two records that contradict each other within the arrival, or within what it continues, make
///   their patient ambiguous. So do two records of different people if no cycle has taken the
///   first: else nobody would notice it. This ends when a cycle has held the patient and a later
///   arrival describes that patient again;
/// - a patient into whom a message merges others is in use, whatever was sent before. The record of
///   somebody who was merged, such as a row, says so only where both were merged into each other;
/// - when an identifier changes, or a patient is merged into an unknown one, what was known moves
///   to the new identifier: it is the same patient. Unless another person is described under it;
/// - until a cycle has followed a change of identifier, whoever is described under the former one,
///   or gets it, is ambiguous there: one entry cannot say both.
///
/// `described` holds the patients that this arrival and those that it continues have described so
/// far. Returns the externalIds of records whose time is too far ahead of `now` to be believed.
std::vector<std::string> take_records(std::vector<reconcile::SourceRecord> records, bool continues,
                                      reconcile::Instant now,
                                      const reconcile::IdentityPolicy& policy,
                                      base::IdSet& described, InboxEntries& entries);

} // namespace medibridge::connectors
