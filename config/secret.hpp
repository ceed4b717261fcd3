#pragma once

#include "config/secret_text.hpp"
#include "config/section.hpp"

#include <optional>

namespace medibridge::config {

/// What a secret is used for, which says what it may consist of.
enum class SecretUse {
    token,    ///< sent as a bearer token: visible ASCII without spaces
    header,   ///< sent as a header's value: visible ASCII and inner spaces
    password, ///< anything but control characters
    key,      ///< 64 hexadecimal digits
    pem,      ///< lines of visible ASCII and spaces
};

/// Largest secret that is read, in bytes.
inline constexpr std::size_t max_secret_size = 16u << 10;

/// Reads `{file: PATH}`, `{env: NAME}` or `{credential: NAME}` and what it refers to, without line
/// ends at its end. Mistakes never repeat any of the value's text.
std::optional<Secret> read_secret(const Value& value, Report& report, SecretUse use);

} // namespace medibridge::config
