#pragma once

namespace medibridge::tests {

/// Whether a sanitizer watches. Everything takes ten times as long then, so that tests which try a
/// thing at each of many places take a smaller sample.
#ifdef MEDIBRIDGE_SANITIZED
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif

} // namespace medibridge::tests
