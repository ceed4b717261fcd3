#pragma once

#include <string>
#include <string_view>

namespace medibridge::sandbox {

std::string base64(std::string_view text);
/// Of the alphabet for URLs, without padding. What cannot be decoded is empty.
std::string base64_url_decoded(std::string_view text);

} // namespace medibridge::sandbox
