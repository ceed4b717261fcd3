#pragma once

#include "reconcile/instant.hpp"
#include "reconcile/text.hpp"

/// The normal form of single values of a patient; names and lines of text are in text.hpp.
namespace medibridge::reconcile {

/// In bytes.
inline constexpr std::size_t external_id_limit = 255;

/// The key of a patient: trimmed, otherwise unchanged, because a key is compared byte by byte.
/// Refused: control and invisible characters, invalid UTF-8, what is too long, and a French
/// national health number, which may not leave the hospital this way; what a conversion or a
/// spreadsheet garbled (garbled_id()), because a key in another form is another key; words and
/// marks for no value (`NULL`, `-1`, `0000`, `?`). Blank is valid: the result is empty.
Normal normal_external_id(std::string_view text);

/// Whether the text is a French social security number (NIR, or NIA) with its key: 15 characters
/// whose key is right. Only letters and digits count, digits of any width and script, and letters
/// before the number (`INS180…`) do not hide it. Without the key nothing distinguishes a NIR from
/// any other number of 13 digits, unless the letters name it (`NIR`, `INS`, `NIA`, `NSS`, …).
bool is_nir(std::string_view text);

/// Exactly `YYYY-MM-DD`, trimmed, a real day of the year 1850 or later. Never converted: a birth
/// date is a day on a calendar, not a moment.
Normal normal_birth_date(std::string_view text);

/// Whether the normal birth date is after the moment at which the record was modified. One day is
/// allowed, because somewhere it is already tomorrow.
bool is_born_after(std::string_view birth_date, Instant modified_at);

/// An address of the plain form `local@domain.tld` in ASCII, trimmed, its domain in lower case; a
/// server may distinguish case in the local part, so it is kept. Quoted local parts, comments,
/// address literals and international addresses are refused.
Normal normal_email(std::string_view text);

/// A phone number in E.164, as it is dialled from `region` (ISO 3166-1) where it has no country
/// code. Refused: what libphonenumber's rules for the number's country do not allow; numbers with
/// an extension (E.164 has none, and the number without it is somebody else's); words before
/// or after (`maman 06…`), except for a label such as `Tél.` before it; letters among the digits (a
/// vanity number is not a patient's); a question mark; several numbers; a number that a float
/// changed.
///
/// The French numbering plan covers the mainland and the overseas departments, which have country
/// codes of their own: 0690… becomes +590690…, in whichever of these regions it is dialled, and
/// also where it was written +33690….
Normal normal_phone(std::string_view text, std::string_view region);
/// The same without the fast path for common French numbers: the reference for tests.
Normal normal_phone_by_library(std::string_view text, std::string_view region);

} // namespace medibridge::reconcile
