#include "connectors/source/source.hpp"

namespace medibridge::connectors {

runtime::Task<void> Source::stop() {
    co_return;
}

runtime::Task<void> Source::taken(std::int64_t /*cursor*/) {
    co_return;
}

} // namespace medibridge::connectors
