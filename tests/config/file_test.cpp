#include "connectors/kinds/kinds.hpp"
#include "draft.hpp"

#include <cstdlib>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace medibridge::config {
namespace {

using testing::HasSubstr;

std::string only_mistake(const std::string& path) {
    const auto loaded = load(path, drafts::environment(), connectors::source_kinds());
    EXPECT_FALSE(loaded.settings.has_value());
    EXPECT_EQ(loaded.mistakes.size(), 1u);
    return loaded.mistakes.empty() ? "" : loaded.mistakes[0].to_string();
}

TEST(FileTest, IsReadFromDisk) {
    const drafts::Directory directory;
    const auto path = directory.file("medibridge.yaml", drafts::minimal());
    EXPECT_TRUE(load(path, drafts::environment(), connectors::source_kinds()).settings.has_value());
}

TEST(FileTest, MistakesBeginWithThePathAsGiven) {
    const drafts::Directory directory;
    const auto path = directory.file("medibridge.yaml", drafts::minimal("sink: {}\n"));
    EXPECT_THAT(only_mistake(path), testing::StartsWith(path + ":14:1: unknown key `sink`"));
}

TEST(FileTest, SaysWhyItCannotBeRead) {
    const drafts::Directory directory;
    const auto missing = directory.path("none.yaml");
    EXPECT_EQ(only_mistake(missing),
              missing + ": the configuration cannot be read: No such file or directory");
    EXPECT_THAT(only_mistake(directory.path("")), HasSubstr("is a directory"));
    EXPECT_THAT(only_mistake(directory.file("empty.yaml", "")),
                HasSubstr(":1:1: the file is empty"));
    EXPECT_THAT(only_mistake(directory.file("large.yaml", std::string((1u << 20) + 1, '#'))),
                HasSubstr("is larger than 1 MiB"));
    EXPECT_THAT(only_mistake("/dev/zero"), HasSubstr("not a regular file but a device"));
}

TEST(FileTest, WhatOthersMayWriteIsRefused) {
    const drafts::Directory directory;
    for (const unsigned mode : {0660u, 0606u, 0666u, 0777u})
        EXPECT_THAT(only_mistake(directory.file("m.yaml", drafts::minimal(), mode)),
                    HasSubstr("chmod go-w it"));
    for (const unsigned mode : {0600u, 0640u, 0644u, 0444u}) {
        const auto path = directory.file("m.yaml", drafts::minimal(), mode);
        const auto loaded = load(path, drafts::environment(), connectors::source_kinds());
        ASSERT_TRUE(loaded.settings) << mode;
        EXPECT_THAT(loaded.settings->exposures, testing::IsEmpty());
    }
}

TEST(FileTest, AnotherUsersIsReadAndSaid) {
    if (geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
    const drafts::Directory directory;
    const auto path = directory.file("m.yaml", drafts::minimal());
    ASSERT_EQ(chown(path.c_str(), 12345, 12345), 0);
    const auto loaded = load(path, drafts::environment(), connectors::source_kinds());
    ASSERT_TRUE(loaded.settings);
    EXPECT_THAT(loaded.settings->exposures,
                testing::ElementsAre(HasSubstr("belongs to the user 12345")));
}

TEST(FileTest, TheProcessEnvironmentIsTheProcesssOwn) {
    ASSERT_EQ(setenv("MEDIBRIDGE_TEST_VARIABLE", "here", 1), 0);
    const auto read = process_environment();
    EXPECT_EQ(read("MEDIBRIDGE_TEST_VARIABLE"), "here");
    ASSERT_EQ(unsetenv("MEDIBRIDGE_TEST_VARIABLE"), 0);
    EXPECT_EQ(read("MEDIBRIDGE_TEST_VARIABLE"), std::nullopt);
}

} // namespace
} // namespace medibridge::config
