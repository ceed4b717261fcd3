#include "connectors/rest/page_request.hpp"

#include "base/bytes/ascii.hpp"
#include "base/bytes/encode.hpp"
#include "base/http/url.hpp"
#include "config/time_format.hpp"
#include "connectors/web/http_source.hpp"

#include <stdexcept>
#include <utility>

namespace medibridge::connectors {
namespace {

TextFormat since_format(const RestQuery& query) {
    // A HIS may not understand fractions, and asking from an earlier moment does no harm.
    if (query.modified_after_format.empty()) return TextFormat("%Y-%m-%dT%H:%M:%SZ");
    const auto wrong = config::time_format_mistake(query.modified_after_format, false);
    if (!wrong.empty()) throw std::invalid_argument("query.modified_after_format: " + wrong);
    return TextFormat(query.modified_after_format);
}

} // namespace

PageRequests::PageRequests(const RestSettings& settings)
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
    names_.external_id = base::percent_encode(settings.query.external_id);
    headers_.emplace_back("Accept", "application/json");
    headers_.emplace_back("Cache-Control", "no-cache");
}

/// A path to whose query parameters are added.
class PageRequests::Target {
  public:
    explicit Target(const PageRequests& requests)
        : text_(requests.base_),
          joint_(requests.has_query_ ? '&' : '?') {}

    void add(const std::string& name, const std::string& value) {
        if (name.empty()) return;
        if (!text_.ends_with('?')) text_ += joint_;
        joint_ = '&';
        text_ += name + "=" + base::percent_encode(value);
    }
    std::string text() && { return std::move(text_); }

  private:
    std::string text_;
    char joint_;
};

std::string PageRequests::target(std::int64_t number,
                                 std::optional<reconcile::Instant> since) const {
    Target target(*this);
    if (since) target.add(names_.modified_after, since_format_.write(*since, zone_));
    target.add(names_.page, std::to_string(number));
    target.add(names_.per_page, std::to_string(page_size_));
    return std::move(target).text();
}

std::string PageRequests::one(const std::string& external_id,
                              std::optional<std::int64_t> first_page) const {
    Target target(*this);
    target.add(names_.external_id, external_id);
    if (first_page) target.add(names_.page, std::to_string(*first_page));
    target.add(names_.per_page, std::to_string(page_size_));
    return std::move(target).text();
}

http::Request PageRequests::get(std::string target) const {
    http::Request request(http::Method::get, std::move(target));
    request.headers = headers_;
    return request;
}

} // namespace medibridge::connectors
