#include "connectors/web/jwt_assertion.hpp"

#include "base/bytes/encode.hpp"

#include <array>
#include <nlohmann/json.hpp>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <stdexcept>

namespace medibridge::connectors {
namespace {

/// One coordinate of a signature on P-384 (RFC 7518 §3.4).
constexpr std::size_t es384_part = 48;

template <class T, void (*release)(T*)>
struct Release {
    void operator()(T* object) const { release(object); }
};
using KeyPointer = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY, EVP_PKEY_free>>;
using ContextPointer = std::unique_ptr<EVP_MD_CTX, Release<EVP_MD_CTX, EVP_MD_CTX_free>>;
using SignaturePointer = std::unique_ptr<ECDSA_SIG, Release<ECDSA_SIG, ECDSA_SIG_free>>;

/// Keys with a passphrase are not asked for one at the terminal.
int no_passphrase(char*, int, int, void*) {
    return 0;
}

KeyPointer read_key(const std::string& pem) {
    BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    if (bio == nullptr) throw std::bad_alloc();
    KeyPointer key(PEM_read_bio_PrivateKey(bio, nullptr, no_passphrase, nullptr));
    BIO_free(bio);
    return key;
}

bool fits(const EVP_PKEY* key, JwtSigner::Algorithm algorithm) {
    if (algorithm == JwtSigner::Algorithm::rs384) return EVP_PKEY_is_a(key, "RSA") == 1;
    std::array<char, 64> curve{};
    std::size_t length = 0;
    return EVP_PKEY_is_a(key, "EC") == 1 &&
           EVP_PKEY_get_group_name(key, curve.data(), curve.size(), &length) == 1 &&
           std::string_view(curve.data(), length) == "secp384r1";
}

std::string signature_of(EVP_PKEY* key, std::string_view text) {
    const ContextPointer context(EVP_MD_CTX_new());
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    std::size_t size = 0;
    std::string signature;
    bool done = context != nullptr &&
                EVP_DigestSignInit(context.get(), nullptr, EVP_sha384(), nullptr, key) == 1 &&
                EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size()) == 1;
    signature.resize(size);
    auto* out = reinterpret_cast<unsigned char*>(signature.data());
    done = done && EVP_DigestSign(context.get(), out, &size, bytes, text.size()) == 1;
    if (!done) throw std::runtime_error("the token request cannot be signed");
    signature.resize(size);
    return signature;
}

/// OpenSSL writes ECDSA signatures in ASN.1, a token holds the two numbers side by side.
std::string raw_signature(const std::string& encoded) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(encoded.data());
    const SignaturePointer signature(
        d2i_ECDSA_SIG(nullptr, &bytes, static_cast<long>(encoded.size())));
    std::array<unsigned char, 2 * es384_part> raw{};
    constexpr int width = static_cast<int>(es384_part);
    const bool done =
        signature != nullptr &&
        BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), raw.data(), width) == width &&
        BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), raw.data() + es384_part, width) == width;
    if (!done) throw std::runtime_error("the token request cannot be signed");
    return {reinterpret_cast<const char*>(raw.data()), raw.size()};
}

std::int64_t unix_seconds(std::chrono::sys_seconds moment) {
    return moment.time_since_epoch().count();
}

} // namespace

struct JwtSigner::Key {
    KeyPointer pointer;
};

JwtSigner::JwtSigner(const std::string& pem, Algorithm algorithm, std::string key_id)
    : key_(std::make_unique<Key>()),
      algorithm_(algorithm),
      key_id_(std::move(key_id)) {
    key_->pointer = read_key(pem);
    if (!key_->pointer)
        throw std::invalid_argument("auth.private_key_jwt.key holds no private key that can be "
                                    "read");
    if (!fits(key_->pointer.get(), algorithm))
        throw std::invalid_argument("auth.private_key_jwt.key does not fit the algorithm: RS384 "
                                    "needs an RSA key, ES384 one on the curve P-384");
}

JwtSigner::~JwtSigner() = default;

std::string JwtSigner::sign(const JwtClaims& claims) const {
    nlohmann::json header;
    header["alg"] = algorithm_ == Algorithm::rs384 ? "RS384" : "ES384";
    header["typ"] = "JWT";
    if (!key_id_.empty()) header["kid"] = key_id_;
    nlohmann::json body;
    body["iss"] = claims.subject;
    body["sub"] = claims.subject;
    body["aud"] = claims.audience;
    body["iat"] = unix_seconds(claims.issued_at);
    body["exp"] = unix_seconds(claims.issued_at + claims.lifetime);
    body["jti"] = claims.id;
    auto token = base::base64_url(header.dump()) + "." + base::base64_url(body.dump());
    auto signature = signature_of(key_->pointer.get(), token);
    if (algorithm_ == Algorithm::es384) signature = raw_signature(signature);
    return token + "." + base::base64_url(signature);
}

std::string fresh_jwt_id() {
    std::array<unsigned char, 16> bytes{};
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
        throw std::runtime_error("the system gives no random numbers");
    return base::hex(bytes);
}

} // namespace medibridge::connectors
