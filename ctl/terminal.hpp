#pragma once

#include <cstddef>
#include <iosfwd>

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

} // namespace medibridge::ctl
