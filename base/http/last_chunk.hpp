#pragma once

#include <cstddef>

namespace medibridge::http {

/// The least that ends a message in chunks: `0` and two line ends (RFC 9112 §7.1).
inline constexpr std::size_t least_end = 5;

/// Whether the `left` bytes that a parser of Beast's has not taken cannot end its message in chunks
/// yet. Beast 1.81 must not see them again: once it has read the last chunk's size it asserts that
/// more has come by then, and aborts.
template <class Parser>
bool is_short_of_end(const Parser& parser, std::size_t left) {
    return parser.is_header_done() && !parser.is_done() && parser.chunked() && left < least_end;
}

} // namespace medibridge::http
