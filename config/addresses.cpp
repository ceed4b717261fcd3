#include "base/files/content.hpp"
#include "config/values.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <cstring>
#include <date/tz.h>

namespace medibridge::config {

namespace {

constexpr std::size_t max_pem_size = 16u << 20;

bool is_ipv4(const std::string& host) {
    in_addr address{};
    return inet_pton(AF_INET, host.c_str(), &address) == 1;
}

bool is_ipv6(const std::string& host) {
    in6_addr address{};
    return inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

/// Why a text is no URL. Never repeats it: a password may stand in it.
std::string_view url_mistake(std::string_view text) {
    const auto scheme_end = text.find("://");
    if (scheme_end == std::string_view::npos)
        return "write it in full, beginning with https:// or http://";
    const auto scheme = text.substr(0, scheme_end);
    if (scheme != "http" && scheme != "https") return "only https:// and http:// are supported";
    const auto rest = text.substr(scheme_end + 3);
    const auto authority = rest.substr(0, rest.find_first_of("/?#"));
    if (authority.find('@') != std::string_view::npos)
        return "it must not hold credentials: give them as a separate secret";
    if (text.find('#') != std::string_view::npos) return "remove the fragment (`#…`)";
    if (text.find(' ') != std::string_view::npos) return "write a space as %20";
    return "check its host, port and characters";
}

} // namespace

bool is_loopback(std::string_view host) {
    const std::string text(host);
    if (text == "localhost" || text.ends_with(".localhost")) return true;
    if (is_ipv4(text)) return text.starts_with("127.");
    in6_addr address{};
    return inet_pton(AF_INET6, text.c_str(), &address) == 1 && IN6_IS_ADDR_LOOPBACK(&address);
}

std::optional<http::Url> read_url(const Value& value, Report& report) {
    const auto text = read_text(value, report);
    if (!text) return std::nullopt;
    auto url = http::parse_url(*text);
    if (!url)
        report.mistake(value.place,
                       quote(value.path) + " is not a URL: " + std::string(url_mistake(*text)));
    return url;
}

std::optional<ListenAddress> read_listen(const Value& value, Report& report) {
    const auto text = read_text(value, report);
    if (!text) return std::nullopt;
    const auto colon = text->rfind(':');
    std::string host = text->substr(0, colon == std::string::npos ? 0 : colon);
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (bracketed) host = host.substr(1, host.size() - 2);
    const bool known = bracketed ? is_ipv6(host) : is_ipv4(host) || host == "localhost";
    std::uint16_t port = 0;
    const char* const begin = text->data() + (known ? colon + 1 : text->size());
    const char* const end = text->data() + text->size();
    const auto parsed = std::from_chars(begin, end, port);
    if (!known || begin == end || parsed.ptr != end || parsed.ec != std::errc{}) {
        report.mistake(value.place, quote(value.path) +
                                        " must be ADDRESS:PORT, such as 127.0.0.1:9464 or "
                                        "[::1]:9464");
        return std::nullopt;
    }
    return ListenAddress{std::move(host), port};
}

namespace {

/// The path of a PEM file that holds one of `labels`, as in `-----BEGIN LABEL-----`.
std::optional<std::string> read_pem_file(const Value& value, Report& report, std::string_view what,
                                         std::initializer_list<std::string_view> labels) {
    auto path = read_text(value, report);
    if (!path) return std::nullopt;
    const auto pem = files::read_given(*path, max_pem_size);
    const bool has_one =
        pem && std::ranges::any_of(labels, [&](std::string_view label) {
            return pem->find("-----BEGIN " + std::string(label) + "-----") != std::string::npos;
        });
    if (has_one) return path;
    report.mistake(value.place,
                   "the file " + quote(*path) + " of " + quote(value.path) + " " +
                       (pem ? "holds no " + std::string(what) + " in PEM form (`-----BEGIN " +
                                  std::string(*labels.begin()) + "-----`)"
                            : pem.error().text));
    return std::nullopt;
}

} // namespace

std::optional<std::string> read_ca_file(const Value& value, Report& report) {
    return read_pem_file(value, report, "certificate", {"CERTIFICATE", "TRUSTED CERTIFICATE"});
}

std::optional<std::string> read_crl_file(const Value& value, Report& report) {
    return read_pem_file(value, report, "revocation list", {"X509 CRL"});
}

std::optional<std::string> read_timezone(const Value& value, Report& report) {
    auto name = read_text(value, report);
    if (!name) return std::nullopt;
    try {
        date::locate_zone(*name);
        return name;
    } catch (const std::runtime_error&) {
        // Unknown, or no database at all: told apart below.
    }
    std::string text = quote(value.path) + " is not a known time zone";
    try {
        std::vector<std::string_view> zones;
        for (const auto& zone : date::get_tzdb().zones)
            zones.push_back(zone.name());
        const auto meant = nearest(*name, zones);
        text += meant.empty() ? ": write one such as Europe/Paris or Indian/Reunion"
                              : "; did you mean " + quote(meant) + "?";
    } catch (const std::runtime_error&) {
        text = "the system has no time zone database: install the package tzdata";
    }
    report.mistake(value.place, std::move(text));
    return std::nullopt;
}

} // namespace medibridge::config
