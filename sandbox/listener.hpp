#pragma once

#include "sandbox/front.hpp"

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace medibridge::sandbox {

/// An HTTP/1.1 server on 127.0.0.1, with keep-alive, on the io_context's thread.
class Listener {
  public:
    struct Options {
        std::uint16_t port = 0;                          ///< 0: a free one
        std::string credential_header = "Authorization"; ///< becomes Request::credential
        std::size_t body_limit = 1 << 20;                ///< bytes; larger: 413
    };

    /// Listens at once. Throws std::runtime_error if the port cannot be had. The handler
    /// must outlive the listener.
    Listener(boost::asio::io_context& io, Handler& handler, const Options& options);
    /// As stop().
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    std::uint16_t port() const;
    void set_credential_header(std::string name);
    /// Closes the listening socket and all connections; the handler is not called any more.
    void stop();

  private:
    class Server;
    std::shared_ptr<Server> server_;
};

} // namespace medibridge::sandbox
