#include "connectors/fhir/kind.hpp"

#include "config/section.hpp"
#include "config/values.hpp"
#include "connectors/fhir/source.hpp"

namespace medibridge::connectors {

using config::assign;
using config::quote;
using config::Report;
using config::Section;
using config::Value;

namespace {

/// The arc of the French national health identity (INS): NIR, NIA, INS-C, and their test values.
constexpr std::string_view national_identity_arc = "1.2.250.1.213.1.4";

bool is_national_identity(std::string_view system) {
    if (system.starts_with("urn:oid:")) system.remove_prefix(8);
    if (!system.starts_with(national_identity_arc)) return false;
    system.remove_prefix(national_identity_arc.size());
    return system.empty() || system.front() == '.';
}

void read_server_url(const Value& value, Report& report, http::Url& out) {
    auto url = read_url(value, report);
    if (!url) return;
    if (url->path.find('?') != std::string::npos)
        report.mistake(value.place, quote(value.path) +
                                        " cannot hold a query: give the address that `/Patient` "
                                        "is appended to");
    while (url->path.ends_with('/'))
        url->path.pop_back();
    if (url->path.ends_with("/Patient"))
        report.mistake(value.place, quote(value.path) +
                                        " must end before `/Patient`: it is the address of the "
                                        "whole FHIR interface");
    out = std::move(*url);
}

void read_identifier_system(const Value& value, Report& report, std::string& out) {
    assign(out, read_text(value, report));
    if (is_national_identity(out))
        report.mistake(value.place, quote(value.path) +
                                        " names the national health identity (INS), which is "
                                        "never sent: give the system of the hospital's own "
                                        "identifier (IPP)");
}

/// The way to the token server must not be weaker than the one that the tokens protect.
void check_token_url(const Value& auth, Report& report, const FhirSettings& source) {
    std::optional<http::Url> url;
    if (const auto* secret = std::get_if<config::ClientCredentialsAuth>(&source.auth))
        url = secret->token_url;
    else if (const auto* key = std::get_if<config::PrivateKeyJwtAuth>(&source.auth))
        url = key->token_url;
    if (!url || url->host.empty() || url->secure() || config::is_loopback(url->host)) return;
    if (source.base_url.secure())
        report.mistake(auth.place, "`token_url` must begin with https://, as `base_url` does: over "
                                   "http:// the credentials would travel unencrypted");
}

} // namespace

void read_settings(Section& section, FhirSettings& out) {
    Report& report = section.report();
    if (const auto url = section.require("base_url", "give the address of the FHIR interface"))
        read_server_url(*url, report, out.base_url);
    if (const auto system = section.require(
            "identifier_system",
            "give the `system` of the identifier by which patients are known (IPP)"))
        read_identifier_system(*system, report, out.identifier_system);
    if (const auto size = section.find("page_size"))
        assign(out.page_size, read_integer(*size, report, 1, config::max_page_size));
    if (const auto auth = section.find_section("auth")) {
        read_token_auth(*auth, report, out.auth);
        check_token_url(*auth, report, out);
    }
    read_transport(section, out.transport);
}

config::Mapping FhirSettings::mapping() const {
    return {{"identifier_system", identifier_system}};
}

const SourceKind& fhir_kind() {
    static const KindOf<FhirSettings> kind("fhir", read_settings,
                                           make_http_source<FhirSource, FhirSettings, FhirLimits>);
    return kind;
}

} // namespace medibridge::connectors
