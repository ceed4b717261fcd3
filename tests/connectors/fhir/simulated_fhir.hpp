#pragma once

#include "connectors/fhir/source.hpp"
#include "tests/connectors/rest/simulated_his.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace medibridge::connectors {

inline constexpr const char* ipp_system = "urn:oid:1.2.250.1.999.1";

/// A Patient with that identifier; `more` are further members, each with a comma before it.
std::string fhir_patient(const std::string& id, const std::string& ipp,
                         const std::string& more = "",
                         const std::string& updated = "2026-01-01T00:00:00Z");
/// A page of patients. `more` are further members of the Bundle.
std::string searchset(const std::vector<std::string>& patients, const std::string& next = "",
                      const std::string& more = "");
/// A Bundle whose entries are given as they are.
std::string bundle(const std::string& type, const std::vector<std::string>& entries,
                   const std::string& next = "", const std::string& more = "");
std::string deletion(const std::string& id, const std::string& at);
std::string version(const std::string& patient, const std::string& id, const std::string& at);
std::string outcome(const std::string& severity, const std::string& code,
                    const std::string& diagnostics);
/// A CapabilityStatement of patients with these search parameters and interactions.
std::string capability(const std::vector<std::string>& parameters,
                       const std::vector<std::string>& interactions);

FhirSettings fhir_settings();

/// A source over a scripted FHIR server, in virtual time.
class SimulatedFhir {
  public:
    explicit SimulatedFhir(FhirSettings settings = fhir_settings(), FhirLimits limits = {});

    /// The answers to that target (without `/fhir`), one after the other; the last one stays.
    void answer(const std::string& target, std::vector<http::Result> answers);
    void answer(const std::string& target, const std::string& body);
    Pass pass(std::optional<reconcile::Instant> since = std::nullopt);
    /// The targets that were asked for, without `/fhir`.
    std::vector<std::string> targets() const;
    /// The reasons of the events of that name.
    std::vector<std::string> reasons(const std::string& event) const;

    VirtualClock clock;
    ScriptedTransport transport;
    KeptLog log;
    std::vector<http::Url> connected; ///< for each request to be
    reconcile::Instant wall{std::chrono::seconds(1'770'000'000)};
    int transport_cancels = 0;
    std::unique_ptr<FhirSource> source;

  private:
    http::Result respond(const http::Request& request);

    std::map<std::string, std::deque<http::Result>> answers_;
};

} // namespace medibridge::connectors
