#pragma once

#include <algorithm>
#include <cmath>
#include <optional>

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

} // namespace medibridge::test
