#pragma once

#include "base/http/url.hpp"
#include "config/source_kind.hpp"
#include "config/web.hpp"
#include "connectors/source/kind.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace medibridge::connectors {

/// A source of type `fhir`, as it is configured.
struct FhirSettings final : config::KindSettings {
    http::Url base_url;
    std::size_t page_size = 200;
    std::string identifier_system; ///< of the identifier that is the externalId
    config::TokenAuth auth;
    config::TransportSettings transport;

    config::Mapping mapping() const override;
    std::optional<config::HttpServer> server() const override {
        return config::HttpServer{base_url, transport};
    }
};

void read_settings(config::Section& section, FhirSettings& out);

/// `type: fhir`: patients of a FHIR R4 server.
const SourceKind& fhir_kind();

} // namespace medibridge::connectors
