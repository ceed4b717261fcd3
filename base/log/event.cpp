#include "base/log/event.hpp"

namespace medibridge::log {

std::string_view name(Key key) {
    switch (key) {
    case Key::cycle:
        return "cycle";
    case Key::source:
        return "source";
    case Key::patient:
        return "patient";
    case Key::medicapp_id:
        return "medicapp_id";
    case Key::request_id:
        return "request_id";
    case Key::status:
        return "status";
    case Key::attempt:
        return "attempt";
    case Key::delay_ms:
        return "delay_ms";
    case Key::duration_ms:
        return "duration_ms";
    case Key::fields:
        return "fields";
    case Key::reason:
        return "reason";
    case Key::detail:
        return "detail";
    case Key::created:
        return "created";
    case Key::updated:
        return "updated";
    case Key::linked:
        return "linked";
    case Key::unchanged:
        return "unchanged";
    case Key::held:
        return "held";
    case Key::deferred:
        return "deferred";
    case Key::file:
        return "file";
    case Key::rows:
        return "rows";
    case Key::decision:
        return "decision";
    case Key::actor:
        return "actor";
    case Key::to_decide:
        return "to_decide";
    case Key::excluded:
        return "excluded";
    case Key::patients:
        return "patients";
    case Key::address:
        return "address";
    case Key::files:
        return "files";
    case Key::version:
        return "version";
    case Key::sources:
        return "sources";
    }
    return {};
}

std::string_view name(Level level) {
    switch (level) {
    case Level::debug:
        return "debug";
    case Level::info:
        return "info";
    case Level::warn:
        return "warn";
    case Level::error:
        return "error";
    }
    return {};
}

} // namespace medibridge::log
