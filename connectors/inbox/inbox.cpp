#include "connectors/inbox/inbox.hpp"

#include <sodium.h>

namespace medibridge::connectors {

ContentDigest content_digest(std::string_view content) {
    ContentHash hash;
    hash.add(content);
    return hash.finish();
}

struct ContentHash::State {
    crypto_generichash_state sodium;
};

ContentHash::ContentHash() : state_(std::make_unique<State>()) {
    crypto_generichash_init(&state_->sodium, nullptr, 0, std::tuple_size_v<ContentDigest>);
}

ContentHash::~ContentHash() = default;
ContentHash::ContentHash(ContentHash&&) noexcept = default;
ContentHash& ContentHash::operator=(ContentHash&&) noexcept = default;

void ContentHash::add(std::string_view bytes) {
    crypto_generichash_update(&state_->sodium, reinterpret_cast<const unsigned char*>(bytes.data()),
                              bytes.size());
}

ContentDigest ContentHash::finish() {
    ContentDigest digest{};
    crypto_generichash_final(&state_->sodium, digest.data(), digest.size());
    return digest;
}

} // namespace medibridge::connectors
