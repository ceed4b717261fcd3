#include "base/log/peer_word.hpp"

#include <gtest/gtest.h>
#include <string>

namespace medibridge::log {
namespace {

std::string keyed(const std::string& word) {
    return "key(" + std::to_string(word.size()) + ")";
}

TEST(PeerWords, CountersAndUuidsStayAsTheyAre) {
    const PeerWords words(keyed);
    for (const char* word :
         {"1", "12345", "MSG00001", "msg-7", "ADT_42", "Q123", "0000012345", "MSG.0000.12345",
          "export.csv", "patients_12.csv", "6f9619ff-8b86-d011-b42d-00cf4fc964ff",
          "6F9619FF8B86D011B42D00CF4FC964FF"})
        EXPECT_EQ(words(word), word);
    EXPECT_EQ(words(""), "-");
}

TEST(PeerWords, WhatMayHoldANameOrABirthDateDoesNot) {
    const PeerWords words(keyed);
    for (const std::string word : {"DUPONT19800101",
                                   "DUPONT",
                                   "Ly",
                                   "MSG-DUPONT-1",
                                   "D.U.P.O.N.T",
                                   "19800101",
                                   "010180",
                                   "1980-01-01",
                                   "MSG19800101",
                                   "000101",
                                   "1.80.01.75.123.456",
                                   "180017512345678",
                                   "LEA_1.csv",
                                   "MSG 1",
                                   "MSG\xC3\xA9",
                                   "a\n1",
                                   "9f86d081884c",
                                   "MSG1/2",
                                   "1_9_8_0_0_1",
                                   "6f9619ff-8b86-d011-b42d-00cf4fc964fg"}) {
        EXPECT_EQ(words(word), "~" + keyed(word)) << word;
        EXPECT_EQ(PeerWords()(word), "~(" + std::to_string(word.size()) + " bytes)");
    }
    EXPECT_EQ(words(std::string(65, '0')), "~key(65)");
}

TEST(PeerWords, WordsOfTheConfigurationAreKnown) {
    const auto words = PeerWords(keyed).knowing({"DPI*.CSV", "VALIDATION_ERROR"});
    EXPECT_EQ(words("dpi_12.csv"), "dpi_12.csv");
    EXPECT_EQ(words("VALIDATION_ERROR"), "VALIDATION_ERROR");
    EXPECT_EQ(words("ERROR_VALIDATION-7"), "ERROR_VALIDATION-7");
    EXPECT_EQ(words("dpi_dupont.csv"), "~key(14)");
    EXPECT_EQ(words("dpi_20260131.csv"), "~key(16)");
}

} // namespace
} // namespace medibridge::log
