#pragma once

#include "base/http/server.hpp"
#include "base/runtime/clock.hpp"
#include "base/runtime/task.hpp"

#include <filesystem>

namespace medibridge::peers {

/// Who is at the other end of a connected Unix socket, as medibridge-peers sees it, which listens
/// at `where`. Throws std::runtime_error, which says why that cannot be told.
runtime::Task<http::PeerCredentials> ask(std::filesystem::path where, int socket,
                                         runtime::Duration patience);

} // namespace medibridge::peers
