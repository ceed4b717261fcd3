#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace medibridge::reconcile {

/// A value in its normal form, or what is wrong with it in fixed words that hold no value. A blank
/// value is valid: its text is empty.
struct Normal {
    std::string text;
    std::string_view defect;
    bool ok() const { return defect.empty(); }
};

/// The longest value, in characters (code points); not for e-mail addresses and externalIds.
inline constexpr std::size_t text_limit = 255;

/// What may stand inside a text. Around it, any white space is trimmed.
enum class Shape {
    name, ///< one line: line breaks and tabs are refused
    line, ///< line breaks and tabs count as spaces, as in an address
};

/// Unicode NFC, trimmed, runs of spaces (no-break and other Unicode spaces too) folded to one,
/// invisible formatting characters left out. Refused: invalid UTF-8, control characters, the
/// replacement character (a letter was lost before us), more than `text_limit` characters.
Normal normal_text(std::string_view text, Shape shape);
/// The same without the fast path for ASCII: the reference that tests compare it with.
Normal normal_unicode_text(std::string_view text, Shape shape);

/// A text that holds at least one letter of any script, or nothing at all.
Normal normal_name(std::string_view text);

/// `text` without white space, Unicode's included, around it.
std::string_view trim(std::string_view text);

/// Whether the text, which is valid UTF-8, holds an invisible formatting character.
bool holds_invisible(std::string_view text);

} // namespace medibridge::reconcile
