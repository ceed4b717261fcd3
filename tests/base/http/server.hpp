#pragma once

#include "base/http/url.hpp"
#include "base/runtime/task.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace medibridge::http::test {

/// One thing that a scripted server does on a connection.
class Step {
  public:
    enum class Kind { expect, swallow, say, drip, echo, tunnel, hang, close, close_notify, reset };

    explicit Step(Kind kind_, std::string text_ = {}, std::size_t number_ = 0)
        : kind(kind_),
          text(std::move(text_)),
          number(number_) {}

    Kind kind;
    std::string text;
    std::size_t number;
};

/// Reads a whole request and records it.
inline Step expect() {
    return Step(Step::Kind::expect);
}
/// Reads that many bytes of a request.
inline Step swallow(std::size_t bytes) {
    return Step(Step::Kind::swallow, {}, bytes);
}
inline Step say(std::string bytes) {
    return Step(Step::Kind::say, std::move(bytes));
}
/// Sends one byte, waits some milliseconds, sends the next.
inline Step drip(std::string bytes, std::size_t pause) {
    return Step(Step::Kind::drip, std::move(bytes), pause);
}
/// Answers every request with its target and body, until the client leaves.
inline Step echo() {
    return Step(Step::Kind::echo);
}
/// Passes bytes to and from a port of 127.0.0.1, until either side leaves.
inline Step tunnel(std::uint16_t port) {
    return Step(Step::Kind::tunnel, {}, port);
}
/// Neither reads nor writes any more.
inline Step hang() {
    return Step(Step::Kind::hang);
}
/// Closes TCP, also under TLS.
inline Step close() {
    return Step(Step::Kind::close);
}
/// Ends TLS as it should be ended, then closes TCP.
inline Step close_notify() {
    return Step(Step::Kind::close_notify);
}
inline Step reset() {
    return Step(Step::Kind::reset);
}

using Script = std::vector<Step>;

/// An answer with Content-Length.
std::string answer(int status, const std::string& body, const std::string& more_headers = {});

/// Listens on 127.0.0.1 and plays a script on every connection. Where a script ends, the connection
/// is kept open until the client closes it.
class Server {
  public:
    /// The n-th connection plays the n-th script, later ones the last. TLS if `tls` is given.
    Server(boost::asio::io_context& io, std::vector<Script> scripts,
           std::shared_ptr<boost::asio::ssl::context> tls = nullptr);
    ~Server();

    Url url(const std::string& host = "127.0.0.1") const;
    std::uint16_t port() const { return port_; }

    const std::vector<std::string>& requests() const { return requests_; }
    /// Bytes of requests that were read, whole or not.
    std::size_t received() const { return received_; }
    int accepted() const { return accepted_; }
    int open() const { return open_; }
    int most_open() const { return most_open_; }
    /// How many scripts were played to their end.
    int played() const { return played_; }
    /// The name that the last TLS client asked for.
    const std::string& server_name() const { return server_name_; }
    const std::string& tls_version() const { return tls_version_; }

    /// Stops listening and drops all connections.
    void stop();

  private:
    class Line;

    runtime::Task<void> listen();
    runtime::Task<void> serve(std::shared_ptr<Line> line, Script script);
    const std::string& record(Line& line);
    runtime::Task<bool> play(std::shared_ptr<Line> line, Step step);

    boost::asio::io_context& io_;
    std::vector<Script> scripts_;
    std::shared_ptr<boost::asio::ssl::context> tls_;
    boost::asio::ip::tcp::acceptor acceptor_;
    std::uint16_t port_;
    std::list<std::weak_ptr<Line>> lines_;
    std::vector<std::string> requests_;
    std::size_t received_ = 0;
    int accepted_ = 0;
    int open_ = 0;
    int most_open_ = 0;
    int played_ = 0;
    std::string server_name_;
    std::string tls_version_;
};

} // namespace medibridge::http::test
