#pragma once

#include <cstdint>

/// Internal to the room: what passes between ask() and the program medibridge-peers, on one machine
/// and in its byte order. A question is one byte, with the socket that it is about (SCM_RIGHTS);
/// its answer is an Answer, or the end of the connection where there is none.
namespace medibridge::peers {

/// Another meaning gets another number: programs of two versions may meet during an upgrade.
inline constexpr std::uint8_t who_is_there = 1;

/// As the kernel says (SO_PEERCRED), in the machine's own numbers.
struct Answer {
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::int32_t pid = 0;
};

} // namespace medibridge::peers
