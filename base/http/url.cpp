#include "base/http/url.hpp"

#include "base/bytes/ascii.hpp"
#include "base/bytes/encode.hpp"

#include <algorithm>
#include <boost/asio/ip/address_v6.hpp>
#include <charconv>

namespace medibridge::http {

namespace {

constexpr std::size_t longest_host = 253; // RFC 1035 §3.1, in text

constexpr std::uint16_t default_port(std::string_view scheme) {
    return scheme == "https" ? 443 : 80;
}

bool is_host_name(std::string_view host) {
    return !host.empty() && host.size() <= longest_host && std::ranges::all_of(host, [](char c) {
        return base::is_ascii_alphanumeric(c) || c == '-' || c == '.' || c == '_';
    });
}

bool is_ipv6(std::string_view host) {
    // Only hexadecimal, colons and a dotted tail: no zone, which names an interface of this
    // machine.
    const bool plain = std::ranges::all_of(
        host, [](char c) { return base::is_ascii_alphanumeric(c) || c == ':' || c == '.'; });
    boost::system::error_code failure;
    if (plain) boost::asio::ip::make_address_v6(std::string(host), failure);
    return plain && !failure;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (failure != std::errc() || end != text.data() + text.size() || port == 0)
        return std::nullopt;
    return port;
}

/// Sets host and port from `host`, `host:port` or `[ipv6]:port`.
bool read_authority(std::string_view text, Url& url) {
    std::string_view rest;
    if (text.starts_with('[')) {
        const auto close = text.find(']');
        if (close == std::string_view::npos) return false;
        url.host = base::ascii_lower_case(text.substr(1, close - 1));
        if (!is_ipv6(url.host)) return false;
        rest = text.substr(close + 1);
    } else {
        const auto colon = std::min(text.find(':'), text.size());
        url.host = base::ascii_lower_case(text.substr(0, colon));
        if (!is_host_name(url.host)) return false;
        rest = text.substr(colon);
    }
    if (rest.empty()) {
        url.port = default_port(url.scheme);
        return true;
    }
    const auto port = rest.front() == ':' ? parse_port(rest.substr(1)) : std::nullopt;
    url.port = port.value_or(0);
    return port.has_value();
}

/// Path and query as a request may hold them; nothing if the text cannot be one.
std::optional<std::string> read_path(std::string_view text) {
    const auto may_stand = [](char c) {
        return base::is_beyond_ascii(c) || (base::is_ascii_graphic(c) && c != '#');
    };
    if (!std::ranges::all_of(text, may_stand)) return std::nullopt;
    auto path = base::percent_encode(text, [](char c) { return !base::is_beyond_ascii(c); });
    if (!path.empty() && path.front() != '/') path.insert(0, 1, '/');
    return path;
}

/// RFC 3986 §5.2.4, for a path that starts with `/`.
std::string remove_dot_segments(std::string_view path) {
    std::string out;
    while (!path.empty()) {
        const auto end = std::min(path.find('/', 1), path.size());
        const std::string_view segment = path.substr(0, end);
        path.remove_prefix(end);
        if (segment == "/." || segment == "/..") {
            if (segment == "/..") out.resize(out.empty() ? 0 : out.rfind('/'));
            if (path.empty()) out += '/';
        } else {
            out += segment;
        }
    }
    return out;
}

/// The same for a path with a query, in which dots mean nothing.
std::string normalised(std::string_view path) {
    const auto query = std::min(path.find('?'), path.size());
    return remove_dot_segments(path.substr(0, query)).append(path.substr(query));
}

bool has_scheme(std::string_view reference) {
    const auto end = reference.find_first_of(":/?");
    if (end == std::string_view::npos || reference[end] != ':' || end == 0) return false;
    return base::is_ascii_letter(reference.front()) &&
           std::ranges::all_of(reference.substr(0, end), [](char c) {
               return base::is_ascii_alphanumeric(c) || c == '+' || c == '-' || c == '.';
           });
}

} // namespace

std::string Url::authority() const {
    std::string text = host.find(':') == std::string::npos ? host : "[" + host + "]";
    if (port != default_port(scheme)) text += ":" + std::to_string(port);
    return text;
}

std::optional<Url> parse_url(std::string_view text) {
    Url url;
    const auto colon = text.find("://");
    if (colon == std::string_view::npos) return std::nullopt;
    url.scheme = base::ascii_lower_case(text.substr(0, colon));
    if (url.scheme != "http" && url.scheme != "https") return std::nullopt;
    text.remove_prefix(colon + 3);
    const auto end = std::min(text.find_first_of("/?#"), text.size());
    if (!read_authority(text.substr(0, end), url)) return std::nullopt;
    auto path = read_path(text.substr(end));
    if (!path) return std::nullopt;
    url.path = std::move(*path);
    return url;
}

std::optional<Url> resolve(const Url& base, std::string_view reference) {
    reference = reference.substr(0, reference.find('#'));
    std::optional<Url> url;
    if (has_scheme(reference)) {
        url = parse_url(reference);
    } else if (reference.starts_with("//")) {
        url = parse_url(base.scheme + ":" + std::string(reference));
    } else {
        const std::string_view base_path =
            std::string_view(base.path).substr(0, std::min(base.path.find('?'), base.path.size()));
        std::string path;
        if (reference.empty())
            path = base.path;
        else if (reference.front() == '?')
            path = base_path;
        else if (reference.front() != '/')
            path = base_path.substr(0, base_path.rfind('/') + 1);
        auto checked = read_path(path.append(reference));
        if (checked) {
            url = base;
            url->path = std::move(*checked);
        }
    }
    if (url) url->path = normalised(url->path);
    return url;
}

Proxy::Proxy(Url url, const std::string& user, const std::string& password)
    : url_(std::move(url)),
      authorization_("Basic " + base::base64(user + ":" + password)) {}

} // namespace medibridge::http
