#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace medibridge::sandbox {

enum class Packing : std::uint8_t { gzip, deflate };
/// As Content-Encoding names it.
std::string_view name(Packing packing);

/// The body as a server sends it that packs without being asked.
std::string packed(std::string_view body, Packing packing);

} // namespace medibridge::sandbox
