#include "reconcile/external_id.hpp"

#include "generators.hpp"

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

TEST(ExternalIdTest, AnyBytesAreTakenOrRefused) {
    EXPECT_TRUE(rc::check([] {
        const auto once = normal_external_id(*rc::gen::oneOf(any_bytes(), odd_text()));
        if (!once.ok()) return;
        RC_ASSERT(normal_external_id(once.text).text == once.text);
    }));
}

} // namespace
} // namespace medibridge::reconcile
