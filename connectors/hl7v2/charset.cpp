#include "connectors/hl7v2/charset.hpp"

#include "base/bytes/ascii.hpp"
#include "base/bytes/utf8.hpp"

#include <algorithm>
#include <stdexcept>
#include <unicode/ucnv.h>
#include <unicode/unistr.h>
#include <utility>

namespace medibridge::connectors::hl7 {

namespace {

constexpr std::string_view utf8 = "UTF-8";
constexpr std::string_view ascii = "US-ASCII";

/// MSH-18 without what senders write in different ways, and ICU's name.
constexpr std::array<std::pair<std::string_view, std::string_view>, 37> known_sets{{
    {"ASCII", ascii},
    {"USASCII", ascii},
    {"IR6", ascii},
    {"IR006", ascii},
    {"UNICODEUTF8", utf8},
    {"UTF8", utf8},
    {"UNICODE", utf8},
    {"IR192", utf8},
    {"88591", "windows-1252"},
    {"IR100", "windows-1252"},
    {"LATIN1", "windows-1252"},
    {"WINDOWS1252", "windows-1252"},
    {"CP1252", "windows-1252"},
    {"1252", "windows-1252"},
    {"88592", "ISO-8859-2"},
    {"IR101", "ISO-8859-2"},
    {"88593", "ISO-8859-3"},
    {"IR109", "ISO-8859-3"},
    {"88594", "ISO-8859-4"},
    {"IR110", "ISO-8859-4"},
    {"88595", "ISO-8859-5"},
    {"IR144", "ISO-8859-5"},
    {"88596", "ISO-8859-6"},
    {"IR127", "ISO-8859-6"},
    {"88597", "ISO-8859-7"},
    {"IR126", "ISO-8859-7"},
    {"88598", "ISO-8859-8"},
    {"IR138", "ISO-8859-8"},
    {"88599", "ISO-8859-9"},
    {"IR148", "ISO-8859-9"},
    {"LATIN5", "ISO-8859-9"},
    {"885915", "ISO-8859-15"},
    {"IR203", "ISO-8859-15"},
    {"LATIN9", "ISO-8859-15"},
    {"WINDOWS1250", "windows-1250"},
    {"CP1250", "windows-1250"},
    {"1250", "windows-1250"},
}};

std::string plain_name(std::string_view declared) {
    std::string name;
    for (const char c : declared.substr(0, 64)) {
        if (base::is_ascii_alphanumeric(c)) name += base::ascii_upper(c);
    }
    if (name.starts_with("ISO")) name.erase(0, 3);
    return name;
}

std::string_view set_named(const std::string& name) {
    const auto* found = std::ranges::find(known_sets, std::string_view(name),
                                          [](const auto& known) { return known.first; });
    return found == known_sets.end() ? std::string_view() : found->second;
}

std::shared_ptr<const ByteTable> table_of(const std::string& name) {
    UErrorCode status = U_ZERO_ERROR;
    const std::unique_ptr<UConverter, void (*)(UConverter*)> converter(
        ucnv_open(name.c_str(), &status), ucnv_close);
    if (U_FAILURE(status) || ucnv_getMaxCharSize(converter.get()) != 1)
        throw std::invalid_argument("the character set " + name +
                                    " is not known, or not one with one byte a character");
    auto table = std::make_shared<ByteTable>();
    for (std::size_t byte = 0; byte < table->size(); ++byte) {
        const char in = static_cast<char>(byte);
        std::array<UChar, 8> out{};
        const auto length = ucnv_toUChars(converter.get(), out.data(), out.size(), &in, 1, &status);
        if (U_FAILURE(status)) throw std::invalid_argument("the character set " + name + " fails");
        icu::UnicodeString(out.data(), length).toUTF8String((*table)[byte]);
        if (byte < 0x80 && (*table)[byte] != std::string(1, in))
            throw std::invalid_argument("the character set " + name + " does not hold ASCII");
    }
    return table;
}

bool is_utf8_name(const std::string& name) {
    return set_named(plain_name(name)) == utf8;
}

} // namespace

std::string Decoder::text(std::string_view bytes) const {
    if (std::ranges::none_of(bytes, base::is_beyond_ascii)) return std::string(bytes);
    const bool as_utf8 = (!table_ || utf8_first_) && base::is_utf8(bytes);
    if (as_utf8) return std::string(bytes);
    if (!table_) return base::with_replacements(bytes);
    std::string text;
    for (const char c : bytes)
        text += (*table_)[static_cast<unsigned char>(c)];
    return text;
}

Charsets::Charsets(const std::string& default_name) : default_(default_name) {
    if (!is_utf8_name(default_)) {
        const auto same = set_named(plain_name(default_));
        if (!same.empty()) default_ = same;
        tables_[default_] = table_of(default_);
    }
}

Decoder Charsets::decoder_of(const std::string& name, std::string_view message) {
    if (is_utf8_name(name)) return {};
    auto& table = tables_[name];
    if (!table) table = table_of(name);
    return {table, base::is_utf8(message)};
}

std::optional<Decoder> Charsets::decoder(std::string_view declared, std::string_view message) {
    const bool beyond_ascii = std::ranges::any_of(message, base::is_beyond_ascii);
    const auto name = plain_name(declared);
    const auto set = set_named(name);
    if (!name.empty() && set.empty()) {
        // ISO 2022 sets switch with ESC and without any high byte.
        const bool shifts = message.find('\x1b') != std::string_view::npos;
        if (beyond_ascii || shifts) return std::nullopt;
    }
    // Escape sequences may hold bytes of the set even where the message itself is ASCII.
    if (set.empty() || set == ascii) return decoder_of(default_, message);
    return decoder_of(std::string(set), message);
}

} // namespace medibridge::connectors::hl7
