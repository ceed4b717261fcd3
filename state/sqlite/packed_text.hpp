#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Texts that every link and every line of the audit have, in fewer bytes. A text that has no
/// shorter form is kept as it is; the column's type tells the two apart, so that each text has one
/// form and equal texts are equal in the column.
namespace medibridge::state {

/// An id that is a UUID, or ends in digits (decimal, or hexadecimal in lower case), in bytes;
/// nothing: it is no shorter so.
std::optional<std::vector<std::uint8_t>> pack_id(std::string_view id);
/// The same in bytes that are used again and again; false: it is no shorter so.
bool pack_id(std::string_view id, std::vector<std::uint8_t>& bytes);
/// Reads what pack_id wrote; what it cannot have written becomes some text.
std::string unpack_id(std::span<const std::uint8_t> bytes);

/// A list of fields, as reconcile::names spells it, as a number with a bit for each; nothing: the
/// text is something else.
std::optional<std::int64_t> pack_fields(std::string_view text);
/// Reads what pack_fields wrote; bits that are no field's are passed over.
std::string unpack_fields(std::int64_t bits);

} // namespace medibridge::state
