#include "connectors/rest/kind.hpp"

#include "connectors/rest/source.hpp"

namespace medibridge::connectors {
namespace {

std::unique_ptr<Source> make_rest_source(const RestSettings& settings, SourceEnvironment its) {
    const RestLimits limits;
    auto transports = http_transports(its.executor, settings.transport, limits.body);
    return std::make_unique<RestSource>(std::move(its), settings, std::move(transports), limits);
}

} // namespace

const SourceKind& rest_kind() {
    static const KindOf<RestSettings> kind("rest", read_settings, make_rest_source);
    return kind;
}

} // namespace medibridge::connectors
