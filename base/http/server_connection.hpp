#pragma once

#include "base/http/server.hpp"
#include "base/runtime/concurrency.hpp"

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

/// Internal to the room: one connection of a server.
namespace medibridge::http {

using ServerSocket = boost::asio::generic::stream_protocol::socket;

/// Serves one request after the other until either side ends it.
class ServerConnection final : public ResponseWriter,
                               public std::enable_shared_from_this<ServerConnection> {
  public:
    /// Settings and handler outlive it.
    ServerConnection(ServerSocket socket, std::optional<PeerCredentials> peer,
                     const ServerSettings& settings, const ServerHandler& handler);

    /// Since when it waits for a whole request; nothing: one is being answered, or it is closed.
    std::optional<std::chrono::steady_clock::time_point> waits_since() const;
    bool is_closed() const { return closed_; }
    int descriptor() { return socket_.native_handle(); }
    const std::optional<PeerCredentials>& peer() const { return peer_; }
    /// Who it is after all; before run().
    void correct_peer(const PeerCredentials& peer) { peer_ = peer; }

    runtime::Task<void> run();
    /// Instead of run(): answers before there is a request, and ends.
    runtime::Task<void> turn_away(int status, std::string why);
    /// The request under way is the last; without one it ends at once.
    void finish();
    /// Ends it at once; the handler goes on to its end.
    void close();

    runtime::Task<void> answer(int status, std::string_view type, std::string body) override;
    runtime::Task<void> begin(std::string_view type) override;
    runtime::Task<bool> line(std::string text) override;
    bool gone() const override { return gone_; }
    bool begun() const override { return state_ == State::lines; }

  private:
    using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
    using Ended = boost::system::error_code;
    enum class State { nothing, answered, lines };

    runtime::Task<bool> wait_for_request();
    runtime::Task<Ended> read(Parser& parser);
    runtime::Task<Ended> read_body(Parser& parser);
    runtime::Task<void> refuse(int status, std::string why);
    runtime::Task<void> refuse(const Ended& failure);
    runtime::Task<void> handle(ServerRequest request);
    runtime::Task<void> end_lines();
    runtime::Task<void> watch_client();
    runtime::Task<bool> send(std::string bytes);
    std::string head(int status, std::string_view type, std::string_view framing) const;

    /// Ends what is under way at the socket if it takes longer.
    void allow(runtime::Duration duration);
    void allow_all() { ++deadline_; }

    ServerSocket socket_;
    std::optional<PeerCredentials> peer_;
    const ServerSettings& settings_;
    const ServerHandler& handler_;
    boost::asio::steady_timer timer_;
    boost::beast::flat_buffer buffer_;
    std::optional<runtime::Background> watch_;
    State state_ = State::nothing;
    unsigned deadline_ = 0; ///< the one that counts
    bool expired_ = false;
    bool serving_ = false;
    bool closed_ = false;
    bool read_ = false; ///< the request under way has arrived
    std::chrono::steady_clock::time_point waits_since_ = std::chrono::steady_clock::now();
    bool last_ = false;     ///< no further request on this connection
    bool chunked_ = true;   ///< the client knows HTTP/1.1
    bool bodiless_ = false; ///< it asked for the header only
    bool gone_ = false;
};

} // namespace medibridge::http
