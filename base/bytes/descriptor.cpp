#include "base/bytes/descriptor.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace medibridge::base {

// Only its owner may read or write a file that is created here.
Descriptor::Descriptor(const std::string& path, int flags)
    : number_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}

void Descriptor::reset() {
    if (number_ >= 0) ::close(release());
}

} // namespace medibridge::base
