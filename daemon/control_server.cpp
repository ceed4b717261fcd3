#include "daemon/control_server.hpp"

#include "base/files/hidden_user.hpp"
#include "base/log/catalogue.hpp"
#include "control/hidden_peers.hpp"
#include "control/socket_path.hpp"
#include "peers/ask.hpp"

#include <chrono>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <utility>

namespace medibridge::daemon {

using runtime::Task;

namespace {

constexpr std::size_t most_clients = 32;
constexpr std::size_t most_of_a_user = 16;
/// A plan names every patient that it is about.
constexpr std::size_t most_body_bytes = 16u << 20;
/// medibridge-peers answers at once, or when systemd has begun it.
constexpr std::chrono::seconds peers_patience{2};

std::string variable(const char* name) {
    const char* const value = std::getenv(name);
    return value != nullptr ? value : "";
}

} // namespace

ControlServer::ControlServer(const boost::asio::any_io_executor& executor,
                             control::Backend& backend)
    : api_(backend, ::geteuid()),
      peers_(variable(control::peers_variable)),
      server_(executor, control_settings(),
              [this](const http::ServerRequest& request, http::ResponseWriter& writer) {
                  return api_.handle(request, writer);
              }) {}

http::ServerSettings ControlServer::control_settings() {
    http::ServerSettings settings;
    settings.connections = most_clients;
    settings.connections_of_client = most_of_a_user;
    settings.body_limit = most_body_bytes;
    settings.refusal = control::refusal_body;
    settings.identify = [this](int socket, http::PeerCredentials seen) {
        return identify(socket, seen);
    };
    return settings;
}

Task<http::PeerCredentials> ControlServer::identify(int socket, http::PeerCredentials seen) {
    if (!files::is_hidden_user(seen.uid)) co_return seen;
    std::string why = control::fault_of_peers(peers_);
    if (why.empty()) {
        try {
            const auto peer = co_await peers::ask(peers_, socket, peers_patience);
            told_ = false;
            co_return peer;
        } catch (const std::exception& failure) {
            why = failure.what() +
                  std::string("; `systemctl status medibridge-peers.socket "
                              "medibridge-peers.service` says why, and "
                              "`systemctl restart medibridge-peers.socket` begins it anew");
        }
    }
    tell_hidden(why);
    throw std::runtime_error(
        "the service cannot see who asks, and serves only root until it can: " + why);
}

void ControlServer::tell_hidden(const std::string& reason) {
    if (std::exchange(told_, true)) return;
    log_->write(log::Event(log::events::control_peers_hidden).with(log::Key::reason, reason));
}

Task<void> ControlServer::open(const config::Settings& settings, log::EventLog& log) {
    log_ = &log;
    if (files::is_hidden_user(files::overflow_user)) {
        told_ = false;
        const auto fault = control::fault_of_peers(peers_);
        if (!fault.empty()) tell_hidden(fault);
    }
    // Of systemd, for RuntimeDirectory=.
    const auto path = control::socket_path(settings, variable("RUNTIME_DIRECTORY"));
    if (server_.path() == path) {
        server_.resume();
        co_return;
    }
    co_await server_.stop();
    try {
        server_.listen(path);
        log.write(log::Event(log::events::control_listening).with(log::Key::file, path.string()));
    } catch (const std::exception& failure) {
        log.write(log::Event(log::events::control_failed)
                      .with(log::Key::reason, failure.what())
                      .with(log::Key::file, path.string()));
    }
}

} // namespace medibridge::daemon
