#include "connectors/hl7v2/mllp_frame.hpp"
#include "corpus.hpp"
#include "tests/sanitized.hpp"

#include <chrono>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace medibridge::connectors::hl7 {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Kind = MllpPiece::Kind;

/// What a stream brings, if it comes `step` bytes at a time.
std::vector<MllpPiece> pieces(std::string_view stream, std::size_t step, std::size_t limit = 4096) {
    MllpFrames frames(limit);
    std::vector<MllpPiece> all;
    for (std::size_t at = 0; at < stream.size(); at += step) {
        frames.add(stream.substr(at, step));
        while (auto piece = frames.next())
            all.push_back(std::move(*piece));
    }
    if (auto piece = frames.finish()) all.push_back(std::move(*piece));
    return all;
}

/// Each piece in one word.
std::vector<std::string> words(std::string_view stream, std::size_t limit = 4096) {
    std::vector<std::string> told;
    const auto tell = [](const MllpPiece& piece) {
        constexpr std::array names{"message ", "too large ", "skipped ", "cut ", "stray "};
        return names[static_cast<std::size_t>(piece.kind)] +
               (piece.kind == Kind::message ? piece.bytes : std::to_string(piece.size));
    };
    for (const auto& piece : pieces(stream, stream.size() + 1, limit))
        told.push_back(tell(piece));
    for (std::size_t step = 1; step < 5; ++step) {
        std::vector<std::string> others;
        for (const auto& piece : pieces(stream, step, limit))
            others.push_back(tell(piece));
        EXPECT_EQ(others, told) << "in pieces of " << step;
    }
    return told;
}

TEST(MllpFrameTest, ABlockEndsWithItsMarkWhateverFollows) {
    EXPECT_THAT(words("\vA\x1c\r\vB\x1c\r"), ElementsAre("message A", "message B"));
    EXPECT_THAT(words("\vMSH|A\x1c\vMSH|B\x1c"), ElementsAre("message MSH|A", "message MSH|B"));
    EXPECT_THAT(words("\vA\x1c\r\n\r\n\vB\r\x1c\r\n"), ElementsAre("message A", "message B\r"));
    EXPECT_THAT(words("\v\x1c\r"), ElementsAre("message "));
    EXPECT_THAT(words(""), IsEmpty());
}

TEST(MllpFrameTest, WhatIsNoBlockIsDroppedAndTold) {
    EXPECT_THAT(words("GET /\r\n\vA\x1c\r"), ElementsAre("stray 5", "message A"));
    EXPECT_THAT(words("\vA\x1c\rxx"), ElementsAre("message A", "stray 2"));
    EXPECT_THAT(words("A\x1c\r\vB\x1c\r"), ElementsAre("stray 1", "message B"));
}

TEST(MllpFrameTest, ABlockThatIsCutIsDroppedAndTold) {
    EXPECT_THAT(words("\vABC\vMSH\x1c\r"), ElementsAre("cut 3", "message MSH"));
    EXPECT_THAT(words("\vA\x1c\r\vBC"), ElementsAre("message A", "cut 2"));
    EXPECT_THAT(words("\v"), ElementsAre("cut 0"));
}

TEST(MllpFrameTest, ABlockOverTheLimitIsToldAtItsEnd) {
    EXPECT_THAT(words("\v12345\x1c\r\v123456\x1c\r\vA\x1c\r", 5),
                ElementsAre("message 12345", "too large 6", "message A"));
    EXPECT_THAT(words("\v1234567\vBHS\x1c\r", 5), ElementsAre("cut 7", "message BHS"));
    EXPECT_THAT(words("\v1234567", 5), ElementsAre("cut 7"));
    const auto all = pieces("\v12345678\x1c", 3, 5);
    EXPECT_EQ(all.at(0).bytes, "123456") << "its beginning, to answer its sender";
}

// MLLP (transport specification, release 1): a block is VT, content, FS CR.
TEST(MllpFrameTest, AMarkWithinATextBelongsToIt) {
    const std::string next = "\vMSH|B\x1c\r";
    struct Case {
        const char* what;
        std::string text; ///< what stands in a block before FS CR
    };
    const std::vector<Case> cases{
        {"a lone FS", "MSH|a\x1c"
                      "b"},
        {"FS at the end of a field", "MSH|a\x1c|b\rPID|c"},
        {"FS before a line feed", "MSH|a\x1c\nb"},
        {"FS before VT", "MSH|a\x1c\vb"},
        {"several FS", "MSH|a\x1c\x1c\x1c"
                       "b\x1cz"},
        {"a lone VT", "MSH|a\vb"},
        {"VT before what is nearly a header", "MSH|a\vMSQ|"},
        {"VT at the beginning of a segment", "MSH|a\r\vPID|b"},
        {"more FS than any end has", "MSH|" + std::string(40, '\x1c') + "b"},
    };
    for (const auto& one : cases)
        EXPECT_THAT(words("\v" + one.text + "\x1c\r" + next + next),
                    ElementsAre("message " + one.text, "message MSH|B", "message MSH|B"))
            << one.what;
}

TEST(MllpFrameTest, ASegmentBehindAnEndBelongsToTheMessage) {
    const auto all = pieces("\vMSH|a\x1c\rPV1|b\x1c\r\vMSH|B\x1c\r", 1000, 4096);
    ASSERT_EQ(all.size(), 2u);
    EXPECT_EQ(all[0].bytes, "MSH|a\x1c\rPV1|b");
    EXPECT_EQ(all[1].bytes, "MSH|B");
    const auto other = pieces("\vMSH|a\x1c\rPV1#\vMSH|B\x1c\r", 1000, 4096);
    ASSERT_EQ(other.size(), 3u) << "of no message of this separator";
    EXPECT_EQ(other[1].kind, Kind::stray);
}

TEST(MllpFrameTest, AnEndWithoutItsCrIsOneWhereNothingFollows) {
    MllpFrames frames(100);
    const auto undecided = [&frames](std::string_view bytes) {
        frames.add(bytes);
        while (frames.next()) {
        }
        return frames.may_have_ended();
    };
    EXPECT_FALSE(undecided("\vMSH|a"));
    EXPECT_TRUE(undecided("\x1c"));
    EXPECT_FALSE(undecided("b")) << "it was text";
    EXPECT_TRUE(undecided("\x1c"));
    EXPECT_EQ(frames.end_here().bytes, "MSH|a\x1c"
                                       "b");
    EXPECT_FALSE(frames.within_block());
    EXPECT_FALSE(undecided("\vMSH|c\x1c\r"));
    EXPECT_FALSE(undecided("\vMSH|d\x1c")) << "this sender sends CR";
    EXPECT_EQ(frames.finish()->bytes, "MSH|d") << "nothing can follow any more";
}

TEST(MllpFrameTest, KnowsWhetherABlockIsOpen) {
    MllpFrames frames(100);
    const auto within = [&frames](std::string_view bytes) {
        frames.add(bytes);
        while (frames.next()) {
        }
        return frames.within_block();
    };
    EXPECT_FALSE(within("x"));
    EXPECT_TRUE(within("\v"));
    EXPECT_TRUE(within(std::string(200, 'x')));
    EXPECT_FALSE(within("\x1c\r"));
    EXPECT_EQ(frames.dropped(), 0u) << "its sender speaks MLLP";
    EXPECT_TRUE(within("\v" + std::string(50, 'x') + "\vMSH"));
    EXPECT_GT(frames.dropped(), 50u);
    EXPECT_FALSE(within("\vA\x1c\r"));
    EXPECT_EQ(frames.dropped(), 0u);
}

TEST(MllpFrameTest, ABlockThatIsGivenUpKeepsItsBeginningOnly) {
    MllpFrames frames(1'000'000);
    frames.add("\vMSH|" + std::string(500'000, 'x'));
    EXPECT_FALSE(frames.next());
    EXPECT_GE(frames.held(), 500'000u);
    frames.skip();
    EXPECT_TRUE(frames.skipping());
    EXPECT_LT(frames.held(), 100'000u);
    frames.add(std::string(100'000, 'y') + "\x1c\r\vMSH|A\x1c\r");
    const auto skipped = frames.next();
    EXPECT_EQ(skipped->kind, Kind::skipped);
    EXPECT_EQ(skipped->size, 600'004u);
    EXPECT_EQ(skipped->bytes.size(), MllpFrames::head_limit);
    EXPECT_EQ(frames.next()->bytes, "MSH|A");

    MllpFrames endless(100);
    for (int n = 0; n < 1'000; ++n) {
        endless.add(n == 0 ? "\vMSH|x" : std::string(1'000, 'x'));
        EXPECT_FALSE(endless.next());
    }
    EXPECT_LT(endless.held(), 100'000u);
    const auto piece = endless.give_up();
    EXPECT_EQ(piece.kind, Kind::too_large);
    EXPECT_EQ(piece.size, 999'005u);
    EXPECT_TRUE(piece.bytes.starts_with("MSH|x"));
    EXPECT_FALSE(endless.finish());
}

TEST(MllpFrameTest, ALargeBlockDoesNotKeepItsMemory) {
    MllpFrames frames(10'000'000);
    frames.add("\v" + std::string(5'000'000, 'x') + "\x1c\r");
    EXPECT_EQ(frames.next()->size, 5'000'000u);
    frames.next();
    frames.compact();
    EXPECT_LT(frames.held(), 100'000u);
}

TEST(MllpFrameTest, TimeIsLinearInTheBytes) {
    const auto seconds = [](const std::string& stream, std::size_t step) {
        const auto start = std::chrono::steady_clock::now();
        pieces(stream, step, 1u << 24);
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    };
    constexpr std::size_t size = tests::sanitized ? 64u << 10 : 1u << 20; // bytes
    EXPECT_LT(seconds(std::string(size, '\v'), 1024), 10.0);
    EXPECT_LT(seconds("\v" + std::string(size, 'x'), 1), 10.0);
    EXPECT_LT(seconds(std::string(size, 'x'), 1), 10.0);
    std::string many;
    while (many.size() < size)
        many += "\v\x1c\r";
    EXPECT_LT(seconds(many, size), 10.0);
    EXPECT_LT(seconds("\v" + std::string(size, '\x1c') + "x", 1), 10.0);
}

TEST(MllpFrameTest, TheCorpusHasTheFramesThatItSaysItHas) {
    if (test::corpus().empty()) GTEST_SKIP() << "MEDIBRIDGE_CORPUS is not set";
    const auto folder = test::corpus() / "derived/mllp";
    const auto expected = nlohmann::json::parse(test::read_file(folder / "expected.json"));
    EXPECT_GE(expected.size(), 12u);
    for (const auto& entry : expected) {
        const auto file = entry.at("file").get<std::string>();
        for (const std::size_t step : {1u, 7u, 1u << 20}) {
            std::vector<std::string> controls;
            for (const auto& piece : pieces(test::read_file(folder / file), step, 1u << 20)) {
                if (piece.kind != Kind::message) continue;
                const auto reading = test::read(piece.bytes);
                if (reading.store) controls.push_back(reading.control_id);
            }
            EXPECT_EQ(controls, entry.at("complete_frames").get<std::vector<std::string>>())
                << file << " in pieces of " << step;
        }
    }
}

} // namespace
} // namespace medibridge::connectors::hl7
