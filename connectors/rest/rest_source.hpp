#pragma once

#include "base/http/transport.hpp"
#include "base/log/event.hpp"
#include "base/runtime/clock.hpp"
#include "config/settings.hpp"
#include "connectors/source/source.hpp"
#include "connectors/web/retrying_get.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace medibridge::connectors {

/// What one reading of a REST source may take.
struct RestLimits {
    std::size_t pages = 100'000;
    std::size_t body = 32u << 20; ///< bytes of one page
    RetryLimits retries;
};

/// A HIS that gives its patients as JSON over HTTP, page by page.
class RestSource final : public Source {
  public:
    /// `transport`, `clock` and `log` must outlive it and its readings; `cancel_transport` (may be
    /// empty) ends the requests that are under way. Throws std::invalid_argument for settings that
    /// cannot work, with the setting's name and how to mend it and without any secret.
    RestSource(std::string name, config::RestSource settings, http::Transport& transport,
               std::function<void()> cancel_transport, runtime::Clock& clock, log::EventLog& log,
               std::uint64_t seed, RestLimits limits = {});
    ~RestSource() override;

    const std::string& name() const override;
    /// One reading at a time, please: two of them are told apart by nothing but `since`.
    std::unique_ptr<SourceReading> read(std::optional<reconcile::Instant> since) override;
    std::int64_t requests() const override;
    /// For good: later readings end with `cancelled`, too.
    void cancel() override;

  private:
    struct Shared;
    class Reading;

    std::shared_ptr<Shared> shared_;
    std::function<void()> cancel_transport_;
};

/// A RestSource with an HTTP client of its own. `clock` and `log` must outlive it. Throws
/// std::invalid_argument as above, and std::runtime_error if the trust store cannot be read.
std::unique_ptr<Source> make_rest_source(std::string name, const config::RestSource& settings,
                                         boost::asio::any_io_executor executor,
                                         runtime::Clock& clock, log::EventLog& log,
                                         std::uint64_t seed);

} // namespace medibridge::connectors
