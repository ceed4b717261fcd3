#pragma once

#include "config/auth.hpp"

#include <string_view>

namespace medibridge::config {

/// What is wrong with a private key in PEM form that is to sign with that algorithm: an RSA key of
/// at least 2048 bits for RS384 (RFC 7518 §3.3), one on the curve P-384 for ES384 (§3.4). Empty:
/// nothing. Fixed words that hold nothing of the key.
std::string_view private_key_mistake(std::string_view pem, PrivateKeyJwtAuth::Algorithm algorithm);

} // namespace medibridge::config
