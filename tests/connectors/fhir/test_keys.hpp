#pragma once

#include "connectors/web/jwt_assertion.hpp"

#include <nlohmann/json.hpp>
#include <string>

namespace medibridge::connectors {

/// A key pair that lives as long as the program: made at the first call.
const std::string& private_key(JwtSigner::Algorithm algorithm);

/// A token taken apart, and whether its signature is that of the key pair.
struct OpenedToken {
    nlohmann::json header;
    nlohmann::json claims;
    std::size_t signature_size = 0;
    bool verified = false;
};
OpenedToken open_token(const std::string& token, JwtSigner::Algorithm algorithm);

} // namespace medibridge::connectors
