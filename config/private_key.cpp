#include "config/private_key.hpp"

#include <array>
#include <memory>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

namespace medibridge::config {

namespace {

constexpr int least_rsa_bits = 2048;

/// Keys with a passphrase are not asked for one at the terminal.
int no_passphrase(char*, int, int, void*) {
    return 0;
}

bool is_p384(const EVP_PKEY* key) {
    std::array<char, 64> name{};
    std::size_t length = 0;
    if (EVP_PKEY_get_group_name(key, name.data(), name.size(), &length) != 1) return false;
    return std::string_view(name.data(), length) == "secp384r1";
}

} // namespace

std::string_view private_key_mistake(std::string_view pem, PrivateKeyJwtAuth::Algorithm algorithm) {
    if (pem.find("PRIVATE KEY-----") == std::string_view::npos)
        return "holds no private key in PEM form (`-----BEGIN PRIVATE KEY-----`)";
    if (pem.find("ENCRYPTED") != std::string_view::npos)
        return "is protected by a passphrase, which the service cannot enter: remove it with "
               "`openssl pkey`, and protect the file instead";
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
        BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
        bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr) : nullptr,
        EVP_PKEY_free);
    if (!key) return "holds a private key that cannot be read";
    if (algorithm == PrivateKeyJwtAuth::Algorithm::rs384) {
        if (EVP_PKEY_is_a(key.get(), "RSA") != 1)
            return "is not an RSA key, which `algorithm: RS384` needs";
        if (EVP_PKEY_get_bits(key.get()) < least_rsa_bits)
            return "is an RSA key of less than 2048 bits";
        return {};
    }
    if (EVP_PKEY_is_a(key.get(), "EC") != 1 || !is_p384(key.get()))
        return "is not a key on the curve P-384 (secp384r1), which `algorithm: ES384` needs";
    return {};
}

} // namespace medibridge::config
