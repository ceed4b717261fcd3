#include "base/runtime/concurrency.hpp"

#include "base/runtime/clock.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <gtest/gtest.h>
#include <stdexcept>
#include <vector>

namespace medibridge::runtime {
namespace {

namespace asio = boost::asio;

/// Runs a coroutine to its end and rethrows what it throws; the io context must run dry.
void run(Task<void> task) {
    asio::io_context io;
    std::exception_ptr error;
    auto on_end = [&](std::exception_ptr thrown) { error = std::move(thrown); };
    asio::co_spawn(io, std::move(task), on_end);
    io.run();
    if (error) std::rethrow_exception(error);
}

Task<void> yield() {
    const auto executor = co_await asio::this_coro::executor;
    co_await asio::post(executor, asio::use_awaitable);
}

Task<void> yield_times(std::size_t times) {
    for (std::size_t i = 0; i < times; ++i)
        co_await yield();
}

struct Trace {
    std::size_t running = 0;
    std::size_t most = 0;
    std::vector<std::size_t> started;
};

Task<void> traced(Trace& trace, std::size_t index) {
    trace.started.push_back(index);
    trace.most = std::max(trace.most, ++trace.running);
    co_await yield_times(1 + index % 3);
    --trace.running;
}

TEST(ForEachConcurrently, RunsEachOnceInOrderAndNoMoreThanWidthAtOnce) {
    for (const std::size_t width : {1u, 3u, 8u, 100u}) {
        Trace trace;
        std::function<Task<void>(std::size_t)> work = [&](std::size_t i) {
            return traced(trace, i);
        };
        run(for_each_concurrently(20, width, work));
        ASSERT_EQ(trace.started.size(), 20u);
        EXPECT_TRUE(std::ranges::is_sorted(trace.started));
        EXPECT_EQ(trace.most, std::min<std::size_t>(width, 20));
        EXPECT_EQ(trace.running, 0u);
    }
}

TEST(ForEachConcurrently, OfNothingEndsAtOnce) {
    std::function<Task<void>(std::size_t)> work = [](std::size_t) -> Task<void> {
        ADD_FAILURE();
        co_return;
    };
    run(for_each_concurrently(0, 8, work));
}

Task<void> traced_or_fails(Trace& trace, std::size_t index) {
    co_await traced(trace, index);
    if (index == 4) throw std::runtime_error("four");
}

TEST(ForEachConcurrently, RethrowsOnceWhatRunsHasEndedAndStartsNothingMore) {
    Trace trace;
    std::function<Task<void>(std::size_t)> work = [&](std::size_t i) {
        return traced_or_fails(trace, i);
    };
    EXPECT_THROW(run(for_each_concurrently(100, 3, work)), std::runtime_error);
    EXPECT_EQ(trace.running, 0u);
    EXPECT_LT(trace.started.size(), 10u);
}

Task<void> start_and_join(bool& done) {
    const auto executor = co_await asio::this_coro::executor;
    Trace trace;
    Background first(executor, traced(trace, 5));
    EXPECT_EQ(trace.running, 1u) << "starts at once";
    co_await first.join();
    EXPECT_EQ(trace.running, 0u);
    Background second(executor, traced_or_fails(trace, 4));
    co_await yield_times(10);
    bool thrown = false;
    try {
        co_await second.join();
    } catch (const std::runtime_error&) {
        thrown = true;
    }
    EXPECT_TRUE(thrown) << "an end before join() is not lost";
    done = true;
}

TEST(Background, RunsBesideItsStarterAndGivesItsFailureToJoin) {
    bool done = false;
    run(start_and_join(done));
    EXPECT_TRUE(done);
}

Task<void> sleep_long(SteadyClock& clock, bool& woken) {
    co_await clock.sleep_for(std::chrono::hours(1));
    woken = true;
}

Task<void> wake_sleepers(SteadyClock& clock) {
    co_await yield();
    clock.wake();
}

TEST(SteadyClock, WakeEndsSleepsThatAreUnderWay) {
    asio::io_context io;
    SteadyClock clock(io.get_executor());
    bool first = false;
    bool second = false;
    auto rethrow = [](std::exception_ptr error) {
        if (error) std::rethrow_exception(error);
    };
    asio::co_spawn(io, sleep_long(clock, first), rethrow);
    asio::co_spawn(io, sleep_long(clock, second), rethrow);
    asio::co_spawn(io, wake_sleepers(clock), rethrow);
    io.run();
    EXPECT_TRUE(first);
    EXPECT_TRUE(second);
}

} // namespace
} // namespace medibridge::runtime
