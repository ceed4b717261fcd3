#pragma once

#include <string_view>

namespace medibridge::daemon {

/// What the program has to say before it has a log, or apart from it: a line on stderr for each
/// line of the text. Where that goes to journald, each begins with its level (sd-daemon(3)), which
/// `journalctl -p` then finds.
void tell_error(std::string_view text);
/// The same on stdout, of what is accepted and should be changed.
void tell_advice(std::string_view text);

} // namespace medibridge::daemon
