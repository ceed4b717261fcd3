#include "base/bytes/ascii.hpp"
#include "reconcile/garbled.hpp"

#include "generators.hpp"
#include "reconcile/assess.hpp"
#include "reconcile/text.hpp"

#include <array>
#include <cstdint>
#include <gtest/gtest.h>
#include <unicode/utf8.h>

namespace medibridge::reconcile {
namespace {

struct Case {
    std::string text;
    std::string verdict; ///< the value as it is sent, or `! ` and why it is refused
    const char* authority;
};

constexpr auto encoding = "! looks like UTF-8 read in another encoding";
constexpr auto sign = "! holds a sign where a letter was, perhaps of a DOS encoding";
constexpr auto entity = "! holds an HTML entity";
constexpr auto markup = "! holds markup or fill characters (< >)";
constexpr auto question = "! holds a question mark, perhaps for a letter that was lost";
constexpr auto percent = "! holds percent-encoding";
constexpr auto escape = "! holds a backslash escape";
constexpr auto mime = "! holds quoted-printable encoding";
constexpr auto sheet_error = "! is a spreadsheet's error";
constexpr auto formula = "! went through a spreadsheet: a formula";
constexpr auto would_run = "! begins as a spreadsheet's formula";
constexpr auto scientific = "! went through a spreadsheet: a number in scientific notation";
constexpr auto no_value = "! is a word for no value";
constexpr auto no_character = "! holds no letter or digit";
constexpr auto decimal = "! went through a spreadsheet or a float: a whole number with a fraction";

SourceRecord record_with(Field field, std::string text) {
    SourceRecord record;
    record.patient = Patient("IPP-1");
    record.patient[Field::last_name] = FieldValue::known("Martin");
    record.patient[Field::first_name] = FieldValue::known("Anne");
    record.patient[Field::birth_date] = FieldValue::known("1984-02-29");
    record.patient[field] = FieldValue::known(std::move(text));
    return record;
}

/// What becomes of a name that any source gives.
std::string name_of(const std::string& text) {
    const auto assessed = assess(record_with(Field::last_name, text), {});
    if (!assessed.hold) return assessed.patient[Field::last_name].text();
    return "! " + assessed.hold->defect.reason;
}

/// What becomes of a line of an address.
std::string line_of(const std::string& text, Field field = Field::street) {
    auto record = record_with(field, text);
    if (field != Field::city) record.patient[Field::city] = FieldValue::known("Nantes");
    const auto assessed = assess(std::move(record), {});
    if (assessed.dropped.empty()) return assessed.patient[field].text();
    EXPECT_FALSE(assessed.hold);
    return "! " + assessed.dropped.front().reason;
}

/// UTF-8 as a reader shows it that takes it for ISO 8859-1.
std::string misread(std::string_view utf8) {
    std::string text;
    for (const char c : utf8) {
        std::array<char, U8_MAX_LENGTH> bytes{};
        std::int32_t size = 0;
        U8_APPEND_UNSAFE(bytes.data(), size, static_cast<unsigned char>(c));
        text.append(bytes.data(), static_cast<std::size_t>(size));
    }
    return text;
}

TEST(GarbledTest, ANameThatAConversionGarbledIsNoName) {
    const Case cases[] = {
        // UTF-8 read as windows-1252 or ISO 8859-1
        {"LefÃ¨vre", encoding, "UTF-8 E8 → C3 A8"},
        {"GÃ©rard", encoding, "UTF-8 E9 → C3 A9"},
        {"DÃ‰SIRÃ‰E", encoding, "windows-1252 89 = ‰"},
        {"D\u00C3\u0089SIR\u00C3\u0089E", encoding, "ISO 8859-1 89 = C1 control"},
        {"LÃ\u00A0", encoding, "à is C3 A0, a no-break space"},
        {"Nâ€™Guyen", encoding, "U+2019 is E2 80 99"},
        {"LefÃƒÂ¨vre", encoding, "read wrongly twice"},
        {"Å’uvrard", encoding, "Œ is C5 92"},
        {"DvoÅ™Ã¡k", encoding, "Czech"},
        {"È˜tefan", encoding, "Romanian Ș is C8 98"},
        {"Nguyá»…n", encoding, "Vietnamese, three bytes"},
        {"Elâ€‘Amrani", encoding, "U+2011, a hyphen"},
        {"Î“Î¹Î±Î½Î½Î·Ï‚", encoding, "Greek"},
        {"Ð˜Ð²Ð°Ð½Ð¾Ð²", encoding, "Cyrillic"},
        {"×›×”×Ÿ", encoding, "Hebrew"},
        {"Ø­Ø³Ù†", encoding, "Arabic"},
        {"Lefï¿½vre", encoding, "U+FFFD, read wrongly afterwards"},
        {"ï»¿MARTIN", encoding, "a byte order mark in the text"},
        {"LeÌ€a", encoding, "e and U+0300, decomposed before"},
        {"Lef├¿vre", encoding, "code page 850"},
        {"Lef√®vre", encoding, "Mac OS Roman"},
        // code page 850 read as windows-1252
        {"L‚a", sign, "é is 82"},
        {"Chlo‚", sign, "at the end"},
        {"‚lodie", sign, "at the beginning"},
        {"Fran‡ois", sign, "ç is 87"},
        {"AgnŠs", sign, "è is 8A"},
        {"Jo‰l", sign, "ë is 89"},
        {"Lo‹c", sign, "ï is 8B"},
        {"C“me", sign, "ô is 93"},
        {"BenoŒt", sign, "î is 8C"},
        {"FRAN€OIS", sign, "Ç is 80"},
        {"BENO×T", sign, "Î is D7"},
        {"G¤nter", sign, "ä in code page 437 of another system"},
        {"M±ller", sign, "a symbol beside a letter"},
        {"MARTIN§", sign, "a symbol beside a letter"},
        // HTML, XML
        {"Lef&egrave;vre", entity, "HTML 5 §13.5"},
        {"L&#233;a", entity, "HTML 5, decimal"},
        {"L&#xE9;a", entity, "HTML 5, hexadecimal"},
        {"D&apos;Arc", entity, "XML 1.0 §4.6"},
        {"O&amp;#39;Brien", entity, "escaped twice"},
        {"<b>MARTIN</b>", markup, "RNIV: letters, hyphens, apostrophes, spaces"},
        {"DUPONT<<JEAN<PIERRE", markup, "ICAO 9303 fill characters"},
        // letters that a conversion lost
        {"Lef?vre", question, "a set without è"},
        {"?milie", question, "a set without É"},
        {"Lef¿vre", question, "as Oracle writes it"},
        {"Lef\uFFFDvre", "! holds a character that was lost in a conversion", "Unicode U+FFFD"},
        // escapes of other formats
        {"Lef%C3%A8vre", percent, "RFC 3986 §2.1"},
        {"O%27Brien", percent, "RFC 3986 §2.1"},
        {"Lef\\u00e8vre", escape, "RFC 8259 §7"},
        {"Lef\\xE8vre", escape, "C, Python"},
        {"O\\'Brien", escape, "SQL, PHP"},
        {"Lef\\303\\250vre", escape, "octal, as PostgreSQL's bytea"},
        {"A\\T\\B", escape, "HL7 v2.5 §2.7"},
        {"Lef=C3=A8vre", mime, "RFC 2045 §6.7"},
        {"=?UTF-8?Q?Lef=C3=A8vre?=", mime, "RFC 2047"},
        // what spreadsheets put in a name's place
        {"#N/A", sheet_error, "Excel"},
        {"#NOM?", sheet_error, "Excel in French"},
        {"#VALEUR!", sheet_error, "Excel in French"},
        {"=\"MARTIN\"", formula, "Excel"},
        {"8,00123E+09", scientific, "Excel in French: another column's number"},
        // what spreadsheets run
        {"=cmd|' /C calc'!A0", formula, "DDE"},
        {" =1+1", formula, "after a space"},
        {"+cmd|' /C calc'!A0", would_run, "DDE"},
        {"@SUM(1)", would_run, "Lotus"},
        {"-2+3", would_run, "Excel"},
        {"-cmd|' /C calc'!A0", would_run, "DDE"},
        {"\uFF1D1+1", would_run, "a wide equals sign"},
        {"<script>alert(1)</script>", markup, "HTML 5"},
        {"MARTIN<img src=x onerror=alert(1)>", markup, "HTML 5"},
    };
    for (const auto& one : cases)
        EXPECT_EQ(name_of(one.text), one.verdict) << one.text << ": " << one.authority;
}

TEST(GarbledTest, NamesThatOnlyLookOddAreNames) {
    for (const std::string name :
         {"N'Guyen",    "D'Arc",        "St. John", "Jean-Paul", "J. R.",
          "-Martin",    "Abd-El+Kader", "JOÃO",     "SÃO",       "MARIA DA CONCEIÇÃO",
          "Ângela",     "IRMÃ",         "MATÚŠ",    "KRÍŽ",      "Tomáš",
          "KOÇ’UN",     "Nguyễn",       "Ötzi",     "ÅSE",       "X Æ A-12",
          "NŒUD",       "D’AMICO",      "Voß",      "ÞÓRÐUR",    "MÄRTA",
          "'t Hooft",   "O'Brien",      "Jean 3",   "DUPONT2",   "Nan",
          "Null",       "M & N",        "B&B",      "Γιάννης",   "Иванов",
          "כהן",        "حسن",          "王",       "ÇELİK",     "ŠŤASTNÝ",
          "ÁŽ",         "Ñandú",        "LE ROY E", "Abe604",    "D.",
          "Jean-Ch.",   "1E+",          "Łucja",    "Ø",         "José (Pepe)",
          "St. John/2", "İPEK",         "ĞÜNEŞ",    "Æbelø",     "Ô’Brien",
          "ÎLE",        "Zoé",          "Chloë",    "Maÿlis",    "Ÿ",
          "Ü–Ä"})
        EXPECT_EQ(name_of(name), name);
    EXPECT_EQ(name_of("ANDRÉ\u00A0»"), "ANDRÉ »");
}

TEST(GarbledTest, ALineOfAnAddressThatWasGarbledIsLeftOut) {
    const Case cases[] = {
        {"12 rue des Ã‰coles", encoding, "windows-1252"},
        {"3 place de lâ€™Ã‰glise", encoding, "windows-1252"},
        {"12 rue de l&#39;&eacute;glise", entity, "HTML 5"},
        {"Caf&eacute;", entity, "HTML 5"},
        {"12 all‚e des Tilleuls", sign, "code page 850 read as windows-1252"},
        {"12 rue des ?coles", question, "a set without É"},
        {"12 rue du Ch¿ne", question, "as Oracle writes it"},
        {"12 rue X<br/>Bât. 3", markup, "HTML 5"},
        {"12 rue\\nBât. 3", escape, "RFC 8259 §7"},
        {"12 rue X\\.br\\Bât. 3", escape, "HL7 v2.5 §2.7.6"},
        {"12%20rue", percent, "RFC 3986"},
        {"12 rue des =C3=89coles", mime, "RFC 2045"},
        {"#REF!", sheet_error, "Excel"},
        {"75001.0", decimal, "a float"},
        {"7,5001E+04", scientific, "Excel in French"},
        {"=\"01000\"", formula, "Excel"},
        {"NULL", no_value, "SQL"},
        {"(null)", no_value, "glibc printf"},
        {"\\N", no_value, "MySQL, PostgreSQL COPY"},
        {"N/A", no_value, "people"},
        {"-", no_character, "people"},
        {".", no_character, "people"},
        {"???", no_character, "a set without the letters"},
    };
    for (const auto& one : cases)
        EXPECT_EQ(line_of(one.text), one.verdict) << one.text << ": " << one.authority;
    for (const std::string line :
         {"12 rue des Écoles", "Résidence « L’Été », Bât. B", "Apt #12", "3/5 rue A & B", "12 ?",
          "12\\14 rue du Four", "Étage < 2", "'s-Hertogenbosch", "100 % bio", "n° 3.5", "1.10",
          "Å i Lofoten", "Nº 4", "a = b", "Aucun", "None", "Nil", "2A004", "0"})
        EXPECT_EQ(line_of(line), line);
    EXPECT_EQ(line_of("75001.0", Field::postal_code), decimal);
    EXPECT_EQ(line_of("NÃ®mes", Field::city), encoding);
}

TEST(GarbledTest, TheUsualNameIsJudgedLikeTheBirthName) {
    auto record = record_with(Field::last_name, "Martin");
    record.usual_last_name = "LefÃ¨vre";
    const auto assessed = assess(record, {});
    EXPECT_FALSE(assessed.hold);
    EXPECT_EQ(assessed.other_last_name, "");
    ASSERT_EQ(assessed.dropped.size(), 1u);
    EXPECT_EQ(assessed.dropped[0].field, "usualLastName");
    IdentityPolicy usual;
    usual.last_name = LastName::usual;
    ASSERT_TRUE(assess(record, usual).hold);
    EXPECT_EQ(assess(record, usual).hold->defect.reason, std::string(encoding).substr(2));
    record = record_with(Field::last_name, "LefÃ¨vre");
    record.usual_last_name = "Martin";
    EXPECT_EQ(assess(record, usual).other_last_name, "") << "nobody is compared by a garbled name";
}

TEST(GarbledTest, WhatMedicappHoldsIsComparedAsItIs) {
    // Nothing is refused on that side: it has to be seen that the HIS's right name differs.
    EXPECT_EQ(canonical(Field::last_name, "Lef?vre  B", {}), "Lef?vre B");
    EXPECT_EQ(canonical(Field::last_name, "LefÃ¨vre  B", {}), "LefÃ¨vre B");
    EXPECT_EQ(canonical(Field::street, "1&nbsp;rue  A", {}), "1&nbsp;rue A");
}

rc::Gen<std::string> accented_words() {
    return rc::gen::nonEmpty(pieces({"é", "è", "à", "ç", "Ô", "É", "ü", "ñ", "œ", "š", "Ł", "ő",
                                     "ễ", "’", "a", "B", "-", " ", "martin"}));
}

TEST(GarbledTest, AnyAccentedNameReadInAnotherEncodingIsSeen) {
    EXPECT_TRUE(rc::check([] {
        const auto name = *accented_words();
        RC_PRE(!base::is_ascii(name));
        RC_ASSERT(!garbled_name(misread(name)).empty());
        RC_ASSERT(!garbled_line(misread(misread(name))).empty());
    }));
}

TEST(GarbledTest, NoNameOfOrdinaryLettersIsTakenForGarbled) {
    EXPECT_TRUE(rc::check([] {
        const auto name = *pieces({"é", "È", "à", "Ç", "ô", "É", "ü", "Ñ",  "ł",   "Ő",  "ễ",
                                   "a", "B", "-", " ", "'", "ß", "ã", "Å ", "É’a", "œa", " Ša"});
        RC_ASSERT(garbled_name(name).empty());
        RC_ASSERT(garbled_line("1 " + name).empty());
    }));
}

/// Pieces of every form, whole and broken.
rc::Gen<std::string> forms() {
    return pieces({"a", "E",   "rr:", "5", "02", ",", ".", "0", "e+1", "E+10",
                   "#", "N/A", "!",   "+", "-",  "(", "|", "@", ";",   "amp;",
                   "x", "20",  "3D",  "?", "<",  ">", " ", "n"});
}

/// `E`, with which one form begins, is judged the long way; other letters are not.
TEST(GarbledTest, NoFormOfASpreadsheetBeginsWithALetterButOne) {
    EXPECT_TRUE(rc::check([] {
        const auto text = *forms();
        if (text.starts_with("rr:")) return;
        RC_ASSERT(spreadsheet_value("E" + text).empty());
        RC_ASSERT(spreadsheet_text("E" + text).empty());
        RC_ASSERT(spreadsheet_text("D" + text).empty());
    }));
}

/// A mark that begins no form has the text judged the long way.
TEST(GarbledTest, TheShortWayForTextsWithoutMarksIsEqualToTheLongOne) {
    EXPECT_TRUE(rc::check([] {
        const auto text = "a" + *forms();
        RC_ASSERT(garbled_name(text) == garbled_name(text + " ="));
        RC_ASSERT(garbled_line(text) == garbled_line(text + " ="));
    }));
}

TEST(GarbledTest, AnyBytesAreJudged) {
    EXPECT_TRUE(rc::check([] {
        const auto text = *rc::gen::oneOf(any_bytes(), odd_text());
        garbled_name(text);
        garbled_line(text);
        garbled_id(text);
    }));
}

} // namespace
} // namespace medibridge::reconcile
