#pragma once

#include "base/http/answer.hpp"
#include "base/http/client.hpp"
#include "base/http/pending_request.hpp"
#include "base/http/resolver.hpp"
#include "base/runtime/concurrency.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

/// Internal to the room.
namespace medibridge::http {

inline constexpr int proxy_authentication_required = 407; // RFC 9110 §15.5.8

/// Makes an operation return its error code as a value instead of throwing it.
inline constexpr auto as_values = boost::asio::as_tuple(boost::asio::use_awaitable);

/// What all connections of a client have in common.
struct Route {
    /// Throws std::runtime_error as Client does.
    Route(boost::asio::any_io_executor executor_, ClientSettings settings_);

    const Url& next_hop() const { return settings.proxy ? settings.proxy->url() : settings.origin; }
    bool tunnels() const { return settings.proxy && settings.origin.secure(); }

    boost::asio::any_io_executor executor;
    ClientSettings settings;
    std::optional<boost::asio::ssl::context> tls;
    Resolver resolver; ///< of the next hop
};

/// The error for a 407, which always comes from the proxy: it has passed nothing on. Says which
/// settings fix it.
Error proxy_wants_credentials(const Route& route);

/// `what` and the reason of a failed operation, unless we cancelled it ourselves.
std::string with_reason(std::string what, const boost::system::error_code& failure);

/// One connection to the origin, used by one request at a time and opened again as needed.
class Connection final : public Interruptible {
  public:
    using TimePoint = std::chrono::steady_clock::time_point;
    using Failure = std::optional<Error>;

    explicit Connection(Route& route);

    /// Whether it is open, was used recently and, as far as can be seen without waiting, has not
    /// been closed by the peer. If not, closes it.
    bool alive(TimePoint now);
    bool is_open() const { return open_; }
    /// Connects until a request can be sent; returns nothing on success. The connection must not be
    /// open.
    runtime::Task<Failure> open(TimePoint deadline);

    /// The bytes of the next request.
    std::string& outgoing() { return outgoing_; }
    /// Sends outgoing() and reads the answer. Stays open only if another request may follow.
    runtime::Task<Result> round_trip();
    /// Of the last round_trip(): whether all of the request was handed to the network.
    bool sent() const { return sent_; }
    /// Of the last round_trip(): whether any of the answer came.
    bool heard() const { return answer_.heard(); }

    /// When the first certificate of the verified chain ends; nothing: no TLS, or not open.
    std::optional<std::chrono::sys_seconds> certificate_end();

    void close();
    /// Closes it, which ends whatever waits there.
    void interrupt() override;

  private:
    using Socket = boost::asio::ip::tcp::socket;
    using Ended = boost::system::error_code;

    runtime::Task<Failure> connect(TimePoint deadline);
    runtime::Task<Ended> connect_to(boost::asio::ip::tcp::endpoint endpoint,
                                    std::optional<TimePoint> limit);
    runtime::Task<Failure> tunnel();
    runtime::Task<Failure> handshake();
    runtime::Task<Result> receive();
    Result unanswered(const Ended& failure);
    bool quiet();
    Error fail(ErrorKind kind, std::string what);

    Route& route_;
    Socket socket_;
    std::optional<boost::asio::ssl::stream<Socket&>> tls_;
    boost::asio::steady_timer wait_;
    runtime::Signal looking_up_;
    AnswerReader answer_;
    std::string outgoing_;
    TimePoint last_used_;
    bool open_ = false;
    bool sent_ = false;
    bool interrupted_ = false;
};

} // namespace medibridge::http
