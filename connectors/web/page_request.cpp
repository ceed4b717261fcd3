#include "connectors/web/page_request.hpp"

#include "base/bytes/ascii.hpp"
#include "base/bytes/encode.hpp"
#include "config/time_format.hpp"

#include <algorithm>
#include <stdexcept>
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

TextFormat since_format(const config::RestQuery& query) {
    // A HIS may not understand fractions, and asking from an earlier moment does no harm.
    if (query.modified_after_format.empty()) return TextFormat("%Y-%m-%dT%H:%M:%SZ");
    const auto wrong = config::time_format_mistake(query.modified_after_format, false);
    if (!wrong.empty()) throw std::invalid_argument("query.modified_after_format: " + wrong);
    return TextFormat(query.modified_after_format);
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

PageRequests::PageRequests(const config::RestSource& settings)
    : base_(settings.url.path.empty() ? "/" : settings.url.path),
      page_size_(settings.page_size),
      zone_(settings.timezone),
      since_format_(since_format(settings.query)),
      headers_(auth_headers(settings.auth)) {
    has_query_ = base_.find('?') != std::string::npos;
    while (base_.ends_with('&'))
        base_.pop_back();
    names_.modified_after = base::percent_encode(settings.query.modified_after);
    names_.page = base::percent_encode(settings.query.page);
    names_.per_page = base::percent_encode(settings.query.per_page);
    headers_.emplace_back("Accept", "application/json");
    headers_.emplace_back("Cache-Control", "no-cache");
}

std::string PageRequests::target(std::int64_t number,
                                 std::optional<reconcile::Instant> since) const {
    std::string target = base_;
    char joint = has_query_ ? '&' : '?';
    const auto add = [&target, &joint](const std::string& name, const std::string& value) {
        if (name.empty()) return;
        if (!target.ends_with('?')) target += joint;
        joint = '&';
        target += name + "=" + base::percent_encode(value);
    };
    if (since) add(names_.modified_after, since_format_.write(*since, zone_));
    add(names_.page, std::to_string(number));
    add(names_.per_page, std::to_string(page_size_));
    return target;
}

http::Request PageRequests::get(std::string target) const {
    http::Request request(http::Method::get, std::move(target));
    request.headers = headers_;
    return request;
}

} // namespace medibridge::connectors
