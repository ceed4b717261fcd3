#pragma once

#include "base/http/message.hpp"
#include "base/http/transport.hpp"
#include "base/http/url.hpp"
#include "config/web.hpp"
#include "connectors/source/environment.hpp"
#include "connectors/source/source.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <memory>
#include <utility>

namespace medibridge::connectors {

/// What a source sends its requests with: a transport for each server.
class Transports {
  public:
    virtual ~Transports() = default;
    /// Created at the first call for a server; lives as long as this object.
    virtual http::Transport& to(const http::Url& server) = 0;
    /// Ends all requests under way, and every later one.
    virtual void cancel() = 0;
};

/// HTTP clients with one connection to each server, since a source's requests come one after the
/// other. to() throws std::runtime_error if the trust store cannot be read.
std::unique_ptr<Transports> http_transports(boost::asio::any_io_executor executor,
                                            const config::TransportSettings& settings,
                                            std::size_t body_limit,
                                            std::shared_ptr<figures::Side> figures);

/// The Authorization header, or the configured one; empty: none. Throws std::invalid_argument for a
/// name or a value that a header cannot hold; the text does not repeat the value.
http::Headers auth_headers(const config::Auth& auth);

/// Makes a source that reads over HTTP, with its own clients. Throws as SourceKind::make().
template <class HttpSource, class Settings, class Limits>
std::unique_ptr<Source> make_http_source(const Settings& settings, SourceEnvironment its) {
    Limits limits;
    limits.retries.attempts = its.most_attempts.value_or(limits.retries.attempts);
    auto transports = http_transports(its.executor, settings.transport, limits.body, its.figures);
    return std::make_unique<HttpSource>(std::move(its), settings, std::move(transports), limits);
}

} // namespace medibridge::connectors
