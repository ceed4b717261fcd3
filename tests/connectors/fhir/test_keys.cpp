#include "test_keys.hpp"

#include <map>
#include <memory>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <vector>

namespace medibridge::connectors {
namespace {

using Algorithm = JwtSigner::Algorithm;
using KeyPointer = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

EVP_PKEY* key_pair(Algorithm algorithm) {
    static const KeyPointer rsa(EVP_RSA_gen(2048), EVP_PKEY_free);
    static const KeyPointer ec(EVP_EC_gen("P-384"), EVP_PKEY_free);
    return algorithm == Algorithm::rs384 ? rsa.get() : ec.get();
}

std::string decoded(const std::string& text) {
    static const std::string alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string out;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        const auto digit = alphabet.find(c);
        if (digit == std::string::npos) return {};
        bits = bits << 6 | static_cast<std::uint32_t>(digit);
        count += 6;
        if (count < 8) continue;
        count -= 8;
        out += static_cast<char>(bits >> count & 255);
    }
    return out;
}

/// The two numbers as OpenSSL wants them.
std::string encoded_signature(const std::string& raw) {
    if (raw.size() != 96) return {};
    const auto* bytes = reinterpret_cast<const unsigned char*>(raw.data());
    const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> signature(ECDSA_SIG_new(),
                                                                          ECDSA_SIG_free);
    ECDSA_SIG_set0(signature.get(), BN_bin2bn(bytes, 48, nullptr),
                   BN_bin2bn(bytes + 48, 48, nullptr));
    unsigned char* out = nullptr;
    const int size = i2d_ECDSA_SIG(signature.get(), &out);
    std::string text(reinterpret_cast<const char*>(out), static_cast<std::size_t>(size));
    OPENSSL_free(out);
    return text;
}

bool verifies(EVP_PKEY* key, const std::string& text, const std::string& signature) {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                          EVP_MD_CTX_free);
    return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha384(), nullptr, key) == 1 &&
           EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                            signature.size(), reinterpret_cast<const unsigned char*>(text.data()),
                            text.size()) == 1;
}

} // namespace

const std::string& private_key(Algorithm algorithm) {
    static std::map<Algorithm, std::string> texts;
    auto& text = texts[algorithm];
    if (!text.empty()) return text;
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), BIO_free);
    PEM_write_bio_PrivateKey(bio.get(), key_pair(algorithm), nullptr, nullptr, 0, nullptr, nullptr);
    char* bytes = nullptr;
    const auto size = BIO_get_mem_data(bio.get(), &bytes);
    text.assign(bytes, static_cast<std::size_t>(size));
    return text;
}

OpenedToken open_token(const std::string& token, Algorithm algorithm) {
    OpenedToken opened;
    const auto first = token.find('.');
    const auto second = token.rfind('.');
    if (first == second) return opened;
    opened.header = nlohmann::json::parse(decoded(token.substr(0, first)), nullptr, false);
    opened.claims =
        nlohmann::json::parse(decoded(token.substr(first + 1, second - first - 1)), nullptr, false);
    const auto raw = decoded(token.substr(second + 1));
    opened.signature_size = raw.size();
    const auto signature = algorithm == Algorithm::es384 ? encoded_signature(raw) : raw;
    opened.verified = verifies(key_pair(algorithm), token.substr(0, second), signature);
    return opened;
}

} // namespace medibridge::connectors
