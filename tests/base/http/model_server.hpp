#pragma once

#include <algorithm>
#include <cmath>
#include <deque>
#include <memory>
#include <optional>
#include <utility>

/// Servers that take only so many requests, in virtual time: seconds since the model began.
namespace medibridge::test {

class ModelServer {
  public:
    virtual ~ModelServer() = default;
    /// A request comes. Nothing: it is taken; else the seconds until another one would be.
    virtual std::optional<double> refuse(double now) = 0;
    /// The requests a second that it takes for ever.
    virtual double limit() const = 0;
};

/// A bucket of `burst` requests, refilled at `rate` a second.
class BucketServer final : public ModelServer {
  public:
    BucketServer(double rate, double burst) : rate_(rate), burst_(burst), tokens_(burst) {}

    std::optional<double> refuse(double now) override {
        tokens_ = std::min(burst_, tokens_ + rate_ * (now - at_));
        at_ = now;
        if (tokens_ < 1) return (1 - tokens_) / rate_;
        tokens_ -= 1;
        return std::nullopt;
    }
    double limit() const override { return rate_; }

  private:
    double rate_;
    double burst_;
    double tokens_;
    double at_ = 0;
};

/// So many requests in each window of the server's clock.
class WindowServer final : public ModelServer {
  public:
    WindowServer(double requests, double seconds) : requests_(requests), seconds_(seconds) {}

    std::optional<double> refuse(double now) override {
        const double window = std::floor(now / seconds_);
        if (window != window_) used_ = 0;
        window_ = window;
        if (used_ >= requests_) return (window + 1) * seconds_ - now;
        used_ += 1;
        return std::nullopt;
    }
    double limit() const override { return requests_ / seconds_; }

  private:
    double requests_;
    double seconds_;
    double window_ = -1;
    double used_ = 0;
};

/// So many requests in any time of that length.
class SlidingServer final : public ModelServer {
  public:
    SlidingServer(double requests, double seconds) : requests_(requests), seconds_(seconds) {}

    std::optional<double> refuse(double now) override {
        while (!taken_.empty() && taken_.front() <= now - seconds_)
            taken_.pop_front();
        if (static_cast<double>(taken_.size()) >= requests_) return taken_.front() + seconds_ - now;
        taken_.push_back(now);
        return std::nullopt;
    }
    double limit() const override { return requests_ / seconds_; }

  private:
    double requests_;
    double seconds_;
    std::deque<double> taken_;
};

/// A server whose clock is ahead: the model begins in the middle of a window.
class LateServer final : public ModelServer {
  public:
    LateServer(std::unique_ptr<ModelServer> server, double by_s)
        : server_(std::move(server)),
          by_s_(by_s) {}
    std::optional<double> refuse(double now) override { return server_->refuse(now + by_s_); }
    double limit() const override { return server_->limit(); }

  private:
    std::unique_ptr<ModelServer> server_;
    double by_s_;
};

/// A server whose limit changes.
class ChangingServer final : public ModelServer {
  public:
    ChangingServer(std::unique_ptr<ModelServer> first, std::unique_ptr<ModelServer> second,
                   double at_s)
        : first_(std::move(first)),
          second_(std::move(second)),
          at_s_(at_s) {}
    std::optional<double> refuse(double now) override {
        return now < at_s_ ? first_->refuse(now) : second_->refuse(now);
    }
    double limit() const override { return second_->limit(); }

  private:
    std::unique_ptr<ModelServer> first_;
    std::unique_ptr<ModelServer> second_;
    double at_s_;
};

} // namespace medibridge::test
