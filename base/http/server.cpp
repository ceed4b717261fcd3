#include "base/http/server.hpp"

#include "base/http/server_connection.hpp"
#include "base/http/server_socket.hpp"
#include "base/runtime/concurrency.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <cstddef>
#include <exception>
#include <map>
#include <netinet/in.h>
#include <optional>
#include <string>
#include <sys/socket.h>
#include <utility>

namespace medibridge::http {

namespace asio = boost::asio;
using runtime::Task;

namespace {

constexpr auto as_accepted = asio::as_tuple(asio::use_awaitable);
/// Until accepting is tried again where descriptors or memory ran out.
constexpr std::chrono::milliseconds accept_pause{200};
constexpr int service_unavailable = 503;

/// Whom a connection is counted for: the user of a Unix socket, an IPv4 address, or an IPv6 network
/// of 64 bits, of which a host may have as many addresses as it likes.
std::string client_of(ServerSocket& socket, const std::optional<PeerCredentials>& peer) {
    if (peer) return std::to_string(peer->uid);
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    auto* const whole = reinterpret_cast<sockaddr*>(&address);
    if (::getpeername(socket.native_handle(), whole, &size) != 0) return {};
    const auto* bytes = reinterpret_cast<const char*>(&address);
    if (address.ss_family == AF_INET)
        return {bytes + offsetof(sockaddr_in, sin_addr), sizeof(in_addr)};
    if (address.ss_family != AF_INET6) return {};
    return {bytes + offsetof(sockaddr_in6, sin6_addr), sizeof(in6_addr) / 2};
}

std::optional<PeerCredentials> credentials_of(ServerSocket& socket) {
    int family = AF_UNSPEC;
    socklen_t family_size = sizeof family;
    ::getsockopt(socket.native_handle(), SOL_SOCKET, SO_DOMAIN, &family, &family_size);
    if (family != AF_UNIX) return std::nullopt;
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        return std::nullopt;
    return PeerCredentials{peer.uid, peer.gid, peer.pid};
}

} // namespace

struct Server::Core : std::enable_shared_from_this<Core> {
    Core(asio::any_io_executor its_executor, ServerSettings its_settings, ServerHandler its_handler)
        : executor(std::move(its_executor)),
          settings(std::move(its_settings)),
          handler(std::move(its_handler)),
          changed(executor),
          wait(executor) {}

    void accept();
    Task<void> accept_all();
    void take(ServerSocket socket);
    Task<void> serve(std::shared_ptr<ServerConnection> connection, std::string refusal);
    std::map<std::string, std::size_t> count_clients() const;
    bool make_room(const std::map<std::string, std::size_t>& counts, const std::string* client);
    std::string find_room(const std::string& client);
    std::string find_room_of(const std::string& client);
    Task<std::string> identify(std::shared_ptr<ServerConnection> connection);
    Task<void> drain();

    asio::any_io_executor executor;
    ServerSettings settings;
    ServerHandler handler;
    std::unique_ptr<Listener> listener;
    std::filesystem::path path; ///< of a Unix socket
    std::uint16_t port = 0;     ///< of a TCP socket
    std::optional<runtime::Background> accepting;
    std::map<std::shared_ptr<ServerConnection>, std::string> connections; ///< and whose they are
    runtime::Signal changed;                                              ///< of the connections
    asio::steady_timer wait;
    bool paused = false;
};

void Server::Core::accept() {
    paused = false;
    accepting.emplace(executor, accept_all());
}

Task<void> Server::Core::accept_all() {
    while (!paused) {
        auto [failure, socket] = co_await listener->acceptor().async_accept(as_accepted);
        if (paused) break; // one that was just accepted would have got no answer in time
        if (!failure) {
            take(std::move(socket));
            continue;
        }
        if (failure == asio::error::connection_aborted) continue;
        wait.expires_after(accept_pause);
        co_await wait.async_wait(as_accepted);
    }
}

void Server::Core::take(ServerSocket socket) {
    const auto peer = credentials_of(socket);
    auto client = client_of(socket, peer);
    auto refusal = find_room(client);
    auto connection =
        std::make_shared<ServerConnection>(std::move(socket), peer, settings, handler);
    connections.emplace(connection, std::move(client));
    asio::co_spawn(executor, serve(connection, std::move(refusal)), asio::detached);
}

/// Those that are closed are about to go.
std::map<std::string, std::size_t> Server::Core::count_clients() const {
    std::map<std::string, std::size_t> counts;
    for (const auto& [connection, client] : connections)
        if (!connection->is_closed()) ++counts[client];
    return counts;
}

/// Closes the connection that has waited the longest for a request, of that client, or of the one
/// that has the most. False: none waits.
bool Server::Core::make_room(const std::map<std::string, std::size_t>& counts,
                             const std::string* client) {
    ServerConnection* chosen = nullptr;
    std::size_t most = 0;
    for (const auto& [connection, whose] : connections) {
        const auto since = connection->waits_since();
        if (!since || (client != nullptr && whose != *client)) continue;
        const auto count = counts.at(whose);
        const bool sooner = count == most && since < chosen->waits_since();
        if (chosen != nullptr && count <= most && !sooner) continue;
        chosen = connection.get();
        most = count;
    }
    if (chosen == nullptr) return false;
    chosen->close();
    return true;
}

/// Why there is none among that client's own connections; empty: there is, or was made.
std::string Server::Core::find_room_of(const std::string& client) {
    auto counts = count_clients();
    const auto bound = settings.connections_of_client;
    if (bound > 0 && counts[client] >= bound && !make_room(counts, &client))
        return "too many connections of one client at once";
    return {};
}

/// Why there is none for another connection of that client; empty: there is, or was made.
std::string Server::Core::find_room(const std::string& client) {
    auto refusal = find_room_of(client);
    if (!refusal.empty()) return refusal;
    const auto counts = count_clients();
    std::size_t all = 0;
    for (const auto& [whose, count] : counts)
        all += count;
    if (all >= settings.connections && !make_room(counts, nullptr))
        return "too many connections at once";
    return {};
}

/// Finds out who it is, and counts the connection for them. Why it cannot be served; empty: it can.
/// Meanwhile it waits for a request like any other, for whom the kernel says.
Task<std::string> Server::Core::identify(std::shared_ptr<ServerConnection> connection) {
    const auto seen = connection->peer();
    if (!settings.identify || !seen) co_return std::string();
    std::string why;
    try {
        const auto peer = co_await settings.identify(connection->descriptor(), *seen);
        connection->correct_peer(peer);
        if (peer.uid == seen->uid || connection->is_closed()) co_return std::string();
        auto client = std::to_string(peer.uid);
        auto refusal = find_room_of(client);
        connections[connection] = std::move(client);
        co_return refusal;
    } catch (const std::exception& failure) {
        why = failure.what();
    }
    co_return why.empty() ? "who asks cannot be told" : why;
}

Task<void> Server::Core::serve(std::shared_ptr<ServerConnection> connection, std::string refusal) {
    const auto self = shared_from_this();
    try {
        if (refusal.empty()) refusal = co_await identify(connection);
        if (!refusal.empty()) {
            co_await connection->turn_away(service_unavailable, std::move(refusal));
        } else {
            co_await connection->run();
        }
    } catch (...) { // memory ran out: the client sees that it is cut off
    }
    connection->close();
    connections.erase(connection);
    changed.notify();
}

Task<void> Server::Core::drain() {
    paused = true;
    if (listener) {
        boost::system::error_code ignored; // nothing waits there
        listener->acceptor().cancel(ignored);
    }
    wait.cancel();
    if (accepting) {
        co_await accepting->join();
        accepting.reset();
    }
    for (const auto& [connection, client] : connections)
        connection->finish();
    const auto self = shared_from_this();
    wait.expires_after(settings.drain_limit);
    wait.async_wait([self](const boost::system::error_code& failure) {
        if (failure || !self->paused) return;
        for (const auto& [connection, client] : self->connections)
            connection->close();
    });
    while (!connections.empty())
        co_await changed.wait();
    wait.cancel();
}

Server::Server(asio::any_io_executor executor, ServerSettings settings, ServerHandler handler)
    : core_(std::make_shared<Core>(std::move(executor), std::move(settings), std::move(handler))) {}

Server::~Server() = default;

void Server::listen(const std::filesystem::path& path) {
    core_->listener = std::make_unique<UnixListener>(core_->executor, path);
    core_->path = path;
    core_->accept();
}

const std::filesystem::path& Server::path() const {
    return core_->path;
}

void Server::listen(const std::string& host, std::uint16_t port) {
    auto listener = std::make_unique<TcpListener>(core_->executor, host, port);
    core_->port = listener->port();
    core_->listener = std::move(listener);
    core_->accept();
}

std::uint16_t Server::port() const {
    return core_->port;
}

Task<void> Server::pause() {
    const auto core = core_;
    co_await core->drain();
}

void Server::resume() {
    if (core_->listener && core_->paused) core_->accept();
}

Task<void> Server::stop() {
    const auto core = core_;
    co_await core->drain();
    core->listener.reset();
    core->path.clear();
    core->port = 0;
}

std::size_t Server::connections() const {
    return core_->connections.size();
}

} // namespace medibridge::http
