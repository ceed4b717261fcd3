#pragma once

#include "connectors/fhir/requests.hpp"
#include "connectors/fhir/source.hpp"
#include "connectors/fhir_resource/bundle.hpp"
#include "connectors/source/list_pages.hpp"
#include "connectors/source/pass_proof.hpp"
#include "connectors/web/access_token.hpp"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace medibridge::connectors {

/// What a server states that it can do with patients
/// (https://hl7.org/fhir/R4/capabilitystatement.html).
struct FhirCapability {
    bool last_updated = true;     ///< search by `_lastUpdated`
    bool sort = false;            ///< `_sort` in a search
    bool history_of_type = false; ///< `GET Patient/_history`
    bool history_of_each = false; ///< `GET Patient/ID/_history`
};

/// Reads a CapabilityStatement. Nothing if it is none, or does not mention patients.
std::optional<FhirCapability> read_fhir_capability(std::string_view body);

/// Who has an identifier.
class FhirLook {
  public:
    FhirLook() = default;

    /// The server answered with the patients who have it, or once had it.
    bool telling = false;
    bool in_use = false;  ///< some patient who is not retired has it now
    std::string survivor; ///< the externalId of one who once had it; empty: none is known
};

/// What all readings of a FHIR source share: the access to the server, and what is known about it.
class FhirServer {
  public:
    /// As FhirSource.
    FhirServer(SourceEnvironment its, FhirSettings settings, std::unique_ptr<Transports> transports,
               FhirLimits limits);

    const std::string& name() const { return its_.name; }
    const FhirLimits& limits() const { return limits_; }
    const FhirRequests& targets() const { return requests_; }
    /// What the server can do; asked for until it answers. Without an answer it is assumed to
    /// search by `_lastUpdated`, and nothing else.
    const FhirCapability& capability() const { return capability_; }
    runtime::Task<std::optional<SourceError>> learn_capability();

    /// A page of a list. `is_next`: a link leads to it, so it may be gone.
    class Page {
      public:
        Page() = default;
        FhirBundle bundle;
        std::optional<reconcile::Instant> server_time;
        bool gone = false;
    };
    runtime::Task<SourceResult<Page>> page(std::string target, FhirBundleKind kind,
                                           std::int64_t number, bool is_next);

    /// A patient; one without an identifier if it does not exist or cannot be read.
    runtime::Task<SourceResult<FhirPatient>> patient(std::string id);
    /// The externalId that a patient had before being deleted; empty: it cannot be known.
    runtime::Task<SourceResult<std::string>> former_external_id(std::string id);

    /// Who has that identifier. A server that does not search by identifier shows nothing. With
    /// `at`, the time of the record in question, the answer is remembered.
    runtime::Task<SourceResult<FhirLook>> look(std::string external_id,
                                               std::optional<reconcile::Instant> at);

    /// How many patients the server counts (`_summary=count`); nothing: it does not say.
    runtime::Task<SourceResult<std::optional<std::int64_t>>>
    count(std::optional<reconcile::Instant> since);

    /// Moves the trail to the next page. Returns why it cannot, if so.
    std::optional<SourceError> follow(LinkTrail& trail, const std::string& link,
                                      std::int64_t number) const;
    LinkTrail trail(std::string first_target) const;

    /// Logs `source.warning` once for each reason.
    void warn(const std::string& reason);
    log::EventLog& log() { return its_.log; }

    std::int64_t requests() const;
    void cancel();

    PassMemory last_pass; ///< that came to its end
    /// Whether it shows one patient by an identifier, as far as is known.
    bool finds_by_identifier = true;
    /// Patients that were deleted, by the resource's id: when, and the externalId.
    struct Deletion {
        std::optional<reconcile::Instant> at;
        std::string external_id;
        std::string survivor; ///< into whom it was merged; empty: nobody
    };
    std::map<std::string, Deletion> deletions;
    /// The server's clock when the last pass began whose deletions were read.
    std::optional<reconcile::Instant> history_read_at;

  private:
    FhirRules rules_for(const http::Response& response) const;
    void leave_out_itself(FhirPatient& patient) const;

    SourceEnvironment its_;
    FhirSettings settings_;
    FhirRequests requests_;
    FhirLimits limits_;
    std::unique_ptr<Transports> transports_;
    std::unique_ptr<AccessToken> token_; ///< null: no token is needed
    RetryingGet get_;
    FhirCapability capability_;
    bool capability_known_ = false;
    std::set<std::string> warned_;
    std::map<std::pair<std::string, reconcile::Instant>, FhirLook> looks_;
};

} // namespace medibridge::connectors
