#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace medibridge::connectors {

/// What stands in a repaired text for a number that cannot be read: it has an exponent, so that no
/// identifier or text is taken from it.
inline constexpr std::string_view unreadable_number = "9e307";

/// JSON as a strict parser takes it, in which what cannot be read spoils no more than its own value
/// (RFC 8259 §7, §8.2 and §9 leave to the reader what becomes of it):
///
/// - in a string, a byte that is not UTF-8, half a surrogate pair and an escape that does not exist
///   become U+FFFD, the mark of a lost character; a control character is escaped;
/// - within a list or an object, a number beyond what is finite, `NaN`, `007` and any other bare
///   word become `unreadable_number`.
///
/// Structure stays as it is: what is cut off, or no JSON at all, is refused by the parser as
/// before. Nothing: the text needs no repair. Throws nothing but std::bad_alloc.
std::optional<std::string> repaired_json(std::string_view text);

/// What is wrong with a text that a parser refuses from `position` (a count of bytes) on, in words
/// that hold none of it: `not JSON: an HTML page`.
std::string json_fault(std::string_view text, std::size_t position);

} // namespace medibridge::connectors
