#include "base/http/message.hpp"

#include "base/bytes/ascii.hpp"

#include <cstdlib>

namespace medibridge::http {

std::string_view name(Method method) {
    switch (method) {
    case Method::get:
        return "GET";
    case Method::post:
        return "POST";
    case Method::put:
        return "PUT";
    case Method::delete_:
        return "DELETE";
    }
    std::abort();
}

std::string_view name(ErrorKind kind) {
    switch (kind) {
    case ErrorKind::resolve:
        return "resolve";
    case ErrorKind::connect:
        return "connect";
    case ErrorKind::tls:
        return "tls";
    case ErrorKind::proxy:
        return "proxy";
    case ErrorKind::timeout:
        return "timeout";
    case ErrorKind::closed:
        return "closed";
    case ErrorKind::malformed:
        return "malformed";
    case ErrorKind::too_large:
        return "too_large";
    case ErrorKind::cancelled:
        return "cancelled";
    case ErrorKind::invalid:
        return "invalid";
    }
    std::abort();
}

bool is_readable_transfer(std::string_view encoding) {
    return base::equal_ignoring_ascii_case(encoding, "chunked") ||
           base::equal_ignoring_ascii_case(encoding, "identity");
}

std::string_view Response::header(std::string_view name) const {
    for (const auto& [key, value] : headers)
        if (base::equal_ignoring_ascii_case(key, name)) return value;
    return {};
}

} // namespace medibridge::http
