#pragma once

#include <string_view>

namespace medibridge::reconcile {

/// Why the text is not what somebody wrote, because a conversion on its way garbled it; in fixed
/// words, and empty where nothing shows. One judgement for every source. docs/identity.md lists the
/// forms. Total: any bytes may be given; invalid UTF-8 is for normal_text() to refuse.
///
/// Of all three: UTF-8 read in another encoding, HTML entities, percent-encoding, backslash escapes
/// and quoted-printable, and what a spreadsheet leaves (reconcile/spreadsheet.hpp).

/// A name: no `?`, no `<` or `>` and no backslash either, which no name has.
std::string_view garbled_name(std::string_view text);
/// A line of an address: also a `?` beside a letter, tags, words for no value (`NULL`), and
/// what holds no letter or digit.
std::string_view garbled_line(std::string_view text);
/// An identifier: also the other forms that a spreadsheet gives to a key.
std::string_view garbled_id(std::string_view text);

/// Reasons that addresses and identifiers share.
inline constexpr std::string_view no_value = "is a word for no value";
inline constexpr std::string_view no_character = "holds no letter or digit";

} // namespace medibridge::reconcile
