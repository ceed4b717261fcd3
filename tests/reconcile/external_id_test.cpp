#include "reconcile/normal_form.hpp"

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

TEST(NirTest, IsOneInWhateverWayItIsWritten) {
    for (const auto* text :
         {"\uFF12\uFF15\uFF15\uFF10\uFF18\uFF11\uFF14\uFF11\uFF16\uFF18\uFF10\uFF12\uFF15\uFF13"
          "\uFF18",
          "\uFF12\uFF15\uFF15081416802538", "2\u06655081416802538",
          "255081416802\u2075\u2083\u2088", "INS255081416802538", "ins 2 55 08 14 168 025 38",
          "INS-NIR:255081416802538", "NIR_255081416802538", "IPP255081416802538",
          "\uFF29\uFF2E\uFF33255081416802538", "2/55/08/14/168/025/38", "(255081416802538)",
          "2\u201355\u201308\u201314\u2013168\u2013025\u201338", "INS2550814168025",
          "NIR 2 55 08 14 168 025", "nss:2550814168025", "SS 255082A168025"})
        EXPECT_EQ(id(text), "! is a national health number (NIR), which is never sent") << text;
    for (const auto* text : {"IPP2550814168025", "INS255081416802539", "INS25508141680253", "DOS12",
                             "INS5550814168025", "A2B55081416802538", "\uFF17\uFF10\uFF10\uFF19"})
        EXPECT_EQ(id(text), text);
}

struct IdCase {
    std::string text;
    std::string verdict;
    const char* authority;
};

constexpr auto id_scientific = "! went through a spreadsheet: a number in scientific notation";
constexpr auto id_decimal =
    "! went through a spreadsheet or a float: a whole number with a fraction";
constexpr auto id_formula = "! went through a spreadsheet: a formula";
constexpr auto id_apostrophe = "! went through a spreadsheet: an apostrophe before it";
constexpr auto id_grouped = "! went through a spreadsheet: a number in groups of three digits";
constexpr auto id_date = "! went through a spreadsheet: a date";
constexpr auto id_sheet_error = "! is a spreadsheet's error";
constexpr auto id_quotes = "! stands in quotation marks";
constexpr auto id_nothing = "! is a word for no value";
constexpr auto id_zeros = "! consists of zeros only";
constexpr auto id_no_character = "! holds no letter or digit";

// A key in another form is another key: the patient would be there twice, or be somebody else.
TEST(ExternalIdTest, WhatASpreadsheetOrAFloatMadeOfAKeyIsNoKey) {
    const IdCase cases[] = {
        {"8,00123E+09", id_scientific, "Excel in French, cell format Standard"},
        {"8.00123E+09", id_scientific, "Excel, LibreOffice"},
        {"8E+09", id_scientific, "Excel, cell format Scientific without decimals"},
        {"-1.5e-07", id_scientific, "C, printf %e"},
        {"1e+21", id_scientific, "ECMAScript Number::toString"},
        {"8.001234567E9", id_scientific, "Java Double.toString: no sign"},
        {"8001234567.0", id_decimal, "Python, pandas: an integer column with a hole"},
        {"8001234567,00", id_decimal, "a number with two decimals, French"},
        {"8001234567.", id_decimal, "C, printf %#.0f"},
        {"00800123.000", id_decimal, "SQL DECIMAL(12,3)"},
        {"=\"00800123\"", id_formula, "Excel, the trick that keeps zeros"},
        {"=00800123", id_formula, "Excel"},
        {"'00800124", id_apostrophe, "Excel, the text mark"},
        {"\u201900800124", id_apostrophe, "the same, made typographic"},
        {"8,001,234,567", id_grouped, "Excel, English thousands"},
        {"8\u00A0001\u00A0234\u00A0567", id_grouped, "Excel, French thousands"},
        {"8\u202F001\u202F234", id_grouped, "CLDR, French thousands"},
        {"8 001 234 567", id_grouped, "the same after a conversion"},
        {"8'001'234", id_grouped, "Swiss thousands"},
        {"8.001.234.567", id_grouped, "German, Spanish thousands"},
        {"00800123\"", id_quotes, "half of a pair"},
        {"-inf", id_nothing, "IEEE 754"},
        {"03/02/2024", id_date, "Excel: 3-2 becomes a date"},
        {"2024-02-03", id_date, "the same, ISO 8601"},
        {"2024-02-03 00:00:00", id_date, "the same, pandas"},
        {"1/2/2024", id_date, "Excel in English: no zeros in front"},
        {"2/13/2024", id_date, "the same: the month first"},
        {"1/2/2024 0:00", id_date, "the same, with a time"},
        {"3.2.2024", id_date, "Excel in German"},
        {"03.02.2024", id_date, "the same"},
        {"2024/2/3", id_date, "Excel in Japanese"},
        {"2024-2-3", id_date, "a date without zeros in front"},
        {"#REF!", id_sheet_error, "Excel"},
        {"#N/A", id_sheet_error, "Excel"},
        {"#NAME?", id_sheet_error, "Excel"},
        {"#NOM?", id_sheet_error, "Excel in French"},
        {"#VALEUR!", id_sheet_error, "Excel in French"},
        {"#DIV/0!", id_sheet_error, "Excel"},
        {"#########", id_sheet_error, "a column that is too narrow"},
        {"\"00800123\"", id_quotes, "RFC 4180 quotes, escaped twice"},
        {"NULL", id_nothing, "SQL"},
        {"null", id_nothing, "RFC 8259"},
        {"(null)", id_nothing, "glibc printf"},
        {"<null>", id_nothing, "database tools"},
        {"\\N", id_nothing, "MySQL, PostgreSQL COPY"},
        {"None", id_nothing, "Python"},
        {"NaN", id_nothing, "IEEE 754"},
        {"undefined", id_nothing, "ECMAScript"},
        {"N/A", id_nothing, "people"},
        {"INCONNU", id_nothing, "people"},
        {"FAUX", id_nothing, "Excel in French, a truth value"},
        {"-1", id_nothing, "a mark for none"},
        {"0", id_zeros, "a mark for none"},
        {"0000000000", id_zeros, "the same, padded"},
        {"0.0", id_decimal, "the same, a float"},
        {"-", id_no_character, "people"},
        {"???", id_no_character, "a set without the letters"},
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
         {"12E34",   "8e9",        "1E5",         "E+09",      "A.123",      "123.45",
          "1.0.0",   "A.0",        "2024/0012",   "12-34-56",  "IPP-0001",   "0007",
          "1234567", "12 34",      "123 456 789", "1 234",     "12,34",      "1,234",
          "#12",     "A#1",        "é12",         "ABC=",      "O'12",       "NULL1",
          "NANTES",  "NONE42",     "1.2.250.1",   "0A",        "00000001",   "SITE\\0001",
          "A&B",     "50%",        "X",           "a_b:c",     "12.345.678", "13/13/2024",
          "1/2/24",  "1.2.2024.1", "3-2",         "32/1/2024", "1/2-2024",   "99/99/2024",
          "9999-99", "TRUE-1",     "1e+2x",       "1E+5",      "+33",        "8001234567"})
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

TEST(ExternalIdTest, TheShortWayForShortPlainKeysIsEqualToTheLongOne) {
    EXPECT_TRUE(rc::check([] {
        // A space before it calls for the long way, and is trimmed there.
        const auto key = *pieces({"0", "1", "2A", "80", "97", "x", "X", "E", "nan", "None", "NIR",
                                  "ss", "inf", "null", "T", "fF"});
        const auto short_way = normal_external_id(key);
        const auto long_way = normal_external_id(" " + key);
        RC_ASSERT(short_way.text == long_way.text);
        RC_ASSERT(short_way.defect == long_way.defect);
    }));
}

TEST(ExternalIdTest, NoNumberPassesInAnotherForm) {
    EXPECT_TRUE(rc::check([] {
        const auto number = *rc::gen::inRange<std::int64_t>(1'000'000, 999'999'999'999);
        const auto digits = std::to_string(number);
        RC_ASSERT(id(digits) == digits);
        RC_ASSERT(id(digits + ".0") == id_decimal);
        RC_ASSERT(id(digits + ",00") == id_decimal);
        RC_ASSERT(id("=\"" + digits + "\"") == id_formula);
        RC_ASSERT(id("'" + digits) == id_apostrophe);
        std::array<char, 64> text{};
        for (const auto* format : {"%.5e", "%.0e", "%E", "%.15e"}) {
            std::snprintf(text.data(), text.size(), format, static_cast<double>(number));
            RC_ASSERT(id(text.data()) == id_scientific);
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
