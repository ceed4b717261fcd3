#pragma once

#include "base/bytes/hash.hpp"
#include "connectors/fhir/server.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace medibridge::connectors {

/// Collects, during one pass, what patients state about each other, and decides what of it counts.
///
/// A patient in use counts as it is. Two things wait for the end of the pass, so that the order of
/// entries and pages does not matter: retired patients (inactive, or replaced by another one), and
/// what a patient states about another's identifier (`use=old`, a link `replaces`). If a patient
/// has that identifier in use, neither counts.
class FhirLinks {
  public:
    /// `whole`: the pass shows all patients. Otherwise the server is asked who has an identifier.
    FhirLinks(FhirServer& server, bool whole) : server_(server), whole_(whole) {}

    /// Takes a page's patients and gives the records of those in use, in their order.
    std::vector<reconcile::SourceRecord> take(std::vector<FhirPatient> patients);

    /// After the last page: the records of the retired, with `merged_into` if the survivor is
    /// known; and those of identifiers that other patients claim to have absorbed, `second_hand`
    /// unless the patient's own record agrees or does not exist, with the traits of who claims it,
    /// who may be somebody else. A retired patient without a known survivor is inactive, and
    /// `faults` says so.
    runtime::Task<SourceResult<std::vector<reconcile::SourceRecord>>> settle(PageFaults& faults);

    /// The base::text_hash() of the identifiers in use, after settle() in order.
    const std::vector<std::uint64_t>& in_use() const { return in_use_; }
    /// After settle(): the survivors, by the identifiers that were merged into them.
    const std::map<std::string, std::string>& merged() const { return merged_; }

  private:
    /// Another patient, as far as it was looked at.
    struct Other {
        std::string external_id; ///< empty: not known
        bool retired = false;
    };
    /// Who somebody is said to be; many are kept.
    struct Traits {
        std::vector<std::pair<reconcile::Field, reconcile::FieldValue>> values;
        std::string usual_last_name;
    };
    struct Claim {
        FhirLink other;
        std::string survivor; ///< an externalId
        std::string place;
        Traits traits; ///< of the survivor
    };
    struct Judged {
        Claim claim;
        bool agrees = false; ///< the other one's own resource is retired
    };

    static Traits traits_of(const reconcile::SourceRecord& record);
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
