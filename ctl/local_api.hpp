#pragma once

#include "ctl/api.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace medibridge::ctl {

/// The control API where no daemon runs: this process opens the state that the configuration names,
/// under the daemon's lock. As root it becomes the user who owns the state, and says so on stderr.
/// The state is opened with the first call, but for `/v1/restore`, which puts a backup in its place
/// and is answered here alone.
std::unique_ptr<Api>
open_local_api(const std::filesystem::path& config,
               const std::function<std::optional<std::string>(const std::string&)>& environment);

/// The same for a configuration that is only tried: its state, which is opened at once and made
/// where there is none, belongs to this process's user, root or not. The configuration stands in a
/// folder of its own, which is removed before a signal ends the program. Throws Ended.
std::unique_ptr<Api>
open_trial_api(const std::filesystem::path& config,
               const std::function<std::optional<std::string>(const std::string&)>& environment);

} // namespace medibridge::ctl
