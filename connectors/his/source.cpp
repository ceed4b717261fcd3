#include "connectors/his/source.hpp"

namespace medibridge::connectors {

runtime::Task<void> Source::taken() {
    co_return;
}

} // namespace medibridge::connectors
