#include "daemon/telling.hpp"

#include "daemon/logging.hpp"

#include <iostream>
#include <ostream>
#include <string>
#include <unistd.h>

namespace medibridge::daemon {

namespace {

void tell(std::ostream& out, std::string_view level, std::string_view text) {
    for (;;) {
        const auto end = text.find('\n');
        out << level << text.substr(0, end) << '\n';
        if (end == std::string_view::npos) return;
        text.remove_prefix(end + 1);
    }
}

} // namespace

void tell_error(std::string_view text) {
    tell(std::cerr, goes_to_journal(STDERR_FILENO) ? "<3>" : "", text);
}

void tell_advice(std::string_view text) {
    tell(std::cout, goes_to_journal(STDOUT_FILENO) ? "<4>" : "", text);
}

} // namespace medibridge::daemon
