#include "connectors/web/http_source.hpp"

#include "base/bytes/ascii.hpp"
#include "base/bytes/encode.hpp"
#include "base/http/client.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace medibridge::connectors {

namespace {

class HttpTransports final : public Transports {
  public:
    HttpTransports(boost::asio::any_io_executor executor, const config::TransportSettings& settings,
                   std::size_t body_limit, std::shared_ptr<figures::Side> figures)
        : executor_(std::move(executor)) {
        common_.connections = 1;
        common_.timeout = settings.timeout;
        common_.body_limit = body_limit;
        common_.ca_file = settings.ca_file;
        common_.crl_file = settings.crl_file;
        common_.proxy = settings.proxy;
        common_.figures = std::move(figures);
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

void check_value(std::string_view value, std::string_view what) {
    const bool usable = std::ranges::none_of(value, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < 0x20 && c != '\t') || byte == 0x7F;
    });
    if (!usable || value.empty())
        throw std::invalid_argument(std::string(what) +
                                    " is empty or holds a line break or another control character: "
                                    "check the file or variable that it comes from");
}

void check_name(std::string_view name) {
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~"; // RFC 9110 §5.6.2
    const bool token = !name.empty() && std::ranges::all_of(name, [marks](char c) {
        return base::is_ascii_alphanumeric(c) || marks.find(c) != std::string_view::npos;
    });
    if (!token) throw std::invalid_argument("auth.header.name is not a valid header name");
}

} // namespace

std::unique_ptr<Transports> http_transports(boost::asio::any_io_executor executor,
                                            const config::TransportSettings& settings,
                                            std::size_t body_limit,
                                            std::shared_ptr<figures::Side> figures) {
    return std::make_unique<HttpTransports>(std::move(executor), settings, body_limit,
                                            std::move(figures));
}

http::Headers auth_headers(const config::Auth& auth) {
    http::Headers headers;
    if (const auto* bearer = std::get_if<config::BearerAuth>(&auth)) {
        check_value(bearer->token.reveal(), "auth.bearer");
        headers.emplace_back("Authorization", "Bearer " + std::string(bearer->token.reveal()));
    } else if (const auto* basic = std::get_if<config::BasicAuth>(&auth)) {
        check_value(basic->user, "auth.basic.user");
        check_value(basic->password.reveal(), "auth.basic.password");
        if (basic->user.find(':') != std::string::npos)
            throw std::invalid_argument("auth.basic.user holds a colon, which would end the name");
        headers.emplace_back(
            "Authorization",
            "Basic " + base::base64(basic->user + ":" + std::string(basic->password.reveal())));
    } else if (const auto* header = std::get_if<config::HeaderAuth>(&auth)) {
        check_name(header->name);
        check_value(header->value.reveal(), "auth.header.value");
        headers.emplace_back(header->name, std::string(header->value.reveal()));
    }
    return headers;
}

} // namespace medibridge::connectors
