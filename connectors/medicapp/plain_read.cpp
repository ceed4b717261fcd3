#include "connectors/medicapp/plain_read.hpp"

#include "base/runtime/concurrency.hpp"

#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace medibridge::connectors {

namespace asio = boost::asio;
using runtime::Task;
using runtime::TimePoint;

/// One who waits for another's question.
struct PlainRead::Waiting {
    explicit Waiting(const asio::any_io_executor& executor) : called(executor) {}
    runtime::Signal called;
    bool over = false;
};

/// The time during which the question is under way, however it ends.
class PlainRead::Asking {
  public:
    explicit Asking(PlainRead& read) : read_(read) { read_.asking_ = true; }
    Asking(const Asking&) = delete;
    Asking& operator=(const Asking&) = delete;
    ~Asking() {
        read_.asking_ = false;
        for (auto* const waiting : read_.waiting_) {
            waiting->over = true;
            waiting->called.notify();
        }
        read_.waiting_.clear();
    }

  private:
    PlainRead& read_;
};

Task<std::optional<ApiError>> PlainRead::ask(TimePoint since) {
    const auto executor = co_await asio::this_coro::executor;
    while (asking_) {
        Waiting waiting(executor);
        waiting_.push_back(&waiting);
        while (!waiting.over) {
            co_await waiting.called.wait();
        }
        if (failure_) co_return failure_;
    }
    if (!failure_ && served_ && *served_ >= since) co_return std::nullopt;
    const Asking asking(*this);
    const auto asked = clock_.now();
    failure_ = co_await send_();
    if (!failure_) served_ = asked;
    co_return failure_;
}

} // namespace medibridge::connectors
