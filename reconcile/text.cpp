#include "reconcile/text.hpp"

#include "base/bytes/ascii.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <new>
#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

namespace medibridge::reconcile {

namespace {

constexpr std::string_view not_utf8 = "is not valid UTF-8";
constexpr std::string_view has_control = "holds a control character";
constexpr std::string_view has_break = "holds a line break or tab";
constexpr std::string_view has_replacement = "holds a character that was lost in a conversion";
constexpr std::string_view too_long = "is longer than 255 characters";
constexpr std::string_view no_letter = "holds no letter";

constexpr UChar32 replacement = 0xFFFD;
constexpr UChar32 zero_width_non_joiner = 0x200C;
constexpr UChar32 zero_width_joiner = 0x200D;
/// Text of code points below this is in NFC.
constexpr UChar32 first_that_may_compose = 0x0300;

Normal refused(std::string_view defect) {
    return {{}, defect};
}

std::size_t code_points(std::string_view utf8) {
    return static_cast<std::size_t>(
        std::ranges::count_if(utf8, [](char c) { return (c & 0xC0) != 0x80; }));
}

/// Words in ASCII with one space between them: their own normal form.
bool is_normal_ascii(std::string_view text) {
    bool space = true;
    for (const char c : text) {
        if (!base::is_ascii_graphic(c) && (c != ' ' || space)) return false;
        space = c == ' ';
    }
    return !space;
}

Normal normal_ascii_text(std::string_view text, Shape shape) {
    Normal normal;
    normal.text.reserve(text.size());
    bool space = false;
    bool line_break = false;
    for (const char c : text) {
        if (base::is_ascii_space(c)) {
            space = true;
            line_break = line_break || c != ' ';
            continue;
        }
        if (c < ' ' || c == '\x7F') return refused(has_control);
        if (space && !normal.text.empty()) {
            if (line_break && shape == Shape::name) return refused(has_break);
            normal.text += ' ';
        }
        space = line_break = false;
        normal.text += c;
    }
    if (normal.text.size() > text_limit) return refused(too_long);
    return normal;
}

/// Neither space nor control character, and visible: the rest of ASCII, and of Latin-1 without the
/// soft hyphen. ICU knows that too, but by slower ways.
constexpr bool is_latin(UChar32 c) {
    return (c > 0x20 && c < 0x7F) || (c > 0xA0 && c <= 0xFF && c != 0xAD);
}

bool is_line_break(UChar32 c) {
    return (c >= '\t' && c <= '\r') || c == 0x85 || c == 0x2028 || c == 0x2029;
}

/// Invisible formatting: byte order marks, soft hyphens, directional marks. The joiners
/// stay, because some scripts spell with them.
bool is_invisible(UChar32 c) {
    return u_charType(c) == U_FORMAT_CHAR &&
           u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) &&
           c != zero_width_non_joiner && c != zero_width_joiner;
}

void append(std::string& text, UChar32 c) {
    std::array<char, U8_MAX_LENGTH> bytes{};
    std::int32_t size = 0;
    U8_APPEND_UNSAFE(bytes.data(), size, c);
    text.append(bytes.data(), static_cast<std::size_t>(size));
}

std::string to_nfc(std::string text) {
    UErrorCode error = U_ZERO_ERROR;
    const auto* nfc = icu::Normalizer2::getNFCInstance(error);
    const icu::StringPiece piece(text.data(), static_cast<std::int32_t>(text.size()));
    if (U_SUCCESS(error) && nfc->isNormalizedUTF8(piece, error)) return text;
    std::string composed;
    icu::StringByteSink<std::string> sink(&composed);
    if (U_SUCCESS(error)) nfc->normalizeUTF8(0, piece, sink, nullptr, error);
    // The form's data is built into ICU, and the text is valid: only memory can be missing.
    if (U_FAILURE(error)) throw std::bad_alloc();
    return composed;
}

bool has_letter(std::string_view utf8) {
    if (std::ranges::any_of(utf8, base::is_ascii_letter)) return true;
    const auto size = static_cast<std::int32_t>(utf8.size());
    for (std::int32_t i = 0; i < size;) {
        UChar32 c = 0;
        U8_NEXT(utf8.data(), i, size, c);
        if (c >= 0x80 && u_isalpha(c)) return true;
    }
    return false;
}

/// No text that is within the limit is longer; it also keeps sizes within ICU's.
bool is_far_too_long(std::string_view text) {
    return text.size() > 64 * 1024;
}

} // namespace

std::string_view trim(std::string_view text) {
    if (text.empty() ||
        (base::is_ascii_graphic(text.front()) && base::is_ascii_graphic(text.back())))
        return text;
    // White space takes three bytes at most, so only the ends of the text are looked at.
    std::size_t begin = 0;
    while (begin < text.size()) {
        const auto window = text.substr(begin, U8_MAX_LENGTH);
        std::int32_t used = 0;
        UChar32 c = 0;
        U8_NEXT(window.data(), used, static_cast<std::int32_t>(window.size()), c);
        if (c < 0 || !u_isUWhiteSpace(c)) break;
        begin += static_cast<std::size_t>(used);
    }
    text.remove_prefix(begin);
    while (!text.empty()) {
        const auto window =
            text.substr(text.size() - std::min<std::size_t>(text.size(), U8_MAX_LENGTH));
        auto left = static_cast<std::int32_t>(window.size());
        UChar32 c = 0;
        U8_PREV(window.data(), 0, left, c);
        if (c < 0 || !u_isUWhiteSpace(c)) break;
        text.remove_suffix(window.size() - static_cast<std::size_t>(left));
    }
    return text;
}

bool holds_invisible(std::string_view text) {
    if (base::is_ascii(text)) return false;
    const auto size = static_cast<std::int32_t>(text.size());
    for (std::int32_t i = 0; i < size;) {
        UChar32 c = 0;
        U8_NEXT(text.data(), i, size, c);
        if (c >= 0x80 && is_invisible(c)) return true;
    }
    return false;
}

Normal normal_unicode_text(std::string_view text, Shape shape) {
    if (is_far_too_long(text)) return refused(too_long);
    Normal normal;
    normal.text.reserve(text.size());
    bool space = false;
    bool line_break = false;
    UChar32 highest = 0;
    const auto size = static_cast<std::int32_t>(text.size());
    for (std::int32_t i = 0; i < size;) {
        UChar32 c = 0;
        U8_NEXT(text.data(), i, size, c);
        if (c < 0) return refused(not_utf8);
        if (!is_latin(c)) {
            if (u_isUWhiteSpace(c)) {
                space = true;
                line_break = line_break || is_line_break(c);
                continue;
            }
            if (c == replacement) return refused(has_replacement);
            if (u_charType(c) == U_CONTROL_CHAR || U_IS_UNICODE_NONCHAR(c))
                return refused(has_control);
            if (is_invisible(c)) continue;
        }
        if (space && !normal.text.empty()) {
            if (line_break && shape == Shape::name) return refused(has_break);
            normal.text += ' ';
        }
        space = line_break = false;
        highest = std::max(highest, c);
        append(normal.text, c);
    }
    if (highest >= first_that_may_compose) normal.text = to_nfc(std::move(normal.text));
    if (code_points(normal.text) > text_limit) return refused(too_long);
    return normal;
}

Normal normal_text(std::string_view text, Shape shape) {
    if (is_far_too_long(text)) return refused(too_long);
    if (text.size() <= text_limit && is_normal_ascii(text)) return {std::string(text), {}};
    return base::is_ascii(text) ? normal_ascii_text(text, shape) : normal_unicode_text(text, shape);
}

Normal normal_name(std::string_view text) {
    auto normal = normal_text(text, Shape::name);
    if (normal.ok() && !normal.text.empty() && !has_letter(normal.text)) return refused(no_letter);
    return normal;
}

} // namespace medibridge::reconcile
