#include "connectors/fhir/kind.hpp"

#include "connectors/fhir/source.hpp"

namespace medibridge::connectors {
namespace {

std::unique_ptr<Source> make_fhir_source(const FhirSettings& settings, SourceEnvironment its) {
    const FhirLimits limits;
    auto transports = http_transports(its.executor, settings.transport, limits.body);
    return std::make_unique<FhirSource>(std::move(its), settings, std::move(transports), limits);
}

} // namespace

const SourceKind& fhir_kind() {
    static const KindOf<FhirSettings> kind("fhir", read_settings, make_fhir_source);
    return kind;
}

} // namespace medibridge::connectors
