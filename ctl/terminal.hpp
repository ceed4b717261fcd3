#pragma once

#include <cstddef>
#include <iosfwd>
#include <optional>
#include <string_view>

namespace medibridge::ctl {

/// Where the program reads and writes.
struct Terminal {
    std::istream* in = nullptr;
    std::ostream* out = nullptr; ///< results
    std::ostream* err = nullptr; ///< questions, progress and what is wrong
    bool in_is_terminal = false;
    bool out_is_terminal = false;
    bool err_is_terminal = false;
    bool colours = false;  ///< for `out`
    std::size_t width = 0; ///< of `out`, in columns; 0: not limited
};

/// The process's own: colours on a terminal, unless NO_COLOR is set or TERM is `dumb`; as wide as
/// the terminal says.
Terminal process_terminal();

/// What a person answered to a question of yes or no; nothing: neither, so that they are asked
/// again.
std::optional<bool> yes_or_no(std::string_view answer);

} // namespace medibridge::ctl
