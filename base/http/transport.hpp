#pragma once

#include "base/http/message.hpp"
#include "base/runtime/task.hpp"

namespace medibridge::http {

/// Sends requests to one origin. The seam at which tests put a simulated network.
class Transport {
  public:
    virtual ~Transport() = default;

    /// One attempt. Only one case is repeated, once and on a new connection: a kept-alive
    /// connection turned out to be closed, and the server cannot have received all of the request,
    /// or it is a GET to which not a byte was answered. Several calls may run at once; they wait
    /// for a free connection. Failures are values; throws only std::bad_alloc.
    virtual runtime::Task<Result> send(Request request) = 0;
};

} // namespace medibridge::http
