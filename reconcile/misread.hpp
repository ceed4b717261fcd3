#pragma once

#include <string_view>

namespace medibridge::reconcile {

/// Whether the text, which is UTF-8, shows letters that were UTF-8 before and were read as
/// windows-1252 or ISO 8859-1 (`LefÃ¨vre`), once or several times, or as a code page of DOS or
/// Mac OS (`Lef├¿vre`).
///
/// Exact in this: the characters are turned into the bytes that the other encoding has for them,
/// and only bytes that are valid UTF-8 count. `MATÚŠ` and `KOÇ’UN` are such bytes by chance; so a
/// single sequence counts only if it stands for what texts in Latin letters hold, any two side by
/// side do.
bool is_misread_utf8(std::string_view text);

} // namespace medibridge::reconcile
