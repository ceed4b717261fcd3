#include "reconcile/assess.hpp"
#include "reconcile/normal_form.hpp"

#include "generators.hpp"

#include <array>
#include <gtest/gtest.h>

namespace medibridge::reconcile {
namespace {

std::string phone(std::string_view text, std::string_view region = "FR") {
    const auto normal = normal_phone(text, region);
    return normal.ok() ? normal.text : "! " + std::string(normal.defect);
}

constexpr auto invalid = "! is not a valid phone number";

TEST(PhoneTest, FrenchNumbersBecomeE164InEveryWayOfWriting) {
    for (const auto* text :
         {"0612345678", "06 12 34 56 78", "06.12.34.56.78", "06-12-34-56-78",
          " 06\u00A012 34 56 78 ", "06\u202F12\u202F34\u202F56\u202F78", "06 12 34\t56 78",
          "+33612345678", "+33 6 12 34 56 78", "+33 (0)6 12 34 56 78", "0033612345678",
          "00 33 6 12 34 56 78", "33612345678", "612345678", "06/12/34/56/78", "(06) 12 34 56 78",
          "Tél. : 06 12 34 56 78", "tel:+33-6-12-34-56-78", "０６12345678"})
        EXPECT_EQ(phone(text), "+33612345678") << text;
    EXPECT_EQ(phone("01 42 34 56 78"), "+33142345678");
    EXPECT_EQ(phone("09 72 34 56 78"), "+33972345678");
    EXPECT_EQ(phone("  "), "");
}

TEST(PhoneTest, OverseasNumbersOfTheFrenchPlanGetTheirOwnCountryCode) {
    const std::pair<const char*, const char*> cases[] = {
        {"0590 12 34 56", "+590590123456"}, {"0690 12 34 56", "+590690123456"},
        {"0691 12 34 56", "+590691123456"}, {"0594 12 34 56", "+594594123456"},
        {"0694 12 34 56", "+594694123456"}, {"0596 12 34 56", "+596596123456"},
        {"0696 12 34 56", "+596696123456"}, {"0697 12 34 56", "+596697123456"},
        {"0262 12 34 56", "+262262123456"}, {"0263 12 34 56", "+262263123456"},
        {"0692 12 34 56", "+262692123456"}, {"0693 12 34 56", "+262693123456"},
        {"0269 12 34 56", "+262269123456"}, {"0639 12 34 56", "+262639123456"},
        {"0508 41 12 34", "+508411234"},
    };
    for (const auto& [text, expected] : cases) {
        for (const auto* region : {"FR", "RE", "GP", "MQ"})
            EXPECT_EQ(phone(text, region), expected) << text << " from " << region;
        EXPECT_EQ(normal_phone_by_library(text, "FR").text, expected);
        EXPECT_EQ(phone(expected), expected);
        EXPECT_EQ(phone(expected, "BE"), expected);
        // As programs write it that put +33 in place of the 0: the same line.
        const auto as_mainland = "+33" + std::string(text).substr(1);
        for (const auto* region : {"FR", "MQ", "BE"}) {
            EXPECT_EQ(phone(as_mainland, region), expected);
            IdentityPolicy policy;
            policy.default_region = region;
            EXPECT_EQ(canonical(Field::phone, as_mainland, policy),
                      canonical(Field::phone, expected, policy));
        }
    }
    EXPECT_EQ(phone("+33 690 12 34 56"), "+590690123456");
    EXPECT_EQ(phone("+33 (0)690 12 34 56"), "+590690123456");
    EXPECT_EQ(phone("690 12 34 56"), "+590690123456");
    // A neighbour's prefix is not mended: it says two different things.
    EXPECT_EQ(phone("+590 696 12 34 56"), invalid);
}

TEST(PhoneTest, NumbersKeptForFictionAreMobileNumbersOfTheMainland) {
    for (const auto* text : {"06 39 98 00 01", "+33639980001", "+33 (0)6 39 98 00 01"}) {
        EXPECT_EQ(phone(text), "+33639980001");
        EXPECT_EQ(normal_phone_by_library(text, "FR").text, "+33639980001");
    }
}

TEST(PhoneTest, MainlandNumbersKeepTheirCountryCodeOverseas) {
    EXPECT_EQ(phone("06 12 34 56 78", "RE"), "+33612345678");
    EXPECT_EQ(phone("01 42 34 56 78", "GP"), "+33142345678");
}

TEST(PhoneTest, ForeignNumbersNeedTheirCountryCodeOrTheRightRegion) {
    EXPECT_EQ(phone("+32 470 12 34 56"), "+32470123456");
    EXPECT_EQ(phone("0470 12 34 56", "BE"), "+32470123456");
    EXPECT_EQ(phone("+1 650 253 0000"), "+16502530000");
    EXPECT_EQ(phone("(650) 253-0000", "US"), "+16502530000");
    EXPECT_EQ(phone("06 12 34 56 78", "BE"), invalid);
}

TEST(PhoneTest, NumbersThatCannotExistAreRefused) {
    for (const auto* text : {"555-365-4271", "06 12 34 56 7", "06 12 34 56 789", "00 12 34 56 78",
                             "0712345678", "15", "3237", "0", "+", "+33", "+999 123456789",
                             "0000000000", "inconnu", "-", "néant", "\u260E"})
        EXPECT_EQ(phone(text), invalid) << text;
    EXPECT_EQ(phone("06 12 34 56 78", "XX"), invalid);
    EXPECT_EQ(phone("06 12 34 56 78", ""), invalid);
    EXPECT_EQ(phone("06\x01"
                    "12345678"),
              "! holds a control character");
}

TEST(PhoneTest, LettersAndExtensionsAreRefusedBecauseAStrangerWouldAnswer) {
    EXPECT_EQ(phone("06 12 34 56 78 maman"), "! holds letters among its digits");
    EXPECT_EQ(phone("0800 MEDICAL"), "! holds letters among its digits");
    EXPECT_EQ(phone("01 42 34 56 78 poste 12"), "! holds letters among its digits");
    EXPECT_EQ(phone("01 42 34 56 78 x12"), "! holds letters among its digits");
    EXPECT_EQ(phone("01 42 34 56 78 # 12"), "! has an extension, which E.164 cannot hold");
}

// A questionnaire must not reach somebody else: who answers is told by words on either side.
TEST(PhoneTest, WordsBeforeTheNumberRefuseItUnlessTheyAreALabel) {
    constexpr auto words = "! stands behind words, so it may be somebody else's";
    for (const auto* text :
         {"maman 06 12 34 56 78", "Fax 01 42 34 56 78", "Fax: 01 42 34 56 78",
          "ne pas appeler 06 12 34 56 78", "ancien 06 12 34 56 78", "Mère : 06 12 34 56 78",
          "tél. maman 06 12 34 56 78", "tel/fax 01 42 34 56 78", "(soeur) 06 12 34 56 78",
          "conjoint +33612345678", "мама 06 12 34 56 78", "أم 0612345678", "母 06 12 34 56 78",
          "É 06 12 34 56 78", "bureau 01 42 34 56 78", "faux numéro 06 12 34 56 78",
          "M. Martin 06 12 34 56 78", "urgence: 0033612345678", "télécopie 01 42 34 56 78"})
        EXPECT_EQ(phone(text), words) << text;
    for (const auto* text : {"Tél 06 12 34 56 78",
                             "TEL: 06 12 34 56 78",
                             "téléphone : 0612345678",
                             "Te\u0301l. 06 12 34 56 78",
                             "Portable 06 12 34 56 78",
                             "Port. 06 12 34 56 78",
                             "mobile +33 6 12 34 56 78",
                             "GSM 06 12 34 56 78",
                             "n° 06 12 34 56 78",
                             "N\u00BA 06 12 34 56 78",
                             "\u2116 06 12 34 56 78",
                             "Tél. portable : 06 12 34 56 78",
                             "numéro de téléphone : 06 12 34 56 78",
                             "Phone: +33 6 12 34 56 78",
                             "tel:0612345678",
                             "TEL:+33-6-12-34-56-78",
                             "domicile 06 12 34 56 78",
                             "\u260E 06 12 34 56 78",
                             "(tél.) 06 12 34 56 78",
                             "Cell. 06 12 34 56 78"})
        EXPECT_EQ(phone(text), "+33612345678") << text;
}

TEST(PhoneTest, WordsBehindTheNumberRefuseItInAnyScript) {
    for (const auto* text :
         {"06 12 34 56 78 (soeur)", "06 12 34 56 78 мама", "06 12 34 56 78 母", "06 12 34 56 78 é",
          "06 12 34 56 78 أم", "0612345678m", "06 12 34 56 78 - père", "06 12 tel 34 56 78"})
        EXPECT_EQ(phone(text), "! holds letters among its digits") << text;
    EXPECT_EQ(phone("06 12 34 56 78 ?"), "! holds a question mark");
    EXPECT_EQ(phone("? 06 12 34 56 78"), "! holds a question mark");
}

TEST(PhoneTest, TwoNumbersInOneTextAreNone) {
    constexpr auto several = "! holds more than one number";
    for (const auto* text : {"+33612345678 +33142345678", "+33612345678+33142345678",
                             "+1 650 253 0000, +1 650 253 0001", "650-253-0000 / 650-253-0001",
                             "650-253-0000;650-253-0001", "650-253-0000 | 650-253-0001"})
        EXPECT_EQ(phone(text, "US"), several) << text;
    EXPECT_EQ(phone("650-253-0000 or 650-253-0001", "US"), "! holds letters among its digits");
    EXPECT_EQ(phone("06 12 34 56 78 / 01 42 34 56 78"), several);
    EXPECT_EQ(phone("06 12 34 56 78, 01 42 34 56 78"), several);
    EXPECT_EQ(phone("06 12 34 56 78 06 12 34 56 79"), invalid);
    EXPECT_EQ(phone("030/12345678", "DE"), "+493012345678") << "a slash parts the area code";
}

TEST(PhoneTest, ANumberThatAFloatChangedIsNone) {
    constexpr auto decimal =
        "! went through a spreadsheet or a float: a whole number with a fraction";
    EXPECT_EQ(phone("650253000.0", "US"), decimal) << "else +1 650 253 0000, a stranger";
    EXPECT_EQ(phone("612345678.0"), decimal);
    EXPECT_EQ(phone("33612345678,00"), decimal);
    EXPECT_EQ(phone("3,3612E+10"), "! holds letters among its digits");
}

// The short way decides by the first three digits after the zero: all of them are tried.
TEST(PhoneTest, TheShortWayIsEqualToLibphonenumberForEveryPrefix) {
    std::uint32_t random = 12345;
    for (int prefix = 0; prefix < 10'000; ++prefix) {
        random = random * 1664525 + 1013904223;
        auto text = std::to_string(10'000 + prefix).substr(1);
        text += std::to_string(100'000 + random % 100'000).substr(1);
        constexpr std::array<const char*, 4> writings = {"0", "+33", "0033", "+33 (0)"};
        text = writings[static_cast<std::size_t>(prefix % 4)] + text;
        const auto quick = normal_phone(text, "FR");
        const auto slow = normal_phone_by_library(text, "FR");
        ASSERT_EQ(quick.text, slow.text) << text;
        ASSERT_EQ(quick.defect, slow.defect) << text;
    }
}

TEST(PhoneTest, TheShortWayForOverseasNumbersInE164IsEqualToLibphonenumber) {
    std::uint32_t random = 54321;
    for (const auto* code : {"262", "508", "590", "594", "596"}) {
        for (int first_three = 0; first_three < 1'000; ++first_three) {
            random = random * 1664525 + 1013904223;
            const auto text = "+" + std::string(code) +
                              std::to_string(1'000 + first_three).substr(1) +
                              std::to_string(1'000'000 + random % 1'000'000).substr(1);
            for (const auto* region : {"FR", "RE", "US"}) {
                const auto quick = normal_phone(text, region);
                const auto slow = normal_phone_by_library(text, region);
                ASSERT_EQ(quick.text, slow.text) << text;
                ASSERT_EQ(quick.defect, slow.defect) << text;
            }
        }
    }
}

TEST(PhoneTest, TheShortWayIsEqualToLibphonenumberForEveryWriting) {
    EXPECT_TRUE(rc::check([] {
        const auto text = *rc::gen::oneOf(
            pieces({"0", "+33", "0033", "6", "12", "34", "56", "78", "690", "7", " ", ".", "-",
                    " (0)"}),
            rc::gen::map(
                rc::gen::pair(rc::gen::element<std::string>("0", "+33 ", "0033.", "+33", "+262",
                                                            "+33 (0)", "0033 (0)", "+33 (0) "),
                              rc::gen::container<std::string>(
                                  10, rc::gen::elementOf(std::string("0123456789 .-")))),
                [](const auto& both) { return both.first + both.second; }));
        const auto region = *rc::gen::element<std::string>("FR", "FR", "RE", "BE", "US");
        const auto quick = normal_phone(text, region);
        const auto slow = normal_phone_by_library(text, region);
        RC_ASSERT(quick.text == slow.text);
        RC_ASSERT(quick.defect == slow.defect);
    }));
}

TEST(PhoneTest, AnE164NumberIsItsOwnNormalForm) {
    EXPECT_TRUE(rc::check([] {
        const auto once = normal_phone(
            *rc::gen::oneOf(odd_text(), pieces({"0", "6", "12", "+", "33", "34", "590", "1", "#",
                                                "x", " ", "(", ")", "/", ";ext=", ","})),
            "FR");
        if (!once.ok() || once.text.empty()) return;
        RC_ASSERT(once.text.front() == '+');
        RC_ASSERT(once.text.size() <= 16u);
        RC_ASSERT(normal_phone(once.text, "FR").text == once.text);
        RC_ASSERT(normal_phone(once.text, "US").text == once.text);
    }));
}

TEST(PhoneTest, AnyBytesAreReadOrRefused) {
    EXPECT_TRUE(rc::check([] { normal_phone(*any_bytes(), *any_bytes()); }));
}

} // namespace
} // namespace medibridge::reconcile
