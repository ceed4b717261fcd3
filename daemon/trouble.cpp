#include "daemon/trouble.hpp"

#include <algorithm>

namespace medibridge::daemon {

namespace {

constexpr std::chrono::minutes longest_pause{10};

} // namespace

bool Trouble::begin(runtime::TimePoint now) {
    ++failures_;
    if (since_) return false;
    since_ = now;
    return true;
}

std::optional<runtime::Duration> Trouble::end(runtime::TimePoint now) {
    if (!since_) return std::nullopt;
    const auto lasted = now - *since_;
    since_.reset();
    failures_ = 0;
    return lasted;
}

runtime::Duration Trouble::pause(runtime::Duration interval) const {
    auto pause = interval;
    for (int i = 1; i < failures_ && pause < longest_pause; ++i)
        pause *= 2;
    return std::max(interval, std::min(pause, runtime::Duration(longest_pause)));
}

} // namespace medibridge::daemon
