#include "sandbox/ticker.hpp"

#include <boost/asio/steady_timer.hpp>

namespace medibridge::sandbox {

namespace asio = boost::asio;

class Ticker::Timer : public std::enable_shared_from_this<Timer> {
  public:
    Timer(asio::io_context& io, const Millis& period, std::function<void()> act)
        : timer_(io),
          period_(period),
          act_(std::move(act)) {}

    void wait() {
        if (period_ > 0)
            timer_.expires_after(std::chrono::milliseconds(period_));
        else
            timer_.expires_at(asio::steady_timer::time_point::max());
        timer_.async_wait([self = shared_from_this()](boost::system::error_code error) {
            if (self->stopped_) return;
            if (!error) self->act_();
            self->wait();
        });
    }
    void wake() { timer_.cancel(); }
    void stop() {
        stopped_ = true;
        timer_.cancel();
    }

  private:
    asio::steady_timer timer_;
    const Millis& period_;
    std::function<void()> act_;
    bool stopped_ = false;
};

Ticker::Ticker(asio::io_context& io, const Millis& period, std::function<void()> act)
    : timer_(std::make_shared<Timer>(io, period, std::move(act))) {
    timer_->wait();
}

Ticker::~Ticker() {
    stop();
}

void Ticker::wake() {
    timer_->wake();
}

void Ticker::stop() {
    timer_->stop();
}

} // namespace medibridge::sandbox
