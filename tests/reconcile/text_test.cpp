#include "reconcile/text.hpp"

#include "generators.hpp"

#include <array>
#include <cstdint>
#include <gtest/gtest.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

namespace medibridge::reconcile {
namespace {

std::string line(std::string_view text) {
    const auto normal = normal_text(text, Shape::line);
    return normal.ok() ? normal.text : "! " + std::string(normal.defect);
}

std::string person(std::string_view text) {
    const auto normal = normal_name(text);
    return normal.ok() ? normal.text : "! " + std::string(normal.defect);
}

TEST(TextTest, TrimsAndFoldsSpacesOfEveryKind) {
    EXPECT_EQ(person("  LE \u00A0\u202F GOFF\u3000"), "LE GOFF");
    EXPECT_EQ(person("\r\n Anne\t"), "Anne");
    EXPECT_EQ(person("\u2028Zoé\u0085"), "Zoé");
    EXPECT_EQ(line(" 12 bis\r\n\tBât. B "), "12 bis Bât. B");
    EXPECT_EQ(line("12 bis\r\nLieu-dit"), "12 bis Lieu-dit");
    EXPECT_EQ(line("12 rue\u2028Été"), "12 rue Été");
}

TEST(TextTest, ComposesCharacters) {
    EXPECT_EQ(person("He\u0301le\u0300ne"), "Hélène");
    EXPECT_EQ(person("Łukasz Œuvrard"), "Łukasz Œuvrard");
}

TEST(TextTest, LeavesOutWhatNobodySees) {
    EXPECT_EQ(person("\uFEFFMar\u00ADtin\u200B\u200E"), "Martin");
    EXPECT_EQ(person("a\u200Db"), "a\u200Db");
}

TEST(TextTest, BlankIsInOrderAndEmpty) {
    for (const auto* text : {"", " ", " \t\r\n", "\u00A0\u3000", "\uFEFF"}) {
        EXPECT_EQ(person(text), "");
        EXPECT_EQ(line(text), "");
    }
}

TEST(TextTest, RefusesControlCharacters) {
    EXPECT_EQ(person("Mar\x01tin"), "! holds a control character");
    EXPECT_EQ(person("Martin\x7F"), "! holds a control character");
    EXPECT_EQ(person("Ren\u0091"), "! holds a control character");
    EXPECT_EQ(line(std::string("a\0b", 3)), "! holds a control character");
    EXPECT_EQ(line("Zoé\uFFFF"), "! holds a control character");
}

TEST(TextTest, RefusesLineBreaksWithinNames) {
    EXPECT_EQ(person("Anne\nMarie"), "! holds a line break or tab");
    EXPECT_EQ(person("Zoé\tMarie"), "! holds a line break or tab");
    EXPECT_EQ(person("Zoé\u2029Marie"), "! holds a line break or tab");
}

TEST(TextTest, RefusesInvalidUtf8AndLostLetters) {
    for (const auto* text : {"Ren\xE9", "\xC3", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80"})
        EXPECT_EQ(line(text), "! is not valid UTF-8") << text;
    EXPECT_EQ(line("Ren\uFFFD"), "! holds a character that was lost in a conversion");
}

TEST(TextTest, RefusesNamesWithoutAnyLetter) {
    for (const auto* text : {"-", "...", "1234", "€", "\u0301"})
        EXPECT_EQ(person(text), "! holds no letter") << text;
    for (const auto* text : {"O", "王", "Maynard46", "Я"})
        EXPECT_EQ(person(text), text);
    EXPECT_EQ(line("12"), "12");
}

TEST(TextTest, RefusesMoreThan255Characters) {
    const std::string a(256, 'a');
    EXPECT_EQ(person(a), "! is longer than 255 characters");
    EXPECT_EQ(person(a.substr(1)), a.substr(1));
    std::string accented;
    for (int i = 0; i < 255; ++i)
        accented += "é";
    EXPECT_EQ(person(accented), accented);
    EXPECT_EQ(person(accented + "e"), "! is longer than 255 characters");
    EXPECT_EQ(person(std::string(1 << 20, '\xFF')), "! is longer than 255 characters");
}

TEST(TextTest, TheShortWayForAsciiIsEqualToTheLongOne) {
    EXPECT_TRUE(rc::check([] {
        const auto text = *ascii_text();
        const auto shape = *rc::gen::element(Shape::name, Shape::line);
        const auto quick = normal_text(text, shape);
        const auto slow = normal_unicode_text(text, shape);
        RC_ASSERT(quick.text == slow.text);
        RC_ASSERT(quick.defect == slow.defect);
    }));
}

TEST(TextTest, TheShortWayForLatinLettersSaysWhatIcuSays) {
    for (UChar32 c = 1; c < 0x300; ++c) {
        std::array<char, U8_MAX_LENGTH> bytes{};
        std::int32_t size = 0;
        U8_APPEND_UNSAFE(bytes.data(), size, c);
        const std::string character(bytes.data(), static_cast<std::size_t>(size));
        const auto normal = normal_unicode_text("a" + character + "b", Shape::line);
        if (u_isUWhiteSpace(c))
            EXPECT_EQ(normal.text, "a b") << c;
        else if (u_charType(c) == U_CONTROL_CHAR)
            EXPECT_EQ(normal.defect, "holds a control character") << c;
        else if (u_charType(c) == U_FORMAT_CHAR)
            EXPECT_EQ(normal.text, "ab") << c;
        else
            EXPECT_EQ(normal.text, "a" + character + "b") << c;
    }
}

TEST(TextTest, TheShortWayOfTrimmingIsEqualToTheLongOne) {
    EXPECT_TRUE(rc::check([] {
        const auto text = *rc::gen::oneOf(ascii_text(), odd_text());
        RC_ASSERT(trim(text) == trim("\u00A0" + text + "\u3000"));
    }));
}

TEST(TextTest, ANormalTextIsItsOwnNormalForm) {
    EXPECT_TRUE(rc::check([] {
        const auto text = *odd_text();
        const auto once = normal_text(text, Shape::line);
        if (!once.ok()) return;
        const auto twice = normal_text(once.text, Shape::name);
        RC_ASSERT(twice.ok());
        RC_ASSERT(twice.text == once.text);
    }));
}

TEST(TextTest, AnyBytesAreNormalisedOrRefused) {
    EXPECT_TRUE(rc::check([] {
        const auto text = *rc::gen::oneOf(any_bytes(), odd_text());
        const auto normal = normal_name(text);
        RC_ASSERT(normal.ok() || normal.text.empty());
        const auto trimmed = trim(text);
        RC_ASSERT(trim(trimmed) == trimmed);
    }));
}

TEST(TextTest, TrimsUnicodeSpacesOnlyAtTheEnds) {
    EXPECT_EQ(trim("\u00A0 a\u00A0b \u3000\n"), "a\u00A0b");
    EXPECT_EQ(trim("\u2003"), "");
    EXPECT_EQ(trim("\xFF a\xFF"), "\xFF a\xFF");
}

} // namespace
} // namespace medibridge::reconcile
