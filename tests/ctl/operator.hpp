#pragma once

#include "ctl/run.hpp"
#include "fake_daemon.hpp"
#include "tests/daemon/child.hpp"

#include <sstream>
#include <string>
#include <vector>

namespace medibridge::tests {

/// Somebody who types commands, and the daemon that they reach.
class Operator {
  public:
    Operator() : daemon(directory_.path() / "control.sock") {}

    /// What was printed, and how the program ended.
    struct Seen {
        int exit = -1;
        std::string out;
        std::string err;
    };
    /// `medibridgectl --socket SOCKET` and these words.
    Seen type(std::vector<std::string> words);
    /// The same without `--socket`.
    Seen type_bare(std::vector<std::string> words);
    std::filesystem::path path(const std::string& name) const { return directory_.path() / name; }
    std::string socket() const { return path("control.sock").string(); }

  private:
    TemporaryDirectory directory_;

  public:
    FakeDaemon daemon;
    std::string answers; ///< what is typed on the terminal
    bool at_terminal = false;
    bool colours = false;
    std::size_t width = 0;
    std::map<std::string, std::string> environment;
    ctl::OpenState open_state;
};

/// The time that it is for every command.
inline constexpr const char* now_text = "2026-11-28T18:00:00Z";

} // namespace medibridge::tests
