#include "connectors/hl7v2/batch.hpp"
#include "connectors/hl7v2/mllp_frame.hpp"
#include "corpus.hpp"
#include "reconcile/assess.hpp"
#include "tests/sanitized.hpp"

#include <chrono>
#include <cstdlib>
#include <gtest/gtest.h>
#include <random>
#include <rapidcheck.h>

namespace medibridge::connectors::hl7 {
namespace {

double seconds_for(std::string_view bytes) {
    const auto start = std::chrono::steady_clock::now();
    const auto reading = test::read(bytes);
    for (const auto& record : reading.arrival.records)
        reconcile::assess(record, {});
    EXPECT_LT(reading.answer.size(), 5'000u);
    EXPECT_LT(reading.arrival.records.size(), 1'000u);
    (void)read_batch(bytes, 10'000);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Long runs of what a parser might trip over.
TEST(Hl7HostileTest, TimeIsLinearInTheBytes) {
    constexpr std::size_t size = tests::sanitized ? 64u << 10 : 4u << 20; // bytes
    const std::string head = "MSH|^~\\&|A|B|C|D|20240601||ADT^A08|1|P|2.5\rPID|||";
    const auto filled = [&](const std::string& unit) {
        std::string text = head;
        while (text.size() < size)
            text += unit;
        return text;
    };
    for (const auto* unit : {"\\",       "\\F",
                             "\\X",      "\\XC3\\",
                             "\\Xzz\\",  "~",
                             "^",        "&",
                             "|",        "\r",
                             "\n",       "\r\n",
                             "MSH|",     "\rMSH|^~\\&|",
                             "\rPID|||", "\rMRG|1",
                             "\xC3",     "\xC3\xA9",
                             "\"\"",     "\rBTS|",
                             "\v",       "\x1c",
                             "x",        "\\.br\\",
                             "\\Z",      "1^^^CHT&1.2.250.1.999.1.1&ISO^PI~"})
        EXPECT_LT(seconds_for(filled(unit)), 20.0) << unit;
    std::string name = "MSH|^~\\&|A|B|C|D|20240601||ADT^A08|1|P|2.5\r" + test::pid("1", "");
    for (const auto* unit : {"\\", "\\XC3\\", "\xCC\x81", "A\\.br\\", "^", "&"}) {
        auto text = name;
        const auto at = text.find("||19850314");
        std::string filling;
        while (filling.size() < size)
            filling += unit;
        text.insert(at, filling);
        EXPECT_LT(seconds_for(text), 20.0) << unit;
    }
}

/// What once hung, or overflowed the stack of, other parsers.
TEST(Hl7HostileTest, InputsThatBrokeOtherParsersAreAnswered) {
    if (test::corpus().empty()) GTEST_SKIP() << "MEDIBRIDGE_CORPUS is not set";
    const auto all = test::files("hl7v2/bad-inputs-nhapi");
    EXPECT_GE(all.size(), 20u);
    for (const auto& file : all) {
        const auto bytes = test::read_file(file);
        EXPECT_LT(seconds_for(bytes), 5.0) << file;
        MllpFrames frames(1u << 20);
        frames.add(framed(bytes));
        while (frames.next()) {
        }
    }
}

std::string mutated(std::string text, std::mt19937_64& random, const std::string& other) {
    const auto below = [&random](std::size_t n) { return n == 0 ? 0 : random() % n; };
    const std::string signs = "|^~\\&\r\n\v\x1c\"\x1b\xC3\xA9\xFF";
    for (auto changes = 1 + below(8); changes > 0 && !text.empty(); --changes) {
        const auto at = below(text.size());
        switch (below(6)) {
        case 0:
            text[at] = static_cast<char>(random());
            break;
        case 1:
            text[at] = signs[below(signs.size())];
            break;
        case 2:
            text.erase(at, 1 + below(20));
            break;
        case 3:
            text.insert(at, 1 + below(300), signs[below(signs.size())]);
            break;
        case 4:
            text.insert(at, text.substr(below(text.size()), below(200)));
            break;
        default:
            text.replace(at, below(100), other.substr(below(other.size()), below(200)));
        }
    }
    return text;
}

std::vector<std::string> seeds() {
    std::vector<std::string> all = {test::message("A08", {test::pid("1")}),
                                    test::message("A40", {test::pid("1"), "MRG|2"})};
    if (test::corpus().empty()) return all;
    for (const auto* folder : {"derived/fr-adt", "derived/batch", "hl7v2"}) {
        for (const auto& file : test::files(folder)) {
            auto text = test::read_file(file);
            if (text.size() < 20'000) all.push_back(std::move(text));
        }
    }
    return all;
}

TEST(Hl7HostileTest, MessagesThatWereDamagedNeverDoHarm) {
    const bool is_long = std::getenv("MEDIBRIDGE_LONG") != nullptr;
    const auto all = seeds();
    std::mt19937_64 random(20240601);
    const auto rounds = is_long ? 1'000'000 : tests::sanitized ? 1'000 : 5'000;
    for (int round = 0; round < rounds; ++round) {
        const auto& one = all[random() % all.size()];
        const auto text = mutated(one, random, all[random() % all.size()]);
        ASSERT_LT(seconds_for(text), 5.0) << "round " << round;
    }
}

TEST(Hl7HostileTest, StreamsGiveTheSamePiecesHoweverTheyAreCut) {
    EXPECT_TRUE(rc::check([] {
        const auto sign = rc::gen::element('\v', '\x1c', '\r', 'a');
        const auto stream = *rc::gen::container<std::string>(sign);
        const auto step = *rc::gen::inRange<std::size_t>(1, 9);
        const auto pieces = [&stream](std::size_t its_step) {
            MllpFrames frames(4);
            std::vector<std::pair<MllpPiece::Kind, std::string>> all;
            for (std::size_t at = 0; at < stream.size(); at += its_step) {
                frames.add(std::string_view(stream).substr(at, its_step));
                while (auto piece = frames.next())
                    all.emplace_back(piece->kind, piece->bytes + std::to_string(piece->size));
            }
            return all;
        };
        RC_ASSERT(pieces(step) == pieces(stream.size() + 1));
    }));
}

TEST(Hl7HostileTest, WhatWasEscapedComesBack) {
    EXPECT_TRUE(rc::check([] {
        const auto text = *rc::gen::container<std::string>(
            rc::gen::element('|', '^', '~', '\\', '&', 'a', 'F', ' ', '.'));
        std::string escaped;
        for (const char c : text) {
            const auto at = std::string_view("|^~\\&").find(c);
            if (at == std::string_view::npos)
                escaped += c;
            else
                escaped += std::string("\\") + "FSRET"[at] + "\\";
        }
        RC_ASSERT(Leaves(Delimiters(), Decoder()).text(escaped) == text);
    }));
}

} // namespace
} // namespace medibridge::connectors::hl7
