#pragma once

#include "sandbox/settings.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace medibridge::sandbox {

/// One setting that is known by name on the command line and, while running, to the control API.
struct Switch {
    std::string_view name;   ///< `list-order`
    std::string_view values; ///< `created|modified|id|shuffled`, or a unit
    std::string_view help;
    /// False if the text is none of the values.
    bool (*set)(Settings& settings, std::string_view values, std::string_view text);
};

std::span<const Switch> switches();

/// Sets one by name; otherwise says what is wrong.
std::optional<std::string> set_switch(Settings& settings, std::string_view name,
                                      std::string_view text);

} // namespace medibridge::sandbox
