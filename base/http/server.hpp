#pragma once

#include "base/runtime/clock.hpp"
#include "base/runtime/task.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace medibridge::http {

/// Who is at the other end of a Unix socket, as the kernel says (SO_PEERCRED).
struct PeerCredentials {
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::int32_t pid = 0;
};

/// Says who is at the other end of a Unix socket, of whom the kernel says `seen`. Throws a
/// std::exception whose words say why that cannot be told.
using Identify = std::function<runtime::Task<PeerCredentials>(int socket, PeerCredentials seen)>;

/// A request as a client sent it. All text is UTF-8 without NUL.
class ServerRequest {
  public:
    std::string method; ///< as sent: `GET`
    /// The parts of the path, percent-decoded: `/v1/held/a%2Fb` is `v1`, `held` and `a/b`.
    std::vector<std::string> path;
    /// Percent-decoded; a plus sign was a space.
    std::vector<std::pair<std::string, std::string>> query;
    std::string body;                    ///< any bytes
    std::optional<PeerCredentials> peer; ///< nothing: not over a Unix socket
    std::string host; ///< as its Host names the server, without a port; empty: it does not

    /// The first parameter of that name; nothing: there is none.
    std::optional<std::string> parameter(std::string_view name) const;
};

/// Reads `/path?query` into the request. What is wrong with it, and where; empty: nothing.
std::string read_target(std::string_view target, ServerRequest& request);

/// Takes the answer to one request: whole, or line by line. A client that has gone is no error of
/// the handler's: what is written then is dropped.
class ResponseWriter {
  public:
    virtual ~ResponseWriter() = default;

    /// The whole answer. Once, and not after begin().
    virtual runtime::Task<void> answer(int status, std::string_view type, std::string body) = 0;
    /// Begins an answer of lines with status 200, which ends with the handler.
    virtual runtime::Task<void> begin(std::string_view type) = 0;
    /// A line, without its end. False: the client has gone.
    virtual runtime::Task<bool> line(std::string text) = 0;
    /// The client of an answer of lines is known to have gone.
    virtual bool gone() const = 0;
    virtual bool begun() const = 0;
};

/// Handles one request; `writer` and the request live until it ends. Several run at once. One that
/// throws, or gives no answer, is answered with status 500; in the middle of lines the connection
/// is cut off.
using ServerHandler = std::function<runtime::Task<void>(const ServerRequest&, ResponseWriter&)>;

/// The body of an answer that the server gives by itself: its status, and why.
struct RefusalBody {
    std::string type;
    std::string text;
};
using Refusal = std::function<RefusalBody(int status, const std::string& why)>;

struct ServerSettings {
    /// At once. For one more the one is closed that has waited the longest for a request, of the
    /// client that has the most connections; where all are being served, it is answered with 503.
    std::size_t connections = 64;
    /// The same of one client: a user at a Unix socket, else a host. 0: no bound of its own.
    std::size_t connections_of_client = 0;
    std::size_t header_limit = 16u << 10;  ///< bytes of a request's header; else 431
    std::size_t body_limit = 1u << 20;     ///< bytes of a request's body; else 413
    runtime::Duration read_limit{10'000};  ///< from a request's first byte to its last; else 408
    runtime::Duration idle_limit{30'000};  ///< a connection without a request is closed
    runtime::Duration write_limit{10'000}; ///< until the client has taken a piece of an answer
    runtime::Duration drain_limit{2'000};  ///< that clients have, once handlers are to end
    Refusal refusal;                       ///< empty: plain text
    /// Asked before a client's first request is read; who cannot be told is answered with 503, and
    /// why. Empty: it is as the kernel says.
    Identify identify;
};

/// An HTTP/1.1 server on a Unix socket or a TCP port. All calls from the executor's one thread.
class Server {
  public:
    Server(boost::asio::any_io_executor executor, ServerSettings settings, ServerHandler handler);
    /// stop() must have ended, if listen() was called.
    ~Server();

    /// Listens at that path, mode 0660. A socket that nobody answers on is replaced. Throws
    /// std::runtime_error, which says what is wrong: the path is too long, somebody answers there,
    /// it is no socket, the directory cannot be written.
    void listen(const std::filesystem::path& path);
    /// Listens at that port of an IP address or `localhost`. Port 0: a free one. Throws
    /// std::runtime_error, which says what is wrong.
    void listen(const std::string& host, std::uint16_t port);
    /// The socket's; empty: it does not listen at one.
    const std::filesystem::path& path() const;
    /// 0: it listens at none.
    std::uint16_t port() const;

    /// Begins no more requests, closes idle connections and awaits the end of all handlers; clients
    /// that take no answers are cut off after `drain_limit`. What handlers wait for must come to an
    /// end. Who connects meanwhile is served after resume().
    runtime::Task<void> pause();
    void resume();
    /// As pause(), and for good; removes the socket.
    runtime::Task<void> stop();

    /// Connections at present.
    std::size_t connections() const;

  private:
    struct Core;
    std::shared_ptr<Core> core_;
};

} // namespace medibridge::http
