#include "base/bytes/encode.hpp"

#include "base/bytes/ascii.hpp"

#include <sodium.h>

namespace medibridge::base {
namespace {

std::span<const std::uint8_t> bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string encoded(std::string_view bytes, int variant) {
    std::string text(sodium_base64_encoded_len(bytes.size(), variant), '\0');
    sodium_bin2base64(text.data(), text.size(), bytes_of(bytes).data(), bytes.size(), variant);
    text.pop_back(); // libsodium ends it with a null character
    return text;
}

bool is_unreserved(char c) {
    return is_ascii_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

} // namespace

std::string hex(std::span<const std::uint8_t> bytes) {
    std::string text(2 * bytes.size() + 1, '\0');
    sodium_bin2hex(text.data(), text.size(), bytes.data(), bytes.size());
    text.pop_back(); // libsodium ends it with a null character
    return text;
}

std::string hex(std::string_view bytes) {
    return hex(bytes_of(bytes));
}

std::string hex_number(std::uint64_t number, int digits) {
    std::string text;
    for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4)
        text += "0123456789abcdef"[number >> shift & 15];
    return text;
}

std::optional<std::vector<std::uint8_t>> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    std::vector<std::uint8_t> bytes(text.size() / 2);
    if (bytes.empty()) return bytes; // libsodium takes no null pointer
    std::size_t size = 0;
    const char* end = nullptr;
    // Without `end`, digits with something else behind them would pass.
    const int failed =
        sodium_hex2bin(bytes.data(), bytes.size(), text.data(), text.size(), nullptr, &size, &end);
    if (failed != 0 || size != bytes.size() || end != text.data() + text.size())
        return std::nullopt;
    return bytes;
}

std::string base64(std::string_view bytes) {
    return encoded(bytes, sodium_base64_VARIANT_ORIGINAL);
}

std::string base64_url(std::string_view bytes) {
    return encoded(bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

std::string percent_encode(std::string_view text, bool (*stays)(char), PercentDigits digits) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        if (stays(c)) {
            out += c;
            continue;
        }
        const auto pair = hex_number(static_cast<unsigned char>(c), 2);
        out += '%';
        out += digits == PercentDigits::upper ? ascii_upper_case(pair) : pair;
    }
    return out;
}

std::string percent_encode(std::string_view text) {
    return percent_encode(text, is_unreserved);
}

std::string percent_decode(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte =
            text[i] == '%' && i + 2 < text.size() ? from_hex(text.substr(i + 1, 2)) : std::nullopt;
        out += byte ? static_cast<char>(byte->front()) : text[i];
        if (byte) i += 2;
    }
    return out;
}

} // namespace medibridge::base
