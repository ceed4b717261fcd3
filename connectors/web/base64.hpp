#pragma once

#include <string>
#include <string_view>

namespace medibridge::connectors {

/// RFC 4648 §4, with padding.
std::string base64(std::string_view bytes);

/// RFC 4648 §5 without padding, as in a JSON Web Token.
std::string base64_url(std::string_view bytes);

} // namespace medibridge::connectors
