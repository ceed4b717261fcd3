#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Bytes as text: hexadecimal, base64, percent-encoding.
namespace medibridge::base {

/// Two lower-case digits a byte.
std::string hex(std::span<const std::uint8_t> bytes);
std::string hex(std::string_view bytes);
/// The last `digits` (1 to 16) hexadecimal digits of a number, in lower case.
std::string hex_number(std::uint64_t number, int digits);
/// What pairs of digits of either case spell; nothing: the text is not of such pairs alone.
std::optional<std::vector<std::uint8_t>> from_hex(std::string_view text);

/// RFC 4648 §4, with padding.
std::string base64(std::string_view bytes);
/// RFC 4648 §5 without padding, as in a JSON Web Token.
std::string base64_url(std::string_view bytes);

/// The digits after a percent sign: upper case is the usual (RFC 3986 §2.1).
enum class PercentDigits : std::uint8_t { upper, lower };
/// RFC 3986 §2.1, for every byte of which `stays` is false.
std::string percent_encode(std::string_view text, bool (*stays)(char),
                           PercentDigits digits = PercentDigits::upper);
/// Everything but RFC 3986's unreserved characters (§2.3).
std::string percent_encode(std::string_view text);
/// Digits of either case; a percent sign without two of them stays as it is.
std::string percent_decode(std::string_view text);

} // namespace medibridge::base
