#pragma once

#include "connectors/his/fhir_server.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace medibridge::connectors {

/// Finds out, during one pass, to whom links between patients lead.
class FhirLinks {
  public:
    explicit FhirLinks(FhirServer& server) : server_(server) {}

    /// Turns a page's patients into records, in their order: `merged_into` is set where a survivor
    /// is known, and records follow for the identifiers that a patient had before, and for the
    /// patients that another one replaces and that are not on the page. Whose survivor cannot be
    /// known stays as it is; `faults` says so.
    runtime::Task<SourceResult<std::vector<reconcile::SourceRecord>>>
    resolve(std::vector<FhirPatient> patients, PageFaults& faults);

  private:
    void remember(const FhirPatient& patient);
    runtime::Task<SourceResult<std::string>> find(const FhirLink& link);
    runtime::Task<SourceResult<std::string>> find_any(const std::vector<FhirLink>& links);

    FhirServer& server_;
    std::unordered_map<std::uint64_t, std::string> known_; ///< externalIds by the id's hash
    std::size_t lookups_ = 0;
};

} // namespace medibridge::connectors
