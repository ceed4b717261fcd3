#include "base/bytes/encode.hpp"

#include "base/bytes/ascii.hpp"
#include "base/bytes/hash.hpp"

#include <array>
#include <gtest/gtest.h>

namespace medibridge::base {
namespace {

using namespace std::string_view_literals;

TEST(HexTest, SpellsBytesAndReadsThemBack) {
    const std::array<std::uint8_t, 4> bytes = {0x00, 0x0f, 0xa5, 0xff};
    EXPECT_EQ(hex(bytes), "000fa5ff");
    EXPECT_EQ(hex("\x00\xff"sv), "00ff");
    EXPECT_EQ(hex(""sv), "");
    EXPECT_EQ(from_hex("000FA5ff"), std::vector(bytes.begin(), bytes.end()));
    EXPECT_EQ(from_hex(""), std::vector<std::uint8_t>());
}

TEST(HexTest, TakesPairsOfDigitsOnly) {
    for (const auto* text : {"0", "000", "0g", "g0", "00 ", " 00", "0x", "00\n"})
        EXPECT_EQ(from_hex(text), std::nullopt) << text;
    EXPECT_EQ(from_hex("0\0"sv), std::nullopt);
}

TEST(HexTest, SpellsTheLastDigitsOfANumber) {
    EXPECT_EQ(hex_number(0x0123456789abcdef, 16), "0123456789abcdef");
    EXPECT_EQ(hex_number(0x2028, 4), "2028");
    EXPECT_EQ(hex_number(7, 2), "07");
    EXPECT_EQ(hex_number(0x1ff, 2), "ff");
}

TEST(Base64Test, IsThatOfRfc4648) {
    // §10
    EXPECT_EQ(base64(""), "");
    EXPECT_EQ(base64("f"), "Zg==");
    EXPECT_EQ(base64("fo"), "Zm8=");
    EXPECT_EQ(base64("foo"), "Zm9v");
    EXPECT_EQ(base64("foob"), "Zm9vYg==");
    EXPECT_EQ(base64("fooba"), "Zm9vYmE=");
    EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
    EXPECT_EQ(base64("\xFB\xFF\xFE"), "+//+");
    EXPECT_EQ(base64_url("\xFB\xFF\xFE"), "-__-");
    EXPECT_EQ(base64_url("f"), "Zg");
}

TEST(PercentTest, EncodesAllButUnreservedCharacters) {
    EXPECT_EQ(percent_encode("AZaz09-._~"), "AZaz09-._~");
    EXPECT_EQ(percent_encode("a b+c&d=e/f?g#h%"), "a%20b%2Bc%26d%3De%2Ff%3Fg%23h%25");
    EXPECT_EQ(percent_encode("\xc3\xa9\r\n"), "%C3%A9%0D%0A");
    EXPECT_EQ(percent_encode("\0"sv), "%00");
}

TEST(PercentTest, EncodesWhatItIsTold) {
    const auto stays = [](char c) { return c != '/'; };
    EXPECT_EQ(percent_encode("a/ b", stays), "a%2F b");
    EXPECT_EQ(percent_encode("a/ b", stays, PercentDigits::lower), "a%2f b");
}

TEST(PercentTest, DecodesWhatItEncodes) {
    EXPECT_EQ(percent_decode("a%20b%2f%2F%C3%A9"), "a b//\xc3\xa9");
    EXPECT_EQ(percent_decode("100%"), "100%");
    EXPECT_EQ(percent_decode("%2"), "%2");
    EXPECT_EQ(percent_decode("%zz%41"), "%zzA");
    std::string all;
    for (int byte = 0; byte < 256; ++byte)
        all += static_cast<char>(byte);
    EXPECT_EQ(percent_decode(percent_encode(all)), all);
}

TEST(HashTest, IsTheSameInEveryVersion) {
    // http://www.isthe.com/chongo/tech/comp/fnv, FNV-1a of 64 bits
    EXPECT_EQ(fnv1a(""), 0xcbf29ce484222325u);
    EXPECT_EQ(fnv1a("a"), 0xaf63dc4c8601ec8cu);
    EXPECT_EQ(fnv1a("foobar"), 0x85944171f73967e8u);
    EXPECT_EQ(fnv1a("\xff"), 0xaf64724c8602eb6eu);
    EXPECT_NE(text_hash("a"), text_hash("b"));
}

TEST(AsciiTest, KnowsItsClasses) {
    for (int byte = 0; byte < 256; ++byte) {
        const auto c = static_cast<char>(byte);
        EXPECT_EQ(is_beyond_ascii(c), byte >= 0x80);
        EXPECT_EQ(is_ascii_graphic(c), byte > 0x20 && byte < 0x7f);
        EXPECT_EQ(is_hex_digit(c), byte != 0 && "0123456789abcdefABCDEF"sv.contains(c));
        EXPECT_EQ(ascii_lower(ascii_upper(c)) == c, !is_ascii_upper(c));
    }
    EXPECT_TRUE(is_ascii_digits("0123456789"));
    EXPECT_FALSE(is_ascii_digits(""));
    EXPECT_FALSE(is_ascii_digits("1 2"));
    EXPECT_EQ(ascii_lower_case("ÀBc"), "Àbc");
    EXPECT_EQ(ascii_upper_case("éBc"), "éBC");
    EXPECT_TRUE(equal_ignoring_ascii_case("Content-Type", "content-TYPE"));
    EXPECT_FALSE(equal_ignoring_ascii_case("É", "é"));
    EXPECT_FALSE(equal_ignoring_ascii_case("a", "ab"));
}

} // namespace
} // namespace medibridge::base
