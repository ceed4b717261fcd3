#pragma once

#include "base/http/url.hpp"

#include <string>
#include <utility>

namespace medibridge::http {

/// An HTTP proxy on the way to a server. It has no stream operator and no formatter, for its
/// credentials must not be printed.
class Proxy {
  public:
    /// One that asks for nothing.
    explicit Proxy(Url url) : url_(std::move(url)) {}
    /// With Basic credentials (RFC 7617), which are sent in UTF-8. `user` holds no colon.
    Proxy(Url url, const std::string& user, const std::string& password);

    const Url& url() const { return url_; }
    bool has_credentials() const { return !authorization_.empty(); }
    /// Proxy-Authorization's value, for the proxy's eyes only; empty: not sent.
    const std::string& authorization() const { return authorization_; }

  private:
    Url url_;
    std::string authorization_;
};

} // namespace medibridge::http
