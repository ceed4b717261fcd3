#include "base/http/client.hpp"
#include "connectors/rest/rest_source.hpp"

namespace medibridge::connectors {
namespace {

/// A source and the client that it sends with.
class OwningSource final : public Source {
  public:
    OwningSource(std::string name, const config::RestSource& settings,
                 boost::asio::any_io_executor executor, http::ClientSettings client,
                 runtime::Clock& clock, log::EventLog& log, std::uint64_t seed, RestLimits limits)
        : client_(std::make_unique<http::Client>(std::move(executor), std::move(client))),
          source_(
              std::move(name), settings, *client_, [this] { client_->cancel(); }, clock, log, seed,
              limits) {}

    const std::string& name() const override { return source_.name(); }
    std::unique_ptr<SourceReading> read(std::optional<reconcile::Instant> since) override {
        return source_.read(since);
    }
    std::int64_t requests() const override { return source_.requests(); }
    void cancel() override { source_.cancel(); }

  private:
    std::unique_ptr<http::Client> client_;
    RestSource source_;
};

} // namespace

std::unique_ptr<Source> make_rest_source(std::string name, const config::RestSource& settings,
                                         boost::asio::any_io_executor executor,
                                         runtime::Clock& clock, log::EventLog& log,
                                         std::uint64_t seed) {
    const RestLimits limits;
    http::ClientSettings client;
    client.origin = settings.url;
    client.connections = 1; // pages come one after the other
    client.timeout = settings.timeout;
    client.body_limit = limits.body;
    client.ca_file = settings.ca_file;
    client.proxy = settings.proxy;
    return std::make_unique<OwningSource>(std::move(name), settings, std::move(executor),
                                          std::move(client), clock, log, seed, limits);
}

} // namespace medibridge::connectors
