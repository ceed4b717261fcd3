#pragma once

#include "state/key_ring.hpp"

#include <filesystem>
#include <optional>
#include <string_view>

/// The state's key as a file that medibridge makes, and the next one beside it.
namespace medibridge::state {

/// The 32-byte key of the state's digests. Reads `path` (64 hexadecimal digits, mode 0600 or
/// stricter); makes it first if it does not exist, durably, mode 0600. Throws StoreError for a key
/// that others may read, that is not 32 bytes, or that cannot be made.
KeyBytes read_or_make_key(const std::filesystem::path& path);

/// The key out of a secret's text: 64 hexadecimal digits, and a line end. Nothing for another one.
std::optional<KeyBytes> key_from_text(std::string_view text);

/// The next key of the state whose key is that file, which stands beside it until it is taken;
/// nothing: there is none. Throws StoreError.
std::optional<KeyBytes> read_next_key(const std::filesystem::path& path);
/// Durable, mode 0600; replaces one that was never taken. Throws StoreError.
void write_next_key(const std::filesystem::path& path, const KeyBytes& key);
/// Puts the next key in the place of the file, durably: there is one or the other at any time.
/// Throws StoreError.
void take_next_key(const std::filesystem::path& path);
void drop_next_key(const std::filesystem::path& path);

} // namespace medibridge::state
