#pragma once

#include "base/http/server.hpp"
#include "base/log/event.hpp"
#include "config/settings.hpp"
#include "control/api.hpp"

#include <boost/asio/any_io_executor.hpp>

namespace medibridge::daemon {

/// The control API on its socket. What is wrong with the socket is logged, and does not keep the
/// service from its work.
class ControlServer {
  public:
    /// `backend` outlives it.
    ControlServer(const boost::asio::any_io_executor& executor, control::Backend& backend);

    /// Serves where the settings say from now on, and nowhere else; goes on after pause().
    runtime::Task<void> open(const config::Settings& settings, log::EventLog& log);
    /// Awaits the end of the requests under way; those that come wait for open().
    runtime::Task<void> pause() { return server_.pause(); }
    runtime::Task<void> close() { return server_.stop(); }

  private:
    control::Api api_;
    http::Server server_;
};

} // namespace medibridge::daemon
