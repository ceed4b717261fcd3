#pragma once

#include "base/http/message.hpp"

#include <cstddef>
#include <optional>

/// Internal to the room: how an answer's body was packed.
namespace medibridge::http {

/// Undoes the answer's Content-Encoding (RFC 9110 §8.4): `gzip` and `deflate`, also one upon the
/// other, up to `limit` bytes of each. We ask for `identity`, but what is in between may pack
/// all the same. Nothing, and the header is gone, if the body is as it was meant to be.
///
/// An error names what is wrong: another coding, a body that is cut short or damaged, one that
/// expands to more than `limit`. Where the status is none of success, it says what is to be said:
/// a body that cannot be unpacked is then dropped, and is no error.
std::optional<Error> undo_content_coding(Response& response, std::size_t limit);

} // namespace medibridge::http
