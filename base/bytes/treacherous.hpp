#pragma once

namespace medibridge::base {

/// What may end a line or change how the rest of it is shown: control characters (C1 among them),
/// line and paragraph separators, and marks that turn the direction of writing. All of them are
/// below U+10000.
bool is_treacherous(char32_t code);

} // namespace medibridge::base
