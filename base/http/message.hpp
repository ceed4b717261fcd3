#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace medibridge::http {

enum class Method { get, post, put, delete_ };
std::string_view name(Method method);

using Headers = std::vector<std::pair<std::string, std::string>>;

/// A request to send. A target or header that would break the message (line breaks, other control
/// characters, a space in the target, a header that the client writes itself) is refused with
/// ErrorKind::invalid before anything is sent.
class Request {
  public:
    Request(Method method_, std::string target_) : method(method_), target(std::move(target_)) {}

    Method method;
    std::string target; ///< path and query, already percent-encoded
    Headers
        headers; ///< besides Host, User-Agent, Accept-Encoding, Connection and what frames the body
    std::string body;
};

class Response {
  public:
    Response() = default;

    int status = 0;
    Headers headers;
    std::string body;

    /// The first header of that name, ignoring case; empty if there is none.
    std::string_view header(std::string_view name) const;
};

/// Whether a Transfer-Encoding is one that we can undo: `chunked` alone, or `identity`, which old
/// servers send and which means nothing. Another one hides where the message ends (RFC 9112 §6.1).
bool is_readable_transfer(std::string_view encoding);

enum class ErrorKind {
    resolve,   ///< the name could not be resolved
    connect,   ///< refused, unreachable
    tls,       ///< handshake or certificate refused; `what` says which check failed
    proxy,     ///< the proxy refused: 407, or another answer to CONNECT
    timeout,   ///< a step, or the whole request, took longer than allowed
    closed,    ///< the peer closed or reset the connection
    malformed, ///< the answer is not HTTP, was cut off, or cannot be unpacked
    too_large, ///< the answer is larger than the limit, packed or unpacked
    cancelled, ///< Client::cancel was called
    invalid,   ///< the request itself cannot be sent: see Request
};
std::string_view name(ErrorKind kind);

/// Why there is no response.
class Error {
  public:
    Error() = default;
    Error(ErrorKind kind_, bool maybe_executed_, std::string what_)
        : kind(kind_),
          maybe_executed(maybe_executed_),
          what(std::move(what_)) {}

    ErrorKind kind = ErrorKind::closed;
    /// False only if the server cannot have received the whole request.
    bool maybe_executed = true;
    /// For a log: what failed in plain words, without any header or body.
    std::string what;
};

using Result = std::expected<Response, Error>;

} // namespace medibridge::http
