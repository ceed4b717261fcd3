#pragma once

#include "connectors/his/fhir_bundle.hpp"
#include "connectors/his/fhir_capability.hpp"
#include "connectors/his/fhir_requests.hpp"
#include "connectors/his/fhir_source.hpp"
#include "connectors/his/link_trail.hpp"
#include "connectors/his/pass_proof.hpp"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace medibridge::connectors {

/// What all readings of a FHIR source have in common: the way to the server, and what is known of
/// it.
class FhirServer {
  public:
    /// As FhirSource.
    FhirServer(std::string name, config::FhirSource settings, Connect connect,
               runtime::Clock& clock, WallClock wall_clock, log::EventLog& log, std::uint64_t seed,
               FhirLimits limits);

    const std::string& name() const { return name_; }
    const FhirLimits& limits() const { return limits_; }
    const FhirRequests& targets() const { return requests_; }
    /// What the server can do; read until it says. A server that does not is taken to search by
    /// `_lastUpdated`, and to do nothing else.
    const FhirCapability& capability() const { return capability_; }
    runtime::Task<std::optional<SourceError>> learn_capability();

    /// A page of a list. `is_next`: it is behind a link, and may be gone.
    class Page {
      public:
        Page() = default;
        FhirBundle bundle;
        std::optional<reconcile::Instant> server_time;
        bool gone = false;
    };
    runtime::Task<SourceResult<Page>> page(std::string target, FhirBundleKind kind,
                                           std::int64_t number, bool is_next);

    /// The externalId of a patient; empty: there is none, or no such patient.
    runtime::Task<SourceResult<std::string>> external_id(std::string id);
    /// The externalId that a patient had before being deleted; empty: it cannot be known.
    runtime::Task<SourceResult<std::string>> former_external_id(std::string id);

    /// Whether some patient has that identifier now. A server that does not search by identifier
    /// knows nobody.
    runtime::Task<SourceResult<bool>> has_holder(std::string external_id);

    /// Where the next page is: the trail has moved on, or why it cannot.
    std::optional<SourceError> follow(LinkTrail& trail, const std::string& link,
                                      std::int64_t number) const;
    LinkTrail trail(std::string first_target) const;

    /// Logs `source.warning` once for each reason.
    void warn(const std::string& reason);
    log::EventLog& log() { return log_; }

    std::int64_t requests() const;
    void cancel();

    PassMemory last_pass; ///< that came to its end
    /// Who was found to be deleted: the resource's id, when, and the externalId.
    struct Deletion {
        std::optional<reconcile::Instant> at;
        std::string external_id;
    };
    std::map<std::string, Deletion> deletions;
    /// The server's clock when the last pass began whose deletions were read.
    std::optional<reconcile::Instant> history_read_at;

  private:
    std::string name_;
    config::FhirSource settings_;
    FhirRequests requests_;
    FhirLimits limits_;
    log::EventLog& log_;
    std::unique_ptr<AccessToken> token_; ///< null: no token is needed
    RetryingGet get_;
    std::optional<reconcile::Instant> now_; ///< the server's clock
    FhirCapability capability_;
    bool capability_known_ = false;
    std::set<std::string> warned_;
};

} // namespace medibridge::connectors
