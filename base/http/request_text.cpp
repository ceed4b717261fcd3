#include "base/http/request_text.hpp"

#include "base/bytes/ascii.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace medibridge::http {
namespace {

constexpr std::array<std::string_view, 9> written_here = {
    "Host", "User-Agent", "Accept-Encoding",   "Connection",          "Content-Length",
    "TE",   "Trailer",    "Transfer-Encoding", "Proxy-Authorization",
};

/// RFC 9110 §5.6.2.
constexpr bool is_token(char c) {
    return base::is_ascii_alphanumeric(c) ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

/// RFC 9110 §5.5: what a value may hold, obsolete text above ASCII included.
constexpr bool is_value(char c) {
    return c == '\t' || (static_cast<unsigned char>(c) >= ' ' && c != '\x7f');
}

bool sends_length(const Request& request) {
    return !request.body.empty() || request.method == Method::post || request.method == Method::put;
}

} // namespace

RequestFrame make_frame(const std::string& authority, bool absolute,
                        const std::string& proxy_authorization) {
    RequestFrame frame;
    if (absolute) frame.before_target = "http://" + authority;
    // Asking for `identity` explicitly makes most proxies leave the body alone (RFC 9110 §12.5.3).
    frame.after_target = " HTTP/1.1\r\nHost: " + authority +
                         "\r\nUser-Agent: medibridge/" MEDIBRIDGE_VERSION
                         "\r\nAccept-Encoding: identity\r\n";
    if (!proxy_authorization.empty())
        frame.after_target += "Proxy-Authorization: " + proxy_authorization + "\r\n";
    return frame;
}

std::string_view defect(const Request& request) {
    if (!request.target.starts_with('/')) return "the request's target does not start with '/'";
    if (!std::ranges::all_of(request.target, base::is_ascii_graphic))
        return "the request's target holds a character that must be percent-encoded";
    for (const auto& [name, value] : request.headers) {
        if (name.empty() || !std::ranges::all_of(name, is_token))
            return "a header's name holds a character that it must not";
        if (!std::ranges::all_of(value, is_value))
            return "a header's value holds a control character";
        for (const std::string_view own : written_here)
            if (base::equal_ignoring_ascii_case(name, own))
                return "a header is one that the client writes";
    }
    return {};
}

void write_request(const Request& request, const RequestFrame& frame, std::string& out) {
    constexpr std::size_t separators = 4;
    std::size_t size = 64 + frame.before_target.size() + request.target.size() +
                       frame.after_target.size() + request.body.size();
    for (const auto& [name, value] : request.headers)
        size += name.size() + value.size() + separators;
    out.clear();
    out.reserve(size);
    out.append(name(request.method)).append(" ");
    out.append(frame.before_target).append(request.target).append(frame.after_target);
    for (const auto& [name, value] : request.headers)
        out.append(name).append(": ").append(value).append("\r\n");
    if (sends_length(request)) {
        std::array<char, 24> digits;
        const auto end =
            std::to_chars(digits.data(), digits.data() + digits.size(), request.body.size()).ptr;
        out.append("Content-Length: ").append(digits.data(), end).append("\r\n");
    }
    out.append("\r\n").append(request.body);
}

} // namespace medibridge::http
