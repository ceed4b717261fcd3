#pragma once

#include <string>
#include <string_view>

/// What may be logged and stored of the words in Medicapp's error bodies. Whoever answers in its
/// place may put anything there, a patient's name included.
namespace medibridge::connectors {

/// A code as it is if all its words are ones that error codes are made of, with at most five
/// digits; else `~` and its length. Empty unless it is a word of at most 64 letters, digits and
/// `_-.:`.
std::string shown_error_code(std::string_view said);

/// A request id as it is if it is a UUID, a ULID, hexadecimal from 16 digits on, or a counter, each
/// perhaps behind a technical word: `req_8f…`; else as a code.
std::string shown_request_id(std::string_view said);

} // namespace medibridge::connectors
