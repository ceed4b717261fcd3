#include "connectors/csv/rows.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <unicode/unistr.h>

namespace medibridge::connectors {
namespace {

struct Form {
    const char* encoding; ///< ICU's
    std::string mark;     ///< byte order mark
    const char* setting;  ///< `encoding` of the configuration
};

const std::vector<Form>& forms() {
    static const std::vector<Form> all = {
        {"UTF-8", "", "UTF-8"},
        {"UTF-8", "\xEF\xBB\xBF", "windows-1252"},
        {"UTF-16LE", "\xFF\xFE", "UTF-8"},
        {"UTF-16BE", "\xFE\xFF", "UTF-8"},
        {"UTF-16LE", "", "UTF-16LE"},
        {"windows-1252", "", "windows-1252"},
        {"ISO-8859-15", "", "ISO-8859-15"},
    };
    return all;
}

std::string encoded(const std::string& text, const Form& form) {
    const auto unicode = icu::UnicodeString::fromUTF8(text);
    const auto size = unicode.extract(0, unicode.length(), nullptr, 0, form.encoding);
    std::string bytes(static_cast<std::size_t>(size), '\0');
    unicode.extract(0, unicode.length(), bytes.data(), static_cast<std::uint32_t>(bytes.size()),
                    form.encoding);
    return form.mark + bytes;
}

/// A cell in which everything is that a cell may hold. All of it is in each of the encodings.
rc::Gen<std::string> a_cell() {
    static const std::vector<std::string> parts = {"a",  "Z", "7", " ",  "é", "Œ",  "ÿ",    "€",
                                                   "\"", ";", ",", "\t", "|", "\n", "\r\n", "'"};
    return rc::gen::map(rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(parts)),
                        [](const std::vector<std::string>& chosen) {
                            std::string cell;
                            for (const auto& part : chosen)
                                cell += part;
                            return cell;
                        });
}

std::string quoted(const std::string& cell) {
    std::string text = "\"";
    for (const char c : cell)
        text += c == '"' ? "\"\"" : std::string(1, c);
    return text + '"';
}

bool needs_quotes(const std::string& cell, char delimiter) {
    return cell.empty() || cell.front() == '"' ||
           cell.find_first_of("\r\n\t ") != std::string::npos ||
           cell.find(delimiter) != std::string::npos;
}

bool is_utf8_beyond_ascii(const std::string& bytes) {
    const auto text = icu::UnicodeString::fromUTF8(bytes);
    std::string back;
    text.toUTF8String(back); // what was none has become U+FFFD
    return back == bytes && text.length() != static_cast<std::int32_t>(bytes.size());
}

RC_GTEST_PROP(CsvEncodingTest, WhatIsWrittenIsReadInEveryForm, ()) {
    const auto width = *rc::gen::inRange<std::size_t>(2, 5);
    const auto table = *rc::gen::container<std::vector<std::vector<std::string>>>(
        rc::gen::container<std::vector<std::string>>(width, a_cell()));
    const auto form = *rc::gen::elementOf(forms());
    const auto delimiter = *rc::gen::element(';', ',', '\t', '|');
    const auto line_end = *rc::gen::element<std::string>("\n", "\r\n", "\r");
    const auto last_line_ends = *rc::gen::arbitrary<bool>();
    const auto portion = *rc::gen::element<std::size_t>(1, 2, 3, 7, 1000);
    const auto all_quoted = *rc::gen::arbitrary<bool>();

    std::string text;
    for (const auto& row : table) {
        if (!text.empty()) text += line_end;
        for (std::size_t i = 0; i < width; ++i) {
            const bool quote = all_quoted || needs_quotes(row[i], delimiter);
            text += (i ? std::string(1, delimiter) : "") + (quote ? quoted(row[i]) : row[i]);
        }
    }
    if (last_line_ends && !text.empty()) text += line_end;

    const auto bytes = encoded(text, form);
    std::size_t at = 0;
    CsvRows rows(
        [&](char* buffer, std::size_t room) {
            const auto count = std::min({portion, room, bytes.size() - at});
            bytes.copy(buffer, count, at);
            at += count;
            return count;
        },
        delimiter, form.setting);
    CsvRow row;
    const bool one_byte = form.mark.empty() && std::string(form.setting).find("UTF") != 0;
    if (one_byte && is_utf8_beyond_ascii(bytes)) { // a É and a € may be one letter there
        auto next = CsvRows::Next::row;
        while (next == CsvRows::Next::row)
            next = rows.next(row);
        RC_ASSERT(next == CsvRows::Next::fault);
        return;
    }
    for (const auto& expected : table) {
        RC_ASSERT(rows.next(row) == CsvRows::Next::row);
        RC_ASSERT(row.size() == width);
        for (std::size_t i = 0; i < width; ++i)
            RC_ASSERT(std::string(row[i]) == expected[i]);
    }
    RC_ASSERT(rows.next(row) == CsvRows::Next::end);
}

} // namespace
} // namespace medibridge::connectors
