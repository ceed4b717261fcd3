#pragma once

#include <string>
#include <string_view>

namespace medibridge::ctl {

/// What `bash`, `zsh` or `fish` completes after `medibridgectl`, made from the command line itself.
std::string completion(std::string_view shell);

} // namespace medibridge::ctl
