#pragma once

#include "base/http/server.hpp"
#include "control/access.hpp"
#include "control/backend.hpp"

#include <string>

namespace medibridge::control {

/// The first part of every path, without its `v`; docs/control-api.md says what is promised of it.
inline constexpr int api_version = 1;

/// The control API, as docs/control-api.md describes it: finds the operation that a request asks
/// for, checks who asks, and answers.
class Api {
  public:
    /// `backend` outlives it. `own_uid`: the user that the program runs as.
    Api(Backend& backend, std::uint32_t own_uid) : backend_(&backend), access_(own_uid) {}

    /// Never throws, but std::bad_alloc. Request and writer live until it ends.
    runtime::Task<void> handle(const http::ServerRequest& request, http::ResponseWriter& writer);

  private:
    Backend* backend_;
    Access access_;
};

/// An error that the server answers by itself, as the API words its own.
http::RefusalBody refusal_body(int status, const std::string& why);

} // namespace medibridge::control
