#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace medibridge::http {

/// An http or https URL, in parts. `path` starts with `/` or is empty; it holds the query too.
struct Url {
    std::string scheme; ///< `http` or `https`
    std::string host;   ///< a name or an address; IPv6 without brackets
    std::uint16_t port = 0;
    std::string path;

    bool secure() const { return scheme == "https"; }
    /// `host:port`, or `host` where the port is the scheme's own; IPv6 in brackets.
    std::string authority() const;
    bool operator==(const Url&) const = default;
};

/// Reads an absolute http(s) URL. Nothing for other schemes, user info, fragments, spaces, control
/// characters, hosts that are neither a name in ASCII nor an address, or a bad port. Scheme and
/// host become lower case; bytes above ASCII in the path are percent-encoded.
std::optional<Url> parse_url(std::string_view text);

/// Resolves a link of a page at `base`: absolute, `//host/…`, `/path`, `?query` or relative
/// (RFC 3986 §5.2). A fragment is left out. Nothing if the result is not an http(s) URL.
std::optional<Url> resolve(const Url& base, std::string_view reference);

/// An HTTP proxy on the way to a server. It has no stream operator and no formatter, so that its
/// credentials cannot be printed.
class Proxy {
  public:
    /// A proxy that asks for no credentials.
    explicit Proxy(Url url) : url_(std::move(url)) {}
    /// With Basic credentials (RFC 7617), which are sent in UTF-8. `user` holds no colon.
    Proxy(Url url, const std::string& user, const std::string& password);

    const Url& url() const { return url_; }
    bool has_credentials() const { return !authorization_.empty(); }
    /// Proxy-Authorization's value, for the proxy only; empty: not sent.
    const std::string& authorization() const { return authorization_; }

  private:
    Url url_;
    std::string authorization_;
};

} // namespace medibridge::http
