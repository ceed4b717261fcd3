#include "connectors/web/auth_headers.hpp"

#include "base/bytes/ascii.hpp"
#include "base/bytes/encode.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>

namespace medibridge::connectors {
namespace {

void check_value(std::string_view value, std::string_view what) {
    const bool usable = std::ranges::none_of(value, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < 0x20 && c != '\t') || byte == 0x7F;
    });
    if (!usable || value.empty())
        throw std::invalid_argument(std::string(what) +
                                    " is empty or holds a line break or another control character: "
                                    "check the file or variable that it comes from");
}

void check_name(std::string_view name) {
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~"; // RFC 9110 §5.6.2
    const bool token = !name.empty() && std::ranges::all_of(name, [marks](char c) {
        return base::is_ascii_alphanumeric(c) || marks.find(c) != std::string_view::npos;
    });
    if (!token) throw std::invalid_argument("auth.header.name is not a valid header name");
}

} // namespace

http::Headers auth_headers(const config::Auth& auth) {
    http::Headers headers;
    if (const auto* bearer = std::get_if<config::BearerAuth>(&auth)) {
        check_value(bearer->token.reveal(), "auth.bearer");
        headers.emplace_back("Authorization", "Bearer " + bearer->token.reveal());
    } else if (const auto* basic = std::get_if<config::BasicAuth>(&auth)) {
        check_value(basic->user, "auth.basic.user");
        check_value(basic->password.reveal(), "auth.basic.password");
        if (basic->user.find(':') != std::string::npos)
            throw std::invalid_argument("auth.basic.user holds a colon, which would end the name");
        headers.emplace_back("Authorization",
                             "Basic " + base::base64(basic->user + ":" + basic->password.reveal()));
    } else if (const auto* header = std::get_if<config::HeaderAuth>(&auth)) {
        check_name(header->name);
        check_value(header->value.reveal(), "auth.header.value");
        headers.emplace_back(header->name, header->value.reveal());
    }
    return headers;
}

} // namespace medibridge::connectors
