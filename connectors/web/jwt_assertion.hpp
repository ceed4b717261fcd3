#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace medibridge::connectors {

/// What an assertion claims (RFC 7523 §3): that `subject` is who asks `audience`.
class JwtClaims {
  public:
    JwtClaims() = default;

    std::string subject;  ///< and issuer
    std::string audience; ///< the token server's address
    std::chrono::sys_seconds issued_at;
    std::chrono::seconds lifetime{240}; ///< SMART allows five minutes at most
    std::string id;                     ///< never used before
};

/// Signs JSON Web Tokens (RFC 7515, RFC 7518 §3) with a private key.
class JwtSigner {
  public:
    enum class Algorithm { rs384, es384 };

    /// `pem` holds the key. Throws std::invalid_argument, without anything of the key, if it cannot
    /// be read or does not fit the algorithm. An empty `key_id` is not written.
    JwtSigner(const std::string& pem, Algorithm algorithm, std::string key_id);
    ~JwtSigner();

    /// Throws std::runtime_error if the library cannot sign.
    std::string sign(const JwtClaims& claims) const;

  private:
    struct Key;
    std::unique_ptr<Key> key_;
    Algorithm algorithm_;
    std::string key_id_;
};

/// 128 random bits in hexadecimal, for JwtClaims::id.
std::string fresh_jwt_id();

} // namespace medibridge::connectors
