#include "connectors/hl7v2/mllp_frame.hpp"
#include "corpus.hpp"
#include "listener_rig.hpp"

#include <gmock/gmock.h>
#include <map>
#include <thread>

namespace medibridge::connectors::hl7::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string update(const std::string& id, const std::string& control) {
    return message("A08", {pid(id)}, control);
}

TEST_F(ListenerTest, AMessageIsStoredAndAnswered) {
    start();
    auto sender = connect();
    EXPECT_EQ(sender.ask(update("1", "m1")), "AA m1");
    EXPECT_EQ(sender.ask(update("2", "m2")), "AA m2");
    on_io([this] { EXPECT_EQ(inbox_.records().size(), 2u); });
    EXPECT_EQ(arrivals_, 2);
    const auto counted = stats();
    EXPECT_EQ(counted.messages, 2);
    EXPECT_EQ(counted.stored, 2);
    EXPECT_EQ(counted.open, 1);
    EXPECT_GT(counted.bytes, 200);
    EXPECT_THAT(reasons("mllp.listening"), ElementsAre(HasSubstr("127.0.0.1:")));
}

TEST_F(ListenerTest, NothingIsAnsweredBeforeItIsStored) {
    start();
    on_io([this] { inbox_.hold(io_.get_executor()); });
    auto sender = connect();
    sender.send(framed(update("1", "m1")) + framed("rubbish"));
    wait_until([this] { return inbox_.waiting() == 1 && listener_->stats().refused == 1; });
    on_io([this] { inbox_.release(); });
    EXPECT_EQ(told(sender.receive()), "AA m1") << "and the refusal waits for its turn";
    EXPECT_EQ(told(sender.receive()), "AR ");
}

TEST_F(ListenerTest, FramesMayBeCutAnywhere) {
    start();
    const auto bytes = framed(update("1", "m1")) + framed(update("2", "m2"));
    for (std::size_t at = 1; at < bytes.size(); ++at) {
        auto sender = connect();
        sender.send(bytes.substr(0, at));
        if (at % 16 == 0) std::this_thread::yield();
        sender.send(bytes.substr(at));
        ASSERT_EQ(told(sender.receive()), "AA m1") << at;
        ASSERT_EQ(told(sender.receive()), "AA m2") << at;
    }
    auto sender = connect();
    for (const char byte : bytes)
        sender.send(std::string(1, byte));
    EXPECT_EQ(told(sender.receive()), "AA m1");
    EXPECT_EQ(told(sender.receive()), "AA m2");
    EXPECT_EQ(stats().cut, 0);
}

/// update() with a text that holds a mark of MLLP, behind the name.
std::string with_mark(const std::string& control, const std::string& text) {
    auto message = update("1", control);
    const auto at = message.rfind("||19850314");
    return message.replace(at, 2, "|" + text + "|");
}

TEST_F(ListenerTest, AMarkOfMllpWithinATextCutsNothing) {
    limits_.block_end = std::chrono::seconds(20);
    start();
    auto sender = connect();
    int number = 0;
    for (const std::string text : {"a\x1c"
                                   "b",
                                   "a\x1c", "a\v", "\v", "a\x1c\x1c", "a\n\x1c\n"}) {
        const auto control = "m" + std::to_string(++number);
        sender.send(framed(with_mark(control, text)) + framed(update("2", control + "x")));
        EXPECT_EQ(told(sender.receive()), "AA " + control);
        EXPECT_EQ(told(sender.receive()), "AA " + control + "x");
    }
    EXPECT_EQ(stats().cut, 0);
    EXPECT_EQ(stats().messages, 2 * number);
    on_io([this] {
        for (const auto& record : inbox_.records())
            EXPECT_EQ(record.patient[reconcile::Field::birth_date].text(), "1985-03-14");
    });
}

TEST_F(ListenerTest, AMarkAtTheEndOfASegmentOfTcpWaitsForWhatFollows) {
    limits_.block_end = std::chrono::seconds(20);
    start();
    const auto bytes = framed(with_mark("m1", "a\x1c"
                                              "b\v"));
    for (const char mark : {'\x1c', '\v'}) {
        auto sender = connect();
        const auto at = bytes.find(mark, 1) + 1;
        const auto came = stats().bytes; // before: it may arrive at once
        sender.send(bytes.substr(0, at));
        wait_until([this, came, at] {
            return listener_->stats().bytes >= came + static_cast<std::int64_t>(at);
        });
        sender.send(bytes.substr(at));
        EXPECT_EQ(told(sender.receive()), "AA m1");
    }
}

TEST_F(ListenerTest, ASenderThatLeavesTheCrOutIsAnswered) {
    limits_.block_end = std::chrono::milliseconds(50);
    start();
    auto sender = connect();
    for (int i = 0; i < 3; ++i) {
        const auto control = "m" + std::to_string(i);
        auto bytes = framed(update("1", control));
        bytes.pop_back();
        sender.send(bytes);
        EXPECT_EQ(told(sender.receive()), "AA " + control);
    }
    auto two = framed(update("1", "m8"));
    two.pop_back();
    two += framed(update("1", "m9"));
    sender.send(two);
    EXPECT_EQ(told(sender.receive()), "AA m8");
    EXPECT_EQ(told(sender.receive()), "AA m9");
    EXPECT_EQ(stats().cut, 0);
}

TEST_F(ListenerTest, ARepetitionGetsItsFirstAnswerAndHasOneEffect) {
    start();
    auto first = connect();
    auto second = connect();
    first.send(framed(update("1", "m1")));
    const auto answer = first.receive();
    EXPECT_EQ(told(answer), "AA m1");
    on_io([this] { ahead_ = std::chrono::hours(1); });
    second.send(framed(update("1", "m1")));
    EXPECT_EQ(second.receive(), answer);
    on_io([this] { EXPECT_EQ(inbox_.records().size(), 1u); });
    EXPECT_EQ(arrivals_, 1);
    EXPECT_EQ(stats().repeated, 1);
}

TEST_F(ListenerTest, EnhancedModeSendsWhatIsAskedFor) {
    start();
    const auto with = [](const std::string& accept, const std::string& application,
                         const std::string& control) {
        return "MSH|^~\\&|A|B|C|D|1||ADT^A08|" + control + "|P|2.5|||" + accept + "|" +
               application + "\r" + pid("1") + "\r";
    };
    auto sender = connect();
    sender.send(framed(with("AL", "AL", "m1")) + framed(with("NE", "NE", "m2")) +
                framed(with("AL", "NE", "m3")));
    EXPECT_EQ(told(sender.receive()), "CA m1");
    EXPECT_EQ(told(sender.receive()), "AA m1");
    EXPECT_EQ(told(sender.receive()), "CA m3") << "nobody wanted to hear of the second";
    EXPECT_EQ(stats().stored, 3);
}

TEST_F(ListenerTest, ABatchIsAnsweredByABatch) {
    start();
    auto sender = connect();
    sender.send(framed("BHS|^~\\&|A|B|C|D|1||||B1\r" + update("1", "m1") + update("2", "m2") +
                       "MSH|^~\\&|A|B|C|D|1||ORU^R01|m3|P|2.5\rBTS|3\r") +
                framed(update("3", "m4")));
    const auto answer = sender.receive();
    ASSERT_TRUE(answer);
    EXPECT_THAT(*answer, testing::StartsWith("BHS|"));
    EXPECT_THAT(*answer, HasSubstr("MSA|AA|m1\r"));
    EXPECT_THAT(*answer, HasSubstr("MSA|AA|m2\r"));
    EXPECT_THAT(*answer, HasSubstr("MSA|AR|m3|"));
    EXPECT_THAT(*answer, testing::EndsWith("BTS|3\r"));
    EXPECT_EQ(told(sender.receive()), "AA m4");
    sender.send(framed("BHS|^~\\&|A\r" + update("4", "m5")));
    EXPECT_THAT(sender.receive().value_or(""), HasSubstr("MSA|AR||the batch was cut off"));
    on_io([this] { EXPECT_EQ(inbox_.records().size(), 3u); });
}

TEST_F(ListenerTest, TheOrderPerPatientHoldsAcrossConnections) {
    start();
    on_io([this] { inbox_.hold(io_.get_executor()); });
    auto one = connect();
    auto other = connect();
    for (int n = 0; n < 10; ++n) {
        auto& sender = n % 2 == 0 ? one : other;
        sender.send(framed(update("1", "m" + std::to_string(n))));
        wait_until([&] { return inbox_.puts() == static_cast<std::size_t>(n) + 1; });
    }
    on_io([this] {
        inbox_.release();
        for (int n = 0; n < 10; ++n)
            EXPECT_EQ(inbox_.records()[static_cast<std::size_t>(n)].place,
                      "message m" + std::to_string(n));
    });
    for (int n = 0; n < 10; ++n)
        EXPECT_EQ(told((n % 2 == 0 ? one : other).receive()), "AA m" + std::to_string(n));
}

TEST_F(ListenerTest, ManySendersAtOnceEachGetTheirAnswersInOrder) {
    settings_.max_connections = 200;
    settings_.max_connections_per_address = 200;
    on_io([this] { inbox_.delay(std::chrono::milliseconds(1)); });
    start();
    constexpr int senders = 200;
    constexpr int each = 20;
    std::vector<std::thread> threads;
    for (int lane = 0; lane < 4; ++lane) {
        threads.emplace_back([this, lane] {
            std::vector<Sender> mine;
            for (int n = lane; n < senders; n += 4)
                mine.push_back(connect());
            for (std::size_t n = 0; n < mine.size(); ++n) {
                const auto id = std::to_string(lane) + "-" + std::to_string(n);
                std::string all;
                for (int m = 0; m < each; ++m)
                    all += framed(update(id, id + "-" + std::to_string(m)));
                mine[n].send(all);
            }
            for (std::size_t n = 0; n < mine.size(); ++n) {
                const auto id = std::to_string(lane) + "-" + std::to_string(n);
                for (int m = 0; m < each; ++m)
                    EXPECT_EQ(told(mine[n].receive()), "AA " + id + "-" + std::to_string(m));
            }
        });
    }
    for (auto& thread : threads)
        thread.join();
    std::map<std::string, int> next;
    on_io([&] {
        EXPECT_EQ(inbox_.records().size(), static_cast<std::size_t>(senders * each));
        for (const auto& record : inbox_.records()) {
            const auto& id = record.patient.external_id();
            EXPECT_EQ(record.place, "message " + id + "-" + std::to_string(next[id]++));
        }
    });
    EXPECT_EQ(stats().turned_away, 0);
}

TEST_F(ListenerTest, AHalfClosedSenderStillGetsItsAnswers) {
    start();
    on_io([this] { inbox_.hold(io_.get_executor()); });
    auto sender = connect();
    sender.send(framed(update("1", "m1")) + framed(update("2", "m2")) + "\vMSH|cut");
    sender.half_close();
    wait_until([this] { return inbox_.waiting() == 2 && listener_->stats().cut == 1; });
    on_io([this] { inbox_.release(); });
    EXPECT_EQ(told(sender.receive()), "AA m1");
    EXPECT_EQ(told(sender.receive()), "AA m2");
    EXPECT_TRUE(sender.is_closed()) << "the part of a message is not answered";
    EXPECT_THAT(reasons("mllp.message_cut"), ElementsAre(HasSubstr("7 bytes")));
}

TEST_F(ListenerTest, StoppingStoresAndAnswersWhatWasRead) {
    start();
    on_io([this] { inbox_.hold(io_.get_executor()); });
    auto sender = connect();
    sender.send(framed(update("1", "m1")) + framed(update("2", "m2")) + "\vMSH|be");
    wait_until([this] { return inbox_.waiting() == 2; });
    const auto port = port_;
    std::thread release([this] {
        wait_until([this] { return inbox_.waiting() == 2; });
        on_io([this] { inbox_.release(); });
    });
    stop();
    release.join();
    EXPECT_EQ(told(sender.receive()), "AA m1");
    EXPECT_EQ(told(sender.receive()), "AA m2");
    EXPECT_TRUE(sender.is_closed());
    EXPECT_THROW(Sender{port}, std::runtime_error);
    EXPECT_THAT(events(), Contains("mllp.stopped"));
}

TEST_F(ListenerTest, StoppingWithIdleSendersIsQuick) {
    start();
    std::vector<Sender> senders;
    for (int n = 0; n < 5; ++n)
        senders.push_back(connect());
    wait_until([this] { return listener_->stats().open == 5; });
    stop();
    for (auto& sender : senders)
        EXPECT_TRUE(sender.is_closed());
}

TEST_F(ListenerTest, AnAddressThatCannotBeHadIsSaid) {
    start();
    auto second = settings_;
    second.listen.port = port_;
    on_io([&] {
        MllpListener other(environment(), second, inbox_);
        EXPECT_THROW(other.start(), std::runtime_error);
    });
}

TEST_F(ListenerTest, WhatIsWrongWithMessagesIsLoggedWithoutValues) {
    start();
    auto sender = connect();
    EXPECT_EQ(sender.ask(message("A08", {"PV1||N"}, "m1")), "AA m1");
    EXPECT_EQ(sender.ask(message("A08", {"PID|||9^^^X&1.2&ISO^PI||GARNIER^Noémie"}, "m2")),
              "AR m2");
    auto training = update("1", "m3");
    training.replace(training.find("|P|"), 3, "|T|");
    EXPECT_EQ(sender.ask(training), "AA m3");
    EXPECT_EQ(sender.ask(message("A24", {pid("1"), pid("2")}, "m4")), "AA m4");
    EXPECT_THAT(reasons("mllp.message_faulty"),
                ElementsAre("message m1: the message has no PID segment"));
    EXPECT_THAT(reasons("mllp.message_refused"), ElementsAre(HasSubstr("message m2: PID-3")));
    EXPECT_THAT(reasons("mllp.message_skipped"), ElementsAre("message m3: MSH-11 is not P"));
    EXPECT_THAT(reasons("mllp.patient_linked"),
                ElementsAre(HasSubstr("m4: A24 links"), HasSubstr("m4: A24 links")));
    on_io([this] {
        for (const auto& event : log_.events)
            for (const auto& [key, value] : event.fields())
                if (const auto* text = std::get_if<std::string>(&value)) {
                    EXPECT_THAT(*text, Not(HasSubstr("GARNIER")));
                }
    });
}

TEST_F(ListenerTest, AFloodOfBadMessagesIsNoFloodOfEvents) {
    start();
    auto sender = connect();
    std::string all;
    for (int n = 0; n < 200; ++n)
        all += framed("rubbish");
    sender.send(all);
    for (int n = 0; n < 200; ++n)
        EXPECT_EQ(told(sender.receive()), "AR ");
    EXPECT_EQ(reasons("mllp.message_refused").size(), 20u);
    EXPECT_EQ(stats().refused, 200);
}

TEST_F(ListenerTest, TheCorpusOfFramesIsAnswered) {
    if (corpus().empty()) GTEST_SKIP() << "MEDIBRIDGE_CORPUS is not set";
    start();
    for (const auto& file : files("derived/mllp")) {
        if (file.extension() != ".bin") continue;
        auto sender = connect();
        sender.send(read_file(file));
        sender.half_close();
        std::vector<std::string> answers;
        while (auto answer = sender.receive())
            answers.push_back(told(answer));
        EXPECT_THAT(answers, Not(IsEmpty())) << file;
        for (const auto& answer : answers)
            EXPECT_THAT(answer, testing::AnyOf(testing::StartsWith("AA FRS"), "AR ")) << file;
    }
}

} // namespace
} // namespace medibridge::connectors::hl7::test
