#pragma once

#include "base/http/client.hpp"
#include "base/http/message.hpp"
#include "base/runtime/task.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <optional>

namespace medibridge::http {

/// How far one gets on the way to a server: its name, the connection, a proxy, TLS.
struct Reach {
    std::optional<Error> failure; ///< of the first step that failed; nothing: a request can be sent
    /// When the first certificate of the server's verified chain ends; nothing: it was not shown.
    std::optional<std::chrono::sys_seconds> certificate_ends;
};

/// Opens a connection as a Client with these settings would, sends nothing, and closes it. Ends
/// within the settings' timeout.
runtime::Task<Reach> reach(boost::asio::any_io_executor executor, ClientSettings settings);

} // namespace medibridge::http
