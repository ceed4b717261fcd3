#include "scratch.hpp"
#include "state/key_file.hpp"

#include <gtest/gtest.h>

namespace medibridge::state::test {
namespace {

namespace fs = std::filesystem;

const std::string sixty_four = "000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F";

class KeyFileTest : public testing::Test {
  protected:
    void write_key(const std::string& text) {
        write_bytes(path, text);
        fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
    }
    /// What an operator must put right is a matter of configuration.
    std::string refusal(StoreError::Kind kind = StoreError::Kind::not_ours) {
        const auto error = store_error([&] { read_or_make_key(path); });
        if (!error) return "none";
        EXPECT_EQ(error->kind(), kind);
        EXPECT_NE(std::string(error->what()).find(path.string()), std::string::npos);
        EXPECT_EQ(std::string(error->what()).find("0001020304"), std::string::npos)
            << "the key must not be told";
        return error->what();
    }

    const Scratch scratch;
    const fs::path path = scratch.directory() / "state.key";
};

TEST_F(KeyFileTest, AKeyIsMadeOnceAndReadAfterwards) {
    const auto key = read_or_make_key(path);
    EXPECT_EQ(key.bytes().size(), 32U);
    EXPECT_EQ(read_or_make_key(path), key);
    EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write);
    EXPECT_EQ(scratch.names(), "state.key") << "no draft may stay behind";
}

TEST_F(KeyFileTest, TwoKeysDiffer) {
    EXPECT_NE(read_or_make_key(path), read_or_make_key(scratch.directory() / "other.key"));
}

TEST_F(KeyFileTest, AKeyIsReadInEitherCaseWithOrWithoutLineEnd) {
    for (const char* end : {"", "\n", "\r\n"}) {
        write_key(sixty_four + end);
        const auto key = read_or_make_key(path);
        ASSERT_EQ(key.bytes().size(), 32U);
        for (std::size_t i = 0; i < key.bytes().size(); ++i)
            EXPECT_EQ(key.bytes()[i], i);
    }
}

TEST_F(KeyFileTest, AKeyThatOthersMayReadIsRefused) {
    write_key(sixty_four);
    fs::permissions(path, fs::perms::group_read, fs::perm_options::add);
    EXPECT_NE(refusal().find("others may read"), std::string::npos);
    fs::permissions(path, fs::perms::owner_read);
    EXPECT_EQ(refusal(), "none") << "stricter than 0600 is right";
}

TEST_F(KeyFileTest, AKeyOfAnotherSizeIsRefusedAndKept) {
    for (const std::string& text : {std::string(), sixty_four.substr(2), sixty_four + "00",
                                    sixty_four + sixty_four, "x" + sixty_four.substr(1)}) {
        write_key(text);
        EXPECT_NE(refusal().find("64 hexadecimal digits"), std::string::npos) << text.size();
        EXPECT_EQ(bytes_of(path), text);
    }
}

TEST_F(KeyFileTest, ADirectoryInItsPlaceIsRefused) {
    fs::create_directory(path);
    EXPECT_NE(refusal().find("regular file"), std::string::npos);
}

TEST_F(KeyFileTest, ADirectoryThatMayNotBeWrittenIsNamed) {
    const WithoutRights nobody(scratch.directory());
    fs::permissions(scratch.directory(), fs::perms::owner_read | fs::perms::owner_exec);
    EXPECT_NE(refusal(StoreError::Kind::unavailable).find("Permission denied"), std::string::npos);
}

TEST_F(KeyFileTest, AKeyThatMayNotBeReadIsNotMadeAnew) {
    write_key(sixty_four);
    const WithoutRights nobody(scratch.directory());
    fs::permissions(path, fs::perms::none);
    EXPECT_NE(refusal(StoreError::Kind::unavailable).find("Permission denied"), std::string::npos);
}

TEST_F(KeyFileTest, AKeyComesOutOfASecretsText) {
    ASSERT_TRUE(key_from_text(sixty_four));
    EXPECT_EQ(key_from_text(sixty_four + "\n"), key_from_text(sixty_four));
    EXPECT_FALSE(key_from_text("secret"));
    EXPECT_FALSE(key_from_text(""));
}

} // namespace
} // namespace medibridge::state::test
