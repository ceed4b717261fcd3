#include "connectors/source/source.hpp"

#include "config/settings.hpp"
#include "connectors/source/kind.hpp"

namespace medibridge::connectors {

std::unique_ptr<SourceReading> Source::read_one(const std::string& /*external_id*/) {
    return read(std::nullopt);
}

runtime::Task<void> Source::stop() {
    co_return;
}

runtime::Task<void> Source::taken(std::int64_t /*cursor*/) {
    co_return;
}

std::unique_ptr<Source> make_source(const config::SourceSettings& settings, SourceEnvironment its) {
    return dynamic_cast<const SourceKind&>(*settings.kind).make(*settings.its, std::move(its));
}

} // namespace medibridge::connectors
