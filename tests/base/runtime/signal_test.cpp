#include "base/runtime/concurrency.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

namespace medibridge::runtime {
namespace {

namespace asio = boost::asio;

class SignalTest : public testing::Test {
  protected:
    void start_waiting() {
        auto task = [](Signal& signal, int& woken) -> Task<void> {
            co_await signal.wait();
            ++woken;
        };
        asio::co_spawn(context_, task(signal_, woken_), asio::detached);
    }

    asio::io_context context_;
    Signal signal_{context_.get_executor()};
    int woken_ = 0;
};

TEST_F(SignalTest, WakesAllWhoWait) {
    start_waiting();
    start_waiting();
    context_.poll();
    EXPECT_EQ(woken_, 0);
    signal_.notify();
    context_.poll();
    EXPECT_EQ(woken_, 2);
}

TEST_F(SignalTest, RemembersNothing) {
    signal_.notify();
    start_waiting();
    context_.poll();
    EXPECT_EQ(woken_, 0);
    signal_.notify();
    context_.poll();
    EXPECT_EQ(woken_, 1);
}

} // namespace
} // namespace medibridge::runtime
