#pragma once

#include "base/http/client.hpp"
#include "base/http/reach.hpp"
#include "control/doctor/check.hpp"
#include "reconcile/instant.hpp"

#include <cstdint>
#include <optional>

namespace medibridge::control::doctor {

/// The way to a server. `side`: `medicapp`, or `source NAME`; `now_ms`: this machine's clock.
Checks judge_reach(const std::string& side, const http::ClientSettings& settings,
                   const http::Reach& reach, std::int64_t now_ms);

/// This machine's clock against the server's. Nothing where the server did not show its own.
Checks judge_clock(const std::string& side, const std::optional<reconcile::Instant>& server_time,
                   std::int64_t now_ms);

} // namespace medibridge::control::doctor
