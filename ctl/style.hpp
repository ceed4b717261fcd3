#pragma once

#include "ctl/moment.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace medibridge::ctl {

enum class Tone : std::uint8_t { plain, strong, faint, good, doubtful, bad };

/// How texts for people are laid out.
struct Style {
    bool colours = false;
    std::size_t width = 0; ///< columns of the terminal; 0: not limited
    Moment now{};          ///< ages are counted to it
    /// How commands to be typed next begin: `medibridgectl`, with the options that say where the
    /// daemon is, if the operator gave any.
    std::string program = "medibridgectl";

    std::string paint(Tone tone, std::string_view text) const;
    /// A text of the daemon's, whose commands begin as the operator has to type them here.
    std::string as_typed(std::string_view text) const;
};

} // namespace medibridge::ctl
