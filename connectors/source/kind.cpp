#include "connectors/source/kind.hpp"

#include "config/settings.hpp"

namespace medibridge::connectors {

std::unique_ptr<Source> make_source(const config::SourceSettings& settings, SourceEnvironment its) {
    return dynamic_cast<const SourceKind&>(*settings.kind).make(*settings.its, std::move(its));
}

} // namespace medibridge::connectors
