#pragma once

#include <cstdint>
#include <string_view>

/// Hashes that protect against accidents, not against attacks. They are the same on every machine
/// and in every version, because some are kept in files.
namespace medibridge::base {

/// FNV-1a, 64 bits: any single byte that differs changes it.
constexpr std::uint64_t fnv1a(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325u;
    for (const char c : text)
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    return hash;
}

/// SplitMix64's finaliser: every bit of the input reaches every bit of the output.
constexpr std::uint64_t mixed(std::uint64_t value) {
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
    return value ^ (value >> 31);
}

/// A hash of a text; all its bits are as good as random.
constexpr std::uint64_t text_hash(std::string_view text) {
    return mixed(fnv1a(text) + text.size());
}

} // namespace medibridge::base
