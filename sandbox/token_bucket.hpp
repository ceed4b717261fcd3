#pragma once

#include "sandbox/times.hpp"

#include <algorithm>
#include <cmath>

namespace medibridge::sandbox {

/// So many requests a second, and so many at once.
class TokenBucket {
  public:
    /// Takes one token; false if there is none. A rate of 0 has no limit.
    bool take(double rate, double burst, Millis now) {
        if (rate <= 0) return true;
        rate_ = rate;
        const double room = burst > 0 ? burst : std::max(1.0, rate);
        if (!started_) tokens_ = room;
        tokens_ = std::min(room, tokens_ + static_cast<double>(now - last_) * rate / 1000);
        started_ = true;
        last_ = now;
        if (tokens_ < 1) return false;
        tokens_ -= 1;
        return true;
    }
    int left() const { return static_cast<int>(tokens_); }
    /// Milliseconds until there is a token again.
    Millis wait() const {
        return tokens_ >= 1 ? 0 : static_cast<Millis>(std::ceil((1 - tokens_) * 1000 / rate_));
    }

  private:
    bool started_ = false;
    double tokens_ = 0;
    double rate_ = 1;
    Millis last_ = 0;
};

} // namespace medibridge::sandbox
