#include "daemon/heartbeat.hpp"

#include "base/log/catalogue.hpp"
#include "daemon/status_text.hpp"
#include "daemon/wall_clock.hpp"

#include <utility>

namespace medibridge::daemon {

using log::Key;

namespace {

void subtract(sync::Tally& from, const sync::Tally& what) {
    from.created -= what.created;
    from.updated -= what.updated;
    from.linked -= what.linked;
    from.unchanged -= what.unchanged;
    from.held -= what.held;
    from.deferred -= what.deferred;
}

} // namespace

void Heartbeat::note_end(const sync::Report& report) {
    ended_ += report;
    subtract(ended_, std::exchange(counted_, {}));
}

std::optional<log::Event> Heartbeat::beat(runtime::TimePoint now, const control::Live& live,
                                          const std::optional<state::Waiting>& waiting) {
    if (now < due_) return std::nullopt;
    due_ = now + period;
    auto since = std::exchange(ended_, {});
    if (live.running) {
        since += live.running->so_far;
        subtract(since, std::exchange(counted_, live.running->so_far));
    }
    log::Event event(log::events::service_heartbeat);
    event.add(Key::reason, status_text(live, waiting, wall_clock_ms()));
    event.add(Key::created, since.created);
    event.add(Key::updated, since.updated);
    event.add(Key::linked, since.linked);
    event.add(Key::unchanged, since.unchanged);
    event.add(Key::held, since.held);
    event.add(Key::deferred, since.deferred);
    if (waiting) {
        event.add(Key::to_decide, waiting->to_decide);
        event.add(Key::excluded, waiting->excluded);
    }
    return event;
}

} // namespace medibridge::daemon
