#include "daemon/control_server.hpp"

#include "base/log/catalogue.hpp"
#include "control/socket_path.hpp"

#include <cstdlib>
#include <exception>
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

http::ServerSettings control_settings() {
    http::ServerSettings settings;
    settings.connections = most_clients;
    settings.connections_of_client = most_of_a_user;
    settings.body_limit = most_body_bytes;
    settings.refusal = control::refusal_body;
    return settings;
}

std::string runtime_directory() {
    const char* directory = std::getenv("RUNTIME_DIRECTORY"); // of systemd, for RuntimeDirectory=
    return directory ? directory : "";
}

} // namespace

ControlServer::ControlServer(const boost::asio::any_io_executor& executor,
                             control::Backend& backend)
    : api_(backend, ::geteuid()),
      server_(executor, control_settings(),
              [this](const http::ServerRequest& request, http::ResponseWriter& writer) {
                  return api_.handle(request, writer);
              }) {}

Task<void> ControlServer::open(const config::Settings& settings, log::EventLog& log) {
    const auto path = control::socket_path(settings, runtime_directory());
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
