#pragma once

#include "base/http/transport.hpp"
#include "base/http/url.hpp"
#include "config/web.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <memory>

namespace medibridge::connectors {

/// What a source sends its requests with, to each of the servers that it talks to.
class Transports {
  public:
    virtual ~Transports() = default;
    /// Made at the first call for a server; it lives as long as these.
    virtual http::Transport& to(const http::Url& server) = 0;
    /// Ends what is under way or comes later, for good.
    virtual void cancel() = 0;
};

/// HTTP clients with one connection to each server, since a source's requests come one after the
/// other. to() throws std::runtime_error if the trust store cannot be read.
std::unique_ptr<Transports> http_transports(boost::asio::any_io_executor executor,
                                            const config::TransportSettings& settings,
                                            std::size_t body_limit);

} // namespace medibridge::connectors
