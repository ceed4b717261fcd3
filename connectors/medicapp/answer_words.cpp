#include "connectors/medicapp/answer_words.hpp"

#include "base/http/url.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

namespace medibridge::connectors {
namespace {

constexpr std::string_view in_between = "a firewall or a portal seems to be in between";

bool is_html(const http::Response& response) {
    const auto first = response.body.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
    if (first == std::string::npos) return false;
    if (response.body[first] == '<') return true;
    return response.header("Content-Type").starts_with("text/html");
}

/// The part of a path that cannot name a patient or a session: what stands before `/patients`. The
/// whole of it, if it is short, where the request itself named nobody.
std::string_view safe_path(const Call& call, std::string_view path) {
    constexpr std::size_t longest_segment = 40;
    path = path.substr(0, path.find_first_of("?#;"));
    if (const auto patients = path.find("/patients"); patients != std::string_view::npos)
        return path.substr(0, patients);
    if (call.about_one) return {};
    std::size_t end = 0;
    while (end < path.size()) {
        const auto next = std::min(path.find('/', end + 1), path.size());
        if (next - end > longest_segment) break;
        end = next;
    }
    return path.substr(0, end);
}

/// Where a redirection leads, as far as it may be shown; empty if nowhere that can be read.
std::string place_of(const Call& call, std::string_view location) {
    if (location.starts_with('/') && !location.starts_with("//")) {
        const bool plain =
            std::ranges::all_of(location, [](char c) { return c > ' ' && c < '\x7f'; });
        return plain ? std::string(safe_path(call, location)) : std::string();
    }
    const auto url = http::parse_url(location);
    if (!url) return {};
    std::string place = url->scheme + "://" + url->authority();
    place += safe_path(call, url->path);
    return place;
}

std::string of_redirection(const Call& call, const http::Response& response) {
    const auto place = place_of(call, response.header("Location"));
    if (response.status == 301 || response.status == 308)
        return "moved: set medicapp.base_url to " + (place.empty() ? "the new address" : place);
    std::string words = "redirected";
    if (!place.empty()) words += " to " + place;
    return words.append(": ").append(in_between).append(", or medicapp.base_url is wrong");
}

} // namespace

std::string words_for(const Call& call, const http::Response& response) {
    constexpr std::string_view check_base_url = "check medicapp.base_url";
    const int status = response.status;
    if (status / 100 == 3) return of_redirection(call, response);
    if (status == 407) return "a proxy on the way asks for credentials: check medicapp.proxy";
    std::string words;
    if (is_html(response))
        words = "an HTML page where JSON is expected";
    else if (response.body.find_first_not_of(" \t\r\n") == std::string::npos)
        words = "no body";
    else
        words = status / 100 == 2 ? "unreadable answer" : "without an error of Medicapp's";
    if (status == 404 && !call.about_one) return words.append(": ").append(check_base_url);
    const bool gateway = status >= 502 && status <= 504;
    if (is_html(response) && !gateway) words.append(": ").append(in_between);
    return words;
}

} // namespace medibridge::connectors
