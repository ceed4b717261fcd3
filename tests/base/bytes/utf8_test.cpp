#include "base/bytes/utf8.hpp"

#include <gtest/gtest.h>

namespace medibridge::base {
namespace {

const std::string fffd(replacement_character);

TEST(Utf8Test, KnowsEveryCharacterAndNothingElse) {
    struct Case {
        std::string_view text;
        char32_t code;
        std::size_t length;
    };
    const Case cases[] = {
        {"a", U'a', 1},
        {"\xC2\x80", 0x80, 2},
        {"\xDF\xBF", 0x7FF, 2},
        {"\xE0\xA0\x80", 0x800, 3},
        {"\xED\x9F\xBF", 0xD7FF, 3},
        {"\xEE\x80\x80", 0xE000, 3},
        {"\xEF\xBF\xBF", 0xFFFF, 3},
        {"\xF0\x90\x80\x80", 0x10000, 4},
        {"\xF4\x8F\xBF\xBF", 0x10FFFF, 4},
        {"\xE2\x82\xAC, and more", 0x20AC, 3},
        {"\x80", 0, 0},             // a continuation
        {"\xC0\x80", 0, 0},         // overlong
        {"\xC1\xBF", 0, 0},         //
        {"\xE0\x9F\xBF", 0, 0},     //
        {"\xF0\x8F\xBF\xBF", 0, 0}, //
        {"\xED\xA0\x80", 0, 0},     // a surrogate
        {"\xF4\x90\x80\x80", 0, 0}, // past the end
        {"\xF5\x80\x80\x80", 0, 0}, //
        {"\xFF", 0, 0},             //
        {"\xC3", 0, 0},             // cut off
        {"\xE2\x82", 0, 0},         //
        {"\xF0\x9F\x98", 0, 0},     //
        {"\xC3(", 0, 0},            // broken off
    };
    for (const auto& one : cases) {
        SCOPED_TRACE(one.text);
        EXPECT_EQ(utf8_length(one.text), one.length);
        EXPECT_EQ(utf8_character(one.text).length, one.length);
        EXPECT_EQ(utf8_character(one.text).code, one.code);
        EXPECT_EQ(is_utf8(one.text), one.length > 0);
        EXPECT_EQ(is_utf8("0123456789" + std::string(one.text)), one.length > 0);
    }
    EXPECT_TRUE(is_utf8(""));
}

TEST(Utf8Test, CutsBetweenCharacters) {
    EXPECT_EQ(utf8_prefix("aé", 3), "aé");
    EXPECT_EQ(utf8_prefix("aé", 2), "a");
    EXPECT_EQ(utf8_prefix("aé", 1), "a");
    EXPECT_EQ(utf8_prefix("\xF0\x9F\x98\x80", 3), "");
    EXPECT_EQ(utf8_prefix("\xF0\x9F\x98\x80!", 4), "\xF0\x9F\x98\x80");
    EXPECT_EQ(utf8_prefix("", 0), "");
    EXPECT_EQ(utf8_prefix(std::string(9, '\x80'), 8).size(), 5u) << "no character anyway";
}

TEST(Utf8Test, FindsWhatWasLost) {
    EXPECT_TRUE(holds_replacement("Ren" + fffd));
    EXPECT_FALSE(holds_replacement("René"));
}

TEST(Utf8Test, ReplacesEachByteThatIsNoPartOfACharacter) {
    EXPECT_EQ(with_replacements("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"),
              "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
    EXPECT_EQ(with_replacements("\xC0\xAF"), fffd + fffd);
    EXPECT_EQ(with_replacements("\xED\xA0\x80"), fffd + fffd + fffd);
    EXPECT_EQ(with_replacements("\xF4\x90\x80\x80"), fffd + fffd + fffd + fffd);
    EXPECT_EQ(with_replacements("\xE0\x80\x80"
                                "x"),
              fffd + fffd + fffd + "x");
    EXPECT_EQ(with_replacements("x\xE2\x82"), "x" + fffd + fffd);
    EXPECT_EQ(with_replacements("Ren\xE9!"), "Ren" + fffd + "!");
}

} // namespace
} // namespace medibridge::base
