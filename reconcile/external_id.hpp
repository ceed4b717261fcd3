#pragma once

#include "reconcile/text.hpp"

namespace medibridge::reconcile {

/// In bytes.
inline constexpr std::size_t external_id_limit = 255;

/// The key of a patient: trimmed, else as it is, because a key is compared byte by byte. Refused:
/// control and invisible characters, invalid UTF-8, what is too long, and a French national health
/// number, which may not leave the hospital this way; what a conversion or a spreadsheet garbled
/// (garbled_id()), because a key in another form is another key; words and marks for no value
/// (`NULL`, `-1`, `0000`, `?`). Blank: empty, and in order.
Normal normal_external_id(std::string_view text);

/// Whether the text is a French social security number (NIR, or NIA) with its key: 15 characters,
/// spaces, dots and dashes not counted, whose key is right. Without the key nothing distinguishes a
/// NIR from any other number of 13 digits.
bool is_nir(std::string_view text);

} // namespace medibridge::reconcile
