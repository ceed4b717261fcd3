#pragma once

#include "base/bytes/id_set.hpp"
#include "reconcile/instant.hpp"
#include "reconcile/patient.hpp"
#include "reconcile/policy.hpp"

#include <optional>
#include <string>
#include <vector>

namespace medibridge::connectors {

/// What an inbox knows, as the effect of an arrival sees and changes it.
class InboxEntries {
  public:
    struct Known {
        reconcile::SourceRecord record;
        bool taken = false; ///< a cycle has applied or held what is known
    };

    virtual ~InboxEntries() = default;
    virtual std::optional<Known> find(const std::string& external_id) = 0;
    /// Replaces what is known of the record's externalId; one without it stands for itself.
    virtual void put(reconcile::SourceRecord record) = 0;
};

/// What the arrival of records does to what is known: each of them merged into its patient's
/// (merged_record()), and besides
///
/// - two records that contradict each other within the arrival, or what it continues, make their
///   patient ambiguous; so do two that describe two people, if no cycle has taken the former one:
///   nobody would see that there was another. It ends when a later arrival, after a cycle has held
///   the patient, describes that patient anew;
/// - whoever others are merged into is in use, whatever was said before;
/// - a changed identifier, and a merge into somebody of whom nothing is known, take along what was
///   known of the former one: the same patient goes on.
///
/// `described` is whom this arrival and those that it continues have described so far. Gives the
/// externalIds of records whose time lies too far ahead of `now` to be believed.
std::vector<std::string> take_records(std::vector<reconcile::SourceRecord> records, bool continues,
                                      reconcile::Instant now,
                                      const reconcile::IdentityPolicy& policy,
                                      base::IdSet& described, InboxEntries& entries);

} // namespace medibridge::connectors
