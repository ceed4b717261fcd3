#include "base/bytes/descriptor.hpp"

#include <unistd.h>

namespace medibridge::base {

void Descriptor::reset() {
    if (number_ >= 0) ::close(release());
}

} // namespace medibridge::base
