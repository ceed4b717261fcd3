#include "certificate_folder.hpp"
#include "connectors/hl7v2/mllp_frame.hpp"
#include "corpus.hpp"
#include "listener_rig.hpp"

#include <gmock/gmock.h>

// Who may send, and what is refused without harm to the others.

namespace medibridge::connectors::hl7::test {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using ListenerAdmittanceTest = ListenerTest;

std::string adt(const std::string& control) {
    return message("A08", {pid("1")}, control);
}

TEST_F(ListenerAdmittanceTest, WhoeverIsNotAllowedIsClosed) {
    settings_.allow = {"127.0.0.7", "127.0.1.0/24"};
    start();
    EXPECT_EQ(connect(7).ask(adt("m1")), "AA m1");
    EXPECT_TRUE(connect(8).is_closed());
    EXPECT_TRUE(connect().is_closed());
    EXPECT_THAT(reasons("mllp.sender_refused"), ElementsAre("127.0.0.8", "127.0.0.1"));
    EXPECT_EQ(stats().turned_away, 2);
}

TEST_F(ListenerAdmittanceTest, OneHostCannotLockOutAnother) {
    settings_.max_connections = 8;
    settings_.max_connections_per_address = 4;
    start();
    auto good = connect(2);
    EXPECT_EQ(good.ask(adt("m1")), "AA m1");
    std::vector<Sender> silent;
    for (int n = 0; n < 100; ++n)
        silent.push_back(connect(static_cast<std::uint8_t>(10 + n % 5)));
    EXPECT_EQ(good.ask(adt("m2")), "AA m2");
    EXPECT_EQ(connect(3).ask(adt("m3")), "AA m3") << "the oldest silent one makes room";
    EXPECT_EQ(connect(10).ask(adt("m4")), "AA m4") << "even on the same host";
    EXPECT_LE(stats().open, 8);
    EXPECT_GT(stats().made_room, 90);
    EXPECT_EQ(stats().turned_away, 0);
    EXPECT_TRUE(silent.front().is_closed());
}

TEST_F(ListenerAdmittanceTest, AHostHasAShareOfTheConnections) {
    settings_.max_connections_per_address = 2;
    start();
    auto one = connect(2);
    auto other = connect(2);
    EXPECT_EQ(one.ask(adt("m1")), "AA m1");
    EXPECT_EQ(other.ask(adt("m2")), "AA m2");
    EXPECT_TRUE(connect(2).is_closed()) << "both are known, and were not silent for long";
    EXPECT_EQ(connect(3).ask(adt("m3")), "AA m3");
    EXPECT_EQ(one.ask(adt("m4")), "AA m4");
    limits_.silent = milliseconds(0);
    stop();
    start();
    auto former = connect(2);
    auto later = connect(2);
    EXPECT_EQ(former.ask(adt("m5")), "AA m5");
    EXPECT_EQ(later.ask(adt("m6")), "AA m6");
    EXPECT_EQ(connect(2).ask(adt("m7")), "AA m7");
    EXPECT_TRUE(former.is_closed()) << "it was silent for longer";
}

TEST_F(ListenerAdmittanceTest, OnlyCompleteMessagesKeepAConnectionOpen) {
    settings_.idle_timeout = milliseconds(300);
    start();
    auto sender = connect();
    EXPECT_EQ(sender.ask(adt("m1")), "AA m1");
    bool ended = false;
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(15);
    while (!ended && std::chrono::steady_clock::now() < end) {
        sender.send_some("\n");
        on_io([&] { ended = listener_->stats().open == 0; });
    }
    EXPECT_TRUE(ended) << "a line end is no message";
}

TEST_F(ListenerAdmittanceTest, BlocksThatAreCutAgainAndAgainGetNoMoreTime) {
    limits_.message = milliseconds(300);
    limits_.stray = std::size_t{1} << 40; // so that time alone ends it
    start();
    auto sender = connect();
    bool ended = false;
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(15);
    while (!ended && std::chrono::steady_clock::now() < end) {
        sender.send_some("\vMSH|");
        on_io([&] { ended = listener_->stats().open == 0 && listener_->stats().connections > 0; });
    }
    EXPECT_TRUE(ended);
}

TEST_F(ListenerAdmittanceTest, EveryBlockOverTheLimitIsAnsweredWhateverItsSize) {
    settings_.max_message = 2048;
    limits_.stray = 0;
    limits_.drain = 1u << 20;
    start();
    auto sender = connect();
    for (const std::size_t size : {2'049, 4'096, 5'000, 70'000, 1'000'000}) {
        const auto name = std::to_string(size);
        EXPECT_EQ(sender.ask(message("A08", {pid("1"), "ZZZ|" + std::string(size, 'x')}, name)),
                  "AR " + name);
        sender.send(framed("MSH|^~\\&|A|B|C|D|1||ADT^A08^ADT_A01|" + name + "|P|2.5|||AL|NE\rZZZ|" +
                           std::string(size, 'x')));
        EXPECT_EQ(told(sender.receive()), "CR " + name);
        EXPECT_EQ(sender.ask(adt("then" + name)), "AA then" + name) << "and the next one is taken";
    }
    EXPECT_THAT(reasons("mllp.connection_failed"), IsEmpty());
}

TEST_F(ListenerAdmittanceTest, AnEndlessBlockIsAnsweredAndTheConnectionClosed) {
    settings_.max_message = 2048;
    limits_.drain = 1u << 20;
    limits_.linger = milliseconds(200);
    start();
    auto sender = connect();
    sender.send("\v" + message("A08", {pid("1")}, "m1") + std::string(3u << 20, 'x'));
    EXPECT_EQ(told(sender.receive()), "AR m1");
    wait_until([this] { return listener_->stats().open == 0; });
}

TEST_F(ListenerAdmittanceTest, ABlockOverTheLimitThatNeverEndsIsAnsweredInTime) {
    settings_.max_message = 2048;
    limits_.message = milliseconds(300);
    limits_.linger = milliseconds(200);
    start();
    auto sender = connect();
    sender.send("\v" + message("A08", {pid("1")}, "m1") + std::string(5'000, 'x'));
    EXPECT_EQ(told(sender.receive()), "AR m1");
    EXPECT_TRUE(sender.is_closed());
}

TEST_F(ListenerAdmittanceTest, UnfinishedBlocksHaveABoundTogether) {
    settings_.max_message = 1u << 20;
    limits_.unfinished = 0; // so two of max_message
    limits_.small = 4096;
    start();
    std::vector<Sender> many;
    for (std::uint8_t n = 0; n < 8; ++n) {
        many.push_back(connect(static_cast<std::uint8_t>(10 + n)));
        many.back().send("\v" + message("A08", {pid("1")}, "m1") + "ZZZ|" +
                         std::string(900'000, 'x'));
    }
    wait_until([this] { return listener_->stats().bytes > 8 * 900'000; });
    int accepted = 0;
    for (auto& sender : many) {
        sender.send("\x1c\r");
        const auto answer = told(sender.receive());
        accepted += answer == "AA m1" ? 1 : 0;
        EXPECT_TRUE(answer == "AA m1" || answer == "AE m1") << answer;
    }
    EXPECT_GE(accepted, 1);
    EXPECT_LE(accepted, 3);
    EXPECT_EQ(stats().failed, 8 - accepted);
    EXPECT_EQ(many.front().ask(adt("m2")), "AA m2");
}

TEST_F(ListenerAdmittanceTest, AFullInboxIsToldOnceAndSendersTryAgain) {
    start();
    auto sender = connect(2);
    on_io([this] { inbox_.fill(Receipt::Full::for_all); });
    for (int n = 0; n < 3; ++n)
        EXPECT_EQ(sender.ask(adt("m1")), "AE m1");
    on_io([this] { inbox_.fill(Receipt::Full::for_sender); });
    EXPECT_EQ(sender.ask(adt("m1")), "AE m1");
    on_io([this] { inbox_.fill(Receipt::Full::no); });
    EXPECT_EQ(sender.ask(adt("m1")), "AA m1");
    EXPECT_EQ(sender.ask(adt("m2")), "AA m2");
    EXPECT_THAT(reasons("mllp.inbox_full"),
                ElementsAre("quota: the whole inbox", HasSubstr("127.0.0.2")));
    EXPECT_THAT(reasons("mllp.inbox_has_room"), ElementsAre("for all", "for 127.0.0.2"));
    EXPECT_THAT(reasons("mllp.storing_failed"), IsEmpty());
    EXPECT_EQ(stats().failed, 4);
}

TEST_F(ListenerAdmittanceTest, StalledHandshakesMakeRoom) {
    const CertificateFolder certificates;
    certificates.issue("server");
    settings_.tls = ServerTls{certificates.path("server.pem"), certificates.path("server.key"), ""};
    settings_.max_connections = 8;
    start();
    std::vector<Sender> stalled;
    for (int n = 0; n < 50; ++n)
        stalled.push_back(connect(static_cast<std::uint8_t>(10 + n)));
    wait_until([this] { return listener_->stats().connections == 50; });
    EXPECT_LE(stats().open, 4) << "handshakes have half of the places";
    EXPECT_TRUE(stalled.front().is_closed());
    EXPECT_EQ(stats().turned_away, 0);
}

} // namespace
} // namespace medibridge::connectors::hl7::test
