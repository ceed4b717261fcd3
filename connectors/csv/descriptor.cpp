#include "connectors/csv/descriptor.hpp"

#include <unistd.h>

namespace medibridge::connectors {

void Descriptor::reset() {
    if (number_ >= 0) ::close(std::exchange(number_, -1));
}

} // namespace medibridge::connectors
