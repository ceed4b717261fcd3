#pragma once

#include "connectors/his/fhir_server.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace medibridge::connectors {

/// Reads who was deleted since a moment, from a server's history of patients.
class FhirHistory {
  public:
    /// `shown` holds the text_hash() of the externalIds that the pass has shown.
    FhirHistory(FhirServer& server, reconcile::Instant since, std::vector<std::uint64_t> shown);

    /// The records of those who are deleted now: nobody has their identifier. A history that the
    /// server does not give is a warning and no record; an error is one that may pass.
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
    runtime::Task<SourceResult<std::string>> deleted_id(std::string id, Last last);
    bool may_look_up() { return lookups_++ < server_.limits().lookups; }

    FhirServer& server_;
    reconcile::Instant since_;
    std::vector<std::uint64_t> shown_; ///< sorted
    std::map<std::string, Last> patients_;
    std::size_t lookups_ = 0;
};

} // namespace medibridge::connectors
