#include "ctl/terminal.hpp"

#include "base/bytes/ascii.hpp"

#include <cstdlib>
#include <iostream>
#include <string_view>
#include <sys/ioctl.h>
#include <unistd.h>

namespace medibridge::ctl {

namespace {

constexpr std::size_t usual_width = 80;

bool has_colours() {
    const char* const refused = std::getenv("NO_COLOR");
    const char* const kind = std::getenv("TERM");
    return (refused == nullptr || *refused == '\0') &&
           (kind == nullptr || std::string_view(kind) != "dumb");
}

std::size_t terminal_width() {
    winsize size{};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    return usual_width;
}

} // namespace

Terminal process_terminal() {
    Terminal terminal{&std::cin,
                      &std::cout,
                      &std::cerr,
                      isatty(STDIN_FILENO) == 1,
                      isatty(STDOUT_FILENO) == 1,
                      isatty(STDERR_FILENO) == 1,
                      false,
                      0};
    if (terminal.out_is_terminal) {
        terminal.colours = has_colours();
        terminal.width = terminal_width();
    }
    return terminal;
}

std::optional<bool> yes_or_no(std::string_view answer) {
    const auto word = base::ascii_lower_case(answer);
    if (word == "y" || word == "yes") return true;
    if (word == "n" || word == "no") return false;
    return std::nullopt;
}

} // namespace medibridge::ctl
