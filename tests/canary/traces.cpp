#include "traces.hpp"

#include "base/bytes/encode.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <set>

namespace medibridge::tests {
namespace {

/// Code points below U+0800.
std::u16string characters(std::string_view utf8) {
    std::u16string all;
    for (std::size_t i = 0; i < utf8.size(); ++i) {
        const auto byte = static_cast<unsigned char>(utf8[i]);
        if (byte < 0x80) {
            all += static_cast<char16_t>(byte);
        } else {
            const auto next = static_cast<unsigned char>(utf8[++i]);
            all += static_cast<char16_t>((byte & 0x1F) << 6 | (next & 0x3F));
        }
    }
    return all;
}

std::string utf8(std::u16string_view text) {
    std::string all;
    for (const auto c : text) {
        if (c < 0x80) {
            all += static_cast<char>(c);
        } else {
            all += static_cast<char>(0xC0 | c >> 6);
            all += static_cast<char>(0x80 | (c & 0x3F));
        }
    }
    return all;
}

std::string latin1(std::u16string_view text) {
    std::string all;
    for (const auto c : text)
        all += static_cast<char>(c & 0xFF);
    return all;
}

std::string utf16(std::u16string_view text, bool little) {
    std::string all;
    for (const auto c : text) {
        const auto low = static_cast<char>(c & 0xFF);
        const auto high = static_cast<char>(c >> 8);
        all += little ? low : high;
        all += little ? high : low;
    }
    return all;
}

/// Latin-1's capitals have their small letters 32 further on.
std::u16string in_case(std::u16string text, bool upper) {
    for (auto& c : text) {
        const bool small = (c >= u'a' && c <= u'z') || (c >= 0xE0 && c <= 0xFE && c != 0xF7);
        const bool large = (c >= u'A' && c <= u'Z') || (c >= 0xC0 && c <= 0xDE && c != 0xD7);
        if (upper && small) c = static_cast<char16_t>(c - 32);
        if (!upper && large) c = static_cast<char16_t>(c + 32);
    }
    return text;
}

/// As normalised names are compared.
std::u16string without_accents(std::u16string text) {
    constexpr std::u16string_view accented = u"àâäçéèêëîïôöùûüÀÂÄÇÉÈÊËÎÏÔÖÙÛÜ";
    constexpr std::u16string_view plain = u"aaaceeeeiioouuuAAACEEEEIIOOUUU";
    for (auto& c : text) {
        const auto at = accented.find(c);
        if (at != std::u16string_view::npos) c = plain[at];
    }
    return text;
}

std::string json_escaped(std::u16string_view text) {
    std::string all;
    for (const auto c : text) {
        if (c < 0x80)
            all += static_cast<char>(c);
        else
            all += "\\u" + base::hex_number(c, 4);
    }
    return all;
}

std::string percent_escaped(std::string_view bytes) {
    std::string all;
    for (const char c : bytes) {
        if (static_cast<unsigned char>(c) < 0x80 && c != ' ')
            all += c;
        else
            all += "%" + base::hex_number(static_cast<unsigned char>(c), 2);
    }
    return all;
}

std::string hexadecimal(std::string_view bytes) {
    std::string all;
    for (const char c : bytes)
        all += base::hex_number(static_cast<unsigned char>(c), 2);
    return all;
}

std::string lower(std::string_view bytes) {
    std::string all(bytes);
    for (auto& c : all)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return all;
}

} // namespace

Traces::Traces(const std::vector<std::string>& values) {
    for (const auto& value : values) {
        const auto text = characters(value);
        for (const auto& plain : {text, without_accents(text)}) {
            for (const auto& form : {plain, in_case(plain, true), in_case(plain, false)}) {
                add_encoded(value, "UTF-8", utf8(form));
                add_encoded(value, "Latin-1", latin1(form));
                add_encoded(value, "UTF-16LE", utf16(form, true));
                add_encoded(value, "UTF-16BE", utf16(form, false));
                add(value, "JSON escapes", json_escaped(form));
            }
        }
    }
}

void Traces::add(const std::string& value, const std::string& form, std::string bytes) {
    bytes = lower(bytes);
    const auto same = [&](const Needle& needle) { return needle.bytes == bytes; };
    if (std::ranges::none_of(needles_, same))
        needles_.push_back({std::move(bytes), value + " as " + form});
}

void Traces::add_encoded(const std::string& value, const std::string& form,
                         const std::string& bytes) {
    add(value, form, bytes);
    add(value, form + " in hexadecimal", hexadecimal(bytes));
    add(value, form + ", percent-encoded", percent_escaped(bytes));
    // Of the three ways to lie in groups of 3 bytes, what does not depend on the neighbours.
    // Letters are compared whatever their case: what is found by chance is too long for that.
    for (std::size_t before = 0; before < 3; ++before) {
        auto text = base::base64(std::string(before, 'x') + bytes);
        const auto whole = (before + bytes.size()) / 3 * 4;
        text = text.substr(0, whole);
        text.erase(0, before == 0 ? 0 : 4);
        if (text.size() >= 8) add(value, form + " in base64", text);
    }
}

std::vector<std::string> Traces::in(std::string_view bytes) const {
    const auto text = lower(bytes);
    std::vector<std::string> found;
    for (const auto& needle : needles_)
        if (text.find(needle.bytes) != std::string::npos) found.push_back(needle.what);
    return found;
}

std::vector<std::string> Traces::in_file(const std::filesystem::path& path) const {
    std::ifstream file(path, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    auto found = in(path.filename().string() + "\n" + bytes);
    for (auto& what : found)
        what = path.filename().string() + ": " + what;
    return found;
}

} // namespace medibridge::tests
