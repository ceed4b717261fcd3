#include "reconcile/identity.hpp"

#include "base/bytes/ascii.hpp"
#include "reconcile/text.hpp"

#include <array>
#include <cstddef>
#include <new>
#include <optional>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

namespace medibridge::reconcile {

namespace {

using Words = std::vector<std::string>;

/// Words grow at their end; a break ends the last one.
class WordList {
  public:
    std::string& open() {
        constexpr std::size_t usual = 3;
        if (words_.empty()) words_.reserve(usual);
        if (broken_) words_.emplace_back();
        broken_ = false;
        return words_.back();
    }
    void end_word() { broken_ = true; }
    Words take() { return std::move(words_); }

  private:
    Words words_;
    bool broken_ = true;
};

/// What becomes of the letters from U+00C0 to U+00FF; × and ÷ among them end a word.
constexpr std::array<std::string_view, 64> latin_letters = {
    "a", "a", "a", "a", "a", "a", "ae", "c", "e", "e", "e", "e", "i", "i", "i",  "i",
    "d", "n", "o", "o", "o", "o", "o",  "",  "o", "u", "u", "u", "u", "y", "th", "ss",
    "a", "a", "a", "a", "a", "a", "ae", "c", "e", "e", "e", "e", "i", "i", "i",  "i",
    "d", "n", "o", "o", "o", "o", "o",  "",  "o", "u", "u", "u", "u", "y", "th", "y"};

/// The words of a name in ASCII and these letters; nothing: it has others.
std::optional<Words> latin_words(std::string_view name) {
    constexpr char lead = '\xC3'; // of all of them in UTF-8
    WordList words;
    for (std::size_t i = 0; i < name.size(); ++i) {
        const char c = name[i];
        if (base::is_ascii_alphanumeric(c)) {
            words.open() += base::ascii_lower(c);
        } else if (!base::is_beyond_ascii(c)) {
            words.end_word();
        } else {
            if (c != lead || i + 1 == name.size() || (name[i + 1] & 0xC0) != 0x80)
                return std::nullopt;
            const auto letter = latin_letters[static_cast<unsigned char>(name[++i]) & 0x3FU];
            if (letter.empty())
                words.end_word();
            else
                words.open() += letter;
        }
    }
    return words.take();
}

/// Letters that Unicode does not decompose, and that other systems write with basic letters.
std::string_view spelled_out(UChar32 folded) {
    switch (folded) {
    case 0x00E6:
        return "ae"; // æ
    case 0x0153:
        return "oe"; // œ
    case 0x00F8:
        return "o"; // ø
    case 0x0142:
        return "l"; // ł
    case 0x0111:
        return "d"; // đ
    case 0x00F0:
        return "d"; // ð
    case 0x00FE:
        return "th"; // þ
    case 0x0127:
        return "h"; // ħ
    case 0x0131:
        return "i"; // dotless ı
    default:
        return {};
    }
}

/// Unicode counts some apostrophes as letters.
bool is_apostrophe(UChar32 c) {
    return (c >= 0x02B9 && c <= 0x02BD) || c == 0x02C8 || c == 0x02CA || c == 0x02CB || c == 0x02EE;
}

/// Accents and the points of Hebrew and Arabic. The vowel signs of Indic scripts and the voicing
/// marks of Japanese tell names apart and stay.
bool is_accent(UChar32 c) {
    if (u_charType(c) != U_NON_SPACING_MARK && u_charType(c) != U_ENCLOSING_MARK) return false;
    const auto combining = u_getCombiningClass(c);
    return combining == 1 || combining >= 10 || u_charType(c) == U_ENCLOSING_MARK;
}

bool is_part_of_word(UChar32 c) {
    return (U_GET_GC_MASK(c) & (U_GC_L_MASK | U_GC_M_MASK | U_GC_N_MASK)) != 0 && !is_apostrophe(c);
}

/// Compatibility decomposition, case folding, and decomposition of what the folding made.
icu::UnicodeString folded(std::string_view name) {
    UErrorCode error = U_ZERO_ERROR;
    const auto* nfkd = icu::Normalizer2::getNFKDInstance(error);
    if (U_FAILURE(error)) throw std::bad_alloc();
    const auto limit = std::min(name.size(), std::size_t{1} << 24U);
    auto text = icu::UnicodeString::fromUTF8(
        icu::StringPiece(name.data(), static_cast<std::int32_t>(limit)));
    text = nfkd->normalize(text, error);
    text.foldCase();
    text = nfkd->normalize(text, error);
    // ICU's data is built in: only memory can be missing.
    if (U_FAILURE(error) || text.isBogus()) throw std::bad_alloc();
    return text;
}

void append_utf8(std::string& word, UChar32 c) {
    if (const auto spelled = spelled_out(c); !spelled.empty()) {
        word += spelled;
        return;
    }
    char bytes[U8_MAX_LENGTH];
    std::int32_t size = 0;
    U8_APPEND_UNSAFE(bytes, size, c);
    word.append(bytes, static_cast<std::size_t>(size));
}

} // namespace

std::vector<std::string> unicode_name_words(std::string_view name) {
    const auto text = folded(name);
    WordList words;
    for (std::int32_t i = 0; i < text.length();) {
        const UChar32 c = text.char32At(i);
        i += U16_LENGTH(c);
        if (is_accent(c) || u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT)) continue;
        if (is_part_of_word(c)) {
            append_utf8(words.open(), c);
        } else {
            words.end_word();
        }
    }
    return words.take();
}

std::vector<std::string> name_words(std::string_view name) {
    auto words = latin_words(name);
    return words ? *std::move(words) : unicode_name_words(name);
}

} // namespace medibridge::reconcile
