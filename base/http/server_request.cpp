#include "base/http/server.hpp"

#include "base/bytes/ascii.hpp"
#include "base/bytes/encode.hpp"
#include "base/bytes/utf8.hpp"

#include <algorithm>

namespace medibridge::http {

namespace {

/// Calls `take` for each part between separators, empty ones too; false as soon as it says so.
template <class Take>
bool each_part(std::string_view text, char separator, const Take& take) {
    for (;;) {
        const auto end = text.find(separator);
        if (!take(text.substr(0, end))) return false;
        if (end == std::string_view::npos) return true;
        text.remove_prefix(end + 1);
    }
}

/// Where a percent sign stands without two digits behind it; npos: nowhere.
std::size_t bad_percent_sign(std::string_view text) {
    for (auto at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 1))
        if (at + 2 >= text.size() || !base::is_hex_digit(text[at + 1]) ||
            !base::is_hex_digit(text[at + 2]))
            return at;
    return std::string_view::npos;
}

/// Nothing: it is no text.
std::optional<std::string> decoded(std::string_view encoded) {
    auto text = base::percent_decode(encoded);
    if (!base::is_utf8(text) || text.find('\0') != std::string::npos) return std::nullopt;
    return text;
}

/// Forms and most libraries write a space so.
std::optional<std::string> decoded_parameter(std::string_view encoded) {
    std::string text(encoded);
    std::ranges::replace(text, '+', ' ');
    return decoded(text);
}

bool read_parameter(std::string_view part, ServerRequest& request) {
    if (part.empty()) return true;
    const auto equals = part.find('=');
    const bool has_value = equals != std::string_view::npos;
    auto key = decoded_parameter(part.substr(0, equals));
    auto value = decoded_parameter(has_value ? part.substr(equals + 1) : std::string_view());
    if (!key || !value) return false;
    request.query.emplace_back(*std::move(key), *std::move(value));
    return true;
}

std::string at_byte(std::size_t at) {
    return " at byte " + std::to_string(at + 1);
}

} // namespace

std::optional<std::string> ServerRequest::parameter(std::string_view name) const {
    for (const auto& [key, value] : query)
        if (key == name) return value;
    return std::nullopt;
}

std::string read_target(std::string_view target, ServerRequest& request) {
    if (!target.starts_with('/')) return "the target is no path: it begins with no slash";
    target = target.substr(0, target.find('#'));
    if (const auto at = bad_percent_sign(target); at != std::string_view::npos)
        return "the target has a percent sign without two hexadecimal digits" + at_byte(at);
    const auto question = target.find('?');
    const auto take_path = [&](std::string_view part) {
        auto text = decoded(part);
        if (!text) return false;
        request.path.push_back(*std::move(text));
        return true;
    };
    constexpr std::size_t slash = 1;
    if (!each_part(target.substr(slash, question - slash), '/', take_path))
        return "part " + std::to_string(request.path.size() + 1) +
               " of the path is not UTF-8, or has a zero byte";
    if (question == std::string_view::npos) return {};
    const bool readable = each_part(target.substr(question + 1), '&', [&](std::string_view part) {
        return read_parameter(part, request);
    });
    if (readable) return {};
    return "parameter " + std::to_string(request.query.size() + 1) +
           " of the query is not UTF-8, or has a zero byte";
}

} // namespace medibridge::http
