#pragma once

#include "base/runtime/task.hpp"
#include "connectors/hl7v2/kind.hpp"

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

/// Internal to the MLLP listener: one connection's bytes, with TLS or without.
namespace medibridge::connectors::hl7 {

/// Owns only the socket: the caller that awaits one of its operations must keep it alive.
class ByteStream {
  public:
    using Error = boost::system::error_code;

    virtual ~ByteStream() = default;
    /// The handshake, if there is TLS. Returns why it failed; empty: it did not.
    virtual runtime::Task<std::string> open() = 0;
    /// One read at a time. The end of the stream is an error, too.
    virtual runtime::Task<std::pair<Error, std::size_t>> read(std::span<char> into) = 0;
    virtual runtime::Task<Error> write(std::string_view bytes) = 0;
    /// Tells the peer that nothing follows, so that it can read to the end.
    virtual runtime::Task<void> end() = 0;

    /// Ends the read that is under way.
    void cancel_read() { reading_.emit(boost::asio::cancellation_type::terminal); }
    /// Ends all that is under way.
    virtual void close() = 0;

  protected:
    boost::asio::cancellation_signal reading_;
};

/// `tls` may be empty.
std::unique_ptr<ByteStream> make_stream(boost::asio::ip::tcp::socket socket,
                                        const std::shared_ptr<boost::asio::ssl::context>& tls);

/// TLS 1.2 or later for a server. Throws std::runtime_error that names the file at fault.
std::shared_ptr<boost::asio::ssl::context> make_server_tls(const ServerTls& settings);

/// Calls `expired` when the set moment has come. Its owner must call stop().
class Watch : public std::enable_shared_from_this<Watch> {
  public:
    using TimePoint = std::chrono::steady_clock::time_point;

    Watch(boost::asio::any_io_executor executor, std::function<void()> expired);
    /// Moves the moment to `at`. An alarm that was set earlier still wakes it, but has no effect.
    void set(TimePoint at);
    void clear();
    /// Never calls anything again.
    void stop();

  private:
    void arm(TimePoint at);

    struct Timer;
    std::shared_ptr<Timer> timer_;
    std::function<void()> expired_;
    TimePoint due_ = TimePoint::max();
    TimePoint armed_ = TimePoint::max();
};

} // namespace medibridge::connectors::hl7
