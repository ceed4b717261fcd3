#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// Texts from data, made fit for a terminal.
namespace medibridge::ctl {

/// One line without anything that moves the cursor, changes colours or turns the direction of
/// writing: such characters are shown as `\u{1b}`, bytes that are not UTF-8 as U+FFFD.
std::string clean(std::string_view text);

/// How many columns of a terminal a clean text takes.
std::size_t display_width(std::string_view text);

/// As one word of a shell's command line: quoted only where it must be.
std::string shell_word(std::string_view text);

/// JSON whose strings hold nothing that a terminal would obey: escaped, so it means the same.
std::string safe_json(std::string_view json);

} // namespace medibridge::ctl
