#include "connectors/fhir/requests.hpp"

#include "base/bytes/encode.hpp"
#include "connectors/fhir_resource/bundle.hpp"
#include "connectors/web/http_source.hpp"

#include <type_traits>

namespace medibridge::connectors {
namespace {

/// The credentials that are sent as they are; none for tokens that are fetched.
config::Auth plain_auth(const config::TokenAuth& auth) {
    return std::visit(
        [](const auto& its) -> config::Auth {
            using Kind = std::decay_t<decltype(its)>;
            if constexpr (std::is_constructible_v<config::Auth, Kind>)
                return its;
            else
                return config::NoAuth();
        },
        auth);
}

/// A value within a search parameter (https://hl7.org/fhir/R4/search.html#escaping).
std::string search_text(std::string_view value) {
    std::string text;
    for (const char c : value) {
        if (c == '\\' || c == '|' || c == ',' || c == '$') text += '\\';
        text += c;
    }
    return base::percent_encode(text);
}

std::string instant_text(reconcile::Instant instant) {
    return base::percent_encode(format_rfc3339(instant, reconcile::Precision::seconds));
}

} // namespace

FhirRequests::FhirRequests(const FhirSettings& settings)
    : base_(settings.base_url),
      identifier_system_(settings.identifier_system),
      page_size_(settings.page_size),
      headers_(auth_headers(plain_auth(settings.auth))) {
    headers_.emplace_back("Accept", "application/fhir+json");
    // Some servers answer a search that was made before from what they found then.
    headers_.emplace_back("Cache-Control", "no-cache");
}

std::string FhirRequests::search(std::optional<reconcile::Instant> since, bool sorted) const {
    auto target = base_.path + "/Patient?_count=" + std::to_string(page_size_);
    if (since) target += "&_lastUpdated=ge" + instant_text(*since);
    if (sorted) target += "&_sort=_lastUpdated";
    return target;
}

std::string FhirRequests::count(std::optional<reconcile::Instant> since) const {
    auto target = base_.path + "/Patient?_summary=count";
    if (since) target += "&_lastUpdated=ge" + instant_text(*since);
    return target;
}

std::string FhirRequests::history(reconcile::Instant since) const {
    return base_.path + "/Patient/_history?_count=" + std::to_string(page_size_) +
           "&_since=" + instant_text(since);
}

std::string FhirRequests::history_of(std::string_view id) const {
    return patient(id) + "/_history";
}

std::string FhirRequests::patient(std::string_view id) const {
    return base_.path + "/Patient/" + base::percent_encode(id);
}

std::string FhirRequests::holder(std::string_view external_id) const {
    return base_.path + "/Patient?identifier=" + search_text(identifier_system_) + "%7C" +
           search_text(external_id);
}

std::string FhirRequests::capability() const {
    return base_.path + "/metadata";
}

std::string_view FhirRequests::own_patient(std::string_view reference) const {
    if (reference.find("://") == std::string_view::npos) {
        return reference.starts_with("Patient/") ? patient_id_of(reference) : std::string_view();
    }
    const auto url = http::parse_url(reference.substr(0, reference.find('#')));
    const bool is_own = url && url->scheme == base_.scheme && url->host == base_.host &&
                        url->port == base_.port && url->path.starts_with(base_.path + "/Patient/");
    return is_own ? patient_id_of(reference) : std::string_view();
}

http::Request FhirRequests::get(std::string target) const {
    http::Request request(http::Method::get, std::move(target));
    request.headers = headers_;
    return request;
}

} // namespace medibridge::connectors
