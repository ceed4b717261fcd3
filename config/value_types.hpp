#pragma once

#include <chrono>
#include <cstdint>
#include <string>

/// Values of single keys that the standard library has no type for.
namespace medibridge::config {

using Duration = std::chrono::milliseconds;

struct ListenAddress {
    std::string host; ///< an IP address, without brackets, or `localhost`
    std::uint16_t port = 0;
};

} // namespace medibridge::config
