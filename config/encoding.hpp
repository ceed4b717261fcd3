#pragma once

#include "config/report.hpp"

#include <string_view>

namespace medibridge::config {

/// Length in bytes of the UTF-8 character at the start of `text`, which is not empty; 0 if there is
/// none (overlong forms, surrogates and what is past U+10FFFF included).
std::size_t character_length(std::string_view text);

/// Reports what cannot stand in a YAML file: bytes that are not UTF-8, and control characters.
void check_encoding(std::string_view text, Report& report);

} // namespace medibridge::config
