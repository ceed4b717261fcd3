#pragma once

#include "base/http/server.hpp"
#include "base/log/event.hpp"
#include "config/settings.hpp"
#include "control/api.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <filesystem>

namespace medibridge::daemon {

/// The control API on its socket. What is wrong with the socket is logged, and does not keep the
/// service from its work. Whom the service's user namespace hides (systemd's `PrivateUsers=`) is
/// asked of medibridge-peers, at the socket that MEDIBRIDGE_PEERS names; who cannot be told is not
/// served.
class ControlServer {
  public:
    /// `backend` outlives it.
    ControlServer(const boost::asio::any_io_executor& executor, control::Backend& backend);

    /// Serves where the settings say from now on, and nowhere else; goes on after pause(). `log`
    /// outlives the service there: until the next pause() or close() has ended.
    runtime::Task<void> open(const config::Settings& settings, log::EventLog& log);
    /// Awaits the end of the requests under way; those that come wait for open().
    runtime::Task<void> pause() { return server_.pause(); }
    runtime::Task<void> close() { return server_.stop(); }

  private:
    http::ServerSettings control_settings();
    runtime::Task<http::PeerCredentials> identify(int socket, http::PeerCredentials seen);
    void tell_hidden(const std::string& reason);

    control::Api api_;
    std::filesystem::path peers_; ///< empty: nobody can be asked
    log::EventLog* log_ = nullptr;
    bool told_ = false; ///< that some cannot be told, until one can
    http::Server server_;
};

} // namespace medibridge::daemon
