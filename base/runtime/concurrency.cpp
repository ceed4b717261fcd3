#include "base/runtime/concurrency.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <cassert>
#include <exception>
#include <vector>

namespace medibridge::runtime {

namespace asio = boost::asio;

/// Never expires: cancelling it ends the waits.
struct Signal::Timer {
    explicit Timer(const asio::any_io_executor& executor)
        : never(executor, asio::steady_timer::time_point::max()) {}
    asio::steady_timer never;
};

Signal::Signal(const asio::any_io_executor& executor) : timer_(std::make_unique<Timer>(executor)) {}

Signal::~Signal() = default;

Task<void> Signal::wait() {
    co_await timer_->never.async_wait(asio::as_tuple(asio::use_awaitable));
}

void Signal::notify() {
    timer_->never.cancel();
}

struct Background::State {
    explicit State(const asio::any_io_executor& executor) : done(executor) {}

    Signal done;
    bool ended = false;
    std::exception_ptr error;
};

Background::Background(asio::any_io_executor executor, Task<void> task)
    : state_(std::make_shared<State>(executor)) {
    auto on_end = [state = state_](std::exception_ptr error) {
        state->error = std::move(error);
        state->ended = true;
        state->done.notify();
    };
    asio::co_spawn(std::move(executor), std::move(task), std::move(on_end));
}

Background::~Background() {
    assert(!state_ || state_->ended);
}
Background::Background(Background&&) noexcept = default;
Background& Background::operator=(Background&&) noexcept = default;

Task<void> Background::join() {
    const auto state = state_;
    while (!state->ended)
        co_await state->done.wait();
    if (state->error) std::rethrow_exception(std::exchange(state->error, nullptr));
}

namespace {

struct Lanes {
    std::size_t next = 0;
    std::size_t count = 0;
    std::function<Task<void>(std::size_t)> work;
};

Task<void> run_lane(std::shared_ptr<Lanes> lanes) {
    while (lanes->next < lanes->count) {
        const auto index = lanes->next++;
        try {
            co_await lanes->work(index);
        } catch (...) {
            lanes->next = lanes->count;
            throw;
        }
    }
}

} // namespace

Task<void> for_each_concurrently(std::size_t count, std::size_t width,
                                 std::function<Task<void>(std::size_t)> work) {
    const auto lanes = std::make_shared<Lanes>();
    lanes->count = count;
    lanes->work = std::move(work);
    const auto executor = co_await asio::this_coro::executor;

    std::vector<Background> running;
    for (std::size_t lane = 0; lane < std::min(count, width); ++lane) {
        running.emplace_back(executor, run_lane(lanes));
    }
    std::exception_ptr first;
    for (auto& lane : running) {
        try {
            co_await lane.join();
        } catch (...) {
            if (!first) first = std::current_exception();
        }
    }
    if (first) std::rethrow_exception(first);
}

} // namespace medibridge::runtime
