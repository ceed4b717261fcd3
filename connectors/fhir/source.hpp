#pragma once

#include "connectors/fhir/kind.hpp"
#include "connectors/source/environment.hpp"
#include "connectors/source/source.hpp"
#include "connectors/web/http_source.hpp"
#include "connectors/web/retrying_get.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace medibridge::connectors {

/// What one reading of a FHIR source may take.
struct FhirLimits {
    std::size_t pages = 100'000;
    std::size_t body = 32u << 20;         ///< bytes of one page
    std::size_t entries = 20'000;         ///< of one page
    int restarts = 3;                     ///< of a list whose pages are gone
    int empty_pages = 3;                  ///< in a row, before the list is taken to be over
    std::size_t lookups = 20'000;         ///< of single patients, for links and deletions
    std::size_t remembered = 200'000;     ///< identifiers of a pass, so that links need no lookup
    std::size_t held_back = 100'000;      ///< retired patients, and claims, until the pass ends
    std::size_t history = 1'000'000;      ///< patients in a history
    std::size_t deletions = 100'000;      ///< that are remembered
    std::chrono::hours look_back{24 * 7}; ///< of the first history, where nothing was read yet
    RetryLimits retries;
};

/// A HIS that shows its patients as FHIR R4 resources. Only reads.
class FhirSource final : public Source {
  public:
    /// Throws as SourceKind::make().
    FhirSource(SourceEnvironment its, FhirSettings settings, std::unique_ptr<Transports> transports,
               FhirLimits limits = {});
    ~FhirSource() override;

    const std::string& name() const override;
    /// Only one reading at a time: nothing but `since` distinguishes two of them. With `since`, and
    /// if a former reading showed the server's clock, deletions are shown too, if the server keeps
    /// a history.
    std::unique_ptr<SourceReading> read(std::optional<reconcile::Instant> since) override;
    /// By `Patient?identifier=`; the whole list, where the server answers that with others or not
    /// at all. Whom nobody has in use is looked for among the deleted, as in a poll.
    std::unique_ptr<SourceReading> read_one(const std::string& external_id) override;
    bool reads_one() const override;
    std::int64_t requests() const override;
    /// For a record that is not in use, a poll asks for the other records of that identifier
    /// (`Patient?identifier=`).
    bool knows_doubles() const override { return true; }
    /// Permanent: later readings end with `cancelled` too.
    void cancel() override;

  private:
    std::shared_ptr<class FhirServer> server_;
};

} // namespace medibridge::connectors
