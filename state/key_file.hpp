#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace medibridge::state {

/// The 32-byte key of the state's digests. Reads `path` (64 hexadecimal digits, mode 0600 or
/// stricter); makes it first if it does not exist, durably, mode 0600. Throws StoreError for a key
/// that others may read, that is not 32 bytes, or that cannot be made.
std::vector<std::uint8_t> read_or_make_key(const std::filesystem::path& path);

/// The key out of a secret's text: 64 hexadecimal digits. Throws StoreError.
std::vector<std::uint8_t> key_from_text(const std::string& text);

} // namespace medibridge::state
