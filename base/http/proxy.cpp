#include "base/http/proxy.hpp"

#include <openssl/evp.h>

namespace medibridge::http {
namespace {

std::string in_base64(const std::string& bytes) {
    std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0'); // EVP ends it with a null character
    const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                       reinterpret_cast<const unsigned char*>(bytes.data()),
                                       static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(length));
    return text;
}

} // namespace

Proxy::Proxy(Url url, const std::string& user, const std::string& password)
    : url_(std::move(url)),
      authorization_("Basic " + in_base64(user + ":" + password)) {}

} // namespace medibridge::http
