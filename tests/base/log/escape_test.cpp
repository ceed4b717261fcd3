#include "base/log/line.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <rapidcheck.h>

namespace medibridge::log {
namespace {

std::string escaped(std::string_view text) {
    std::string out;
    append_quoted(out, text);
    return out;
}

TEST(EscapeTest, LeavesPlainTextAndAccentsAlone) {
    EXPECT_EQ(escaped("Élodie, 日本, 😀 / ok"), "\"Élodie, 日本, 😀 / ok\"");
}

TEST(EscapeTest, EscapesWhatEndsALineOrAString) {
    EXPECT_EQ(escaped("a\"b\\c"), R"("a\"b\\c")");
    EXPECT_EQ(escaped("a\r\nb\tc"), R"("a\r\nb\tc")");
    EXPECT_EQ(escaped(std::string_view("\0\x1B[31m\x7F", 7)), R"("\u0000\u001b[31m\u007f")");
    EXPECT_EQ(escaped("\u0085\u2028\u2029"), R"("\u0085\u2028\u2029")");
}

TEST(EscapeTest, EscapesWhatTurnsTheDirectionOfWriting) {
    EXPECT_EQ(escaped("a\u202Eb\u2066c"), R"("a\u202eb\u2066c")");
}

TEST(EscapeTest, ReplacesBytesThatAreNotUtf8) {
    EXPECT_EQ(escaped("caf\xE9!"), "\"caf\xEF\xBF\xBD!\"");
    EXPECT_EQ(escaped("\xC0\xAF"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");
    EXPECT_EQ(escaped("\xE2\x82"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");
    EXPECT_EQ(escaped("\xF5"), "\"\xEF\xBF\xBD\"");
    // Overlong, a surrogate, past the last character.
    for (const char* broken :
         {"\xE0\x80\xAF", "\xED\xA0\x80", "\xF0\x80\x80\x80", "\xF4\x90\x80\x80"})
        EXPECT_TRUE(escaped(broken).starts_with("\"\xEF\xBF\xBD\xEF\xBF\xBD")) << broken;
}

TEST(EscapeTest, CutsLongTextBetweenCharacters) {
    const auto cut = escaped(std::string(max_value_size - 1, 'a') + "éé");
    EXPECT_EQ(cut, "\"" + std::string(max_value_size - 1, 'a') + "…\"");
    const std::string whole(max_value_size, 'a');
    EXPECT_EQ(escaped(whole), "\"" + whole + "\"");
}

TEST(EscapeTest, AnyBytesGiveOneLineOfJson) {
    rc::check("parses, and says the same where it is text", [](const std::string& text) {
        const auto out = escaped(text);
        RC_ASSERT(out.find_first_of("\n\r") == std::string::npos);
        RC_ASSERT(nlohmann::json::accept(out));
    });
    rc::check("ASCII comes back as it was", [] {
        const auto text = *rc::gen::container<std::string>(rc::gen::inRange<char>(0, 127));
        RC_ASSERT(nlohmann::json::parse(escaped(text)).get<std::string>() == text);
    });
}

TEST(EscapeTest, OnlyHarmlessWordsGoWithoutQuotes) {
    EXPECT_TRUE(is_plain_word("phone,address.city"));
    for (const char* other : {"", "two words", "a=b", "\"", "a\nb", "é", "\\"})
        EXPECT_FALSE(is_plain_word(other)) << other;
}

} // namespace
} // namespace medibridge::log
