#include "connectors/his/inbox.hpp"

#include <sodium.h>

namespace medibridge::connectors {

ContentDigest content_digest(std::string_view content) {
    ContentDigest digest{};
    crypto_generichash(digest.data(), digest.size(),
                       reinterpret_cast<const unsigned char*>(content.data()), content.size(),
                       nullptr, 0);
    return digest;
}

} // namespace medibridge::connectors
