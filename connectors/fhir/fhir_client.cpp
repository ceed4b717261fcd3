#include "base/http/client.hpp"
#include "connectors/fhir/fhir_source.hpp"

#include <vector>

namespace medibridge::connectors {
namespace {

/// The clients of one source: to the FHIR server, and to where tokens are given.
class Clients {
  public:
    Clients(boost::asio::any_io_executor executor, const config::FhirSource& settings,
            std::size_t body_limit)
        : executor_(std::move(executor)) {
        common_.connections = 1; // requests come one after the other
        common_.timeout = settings.timeout;
        common_.body_limit = body_limit;
        common_.ca_file = settings.ca_file;
        common_.proxy = settings.proxy;
    }

    http::Transport& to(const http::Url& server) {
        for (auto& [origin, client] : clients_) {
            if (origin.scheme == server.scheme && origin.host == server.host &&
                origin.port == server.port)
                return *client;
        }
        auto settings = common_;
        settings.origin = server;
        auto client = std::make_unique<http::Client>(executor_, std::move(settings));
        return *clients_.emplace_back(server, std::move(client)).second;
    }

    void cancel() {
        for (auto& [origin, client] : clients_)
            client->cancel();
    }

  private:
    boost::asio::any_io_executor executor_;
    http::ClientSettings common_;
    std::vector<std::pair<http::Url, std::unique_ptr<http::Client>>> clients_;
};

/// A source and the clients that it sends with.
class OwningSource final : public Source {
  public:
    OwningSource(std::string name, const config::FhirSource& settings,
                 boost::asio::any_io_executor executor, runtime::Clock& clock, log::EventLog& log,
                 std::uint64_t seed, FhirLimits limits)
        : clients_(std::make_unique<Clients>(std::move(executor), settings, limits.body)),
          source_(
              std::move(name), settings,
              [clients = clients_.get()](const http::Url& url) -> http::Transport& {
                  return clients->to(url);
              },
              [clients = clients_.get()] { clients->cancel(); }, clock,
              [] { return std::chrono::system_clock::now(); }, log, seed, limits) {}

    const std::string& name() const override { return source_.name(); }
    std::unique_ptr<SourceReading> read(std::optional<reconcile::Instant> since) override {
        return source_.read(since);
    }
    std::int64_t requests() const override { return source_.requests(); }
    void cancel() override { source_.cancel(); }

  private:
    std::unique_ptr<Clients> clients_;
    FhirSource source_;
};

} // namespace

std::unique_ptr<Source> make_fhir_source(std::string name, const config::FhirSource& settings,
                                         boost::asio::any_io_executor executor,
                                         runtime::Clock& clock, log::EventLog& log,
                                         std::uint64_t seed) {
    return std::make_unique<OwningSource>(std::move(name), settings, std::move(executor), clock,
                                          log, seed, FhirLimits());
}

} // namespace medibridge::connectors
