#include "connectors/hl7v2/mllp_listener.hpp"

#include "base/http/certificates.hpp"
#include "base/runtime/concurrency.hpp"
#include "connectors/hl7v2/events.hpp"
#include "connectors/hl7v2/mllp_connection.hpp"
#include "connectors/hl7v2/senders.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

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
        shared->figures->own_certificate_ends =
            tls ? http::shown_certificate_end(tls->native_handle()) : std::nullopt;
        for (const auto& network : settings.allow)
            allowed.push_back(hl7::Network::parse(network).value());
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
    bool make_room(const std::string& host);
    std::size_t most_of_a_host() const;
    Task<void> serve(std::shared_ptr<MllpConnection> connection);
    void tell(const log::EventType& type, std::string reason);
    std::string where() const;

    std::shared_ptr<asio::ssl::context> tls;
    asio::steady_timer pause;
    runtime::Signal changed; ///< of connections
    std::optional<runtime::Background> accepting;
    std::vector<hl7::Network> allowed;
    std::set<std::shared_ptr<MllpConnection>> connections; ///< those that are ending, too
    std::vector<std::shared_ptr<MllpConnection>> open;     ///< those that count
    std::chrono::milliseconds next_pause{0};               ///< 0: accepting works
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
    Failure failure;
    const auto peer = socket.remote_endpoint(failure).address();
    if (failure) return; // it is gone already
    if (!allowed.empty() && !hl7::contain(allowed, peer)) {
        ++shared->stats.turned_away;
        shared->bounded.write(events::mllp_sender_refused, shared->name, peer.to_string());
        return; // closed as it goes
    }
    auto host = hl7::host_of(peer);
    if (!make_room(host)) {
        ++shared->stats.turned_away;
        if (!std::exchange(full, true))
            tell(events::mllp_connection_refused,
                 "max_connections, " + std::to_string(shared->settings.max_connections) +
                     ", or max_connections_per_address, " + std::to_string(most_of_a_host()) +
                     ", are open and busy");
        return;
    }
    Failure ignored; // a peer that is gone already shows when it is read
    socket.set_option(tcp::no_delay(true), ignored);
    socket.set_option(asio::socket_base::keep_alive(true), ignored);
    auto connection = std::make_shared<MllpConnection>(
        shared, hl7::make_stream(std::move(socket), tls), std::move(host));
    connections.insert(connection);
    open.push_back(connection);
    shared->stats.open = static_cast<std::int64_t>(open.size());
    asio::co_spawn(shared->executor, serve(connection), asio::detached);
}

std::size_t MllpListener::Core::most_of_a_host() const {
    const auto most = shared->settings.max_connections;
    return shared->settings.max_connections_per_address.value_or(most - most / 4);
}

/// A host that has too many gives way itself. If all together are too many, one of the host that
/// has the most does; handshakes have half of the places. False: nobody is silent.
bool MllpListener::Core::make_room(const std::string& host) {
    const auto& settings = shared->settings;
    std::map<std::string, std::size_t> of_host;
    ++of_host[host];
    std::size_t handshakes = 1;
    for (const auto& connection : open) {
        ++of_host[connection->host()];
        if (connection->is_shaking_hands()) ++handshakes;
    }
    const auto rank = [&of_host](const MllpConnection& one) {
        const auto of_its_host = static_cast<std::ptrdiff_t>(of_host[one.host()]);
        return std::tuple(-of_its_host, one.is_known(), one.silent_since());
    };
    const auto one_goes = [&](const auto& may_go) {
        auto victim = open.end();
        for (auto it = open.begin(); it != open.end(); ++it)
            if ((*it)->is_silent() && may_go(**it) &&
                (victim == open.end() || rank(**it) < rank(**victim)))
                victim = it;
        if (victim == open.end()) return false;
        ++shared->stats.made_room;
        shared->bounded.write(events::mllp_connection_replaced, shared->name, (*victim)->host());
        (*victim)->give_way();
        open.erase(victim);
        return true;
    };
    if (of_host[host] > most_of_a_host())
        return one_goes([&host](const MllpConnection& one) { return one.host() == host; });
    if (open.size() >= settings.max_connections)
        return one_goes([](const MllpConnection&) { return true; });
    const auto most_handshakes = std::max<std::size_t>(1, settings.max_connections / 2);
    if (tls && handshakes > most_handshakes)
        return one_goes([](const MllpConnection& one) { return one.is_shaking_hands(); });
    return true;
}

Task<void> MllpListener::Core::serve(std::shared_ptr<MllpConnection> connection) {
    const auto self = shared_from_this();
    co_await connection->run();
    connections.erase(connection);
    std::erase(open, connection);
    shared->stats.open = static_cast<std::int64_t>(open.size());
    if (open.size() * 2 <= shared->settings.max_connections) full = false;
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
