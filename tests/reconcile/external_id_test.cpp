#include "reconcile/external_id.hpp"

#include "generators.hpp"

#include <array>
#include <cstdio>
#include <gtest/gtest.h>

namespace medibridge::reconcile {
namespace {

std::string id(std::string_view text) {
    const auto normal = normal_external_id(text);
    return normal.ok() ? normal.text : "! " + std::string(normal.defect);
}

TEST(ExternalIdTest, IsTrimmedAndElseAsItIs) {
    EXPECT_EQ(id(" IPP-0001\u00A0\n"), "IPP-0001");
    EXPECT_EQ(id("a  b"), "a  b");
    EXPECT_EQ(id("é"), "é");
    EXPECT_EQ(id("e\u0301"), "e\u0301");
    EXPECT_EQ(id("0007"), "0007");
    EXPECT_EQ(id(" "), "");
}

TEST(ExternalIdTest, RefusesWhatCannotBeSeenOrSent) {
    EXPECT_EQ(id("a\x01"), "! holds a control character");
    EXPECT_EQ(id("a\nb"), "! holds a line break or tab");
    EXPECT_EQ(id("\xFF"), "! is not valid UTF-8");
    EXPECT_EQ(id("12\u200B34"), "! holds an invisible character");
    EXPECT_EQ(id(std::string(255, '7')), std::string(255, '7'));
    EXPECT_EQ(id(std::string(256, '7')), "! is longer than 255 characters");
    EXPECT_EQ(id(std::string(100'000, '7')), "! is longer than 255 bytes");
}

// The numbers are the documented examples of the key, and made up ones: nobody's.
TEST(NirTest, IsRecognisedByItsKey) {
    EXPECT_TRUE(is_nir("255081416802538"));
    EXPECT_TRUE(is_nir("2 55 08 14 168 025 38"));
    EXPECT_TRUE(is_nir("2-55-08-14-168-025.38"));
    EXPECT_FALSE(is_nir("255081416802539"));
    EXPECT_FALSE(is_nir("2550814168025"));
    EXPECT_FALSE(is_nir("2550814168025380"));
    EXPECT_FALSE(is_nir(""));
}

TEST(NirTest, CorsicaCounts) {
    // 97 - (2550819168025 mod 97) and 97 - (2550818168025 mod 97)
    const auto key = [](std::int64_t number) {
        const auto value = 97 - number % 97;
        return std::string(value < 10 ? "0" : "") + std::to_string(value);
    };
    EXPECT_TRUE(is_nir("255082A168025" + key(2550819168025)));
    EXPECT_TRUE(is_nir("255082b168025" + key(2550818168025)));
    EXPECT_FALSE(is_nir("255082A168025" + key(2550818168025)));
    EXPECT_FALSE(is_nir("255082C168025" + key(2550818168025)));
    EXPECT_FALSE(is_nir("255081A168025" + key(2550819168025)));
}

TEST(NirTest, OtherNumbersWithARightKeyAreNone) {
    const auto with_key = [](std::int64_t number) {
        const auto value = 97 - number % 97;
        return std::to_string(number) + (value < 10 ? "0" : "") + std::to_string(value);
    };
    EXPECT_TRUE(is_nir(with_key(1840275123456)));
    EXPECT_FALSE(is_nir(with_key(5840275123456)));
    EXPECT_FALSE(is_nir(with_key(1841375123456)));
    EXPECT_FALSE(is_nir(with_key(1840075123456)));
    EXPECT_FALSE(is_nir("18402751234560A"));
}

TEST(NirTest, NeverBecomesAnExternalId) {
    for (const auto* text :
         {"255081416802538", " 2 55 08 14 168 025 38 ", "2\u00A055\u202F08 14 168 025 38"})
        EXPECT_EQ(id(text), "! is a national health number (NIR), which is never sent") << text;
    EXPECT_EQ(id("2550814168025"), "2550814168025");
}

struct Case {
    std::string text;
    std::string verdict;
    const char* authority;
};

constexpr auto scientific = "! went through a spreadsheet: a number in scientific notation";
constexpr auto decimal = "! went through a spreadsheet or a float: a whole number with a fraction";
constexpr auto formula = "! went through a spreadsheet: a formula";
constexpr auto apostrophe = "! went through a spreadsheet: an apostrophe before it";
constexpr auto grouped = "! went through a spreadsheet: a number in groups of three digits";
constexpr auto date = "! went through a spreadsheet: a date";
constexpr auto sheet_error = "! is a spreadsheet's error";
constexpr auto quotes = "! stands in quotation marks";
constexpr auto nothing = "! is a word for no value";
constexpr auto zeros = "! consists of zeros only";
constexpr auto no_character = "! holds no letter or digit";

// A key in another form is another key: the patient would be there twice, or be somebody else.
TEST(ExternalIdTest, WhatASpreadsheetOrAFloatMadeOfAKeyIsNoKey) {
    const Case cases[] = {
        {"8,00123E+09", scientific, "Excel in French, cell format Standard"},
        {"8.00123E+09", scientific, "Excel, LibreOffice"},
        {"8E+09", scientific, "Excel, cell format Scientific without decimals"},
        {"-1.5e-07", scientific, "C, printf %e"},
        {"1e+21", scientific, "ECMAScript Number::toString"},
        {"8.001234567E9", scientific, "Java Double.toString: no sign"},
        {"8001234567.0", decimal, "Python, pandas: an integer column with a hole"},
        {"8001234567,00", decimal, "a number with two decimals, French"},
        {"8001234567.", decimal, "C, printf %#.0f"},
        {"00800123.000", decimal, "SQL DECIMAL(12,3)"},
        {"=\"00800123\"", formula, "Excel, the trick that keeps zeros"},
        {"=00800123", formula, "Excel"},
        {"'00800124", apostrophe, "Excel, the text mark"},
        {"\u201900800124", apostrophe, "the same, made typographic"},
        {"8,001,234,567", grouped, "Excel, English thousands"},
        {"8\u00A0001\u00A0234\u00A0567", grouped, "Excel, French thousands"},
        {"8\u202F001\u202F234", grouped, "CLDR, French thousands"},
        {"8 001 234 567", grouped, "the same after a conversion"},
        {"8'001'234", grouped, "Swiss thousands"},
        {"8.001.234.567", grouped, "German, Spanish thousands"},
        {"00800123\"", quotes, "half of a pair"},
        {"-inf", nothing, "IEEE 754"},
        {"03/02/2024", date, "Excel: 3-2 becomes a date"},
        {"2024-02-03", date, "the same, ISO 8601"},
        {"2024-02-03 00:00:00", date, "the same, pandas"},
        {"#REF!", sheet_error, "Excel"},
        {"#N/A", sheet_error, "Excel"},
        {"#NAME?", sheet_error, "Excel"},
        {"#NOM?", sheet_error, "Excel in French"},
        {"#VALEUR!", sheet_error, "Excel in French"},
        {"#DIV/0!", sheet_error, "Excel"},
        {"#########", sheet_error, "a column that is too narrow"},
        {"\"00800123\"", quotes, "RFC 4180 quotes, escaped twice"},
        {"NULL", nothing, "SQL"},
        {"null", nothing, "RFC 8259"},
        {"(null)", nothing, "glibc printf"},
        {"<null>", nothing, "database tools"},
        {"\\N", nothing, "MySQL, PostgreSQL COPY"},
        {"None", nothing, "Python"},
        {"NaN", nothing, "IEEE 754"},
        {"undefined", nothing, "ECMAScript"},
        {"N/A", nothing, "people"},
        {"INCONNU", nothing, "people"},
        {"FAUX", nothing, "Excel in French, a truth value"},
        {"-1", nothing, "a mark for none"},
        {"0", zeros, "a mark for none"},
        {"0000000000", zeros, "the same, padded"},
        {"0.0", decimal, "the same, a float"},
        {"-", no_character, "people"},
        {"???", no_character, "a set without the letters"},
        {"A&eacute;12", "! holds an HTML entity", "HTML 5"},
        {"IPPÃ©12", "! looks like UTF-8 read in another encoding", "windows-1252"},
        {"A%2F12", "! holds percent-encoding", "RFC 3986 §2.1"},
        {"A\\u002F12", "! holds a backslash escape", "RFC 8259 §7"},
        {"12\uFFFD4", "! holds a character that was lost in a conversion", "Unicode"},
    };
    for (const auto& one : cases)
        EXPECT_EQ(id(one.text), one.verdict) << one.text << ": " << one.authority;
}

TEST(ExternalIdTest, KeysThatOnlyLookOddAreKeys) {
    for (const std::string text :
         {"12E34",       "8e9",        "1E5",      "E+09",     "A.123",  "123.45",    "1.0.0",
          "A.0",         "2024/0012",  "12-34-56", "IPP-0001", "0007",   "1234567",   "12 34",
          "123 456 789", "1 234",      "12,34",    "1,234",    "#12",    "A#1",       "é12",
          "ABC=",        "O'12",       "NULL1",    "NANTES",   "NONE42", "1.2.250.1", "0A",
          "00000001",    "SITE\\0001", "A&B",      "50%",      "X",      "a_b:c",     "12.345.678",
          "99/99/2024",  "9999-99",    "TRUE-1",   "1e+2x",    "1E+5",   "+33",       "8001234567"})
        EXPECT_EQ(id(text), text);
}

TEST(ExternalIdTest, EveryPlainKeyIsTaken) {
    EXPECT_TRUE(rc::check([] {
        const auto text = *rc::gen::container<std::string>(
            12, rc::gen::elementOf(std::string("0123456789ABCDEFXYZabcdef")));
        RC_PRE(text.find_first_not_of('0') != std::string::npos);
        RC_ASSERT(id(text) == text);
        RC_ASSERT(id(text + "-" + text) == text + "-" + text);
        RC_ASSERT(id(text + "/7") == text + "/7");
    }));
}

TEST(ExternalIdTest, NoNumberPassesInAnotherForm) {
    EXPECT_TRUE(rc::check([] {
        const auto number = *rc::gen::inRange<std::int64_t>(1'000'000, 999'999'999'999);
        const auto digits = std::to_string(number);
        RC_ASSERT(id(digits) == digits);
        RC_ASSERT(id(digits + ".0") == decimal);
        RC_ASSERT(id(digits + ",00") == decimal);
        RC_ASSERT(id("=\"" + digits + "\"") == formula);
        RC_ASSERT(id("'" + digits) == apostrophe);
        std::array<char, 64> text{};
        for (const auto* format : {"%.5e", "%.0e", "%E", "%.15e"}) {
            std::snprintf(text.data(), text.size(), format, static_cast<double>(number));
            RC_ASSERT(id(text.data()) == scientific);
        }
    }));
}

TEST(ExternalIdTest, AnyBytesAreTakenOrRefused) {
    EXPECT_TRUE(rc::check([] {
        const auto once = normal_external_id(*rc::gen::oneOf(any_bytes(), odd_text()));
        if (!once.ok()) return;
        RC_ASSERT(normal_external_id(once.text).text == once.text);
    }));
}

} // namespace
} // namespace medibridge::reconcile
