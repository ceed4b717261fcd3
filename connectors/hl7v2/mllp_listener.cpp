#include "connectors/hl7v2/mllp_listener.hpp"

#include "base/runtime/concurrency.hpp"
#include "connectors/hl7v2/events.hpp"
#include "connectors/hl7v2/mllp_connection.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <optional>
#include <set>
#include <stdexcept>
#include <utility>

namespace medibridge::connectors {

namespace asio = boost::asio;
using asio::ip::tcp;
using hl7::MllpConnection;
using runtime::Task;
using Failure = boost::system::error_code;

namespace {

constexpr auto as_value = asio::as_tuple(asio::use_awaitable);
constexpr int backlog = 128;

tcp::endpoint endpoint_of(const config::ListenAddress& address) {
    const auto host = address.host == "localhost" ? "127.0.0.1" : address.host;
    Failure failure;
    const auto ip = asio::ip::make_address(host, failure);
    if (failure) throw std::invalid_argument("`listen` must be an IP address or localhost");
    return {ip, address.port};
}

} // namespace

class MllpListener::Core : public std::enable_shared_from_this<Core> {
  public:
    Core(SourceEnvironment its, const Hl7Settings& settings, Inbox& inbox, MllpLimits limits)
        : shared(std::make_shared<hl7::MllpShared>(std::move(its), settings, inbox, limits)),
          endpoint(endpoint_of(settings.listen)),
          acceptor(shared->executor),
          pause(shared->executor),
          changed(shared->executor) {
        if (settings.tls) tls = hl7::make_server_tls(*settings.tls);
    }

    void listen();
    Task<void> stop();

    std::shared_ptr<hl7::MllpShared> shared;
    tcp::endpoint endpoint;
    tcp::acceptor acceptor;
    std::uint16_t port = 0;

  private:
    Task<void> accept_all();
    Task<void> wait_and_back_off(const Failure& failure);
    void accepted(tcp::socket socket);
    Task<void> serve(std::shared_ptr<MllpConnection> connection);
    void tell(const log::EventType& type, std::string reason);
    std::string where() const;

    std::shared_ptr<asio::ssl::context> tls;
    asio::steady_timer pause;
    runtime::Signal changed; ///< of connections
    std::optional<runtime::Background> accepting;
    std::set<std::shared_ptr<MllpConnection>> connections;
    std::chrono::milliseconds next_pause{0}; ///< 0: accepting works
    runtime::TimePoint failing_since{};
    bool full = false;
    bool stopping = false;
};

void MllpListener::Core::tell(const log::EventType& type, std::string reason) {
    shared->log.write(log::Event(type)
                          .with(log::Key::source, shared->name)
                          .with(log::Key::reason, std::move(reason)));
}

std::string MllpListener::Core::where() const {
    const auto host = endpoint.address().to_string();
    return (endpoint.address().is_v6() ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

void MllpListener::Core::listen() {
    const auto require = [&](const Failure& failure) {
        if (!failure) return;
        Failure ignored; // it may not be open
        acceptor.close(ignored);
        throw std::runtime_error("cannot listen on " + endpoint.address().to_string() + " port " +
                                 std::to_string(endpoint.port()) + ": " + failure.message());
    };
    Failure failure;
    acceptor.open(endpoint.protocol(), failure);
    require(failure);
    acceptor.set_option(tcp::acceptor::reuse_address(true), failure);
    require(failure);
    acceptor.bind(endpoint, failure);
    require(failure);
    acceptor.listen(backlog, failure);
    require(failure);
    port = acceptor.local_endpoint().port();
    const bool client_certificates = tls && !shared->settings.tls->client_ca_file.empty();
    const auto* how = client_certificates ? ", TLS with client certificates" : tls ? ", TLS" : "";
    shared->log.write(log::Event(events::mllp_listening)
                          .with(log::Key::source, shared->name)
                          .with(log::Key::address, where())
                          .with(log::Key::reason, where() + how));
    if (!tls && !endpoint.address().is_loopback())
        tell(events::mllp_unencrypted,
             where() + ": patients arrive unencrypted, and from anybody who reaches the port");
    accepting.emplace(shared->executor, accept_all());
}

Task<void> MllpListener::Core::accept_all() {
    while (!stopping) {
        auto [failure, socket] = co_await acceptor.async_accept(as_value);
        if (stopping) break;
        if (failure) {
            co_await wait_and_back_off(failure);
            continue;
        }
        if (next_pause.count() > 0) {
            next_pause = std::chrono::milliseconds(0);
            const auto duration = shared->clock.now() - failing_since;
            shared->log.write(
                log::Event(events::mllp_accepting_recovered)
                    .with(log::Key::source, shared->name)
                    .with(log::Key::duration_ms, static_cast<std::int64_t>(duration.count())));
        }
        accepted(std::move(socket));
    }
}

/// No descriptors or no memory left: this is temporary, and until then the kernel keeps the callers
/// waiting.
Task<void> MllpListener::Core::wait_and_back_off(const Failure& failure) {
    const auto& limits = shared->limits;
    if (failure == asio::error::connection_aborted) co_return; // that one caller gave up
    if (next_pause.count() == 0) {
        failing_since = shared->clock.now();
        tell(events::mllp_accepting_failed, failure.message());
    }
    next_pause = std::clamp(next_pause * 2, limits.shortest_pause, limits.longest_pause);
    pause.expires_after(next_pause);
    co_await pause.async_wait(as_value);
}

void MllpListener::Core::accepted(tcp::socket socket) {
    ++shared->stats.connections;
    const auto most = shared->settings.max_connections;
    if (connections.size() >= most) {
        ++shared->stats.turned_away;
        if (!std::exchange(full, true))
            tell(events::mllp_connection_refused,
                 "max_connections, " + std::to_string(most) + ", are open");
        return; // closed as it goes
    }
    Failure ignored; // a peer that is gone already shows when it is read
    socket.set_option(tcp::no_delay(true), ignored);
    socket.set_option(asio::socket_base::keep_alive(true), ignored);
    auto connection =
        std::make_shared<MllpConnection>(shared, hl7::make_stream(std::move(socket), tls));
    connections.insert(connection);
    shared->stats.open = static_cast<std::int64_t>(connections.size());
    asio::co_spawn(shared->executor, serve(connection), asio::detached);
}

Task<void> MllpListener::Core::serve(std::shared_ptr<MllpConnection> connection) {
    const auto self = shared_from_this();
    co_await connection->run();
    connections.erase(connection);
    shared->stats.open = static_cast<std::int64_t>(connections.size());
    if (connections.size() * 2 <= shared->settings.max_connections) full = false;
    changed.notify();
}

Task<void> MllpListener::Core::stop() {
    if (!accepting || std::exchange(stopping, true)) co_return;
    Failure ignored; // nothing can be done about it
    acceptor.close(ignored);
    pause.cancel();
    for (const auto& connection : connections)
        connection->finish();
    co_await accepting->join();
    while (!connections.empty()) {
        co_await changed.wait();
    }
    tell(events::mllp_stopped, where());
}

MllpListener::MllpListener(SourceEnvironment its, const Hl7Settings& settings, Inbox& inbox,
                           MllpLimits limits)
    : core_(std::make_shared<Core>(std::move(its), settings, inbox, limits)) {}

MllpListener::~MllpListener() = default;

void MllpListener::start() {
    core_->listen();
}

Task<void> MllpListener::stop() {
    const auto core = core_;
    co_await core->stop();
}

std::uint16_t MllpListener::port() const {
    return core_->port;
}

const MllpStats& MllpListener::stats() const {
    return core_->shared->stats;
}

} // namespace medibridge::connectors
