#pragma once

#include "base/figures/meters.hpp"
#include "base/http/transport.hpp"
#include "base/http/url.hpp"
#include "base/runtime/clock.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace medibridge::http {

struct ClientSettings {
    Url origin;                           ///< scheme, host and port; the path is not used
    std::size_t connections = 8;          ///< most at once, and most kept alive
    runtime::Duration timeout{30'000};    ///< for all of send(), the wait for a connection included
    runtime::Duration idle_limit{15'000}; ///< a kept connection idle for longer is not used again
    std::size_t body_limit = 64u << 20;   ///< bytes of an answer's body, packed and unpacked
    std::size_t header_limit = 64u << 10; ///< bytes of an answer's header
    /// PEM; every authority in it is trusted, even one that another authority issued. Empty: the
    /// system's trust store.
    std::string ca_file;
    /// PEM file of revocation lists; empty: no revocation is looked for.
    std::string crl_file;
    std::optional<Proxy> proxy; ///< an HTTP proxy; https goes through CONNECT
    /// Where requests are counted and timed, whatever comes of them. Never null.
    std::shared_ptr<figures::Side> figures = std::make_shared<figures::Side>();
};

/// HTTP/1.1 with a pool of kept-alive connections to one origin, plain or TLS 1.2+ with
/// verification of certificate and host name. Asks for uncompressed bodies, and unpacks `gzip` and
/// `deflate` that come anyway. Follows no redirection. All calls from the executor's one thread.
/// Destroying it cancels; it must not outlive the executor's context.
class Client final : public Transport {
  public:
    /// Throws std::runtime_error if the trust store cannot be read or the proxy is not http.
    Client(boost::asio::any_io_executor executor, ClientSettings settings);
    ~Client() override;

    runtime::Task<Result> send(Request request) override;

    /// Ends all current and later requests at once with ErrorKind::cancelled.
    void cancel();

  private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

} // namespace medibridge::http
