#include "reconcile/identity.hpp"

#include "generators.hpp"

#include <gmock/gmock.h>

namespace medibridge::reconcile {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(NameWordsTest, DropCaseAccentsAndPunctuation) {
    EXPECT_THAT(name_words("d'Été-Martin"), ElementsAre("d", "ete", "martin"));
    EXPECT_THAT(name_words("D\u2019AMICO"), ElementsAre("d", "amico"));
    EXPECT_THAT(name_words("OʼBrien"), ElementsAre("o", "brien"));
    EXPECT_THAT(name_words("J.-P."), ElementsAre("j", "p"));
    EXPECT_THAT(name_words("  LE\u00A0 GOFF "), ElementsAre("le", "goff"));
    EXPECT_THAT(name_words("He\u0301le\u0300ne"), ElementsAre("helene"));
    EXPECT_THAT(name_words("Maynard46"), ElementsAre("maynard46"));
}

TEST(NameWordsTest, SpellLigaturesAndLettersOut) {
    EXPECT_THAT(name_words("LEBŒUF"), ElementsAre("leboeuf"));
    EXPECT_THAT(name_words("Lætitia"), ElementsAre("laetitia"));
    EXPECT_THAT(name_words("Weiß"), ElementsAre("weiss"));
    EXPECT_THAT(name_words("WEIẞ"), ElementsAre("weiss"));
    EXPECT_THAT(name_words("Søren Łukasz Đặng"), ElementsAre("soren", "lukasz", "dang"));
    EXPECT_THAT(name_words("İbrahim Işık"), ElementsAre("ibrahim", "isik"));
    EXPECT_THAT(name_words("NGUYỄN"), ElementsAre("nguyen"));
    EXPECT_THAT(name_words("ＭＡＲＴＩＮ ﬁls"), ElementsAre("martin", "fils"));
}

TEST(NameWordsTest, KeepWhatTellsNamesOfOtherScriptsApart) {
    EXPECT_THAT(name_words("ЯКОВ"), ElementsAre("яков"));
    EXPECT_THAT(name_words("王 小明"), ElementsAre("王", "小明"));
    EXPECT_NE(name_words("राम"), name_words("रोम"));
    EXPECT_NE(name_words("が"), name_words("か"));
    EXPECT_EQ(name_words("مُحَمَّد"), name_words("محمد"));
}

TEST(NameWordsTest, ANameOfSignsOnlyHasNone) {
    EXPECT_THAT(name_words(""), IsEmpty());
    EXPECT_THAT(name_words(" -'. "), IsEmpty());
    EXPECT_THAT(name_words("\u2026\u20AC"), IsEmpty());
    EXPECT_THAT(name_words("\xFF\xFE"), IsEmpty());
}

TEST(NameWordsTest, TheShortWayForAsciiIsEqualToTheLongOne) {
    EXPECT_TRUE(rc::check([] {
        const auto text = *ascii_text();
        RC_ASSERT(name_words(text) == unicode_name_words(text));
    }));
}

TEST(NameWordsTest, TheShortWayForLatinLettersIsEqualToTheLongOne) {
    for (int second = 0x80; second <= 0xBF; ++second) {
        const auto letter = std::string("\xC3") + static_cast<char>(second);
        for (const auto& text : {letter, "a" + letter + "b", "A " + letter + letter + "-Z"})
            EXPECT_EQ(name_words(text), unicode_name_words(text)) << text;
    }
    EXPECT_TRUE(rc::check([] {
        const auto text =
            *pieces({"É", "é", "ç", "Ø", "ß", "×",    "÷",    "Þ",       "ÿ", "a",
                     "B", "7", " ", "-", "'", "\xC3", "\xA9", "e\u0301", "œ", "\u00AD"});
        RC_ASSERT(name_words(text) == unicode_name_words(text));
    }));
}

TEST(NameWordsTest, TheWordsOfTheWordsAreTheSame) {
    EXPECT_TRUE(rc::check([] {
        const auto words = name_words(*rc::gen::oneOf(odd_text(), any_bytes()));
        std::string text;
        for (const auto& word : words) {
            RC_ASSERT(!word.empty());
            text += word + " ";
        }
        RC_ASSERT(name_words(text) == words);
    }));
}

} // namespace
} // namespace medibridge::reconcile
