#pragma once

#include "base/http/message.hpp"

#include <string>
#include <string_view>

/// Internal to the room: how a request is written.
namespace medibridge::http {

/// What is the same in all requests of a client.
struct RequestFrame {
    std::string before_target; ///< empty, or `http://host:port` towards a proxy
    std::string after_target;  ///< the version and the headers that never change
};

/// `authority` is that of the origin; `absolute`: the form that a proxy needs.
/// `proxy_authorization`: sent to the proxy; empty: not sent.
RequestFrame make_frame(const std::string& authority, bool absolute,
                        const std::string& proxy_authorization = {});

/// Why the request cannot be sent; empty if it can. Fixed words, without the value at fault.
std::string_view defect(const Request& request);

/// Replaces `out` by the bytes of the request, which must have no defect.
void write_request(const Request& request, const RequestFrame& frame, std::string& out);

} // namespace medibridge::http
