#include "connectors/web/transports.hpp"

#include "base/http/client.hpp"

#include <utility>
#include <vector>

namespace medibridge::connectors {
namespace {

class HttpTransports final : public Transports {
  public:
    HttpTransports(boost::asio::any_io_executor executor, const config::TransportSettings& settings,
                   std::size_t body_limit)
        : executor_(std::move(executor)) {
        common_.connections = 1;
        common_.timeout = settings.timeout;
        common_.body_limit = body_limit;
        common_.ca_file = settings.ca_file;
        common_.proxy = settings.proxy;
    }

    http::Transport& to(const http::Url& server) override {
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

    void cancel() override {
        for (auto& [origin, client] : clients_)
            client->cancel();
    }

  private:
    boost::asio::any_io_executor executor_;
    http::ClientSettings common_;
    std::vector<std::pair<http::Url, std::unique_ptr<http::Client>>> clients_;
};

} // namespace

std::unique_ptr<Transports> http_transports(boost::asio::any_io_executor executor,
                                            const config::TransportSettings& settings,
                                            std::size_t body_limit) {
    return std::make_unique<HttpTransports>(std::move(executor), settings, body_limit);
}

} // namespace medibridge::connectors
