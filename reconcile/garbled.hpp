#pragma once

#include <string_view>

namespace medibridge::reconcile {

/// How a conversion garbled the text on its way, in fixed words; empty if nothing shows. The same
/// rules for every source; docs/identity.md lists the forms. Any bytes may be given; normal_text()
/// refuses invalid UTF-8.
///
/// All three find: UTF-8 read in another encoding, HTML entities, percent-encoding, backslash
/// escapes and quoted-printable, and what a spreadsheet leaves (spreadsheet_value()).

/// A name: also letters of DOS, `?`, `<`, `>`, symbols and backslashes, which no name has.
std::string_view garbled_name(std::string_view text);
/// A line of an address: also letters of DOS, a `?` beside a letter, tags, words for no value
/// (`NULL`), and what holds no letter or digit.
std::string_view garbled_line(std::string_view text);
/// An identifier: also the other forms that a spreadsheet gives to a key.
std::string_view garbled_id(std::string_view text);

/// Reasons that addresses and identifiers share.
inline constexpr std::string_view no_value = "is a word for no value";
inline constexpr std::string_view no_character = "holds no letter or digit";

/// What a spreadsheet, or a program that keeps numbers as floats, made of a value: the reason in
/// fixed words, empty if it shows no such form. White space around the text does not count.

/// Of any value: an error (`#N/A`, `#VALEUR!`, `####`), a formula (`="0123"`), a number in
/// scientific notation (`8,00123E+09`), a whole number with a fraction of zeros (`8001234567.0`).
///
/// Scientific is what programs write: an exponent with its sign and two digits, or one digit and a
/// fraction before the exponent (Java). `12E34` and `8e9` may be somebody's identifier.
std::string_view spreadsheet_value(std::string_view text);

/// Of a text that people read, also: what a spreadsheet would run where patients are exported (`+`,
/// `@`, a dash before a digit or a call).
std::string_view spreadsheet_text(std::string_view text);

/// Of an identifier, also: an apostrophe before it, quotation marks around it, groups of three
/// digits (`8 001 234 567`), a date. `123 456 789` may be somebody's identifier, and `1,234`.
std::string_view spreadsheet_key(std::string_view text);

/// Whether the text is a whole number with a fraction of zeros.
bool is_whole_with_fraction(std::string_view text);
inline constexpr std::string_view whole_with_fraction =
    "went through a spreadsheet or a float: a whole number with a fraction";

/// Whether the text, which is UTF-8, shows letters that were UTF-8 before and were read as
/// windows-1252 or ISO 8859-1 (`LefÃ¨vre`), once or several times, or as a code page of DOS or
/// Mac OS (`Lef├¿vre`).
///
/// The characters are turned into the bytes of the other encoding, and only bytes that are valid
/// UTF-8 count. `MATÚŠ` and `KOÇ’UN` are such bytes by chance. So a single sequence counts only if
/// it stands for a character that texts in Latin letters hold; two side by side always count.
bool is_misread_utf8(std::string_view text);

/// Whether the text, which is UTF-8, shows letters of code page 437 or 850 (DOS) that were read as
/// windows-1252 (`L‚a`, `Fran‡ois`, `AgnŠs`). Where that makes a letter of a letter, nothing shows
/// it (`NOÓL`).
bool is_misread_dos(std::string_view text);

/// Whether the text, which is UTF-8, holds `€`, `±`, `§` or a like symbol beside a letter, which no
/// name has.
bool holds_symbol_beside_letter(std::string_view text);

} // namespace medibridge::reconcile
