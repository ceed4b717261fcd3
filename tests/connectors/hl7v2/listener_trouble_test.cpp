#include "connectors/hl7v2/mllp_frame.hpp"
#include "corpus.hpp"
#include "listener_rig.hpp"
#include "tests/sanitized.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <unistd.h>

namespace medibridge::connectors::hl7::test {
namespace {

using std::chrono::milliseconds;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using ListenerTroubleTest = ListenerTest;

std::string demographics(const std::string& id, const std::string& control) {
    return message("A08", {pid(id)}, control);
}

TEST_F(ListenerTroubleTest, WhatCannotBeStoredIsToldToComeAgainUntilItCan) {
    start();
    on_io([this] { inbox_.fail("the disk is full"); });
    auto sender = connect();
    for (int n = 0; n < 5; ++n)
        EXPECT_EQ(sender.ask(demographics("1", "m1")), "AE m1");
    on_io([this] { inbox_.fail(""); });
    EXPECT_EQ(sender.ask(demographics("1", "m1")), "AA m1");
    on_io([this] { inbox_.break_down(true); });
    EXPECT_EQ(sender.ask(demographics("2", "m2")), "AE m2");
    on_io([this] { inbox_.break_down(false); });
    EXPECT_EQ(sender.ask(demographics("2", "m2")), "AA m2");
    EXPECT_THAT(reasons("mllp.storing_failed"),
                ElementsAre("the disk is full", "the state is gone"));
    EXPECT_EQ(std::ranges::count(events(), "mllp.storing_recovered"), 2);
    EXPECT_EQ(stats().failed, 6);
    EXPECT_EQ(stats().stored, 2);
}

TEST_F(ListenerTroubleTest, TooManySendersAreTurnedAwayWithOneEvent) {
    settings_.max_connections = 2;
    start();
    auto one = connect();
    auto other = connect();
    EXPECT_EQ(one.ask(demographics("1", "m1")), "AA m1");
    EXPECT_EQ(other.ask(demographics("1", "m2")), "AA m2");
    for (int n = 0; n < 5; ++n)
        EXPECT_TRUE(connect().is_closed());
    EXPECT_EQ(reasons("mllp.connection_refused").size(), 1u);
    EXPECT_EQ(stats().turned_away, 5);
    one.reset();
    wait_until([this] { return listener_->stats().open == 1; });
    EXPECT_EQ(connect().ask(demographics("1", "m3")), "AA m3");
}

TEST_F(ListenerTroubleTest, ASilentConnectionIsClosedAfterAWhile) {
    settings_.idle_timeout = milliseconds(100);
    start();
    auto sender = connect();
    EXPECT_EQ(sender.ask(demographics("1", "m1")), "AA m1");
    EXPECT_TRUE(sender.is_closed());
    EXPECT_THAT(reasons("mllp.connection_failed"), IsEmpty()) << "silence is no fault";
}

TEST_F(ListenerTroubleTest, ADribblingSenderHasABound) {
    settings_.idle_timeout = milliseconds(60'000);
    limits_.message = milliseconds(200);
    start();
    auto sender = connect();
    sender.send("\vMSH|");
    wait_until([this] { return listener_->stats().open == 1; });
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(15);
    bool ended = false;
    while (!ended && std::chrono::steady_clock::now() < end) {
        sender.send_some("x");
        on_io([&] { ended = listener_->stats().open == 0; });
    }
    EXPECT_TRUE(ended) << "each byte must not give it more time";
    EXPECT_THAT(reasons("mllp.connection_failed"), ElementsAre(HasSubstr("takes too long")));
}

TEST_F(ListenerTroubleTest, ASenderThatReadsNoAnswersIsLeft) {
    limits_.write = milliseconds(300);
    start();
    auto sender = connect();
    wait_until([this] { return listener_->stats().open == 1; });
    std::string block;
    for (int n = 0; n < 100; ++n)
        block += framed("rubbish");
    bool ended = false;
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(15);
    while (!ended && std::chrono::steady_clock::now() < end) {
        sender.send_some(block);
        on_io([&] { ended = listener_->stats().open == 0; });
    }
    EXPECT_TRUE(ended);
    EXPECT_THAT(reasons("mllp.connection_failed"),
                ElementsAre(HasSubstr("does not read its answers")));
    EXPECT_EQ(connect().ask(demographics("1", "m1")), "AA m1") << "others are served";
}

TEST_F(ListenerTroubleTest, AMessageOverTheLimitIsRefusedAndTheNextOneTaken) {
    settings_.max_message = 2048;
    start();
    auto sender = connect();
    EXPECT_EQ(sender.ask(message("A08", {pid("1"), "ZZZ|" + std::string(5000, 'x')}, "m1")),
              "AR m1");
    EXPECT_EQ(sender.ask(demographics("1", "m2")), "AA m2");
    EXPECT_THAT(reasons("mllp.message_refused"), ElementsAre(HasSubstr("larger than max_message")));
}

TEST_F(ListenerTroubleTest, WhoeverSpeaksNoMllpIsLeft) {
    settings_.max_message = 2048;
    limits_.stray = 4096;
    start();
    auto sender = connect();
    sender.send("GET / HTTP/1.1\r\n" + std::string(10'000, 'x') + "\v");
    EXPECT_TRUE(sender.is_closed());
    EXPECT_THAT(reasons("mllp.connection_failed"), ElementsAre(HasSubstr("not MLLP")));
}

TEST_F(ListenerTroubleTest, ASenderThatDiesInTheMiddleLeavesNothingBehind) {
    start();
    on_io([this] { inbox_.hold(io_.get_executor()); });
    {
        auto sender = connect();
        sender.send(framed(demographics("1", "m1")) + "\vMSH|^~\\&|be");
        wait_until([this] { return inbox_.waiting() == 1; });
        sender.reset();
    }
    on_io([this] { inbox_.release(); });
    wait_until([this] { return listener_->stats().open == 0; });
    EXPECT_EQ(connect().ask(demographics("1", "m1")), "AA m1") << "the repetition gets its answer";
    on_io([this] { EXPECT_EQ(inbox_.records().size(), 1u); });
    EXPECT_EQ(stats().repeated, 1);
}

TEST_F(ListenerTroubleTest, MoreThanTheBoundWaitsOnTheWire) {
    limits_.pipelined = 4;
    start();
    on_io([this] { inbox_.hold(io_.get_executor()); });
    auto sender = connect();
    std::string all;
    for (int n = 0; n < 50; ++n)
        all += framed(demographics("1", "m" + std::to_string(n)));
    sender.send(all);
    wait_until([this] { return inbox_.waiting() == 4; });
    on_io([this] { EXPECT_EQ(inbox_.puts(), 4u); });
    on_io([this] { inbox_.release(); });
    for (int n = 0; n < 50; ++n)
        EXPECT_EQ(told(sender.receive()), "AA m" + std::to_string(n));
}

/// Takes every descriptor that the process may still open.
class NoDescriptors {
  public:
    NoDescriptors() {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        rlimit less = before_;
        less.rlim_cur = 256;
        ::setrlimit(RLIMIT_NOFILE, &less);
        for (int one = ::open("/dev/null", O_RDONLY); one >= 0; one = ::open("/dev/null", O_RDONLY))
            taken_.push_back(one);
    }
    ~NoDescriptors() {
        for (const int one : taken_)
            ::close(one);
        ::setrlimit(RLIMIT_NOFILE, &before_);
    }
    /// Gives one back.
    void give() {
        ::close(taken_.back());
        taken_.pop_back();
    }

  private:
    rlimit before_{};
    std::vector<int> taken_;
};

TEST_F(ListenerTroubleTest, RunningOutOfDescriptorsIsSurvived) {
    if (tests::sanitized)
        GTEST_SKIP() << "UBSan opens a pipe to look at an object, and calls it bad where it cannot";
    limits_.shortest_pause = milliseconds(5);
    limits_.longest_pause = milliseconds(20);
    start();
    {
        NoDescriptors none;
        none.give();
        auto sender = connect(); // takes the last one; accepting it needs another
        wait_until([this] { return !log_.events.empty() && log_.events.size() > 1; });
        EXPECT_THAT(events(), Contains("mllp.accepting_failed"));
        none.give();
        none.give(); // accepting asks for a descriptor before anybody calls
        EXPECT_EQ(sender.ask(demographics("1", "m1")), "AA m1");
    }
    EXPECT_EQ(std::ranges::count(events(), "mllp.accepting_failed"), 1);
    EXPECT_EQ(std::ranges::count(events(), "mllp.accepting_recovered"), 1);
    EXPECT_EQ(connect().ask(demographics("1", "m2")), "AA m2");
}

} // namespace
} // namespace medibridge::connectors::hl7::test
