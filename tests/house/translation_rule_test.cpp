#include "translation_rule.hpp"

#include <algorithm>
#include <gmock/gmock.h>
#include <set>
#include <string>

namespace medibridge::house {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> advice(const std::string& translation, const std::string& original) {
    std::vector<std::string> texts;
    for (const Finding& finding :
         translation_faults({"docs/fr/page.md", translation}, {"docs/page.md", original}))
        texts.push_back(finding.advice);
    return texts;
}

TEST(TranslationRuleTest, EachFrenchPageSaysTheSameAsItsOriginal) {
    const auto tree = read_tree();
    int translations = 0;
    for (const SourceFile& file : tree) {
        if (!file.path.starts_with("docs/fr/") || !file.path.ends_with(".md")) continue;
        ++translations;
        const auto path = translated_page(file);
        ASSERT_TRUE(path) << file.path << " does not say on its first line what it translates";
        const auto original = std::ranges::find(tree, *path, &SourceFile::path);
        ASSERT_NE(original, tree.end()) << file.path << " translates " << *path;
        EXPECT_THAT(translation_faults(file, *original), IsEmpty());
    }
    EXPECT_GT(translations, 0);
}

TEST(TranslationRuleTest, AFrenchPageLeadsToFrenchPages) {
    const auto tree = read_tree();
    std::set<std::string> translated;
    for (const SourceFile& file : tree)
        if (file.path.starts_with("docs/fr/"))
            if (const auto original = translated_page(file)) translated.insert(*original);
    for (const SourceFile& file : tree)
        if (file.path.starts_with("docs/fr/"))
            EXPECT_THAT(links_to_originals(file, translated), IsEmpty());
    EXPECT_EQ(links_to_originals({"docs/fr/a.md", "\n[b](../b.md#x) [c](../c.md)"}, {"docs/b.md"})
                  .at(0)
                  .line,
              2);
}

TEST(TranslationRuleTest, NamesWhatIsMissingAndWhatIsTooMuch) {
    EXPECT_THAT(advice("# Un\n\nVoir `sync.authority`.\n", "# One\n\nSee `sync.authority`.\n"),
                IsEmpty());
    EXPECT_THAT(advice("# Un\n\n`a` `c`\n", "# One\n\n`a` `b`\n"),
                ElementsAre(HasSubstr("lacks `b`"), HasSubstr("has `c`")));
    EXPECT_THAT(advice("# Un\n\n`a`\n", "# One\n\n`a` `a`\n"), ElementsAre(HasSubstr("lacks `a`")));
}

TEST(TranslationRuleTest, ComparesHeadingsRowsAndFencedCode) {
    EXPECT_THAT(advice("# Un\n\n### Deux\n", "# One\n\n## Two\n"),
                ElementsAre(HasSubstr("another level, unlike “## Two” of docs/page.md")));
    EXPECT_THAT(advice("# Un\n", "# One\n\n## Two\n"), ElementsAre(HasSubstr("2 sections")));
    EXPECT_THAT(advice("# Un\n\n| a |\n| --- |\n", "# One\n\n| a |\n| --- |\n| b |\n"),
                ElementsAre(HasSubstr("2 rows of tables instead of 3")));
    EXPECT_THAT(advice("# Un\n\n```\ncommande\n```\n", "# One\n\n```\ncommand\n```\n"),
                ElementsAre(HasSubstr("the fenced code differs")));
}

TEST(TranslationRuleTest, APageNamesWhatItTranslates) {
    EXPECT_EQ(translated_page({"docs/fr/a.md", "<!-- translation of ../b.md -->\n\n# A\n"}),
              "docs/b.md");
    EXPECT_FALSE(translated_page({"docs/fr/a.md", "# A\n"}));
}

} // namespace
} // namespace medibridge::house
