#include "base/http/proxy.hpp"

#include "base/bytes/encode.hpp"

namespace medibridge::http {

Proxy::Proxy(Url url, const std::string& user, const std::string& password)
    : url_(std::move(url)),
      authorization_("Basic " + base::base64(user + ":" + password)) {}

} // namespace medibridge::http
