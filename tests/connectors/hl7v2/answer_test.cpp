#include "connectors/hl7v2/answer.hpp"
#include "connectors/hl7v2/mllp_frame.hpp"
#include "corpus.hpp"

#include <gtest/gtest.h>

namespace medibridge::connectors::hl7 {
namespace {

const Refusal why(ErrorCode::required_field_missing, "PID-3 has nothing");

std::string answer(const std::string& text, Outcome outcome, bool faulty_is_error = false) {
    const auto message = Message::parse(text);
    return Answers(*message, "M1").answer(outcome, why, faulty_is_error, test::now());
}

/// A header with MSH-15 and MSH-16.
std::string header(const std::string& accept, const std::string& application) {
    return "MSH|^~\\&|DPI|CH|SYNC|BRIDGE|20240601080000||ADT^A28^ADT_A05|FRS00001|P|2.5^FRA^2.11||"
           "|" +
           accept + "|" + application + "|FRA|UNICODE UTF-8\r";
}

std::string codes(const std::string& accept, const std::string& application, Outcome outcome,
                  bool faulty_is_error = false) {
    return test::codes(answer(header(accept, application), outcome, faulty_is_error));
}

TEST(Hl7AnswerTest, AnAcceptanceIsWhatTheStandardSays) {
    EXPECT_EQ(answer(header("", ""), Outcome::accepted),
              "MSH|^~\\&|SYNC|BRIDGE|DPI|CH|20260131090500+0000||ACK^A28^ACK|M1A|P|2.5^FRA^2.11"
              "||||||UNICODE UTF-8\r"
              "MSA|AA|FRS00001\r");
}

TEST(Hl7AnswerTest, ARefusalSaysWhyWithoutAnyValue) {
    EXPECT_EQ(answer(header("", ""), Outcome::refused),
              "MSH|^~\\&|SYNC|BRIDGE|DPI|CH|20260131090500+0000||ACK^A28^ACK|M1A|P|2.5^FRA^2.11"
              "||||||UNICODE UTF-8\r"
              "MSA|AR|FRS00001|PID-3 has nothing\r"
              "ERR|||101^^HL70357|E||||PID-3 has nothing\r");
}

TEST(Hl7AnswerTest, OlderVersionsHaveNoSuchErrorSegment) {
    const auto text = answer("MSH|^~\\&|A|B|C|D|1||ADT^A08|7|P|2.3.1\r", Outcome::failed);
    EXPECT_NE(text.find("\rMSA|AE|7|PID-3 has nothing\r"), std::string::npos);
    EXPECT_EQ(text.find("ERR"), std::string::npos);
}

TEST(Hl7AnswerTest, SpeaksWithTheSendersDelimiters) {
    const auto text =
        answer("MSH#*~!$#DPI#CH#SYNC#BRIDGE#1##ADT*A08*ADT_A01#7#P#2.5\r", Outcome::refused);
    EXPECT_EQ(text.substr(0, 28), "MSH#*~!$#SYNC#BRIDGE#DPI#CH#");
    EXPECT_NE(text.find("#ACK*A08*ACK#M1A#P#2.5\rMSA#AR#7#"), std::string::npos) << text;
    EXPECT_NE(text.find("\rERR###101**HL70357#E#"), std::string::npos) << text;
    const auto odd = answer("MSH|-~\\&|A|B|C|D|1||ADT-A08|7|P|2.5\r", Outcome::refused);
    EXPECT_NE(odd.find("|PID 3 has nothing"), std::string::npos) << "a sign in words is no sign";
}

TEST(Hl7AnswerTest, OriginalModeHasOneAnswer) {
    EXPECT_EQ(codes("", "", Outcome::accepted), "AA");
    EXPECT_EQ(codes("", "", Outcome::faulty), "AA");
    EXPECT_EQ(codes("", "", Outcome::faulty, true), "AE");
    EXPECT_EQ(codes("", "", Outcome::failed), "AE");
    EXPECT_EQ(codes("", "", Outcome::refused), "AR");
}

TEST(Hl7AnswerTest, EnhancedModeAnswersAsAsked) {
    EXPECT_EQ(codes("AL", "NE", Outcome::accepted), "CA");
    EXPECT_EQ(codes("AL", "NE", Outcome::faulty, true), "CA") << "it is safe, whatever it says";
    EXPECT_EQ(codes("AL", "NE", Outcome::failed), "CE");
    EXPECT_EQ(codes("AL", "NE", Outcome::refused), "CR");
    EXPECT_EQ(codes("AL", "AL", Outcome::accepted), "CA,AA");
    EXPECT_EQ(codes("AL", "AL", Outcome::faulty, true), "CA,AE");
    EXPECT_EQ(codes("AL", "AL", Outcome::failed), "CE") << "what is not committed ends there";
    EXPECT_EQ(codes("NE", "AL", Outcome::accepted), "AA");
    EXPECT_EQ(codes("", "AL", Outcome::refused), "AR");
    EXPECT_EQ(codes("NE", "NE", Outcome::accepted), "");
    EXPECT_EQ(codes("al", "ne", Outcome::accepted), "CA") << "case does not count";
    EXPECT_EQ(codes("Y", "NE", Outcome::accepted), "CA") << "somebody may wait for it";
    EXPECT_EQ(codes("NE", "NE", Outcome::failed), "");
    EXPECT_EQ(codes("ER", "ER", Outcome::accepted), "");
    EXPECT_EQ(codes("ER", "ER", Outcome::failed), "CE");
    EXPECT_EQ(codes("ER", "SU", Outcome::accepted), "AA");
    EXPECT_EQ(codes("SU", "NE", Outcome::accepted), "CA");
    EXPECT_EQ(codes("SU", "NE", Outcome::refused), "");
    EXPECT_EQ(codes("SU", "ER", Outcome::refused), "AR");
    EXPECT_EQ(codes("", "SU", Outcome::faulty, true), "");
}

TEST(Hl7AnswerTest, WhatIsNoMessageGetsAnAnswerAllTheSame) {
    EXPECT_EQ(Answers().answer(Outcome::refused, why, false, test::now()),
              "MSH|^~\\&|medibridge||||20260131090500+0000||ACK|0A|P|2.5\r"
              "MSA|AR||PID-3 has nothing\r"
              "ERR|||101^^HL70357|E||||PID-3 has nothing\r");
}

TEST(Hl7AnswerTest, EchoesNothingThatBreaksTheAnswer) {
    const auto text =
        answer("MSH|^~\\&|A\nB|C\x1b|" + std::string(1000, 'x') + "||1||ADT^A08|a\nb|P|2.5\r",
               Outcome::accepted);
    EXPECT_EQ(text.find('\n'), std::string::npos);
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_LT(text.size(), 500u);
    EXPECT_NE(text.find("MSA|AA|ab\r"), std::string::npos);
}

TEST(Hl7AnswerTest, EachAnswerTravelsInABlockOfItsOwn) {
    EXPECT_EQ(framed_answers(std::string("A") + end_block + "B"), "\vA\x1c\r\vB\x1c\r");
    EXPECT_EQ(framed_answers(""), "");
}

} // namespace
} // namespace medibridge::connectors::hl7
