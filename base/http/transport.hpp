#pragma once

#include "base/http/message.hpp"
#include "base/runtime/task.hpp"

namespace medibridge::http {

/// Sends requests to one origin. The seam at which tests put a simulated network.
class Transport {
  public:
    virtual ~Transport() = default;

    /// One attempt. The one thing that is repeated, once and on a new connection: a request for
    /// which a kept-alive connection turned out to be closed, if the server cannot have received
    /// all of it, or if it is a GET to which not a byte was answered.
    /// Several may be under way at once; they wait for a free connection.
    /// Failures are values; throws only std::bad_alloc.
    virtual runtime::Task<Result> send(Request request) = 0;
};

} // namespace medibridge::http
