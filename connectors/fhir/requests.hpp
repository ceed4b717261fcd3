#pragma once

#include "base/http/message.hpp"
#include "connectors/fhir/kind.hpp"
#include "reconcile/instant.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace medibridge::connectors {

/// Makes the requests for a FHIR server's patients. Targets are paths with their queries.
class FhirRequests {
  public:
    /// Throws std::invalid_argument for credentials that cannot stand in a header.
    explicit FhirRequests(const FhirSettings& settings);

    /// The first page of the patients; `since` is inclusive, and floored to seconds, which every
    /// server understands in the same way.
    std::string search(std::optional<reconcile::Instant> since, bool sorted) const;
    /// The number of those patients, without any of them.
    std::string count(std::optional<reconcile::Instant> since) const;
    /// The first page of what happened to patients.
    std::string history(reconcile::Instant since) const;
    std::string history_of(std::string_view id) const;
    std::string patient(std::string_view id) const;
    /// Who has that identifier now.
    std::string holder(std::string_view external_id) const;
    std::string capability() const;

    /// The id of a Patient of this server from a reference; empty: it is no such reference.
    std::string_view own_patient(std::string_view reference) const;

    /// A GET with the headers that every request needs.
    http::Request get(std::string target) const;

  private:
    http::Url base_;
    std::string identifier_system_;
    std::size_t page_size_;
    http::Headers headers_;
};

} // namespace medibridge::connectors
