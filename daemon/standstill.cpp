#include "daemon/standstill.hpp"

namespace medibridge::daemon {

namespace {

/// A failed request is not taken, but it is repeated only so often: a side that is down ends by
/// itself.
std::int64_t taken_of(const control::RequestCounts& sent) {
    return sent.get + sent.post + sent.put - sent.rate_limited + sent.his;
}

} // namespace

bool Standstill::note(const control::RequestCounts& sent, runtime::TimePoint now) {
    const auto taken = taken_of(sent);
    if (taken != taken_) {
        taken_ = taken;
        since_ = now;
    }
    return now - since_ >= standstill_limit;
}

} // namespace medibridge::daemon
