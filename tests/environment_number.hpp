#pragma once

#include <cstdint>
#include <cstdlib>

namespace medibridge::tests {

/// The number that a variable of the environment gives; `otherwise` if it is not set.
inline std::uint64_t environment_number(const char* variable, std::uint64_t otherwise) {
    const char* text = std::getenv(variable);
    return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

} // namespace medibridge::tests
