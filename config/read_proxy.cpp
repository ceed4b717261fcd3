#include "config/secret.hpp"
#include "config/values.hpp"

namespace medibridge::config {
namespace {

constexpr std::string_view proxy_form =
    "{url: http://HOST:PORT, user: NAME, password: {file: PATH}}";

/// Where the proxy is; whatever else stands in the text is refused, and not repeated.
std::optional<http::Url> read_proxy_url(const Value& value, Report& report) {
    const auto text = read_text(value, report);
    if (!text) return std::nullopt;
    const auto authority = text->substr(0, text->find_first_of("/?#", text->find("://") + 3));
    if (authority.find('@') != std::string::npos) {
        report.mistake(value.place, quote(value.path) +
                                        " must not hold credentials, which would be read with this "
                                        "file: write `proxy: " +
                                        std::string(proxy_form) + "`");
        return std::nullopt;
    }
    auto url = read_url(value, report);
    if (!url) return std::nullopt;
    if (url->secure()) {
        report.mistake(value.place,
                       quote(value.path) +
                           " must begin with http://: the connection to the proxy is plain HTTP, "
                           "what passes through it is not");
        return std::nullopt;
    }
    if (!url->path.empty() && url->path != "/") {
        report.mistake(value.place, quote(value.path) + " must end after host and port");
        return std::nullopt;
    }
    return url;
}

std::optional<std::string> read_user(const Value& value, Report& report) {
    auto user = read_text(value, report);
    if (!user) return std::nullopt;
    for (const char c : *user) {
        if (c != ':' && static_cast<unsigned char>(c) >= ' ' && c != 0x7F) continue;
        report.mistake(value.place,
                       quote(value.path) + " cannot hold a colon or a control character");
        return std::nullopt;
    }
    return user;
}

} // namespace

std::optional<http::Proxy> read_proxy(const Value& value, Report& report) {
    if (value.node->kind != Node::Kind::mapping) {
        const auto url = read_proxy_url(value, report);
        return url ? std::optional<http::Proxy>(*url) : std::nullopt;
    }
    // A password that was written here by mistake is not repeated.
    Section section(value, report, Section::Repeat::nothing);
    std::optional<http::Url> url;
    std::optional<std::string> user;
    std::optional<Secret> password;
    if (const auto at = section.require("url", "give the address, such as http://proxy:3128"))
        url = read_proxy_url(*at, report);
    const bool credentials = section.has("user") || section.has("password");
    if (credentials) {
        if (const auto at = section.require("user", "give the user name that the proxy knows"))
            user = read_user(*at, report);
        if (const auto at = section.require("password", "refer to it, as in {file: PATH}"))
            password = read_secret(*at, report, SecretUse::password);
    }
    if (!url) return std::nullopt;
    if (!credentials) return http::Proxy(*url);
    if (!user || !password) return std::nullopt;
    return http::Proxy(*url, *user, std::string(password->reveal()));
}

} // namespace medibridge::config
