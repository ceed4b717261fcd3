#pragma once

#include "base/log/event.hpp"
#include "base/runtime/clock.hpp"
#include "config/settings.hpp"
#include "connectors/source/source.hpp"
#include "connectors/web/access_token.hpp"
#include "connectors/web/retrying_get.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace medibridge::connectors {

/// What one reading of a FHIR source may take.
struct FhirLimits {
    std::size_t pages = 100'000;
    std::size_t body = 32u << 20;         ///< bytes of one page
    int restarts = 3;                     ///< of a list whose pages are gone
    int empty_pages = 3;                  ///< in a row, before the list is taken to be over
    std::size_t lookups = 20'000;         ///< of single patients, for links and deletions
    std::size_t remembered = 200'000;     ///< identifiers of a pass, so that links need no lookup
    std::size_t held_back = 100'000;      ///< retired patients, and claims, until the pass ends
    std::size_t history = 1'000'000;      ///< patients in a history
    std::size_t deletions = 100'000;      ///< that are known by heart
    std::chrono::hours look_back{24 * 7}; ///< of the first history, where nothing was read yet
    RetryLimits retries;
};

/// A HIS that shows its patients as FHIR R4 resources. Only reads.
class FhirSource final : public Source {
  public:
    /// `clock`, `log` and what `connect` gives must outlive it and its readings;
    /// `cancel_transports` (may be empty) ends the requests that are under way. Throws
    /// std::invalid_argument for settings that cannot work, without any secret.
    FhirSource(std::string name, config::FhirSource settings, Connect connect,
               std::function<void()> cancel_transports, runtime::Clock& clock, WallClock wall_clock,
               log::EventLog& log, std::uint64_t seed, FhirLimits limits = {});
    ~FhirSource() override;

    const std::string& name() const override;
    /// One reading at a time, please: two of them are told apart by nothing but `since`. With
    /// `since`, and where a former reading showed how far the server's clock is, deletions are
    /// shown too, if the server keeps a history.
    std::unique_ptr<SourceReading> read(std::optional<reconcile::Instant> since) override;
    std::int64_t requests() const override;
    /// A poll asks for the other records of who is not in use (`Patient?identifier=`).
    bool knows_doubles() const override { return true; }
    /// For good: later readings end with `cancelled`, too.
    void cancel() override;

  private:
    std::shared_ptr<class FhirServer> server_;
    std::function<void()> cancel_transports_;
};

/// A FhirSource with HTTP clients of its own. `clock` and `log` must outlive it. Throws
/// std::invalid_argument as above, and std::runtime_error if the trust store cannot be read.
std::unique_ptr<Source> make_fhir_source(std::string name, const config::FhirSource& settings,
                                         boost::asio::any_io_executor executor,
                                         runtime::Clock& clock, log::EventLog& log,
                                         std::uint64_t seed);

} // namespace medibridge::connectors
