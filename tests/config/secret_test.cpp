#include "draft.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace medibridge::config {
namespace {

using drafts::edit;
using drafts::environment;
using drafts::minimal;
using drafts::mistakes;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string with_key(const std::string& reference) {
    return edit(minimal(), "{env: API_KEY}", reference);
}

std::string key_of(const std::string& text, const Environment& variables = environment()) {
    return std::string(drafts::settings(text, variables).medicapp.api_key.reveal());
}

TEST(SecretTest, ComesFromAFileWithoutTheLineEndAtItsEnd) {
    const drafts::Directory directory;
    EXPECT_EQ(key_of(with_key("{file: " + directory.file("a", "s3cret\n") + "}")), "s3cret");
    EXPECT_EQ(key_of(with_key("{file: " + directory.file("b", "s3cret\r\n") + "}")), "s3cret");
    EXPECT_EQ(key_of(with_key("{file: " + directory.file("c", "s3cret") + "}")), "s3cret");
}

TEST(SecretTest, ComesFromTheEnvironment) {
    EXPECT_EQ(key_of(with_key("{env: OTHER}"), environment({{"OTHER", "from-env"}})), "from-env");
    EXPECT_THAT(mistakes(with_key("{env: OTHER}")),
                ElementsAre("m.yaml:3:12: `medicapp.api_key`: the environment variable `OTHER` is "
                            "not set"));
    EXPECT_THAT(mistakes(with_key("{env: OTHER}"), environment({{"OTHER", ""}})),
                ElementsAre(HasSubstr("`OTHER` is empty")));
}

TEST(SecretTest, ComesFromSystemdsCredentials) {
    const drafts::Directory directory;
    directory.file("api-key", "cred\n");
    const auto variables = environment({{"CREDENTIALS_DIRECTORY", directory.path("")}});
    EXPECT_EQ(key_of(with_key("{credential: api-key}"), variables), "cred");
    EXPECT_THAT(mistakes(with_key("{credential: other}"), variables),
                ElementsAre(AllOf(HasSubstr("No such file"), HasSubstr("LoadCredential="))));
    EXPECT_THAT(mistakes(with_key("{credential: ../api-key}"), variables),
                ElementsAre(HasSubstr("is not a credential name")));
    EXPECT_THAT(mistakes(with_key("{credential: api-key}")),
                ElementsAre(HasSubstr("$CREDENTIALS_DIRECTORY is not set")));
}

TEST(SecretTest, NeverStandsInTheFileItself) {
    for (const std::string inline_secret :
         {"hunter2", "\"hunter2\"", "[hunter2]", "{hunter2}", "{hunter2: x}", "{key: hunter2}",
          "{file: {hunter2: a}}", "{env: hunter2}", "{file: hunter2}", "{credential: hunter2}",
          "!hunter2 x", "&hunter2 x", "*hunter2", "@hunter2", "\"hunter2"}) {
        const auto all = mistakes(with_key(inline_secret));
        EXPECT_FALSE(all.empty()) << inline_secret;
        for (const auto& line : all)
            EXPECT_THAT(line, Not(HasSubstr("hunter2"))) << inline_secret;
    }
    EXPECT_THAT(mistakes(with_key("hunter2")),
                ElementsAre(AllOf(HasSubstr("m.yaml:3:12: `medicapp.api_key` must refer to"),
                                  HasSubstr("{file: PATH}"))));
}

TEST(SecretTest, IsOneReference) {
    EXPECT_THAT(mistakes(with_key("{env: API_KEY, file: /x}")),
                ElementsAre(HasSubstr("exactly one reference")));
    EXPECT_THAT(mistakes(with_key("{}")), ElementsAre(HasSubstr("exactly one reference")));
    EXPECT_THAT(mistakes(with_key("{flie: /x}")), ElementsAre(HasSubstr("did you mean `file`?")));
    EXPECT_THAT(mistakes(with_key("{file: }")), ElementsAre(HasSubstr("has no value")));
}

TEST(SecretTest, RefusesFilesThatCannotBeOne) {
    const drafts::Directory directory;
    const auto refused = [&](const std::string& path) {
        return mistakes(with_key("{file: " + path + "}"));
    };
    EXPECT_THAT(refused(directory.path("none")), ElementsAre(HasSubstr("No such file")));
    EXPECT_THAT(refused(directory.path("")), ElementsAre(HasSubstr("is a directory")));
    EXPECT_THAT(refused(directory.file("empty", "\n")), ElementsAre(HasSubstr("is empty")));
    EXPECT_THAT(refused(directory.file("big", std::string(20'000, 'a'))),
                ElementsAre(HasSubstr("16 KiB")));
    EXPECT_THAT(refused("/dev/zero"), ElementsAre(HasSubstr("not a regular file")));
    ASSERT_EQ(mkfifo(directory.path("pipe").c_str(), 0600), 0);
    EXPECT_THAT(refused(directory.path("pipe")), ElementsAre(HasSubstr("not a regular file")));
    if (geteuid() == 0) return; // whom no mode keeps out
    EXPECT_THAT(refused(directory.file("closed", "x", 0000)),
                ElementsAre(HasSubstr("Permission denied")));
}

TEST(SecretTest, RefusesWhatCannotTravelInAHeader) {
    const drafts::Directory directory;
    for (const std::string text : {"two\nlines", "two words", "caf\xC3\xA9", "a\tb"}) {
        const auto all = mistakes(with_key("{file: " + directory.file("key", text) + "}"));
        ASSERT_EQ(all.size(), 1u) << text;
        EXPECT_THAT(all[0], AllOf(HasSubstr("holds a"), Not(HasSubstr(text))));
    }
}

TEST(SecretTest, TheStateKeyIs64HexadecimalDigits) {
    const std::string text = edit(minimal(), "state.db}", "state.db, key: {env: STATE_KEY}}");
    const std::string good(64, 'a');
    const auto settings = drafts::settings(text, environment({{"STATE_KEY", good}}));
    EXPECT_EQ(settings.state.key->reveal(), good);
    EXPECT_THAT(mistakes(text, environment({{"STATE_KEY", std::string(63, 'a')}})),
                ElementsAre(HasSubstr("openssl rand -hex 32")));
}

TEST(SecretTest, AFileThatLetsOthersInIsRefusedOrSaid) {
    const drafts::Directory directory;
    std::filesystem::permissions(directory.path(""), std::filesystem::perms(0755));
    const auto said = [&](unsigned mode, bool is_accepted) {
        const auto path = directory.file("key", "s3cret", mode);
        const auto loaded = drafts::load(with_key("{file: " + path + "}"));
        EXPECT_EQ(loaded.settings.has_value(), is_accepted) << std::oct << mode;
        std::vector<std::string> texts;
        for (const auto& line : is_accepted ? loaded.advice : loaded.mistakes)
            if (line.line == 3) texts.push_back(line.to_string());
        if (loaded.settings) EXPECT_EQ(loaded.settings->exposures, texts);
        return texts;
    };
    EXPECT_THAT(said(0644, false),
                ElementsAre(AllOf(HasSubstr("m.yaml:3:12: "), HasSubstr("chmod 600"),
                                  Not(HasSubstr("s3cret")))));
    for (const unsigned mode : {0620u, 0602u, 0666u})
        EXPECT_THAT(said(mode, false), ElementsAre(HasSubstr("can be written")));
    for (const unsigned mode : {0600u, 0400u, 0440u, 0640u}) // of our own group
        EXPECT_THAT(said(mode, true), ElementsAre());
    if (geteuid() == 0) {
        const auto path = directory.file("key", "s3cret", 0640);
        ASSERT_EQ(chown(path.c_str(), 0, 12345), 0);
        EXPECT_THAT(drafts::load(with_key("{file: " + path + "}")).settings->exposures,
                    ElementsAre(HasSubstr("a group that this process does not belong to")));
        ASSERT_EQ(chown(path.c_str(), 12345, 0), 0);
        EXPECT_THAT(drafts::load(with_key("{file: " + path + "}")).settings->exposures,
                    ElementsAre(HasSubstr("belongs to the user 12345")));
        ASSERT_EQ(chown(path.c_str(), 0, 0), 0);
    }
    std::filesystem::permissions(directory.path(""), std::filesystem::perms(0700));
    EXPECT_THAT(said(0644, true), ElementsAre(HasSubstr("by its folder alone")));
}

} // namespace
} // namespace medibridge::config
