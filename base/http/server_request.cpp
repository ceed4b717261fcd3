#include "base/http/server.hpp"

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

} // namespace

std::optional<std::string> ServerRequest::parameter(std::string_view name) const {
    for (const auto& [key, value] : query)
        if (key == name) return value;
    return std::nullopt;
}

bool read_target(std::string_view target, ServerRequest& request) {
    if (!target.starts_with('/')) return false;
    target = target.substr(1, target.find('#') - 1);
    const auto question = target.find('?');
    const auto take_path = [&](std::string_view part) {
        auto text = decoded(part);
        if (!text) return false;
        request.path.push_back(*std::move(text));
        return true;
    };
    if (!each_part(target.substr(0, question), '/', take_path)) return false;
    if (question == std::string_view::npos) return true;
    return each_part(target.substr(question + 1), '&', [&](std::string_view part) {
        if (part.empty()) return true;
        const auto equals = part.find('=');
        auto key = decoded_parameter(part.substr(0, equals));
        auto value = decoded_parameter(equals == std::string_view::npos ? std::string_view()
                                                                        : part.substr(equals + 1));
        if (!key || !value) return false;
        request.query.emplace_back(*std::move(key), *std::move(value));
        return true;
    });
}

} // namespace medibridge::http
