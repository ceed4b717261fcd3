#include "draft.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace medibridge::config {
namespace {

using drafts::edit;
using drafts::minimal;
using drafts::mistakes;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(DocumentTest, RefusesADuplicateKeyWhereItStandsAgain) {
    EXPECT_THAT(mistakes(minimal("log: {level: info}\nlog: {level: debug}\n")),
                ElementsAre("m.yaml:15:1: this key is here twice, first in line 14: keep one"));
}

TEST(DocumentTest, RefusesASecondDocument) {
    EXPECT_THAT(mistakes(minimal("---\nlog: {level: debug}\n")),
                ElementsAre(HasSubstr("m.yaml:15:1: a second document begins here")));
}

TEST(DocumentTest, TakesMarksOfTheDocumentsStartAndEnd) {
    drafts::settings("---\n" + minimal("...\n"));
}

TEST(DocumentTest, RefusesATabAsIndentation) {
    EXPECT_THAT(mistakes(edit(minimal(), "  base_url", "\tbase_url")),
                ElementsAre(HasSubstr("m.yaml:2:")));
    EXPECT_THAT(mistakes(edit(minimal(), "  base_url", "\tbase_url")),
                ElementsAre(HasSubstr("indent with spaces")));
}

TEST(DocumentTest, SaysWhereABracketIsMissing) {
    EXPECT_THAT(mistakes(minimal("log: {level: info\n")),
                ElementsAre("m.yaml:15:1: a `}` is missing"));
}

TEST(DocumentTest, SaysThatASignMustBeQuoted) {
    EXPECT_THAT(
        mistakes(minimal("log: {level: %d}\n")),
        ElementsAre("m.yaml:14:14: a value that begins with a character such as % or @ must "
                    "be quoted"));
}

TEST(DocumentTest, NoticesAQuoteThatIsNeverClosed) {
    EXPECT_THAT(mistakes(minimal("log:\n  level: \"info\n")),
                testing::Contains("m.yaml:15:10: this quote is never closed"));
    EXPECT_THAT(mistakes(minimal("log:\n  level: 'it''s\n")),
                testing::Contains("m.yaml:15:10: this quote is never closed"));
}

TEST(DocumentTest, RefusesAnchorsAliasesMergesAndTags) {
    EXPECT_THAT(mistakes(minimal("log: &a {level: info}\n")),
                ElementsAre(HasSubstr("m.yaml:14:6: anchors")));
    EXPECT_THAT(mistakes(minimal("log: {level: &a info, format: *a}\n")),
                testing::Contains(HasSubstr("aliases (`*…`) are not supported")));
    EXPECT_THAT(mistakes(minimal("log: {<<: {level: info}}\n")),
                ElementsAre(HasSubstr("m.yaml:14:7: merge keys")));
    EXPECT_THAT(mistakes(minimal("log: {level: !!str info}\n")),
                ElementsAre(HasSubstr("m.yaml:14:14: tags")));
}

TEST(DocumentTest, RefusesKeysThatAreNotText) {
    EXPECT_THAT(mistakes(minimal("? [a]\n: 1\n")), ElementsAre("m.yaml:14:3: a key must be text"));
}

TEST(DocumentTest, CountsColumnsInCharacters) {
    EXPECT_THAT(mistakes(minimal("log: {format: \"é\", level: loud}\n")),
                testing::Contains(HasSubstr("m.yaml:14:27: `log.level`")));
}

TEST(DocumentTest, ReadsPastAByteOrderMarkAndWindowsLineEnds) {
    drafts::settings("\xEF\xBB\xBF" + minimal());
    std::string text;
    for (const char c : minimal("log: {level: loud}\n"))
        text += c == '\n' ? std::string("\r\n") : std::string(1, c);
    EXPECT_THAT(mistakes("\xEF\xBB\xBF" + text), ElementsAre(HasSubstr("m.yaml:14:14: ")));
}

TEST(DocumentTest, RefusesBytesThatAreNotUtf8AndControlCharacters) {
    EXPECT_THAT(
        mistakes(minimal("# caf\xE9\n# \x04\n")),
        ElementsAre("m.yaml:14:6: the byte 0xe9 is not UTF-8: save the file as UTF-8",
                    "m.yaml:15:3: the control character 0x04 is not allowed here: remove it"));
    EXPECT_THAT(mistakes("\xFF\xFEm\0e\0"), ElementsAre(HasSubstr("UTF-16")));
    for (const char* broken : {"\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82"})
        EXPECT_THAT(mistakes(minimal(std::string("# ") + broken)),
                    testing::Contains(HasSubstr("is not UTF-8")));
}

TEST(DocumentTest, RefusesWhatIsNoMapping) {
    EXPECT_THAT(mistakes(""), ElementsAre(HasSubstr("m.yaml:1:1: the file is empty")));
    EXPECT_THAT(mistakes("# nothing\n"), ElementsAre(HasSubstr("the file is empty")));
    EXPECT_THAT(mistakes("- a\n- b\n"), ElementsAre(HasSubstr("but is a list")));
    EXPECT_THAT(mistakes("medicapp:x\n"), ElementsAre(HasSubstr("a space follows the colon")));
}

TEST(DocumentTest, RefusesDepthAndSizeWithoutHarm) {
    EXPECT_THAT(mistakes("a: " + std::string(100'000, '[')),
                ElementsAre(HasSubstr("nested too deeply")));
    EXPECT_THAT(mistakes(std::string((1u << 20) + 1, '#')), ElementsAre(HasSubstr("1 MiB")));
}

TEST(DocumentTest, ReadsJson) {
    const auto settings = drafts::settings(
        R"({"medicapp":{"base_url":"https://a.example/v5","api_key":{"env":"API_KEY"},)"
        R"("concurrency":3},"his":[{"name":"dpi","type":"rest","url":"http://h/p","fields":)"
        R"({"externalId":"/i","lastName":"/l","firstName":"/f","birthDate":"/b"}}],)"
        R"("state":{"path":"/tmp/s.db"}})");
    EXPECT_EQ(settings.medicapp.concurrency, 3u);
}

TEST(DocumentTest, SurvivesAnyDamageToAGoodFile) {
    const std::string good = minimal("sync: {interval: 1s, authority: {default: his}}\n"
                                     "log: {level: \"info\", format: 'json'}\n");
    rc::check("any bytes give settings or mistakes", [&] {
        std::string text = good;
        const int edits = *rc::gen::inRange(1, 6);
        for (int i = 0; i < edits; ++i) {
            const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
            const auto piece = *rc::gen::element<std::string>(
                "", "\n", "\t", "{", "}", "[", "]", "\"", "'", ": ", "- ", "&a ", "*a", "!", "%",
                "|", ">", "---\n", "...\n", "? ", "\xC3", "é", "#", ",", "<<: ", "null");
            text.replace(at, *rc::gen::inRange<std::size_t>(0, 4), piece);
        }
        const auto loaded = drafts::load(text);
        RC_ASSERT(loaded.settings.has_value() == loaded.mistakes.empty());
        for (const auto& mistake : loaded.mistakes) {
            RC_ASSERT(mistake.line >= 1);
            RC_ASSERT(mistake.column >= 1);
            RC_ASSERT(mistake.text.find('\n') == std::string::npos);
        }
    });
}

} // namespace
} // namespace medibridge::config
