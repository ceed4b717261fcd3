#pragma once

#include "base/bytes/locked.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace medibridge::config {

struct Value;
class Report;

/// A secret's text, in memory that is not swapped out and is wiped when it goes. It has no stream
/// operator and no formatter, so that it cannot be printed by accident.
class Secret {
  public:
    Secret() = default;
    explicit Secret(std::string_view text) : text_(text.begin(), text.end()) {}
    /// Valid while the secret is there and does not change.
    std::string_view reveal() const { return {text_.data(), text_.size()}; }
    bool empty() const { return text_.empty(); }

  private:
    base::LockedBytes text_;
};

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

/// Stands in a mistake about what `{credential: NAME}` refers to.
inline constexpr std::string_view of_credentials_directory =
    "(in $CREDENTIALS_DIRECTORY; see LoadCredential=)";

/// Reads `{file: PATH}`, `{env: NAME}` or `{credential: NAME}` and what it refers to, without line
/// ends at its end; nothing where it cannot. Mistakes never repeat any of the value's text.
std::optional<Secret> read_secret(const Value& value, Report& report, SecretUse use);

} // namespace medibridge::config
