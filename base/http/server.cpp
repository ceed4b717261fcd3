#include "base/http/server.hpp"

#include "base/http/server_connection.hpp"
#include "base/http/server_socket.hpp"
#include "base/runtime/concurrency.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <optional>
#include <set>
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
    Task<void> serve(std::shared_ptr<ServerConnection> connection);
    Task<void> drain();

    asio::any_io_executor executor;
    ServerSettings settings;
    ServerHandler handler;
    std::unique_ptr<Listener> listener;
    std::filesystem::path path; ///< of a Unix socket
    std::uint16_t port = 0;     ///< of a TCP socket
    std::optional<runtime::Background> accepting;
    std::set<std::shared_ptr<ServerConnection>> connections;
    runtime::Signal changed; ///< of the connections
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
    auto connection =
        std::make_shared<ServerConnection>(std::move(socket), peer, settings, handler);
    connections.insert(connection);
    asio::co_spawn(executor, serve(connection), asio::detached);
}

Task<void> Server::Core::serve(std::shared_ptr<ServerConnection> connection) {
    const auto self = shared_from_this();
    try {
        if (connections.size() > settings.connections) {
            co_await connection->turn_away(service_unavailable, "too many connections at once");
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
    for (const auto& connection : connections)
        connection->finish();
    const auto self = shared_from_this();
    wait.expires_after(settings.drain_limit);
    wait.async_wait([self](const boost::system::error_code& failure) {
        if (failure || !self->paused) return;
        for (const auto& connection : self->connections)
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
