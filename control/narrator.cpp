#include "control/narrator.hpp"

#include <boost/asio/this_coro.hpp>
#include <exception>
#include <utility>

namespace medibridge::control {

using runtime::Task;

namespace {

/// Actions of a dry run that wait to be sent; further ones are counted only.
constexpr std::size_t most_waiting_actions = 10'000;
/// Between two lines of progress.
constexpr std::chrono::milliseconds progress_pause{100};

Task<void> run_to_end(Call& call, sync::Request request, Narrator& narrator,
                      std::optional<CycleEnd>& end) {
    try {
        end = co_await call.backend.run_cycle(std::move(request), narrator);
    } catch (...) {
        narrator.end();
        throw;
    }
    narrator.end();
}

} // namespace

void Narrator::acted(const std::string& external_id, sync::Action action,
                     const std::string& detail) {
    if (!lists_actions_) return;
    if (actions_.size() >= most_waiting_actions) {
        ++left_out_;
        return;
    }
    actions_.push_back({{"external_id", external_id},
                        {"action", std::string(name(action))},
                        {"detail", text_or_null(detail)}});
    news_.notify();
}

void Narrator::progressed(const sync::Report& so_far) {
    so_far_ = so_far;
    news_.notify();
}

void Narrator::end() {
    ended_ = true;
    news_.notify();
}

Task<std::optional<Json>> Narrator::next() {
    for (;;) {
        if (!actions_.empty()) {
            Json line{{"acted", std::move(actions_.front())}};
            actions_.pop_front();
            co_return line;
        }
        if (left_out_ > 0) co_return Json{{"actions_left_out", std::exchange(left_out_, 0)}};
        const auto now = std::chrono::steady_clock::now();
        if (so_far_ && (ended_ || now - told_at_ >= progress_pause)) {
            told_at_ = now;
            co_return tally_json(*std::exchange(so_far_, std::nullopt));
        }
        if (ended_) co_return std::nullopt;
        co_await news_.wait();
    }
}

Task<CycleEnd> run_narrated(Call& call, sync::Request request, Narrator& narrator) {
    co_await call.begin_lines();
    std::optional<CycleEnd> end;
    runtime::Background cycle(co_await boost::asio::this_coro::executor,
                              run_to_end(call, std::move(request), narrator, end));
    std::exception_ptr error;
    try {
        while (auto line = co_await narrator.next())
            co_await call.progress(*std::move(line));
    } catch (...) {
        error = std::current_exception();
    }
    co_await cycle.join();
    if (error) std::rethrow_exception(error);
    co_return *std::move(end);
}

} // namespace medibridge::control
