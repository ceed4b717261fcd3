#pragma once

#include "connectors/fhir/links.hpp"
#include "connectors/fhir/server.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace medibridge::connectors {

/// What a source shows of a patient who was deleted.
reconcile::SourceRecord record_of(const FhirServer::Deletion& deletion);

/// Reads who was deleted since a moment, from a server's history of patients.
class FhirHistory {
  public:
    /// `links` has seen the pass to its end, and must outlive it.
    FhirHistory(FhirServer& server, reconcile::Instant since, const FhirLinks& links);

    /// The records of deleted patients, whose identifier no patient has in use. If a patient once
    /// had that identifier, the deleted one was merged into it. If the server gives no history,
    /// logs a warning and gives no record; an error is one that may pass.
    runtime::Task<SourceResult<std::vector<reconcile::SourceRecord>>> deleted();

  private:
    /// What became of a patient last, as far as it was read.
    struct Last {
        std::optional<reconcile::Instant> at;
        bool deleted = false;
        std::string external_id; ///< of any version
    };

    enum class Read : std::uint8_t { whole, gone };
    runtime::Task<SourceResult<Read>> read();
    std::optional<SourceError> take(const FhirVersion& version);
    runtime::Task<SourceResult<std::vector<reconcile::SourceRecord>>> records();
    runtime::Task<SourceResult<FhirServer::Deletion>> deletion(std::string id, Last last);
    bool may_look_up() { return lookups_++ < server_.limits().lookups; }

    FhirServer& server_;
    reconcile::Instant since_;
    const FhirLinks& links_;
    std::map<std::string, Last> patients_;
    std::size_t lookups_ = 0;
};

} // namespace medibridge::connectors
