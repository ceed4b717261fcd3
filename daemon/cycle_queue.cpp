#include "daemon/cycle_queue.hpp"

#include <utility>

namespace medibridge::daemon {

using control::CycleEnd;
using control::Unavailable;
using runtime::Task;

void AskedCycle::conclude(CycleEnd end) {
    end_ = std::move(end);
    done_.notify();
}

void AskedCycle::fail(std::exception_ptr error) {
    error_ = std::move(error);
    done_.notify();
}

Task<CycleEnd> AskedCycle::result() {
    while (!end_ && !error_)
        co_await done_.wait();
    if (error_) std::rethrow_exception(error_);
    co_return *std::move(end_);
}

Task<CycleEnd> CycleQueue::ask(sync::Request request, sync::Observer& observer) {
    if (!closed_.empty()) throw Unavailable(closed_);
    if (waiting_.size() >= most)
        throw Unavailable("too many cycles were asked for: wait until they have run");
    const auto asked = std::make_shared<AskedCycle>(executor_, std::move(request), observer);
    waiting_.push_back(asked);
    on_arrival_();
    co_return co_await asked->result();
}

std::shared_ptr<AskedCycle> CycleQueue::take() {
    auto first = std::move(waiting_.front());
    waiting_.pop_front();
    return first;
}

void CycleQueue::refuse_all(const std::string& why) {
    for (const auto& asked : std::exchange(waiting_, {}))
        asked->fail(std::make_exception_ptr(Unavailable(why)));
}

void CycleQueue::close(const std::string& why) {
    closed_ = why;
    refuse_all(why);
}

} // namespace medibridge::daemon
