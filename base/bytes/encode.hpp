#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Bytes as text: hexadecimal, base64, percent-encoding.
namespace medibridge::base {

/// Two lower-case digits for each byte.
std::string hex(std::span<const std::uint8_t> bytes);
std::string hex(std::string_view bytes);
/// The last `digits` (1 to 16) hexadecimal digits of a number, in lower case.
std::string hex_number(std::uint64_t number, int digits);
/// The bytes that pairs of digits of either case stand for; nothing if the text holds anything
/// else.
std::optional<std::vector<std::uint8_t>> from_hex(std::string_view text);

/// RFC 4648 §4, with padding.
std::string base64(std::string_view bytes);
/// RFC 4648 §5 without padding, as in a JSON Web Token.
std::string base64_url(std::string_view bytes);

/// The case of the digits after a percent sign; upper case is usual (RFC 3986 §2.1).
enum class PercentDigits : std::uint8_t { upper, lower };
/// Encodes every byte for which `stays` returns false (RFC 3986 §2.1).
std::string percent_encode(std::string_view text, bool (*stays)(char),
                           PercentDigits digits = PercentDigits::upper);
/// Encodes everything but RFC 3986's unreserved characters (§2.3).
std::string percent_encode(std::string_view text);
/// Decodes digits of either case. A percent sign without two digits behind it stays as it is.
std::string percent_decode(std::string_view text);

} // namespace medibridge::base
