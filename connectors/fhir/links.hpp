#pragma once

#include "base/bytes/hash.hpp"
#include "connectors/fhir/server.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace medibridge::connectors {

/// Finds out, during one pass, what patients say of each other, and what of it holds.
///
/// A patient in use speaks for itself. Whoever is retired (inactive, or replaced by another one),
/// and what a patient says of another one's identifier (`use=old`, a link `replaces`), waits for
/// the end of the pass, so that no order of entries and pages matters: where some patient has that
/// identifier in use, neither counts.
class FhirLinks {
  public:
    /// `whole`: the pass shows all patients. Otherwise the server is asked who has an identifier.
    FhirLinks(FhirServer& server, bool whole) : server_(server), whole_(whole) {}

    /// Takes a page's patients, and gives the records of those who are in use, in their order.
    std::vector<reconcile::SourceRecord> take(std::vector<FhirPatient> patients);

    /// After the last page: the records of the retired, with `merged_into` where the survivor is
    /// known, and of the identifiers that others say were merged into theirs: `second_hand` unless
    /// that patient's own record agrees, or there is none. Whose survivor cannot be known is
    /// inactive; `faults` says so.
    runtime::Task<SourceResult<std::vector<reconcile::SourceRecord>>> settle(PageFaults& faults);

    /// The base::text_hash() of the identifiers in use, after settle() in order.
    const std::vector<std::uint64_t>& in_use() const { return in_use_; }
    /// The survivors, after settle(), by the identifiers that are said to be merged.
    const std::map<std::string, std::string>& merged() const { return merged_; }

  private:
    /// Another patient, as far as it was looked at.
    struct Other {
        std::string external_id; ///< empty: not known
        bool retired = false;
    };
    struct Claim {
        FhirLink other;
        std::string survivor; ///< an externalId
        std::string place;
    };
    struct Judged {
        Claim claim;
        bool agrees = false; ///< the other one's own resource is retired
    };

    reconcile::SourceRecord give(FhirPatient patient);
    void claim(const FhirPatient& patient);
    bool is_used(const std::string& external_id) const;
    runtime::Task<SourceResult<Other>> find(FhirLink link);
    runtime::Task<SourceResult<std::string>> survivor_of(std::vector<FhirLink> links);
    runtime::Task<SourceResult<bool>> counts(const FhirPatient& patient);
    runtime::Task<std::optional<SourceError>> settle_retired(PageFaults& faults);
    runtime::Task<std::optional<SourceError>> judge_claims();
    runtime::Task<std::optional<SourceError>> settle_claims();

    FhirServer& server_;
    bool whole_;
    std::unordered_map<std::uint64_t, Other> known_; ///< by the id's hash
    std::vector<std::uint64_t> in_use_;
    std::vector<FhirPatient> retired_;
    std::vector<Claim> claims_;
    std::map<std::string, Judged> judged_; ///< by the identifier that is claimed
    std::map<std::string, std::string> merged_;
    std::vector<reconcile::SourceRecord> records_;
    std::size_t lookups_ = 0;
};

} // namespace medibridge::connectors
