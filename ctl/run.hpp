#pragma once

#include "ctl/api.hpp"
#include "ctl/exit_code.hpp"
#include "ctl/moment.hpp"
#include "ctl/terminal.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace medibridge::ctl {

/// Makes an Api that opens the state in this process, under the daemon's lock. Throws Unreachable
/// where that cannot be done.
using OpenState = std::function<std::unique_ptr<Api>(const std::filesystem::path& config)>;

/// What the program finds around it.
struct Surroundings {
    Terminal terminal;
    std::function<std::optional<std::string>(const std::string&)> environment;
    std::function<Moment()> now;
    std::function<void(std::chrono::seconds)> sleep;
    OpenState open_state; ///< empty: without a daemon nothing can be done
    OpenState open_trial; ///< the same for a configuration of which nothing exists yet
    /// Every mistake of a configuration's text, as the daemon's reader words it, without its place;
    /// empty: there is no such reader.
    std::function<std::vector<std::string>(const std::string& text)> mistakes_of;
};

/// The process's own, without a way to open the state.
Surroundings process_surroundings();

/// The whole program. Throws nothing but what the standard library throws.
ExitCode run(int argc, const char* const* argv, const Surroundings& surroundings);

} // namespace medibridge::ctl
