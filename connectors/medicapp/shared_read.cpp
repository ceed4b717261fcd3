#include "connectors/medicapp/shared_read.hpp"

#include "base/runtime/concurrency.hpp"

#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace medibridge::connectors {

namespace asio = boost::asio;
using runtime::Task;

/// A caller that waits for the read of another.
struct SharedRead::Waiting {
    explicit Waiting(const asio::any_io_executor& executor) : called(executor) {}
    runtime::Signal called;
    bool over = false;
};

/// The time during which the read is under way, however it ends.
class SharedRead::Asking {
  public:
    explicit Asking(SharedRead& read) : read_(read) { read_.asking_ = true; }
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
    SharedRead& read_;
};

Task<std::optional<ApiError>> SharedRead::ask(std::function<bool()> is_known) {
    const auto executor = co_await asio::this_coro::executor;
    while (asking_) {
        Waiting waiting(executor);
        waiting_.push_back(&waiting);
        while (!waiting.over) {
            co_await waiting.called.wait();
        }
        if (failure_) co_return failure_;
    }
    if (is_known()) co_return std::nullopt;
    const Asking asking(*this);
    failure_ = co_await send_();
    co_return failure_;
}

} // namespace medibridge::connectors
