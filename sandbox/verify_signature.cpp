#include "sandbox/token_server.hpp"

#include <cstdio>
#include <memory>
#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdexcept>

namespace medibridge::sandbox {

namespace {

struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
};
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
constexpr std::size_t es384_part = 48; // RFC 7518 §3.4

Key read_key(const std::string& file) {
    const auto read = [&file](auto reader) -> EVP_PKEY* {
        const std::unique_ptr<std::FILE, Close> stream(std::fopen(file.c_str(), "re"));
        return stream ? reader(stream.get(), nullptr, nullptr, nullptr) : nullptr;
    };
    auto* key = read(PEM_read_PUBKEY);
    if (key == nullptr) key = read(PEM_read_PrivateKey);
    if (key == nullptr) throw std::runtime_error(file + ": there is no key in PEM form");
    return {key, EVP_PKEY_free};
}

const unsigned char* bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

/// OpenSSL wants the two numbers in ASN.1.
std::string in_asn1(std::string_view raw) {
    if (raw.size() != 2 * es384_part) return {};
    constexpr int width = static_cast<int>(es384_part);
    const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> signature(ECDSA_SIG_new(),
                                                                          ECDSA_SIG_free);
    ECDSA_SIG_set0(signature.get(), BN_bin2bn(bytes(raw), width, nullptr),
                   BN_bin2bn(bytes(raw) + es384_part, width, nullptr));
    unsigned char* encoded = nullptr;
    const int size = i2d_ECDSA_SIG(signature.get(), &encoded);
    if (size <= 0) return {};
    std::string text(reinterpret_cast<const char*>(encoded), static_cast<std::size_t>(size));
    OPENSSL_free(encoded);
    return text;
}

} // namespace

std::string_view key_algorithm(const std::string& key_file) {
    return EVP_PKEY_is_a(read_key(key_file).get(), "EC") == 1 ? "ES384" : "RS384";
}

bool verify_signature(const std::string& key_file, std::string_view algorithm,
                      std::string_view text, std::string_view signature) {
    const auto key = read_key(key_file);
    const bool es = algorithm == "ES384";
    if (EVP_PKEY_is_a(key.get(), es ? "EC" : "RSA") != 1 || (!es && algorithm != "RS384"))
        return false;
    const auto encoded = es ? in_asn1(signature) : std::string(signature);
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                          EVP_MD_CTX_free);
    return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha384(), nullptr, key.get()) == 1 &&
           EVP_DigestVerify(context.get(), bytes(encoded), encoded.size(), bytes(text),
                            text.size()) == 1;
}

} // namespace medibridge::sandbox
