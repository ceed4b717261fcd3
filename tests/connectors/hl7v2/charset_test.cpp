#include "connectors/hl7v2/charset.hpp"

#include <gtest/gtest.h>
#include <stdexcept>

namespace medibridge::connectors::hl7 {
namespace {

/// The text of bytes under a declared set; `?` where the set is not supported.
std::string text(const std::string& declared, const std::string& bytes,
                 const std::string& by_default = "ISO-8859-1") {
    Charsets charsets(by_default);
    const auto decoder = charsets.decoder(declared, bytes);
    return decoder ? decoder->text(bytes) : "?";
}

TEST(Hl7CharsetTest, ObeysWhatTheMessageDeclares) {
    EXPECT_EQ(text("UNICODE UTF-8", "No\xC3\xA9mie"), "Noémie");
    EXPECT_EQ(text("8859/1", "No\xE9mie"), "Noémie");
    EXPECT_EQ(text("8859/15", "C\xBCURET \xA4"), "CŒURET €");
    EXPECT_EQ(text("8859/2", "\xA3\xF3\x64\xBC"), "Łódź");
    EXPECT_EQ(text("ISO_IR 100", "\xE9"), "é");
    EXPECT_EQ(text("iso-8859-15", "\xBD"), "œ");
    EXPECT_EQ(text("UNICODE", "\xC3\xA9"), "é");
}

TEST(Hl7CharsetTest, TheConfiguredSetCountsWhereNothingIsDeclared) {
    EXPECT_EQ(text("", "No\xE9mie"), "Noémie");
    EXPECT_EQ(text("", "\xBC", "ISO-8859-15"), "Œ");
    EXPECT_EQ(text("ASCII", "\xE9"), "é") << "ASCII has no such byte: whoever says so is wrong";
    EXPECT_EQ(text("", "\xE9", "UTF-8"), "\xEF\xBF\xBD");
}

TEST(Hl7CharsetTest, Latin1HoldsWhatWindowsWritesIntoIt) {
    EXPECT_EQ(text("8859/1", "C\x8CUR \x80"), "CŒUR €");
}

TEST(Hl7CharsetTest, BytesThatAreUtf8AreThatWhateverIsDeclared) {
    EXPECT_EQ(text("8859/1", "No\xC3\xA9mie LEF\xC3\x88VRE"), "Noémie LEFÈVRE");
    EXPECT_EQ(text("", "No\xC3\xA9mie"), "Noémie");
    EXPECT_EQ(text("8859/1", "No\xC3\xA9mie LEF\xC8VRE"), "NoÃ©mie LEFÈVRE")
        << "not all of it is: then it is what it says";
}

TEST(Hl7CharsetTest, BrokenUtf8IsNoOtherText) {
    EXPECT_EQ(text("UNICODE UTF-8", "No\xC3mie"), "No\xEF\xBF\xBDmie");
    EXPECT_EQ(text("UNICODE UTF-8", "No\xE9mie"), "No\xEF\xBF\xBDmie");
}

TEST(Hl7CharsetTest, WhatCannotBeReadIsNotGuessed) {
    EXPECT_EQ(text("GB 18030-2000", "\xB4\xF3"), "?");
    EXPECT_EQ(text("ISO IR87", "\x1B$B"), "?");
    EXPECT_EQ(text("UNICODE UTF-16", "\xD8\x3D"), "?");
    EXPECT_EQ(text("BIG-5", "plain"), "plain") << "nothing in it needs the set";
}

TEST(Hl7CharsetTest, RefusesAConfiguredSetThatCannotServe) {
    EXPECT_THROW(Charsets("UTF-16"), std::invalid_argument);
    EXPECT_THROW(Charsets("no such set"), std::invalid_argument);
    EXPECT_THROW(Charsets("Shift_JIS"), std::invalid_argument);
    EXPECT_NO_THROW(Charsets("8859/15"));
}

} // namespace
} // namespace medibridge::connectors::hl7
