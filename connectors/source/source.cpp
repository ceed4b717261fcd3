#include "connectors/source/source.hpp"

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

} // namespace medibridge::connectors
