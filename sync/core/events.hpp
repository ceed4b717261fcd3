#pragma once

#include "base/log/event.hpp"

/// The events of the rules. docs/events.md describes them; base/log/catalogue.hpp explains the
/// levels.
namespace medibridge::sync::events {

inline constexpr log::EventType merge_refuted{
    "merge.refuted", log::Level::warn,
    "a merge or change of identifier has no effect: another source has the former one in use"};

} // namespace medibridge::sync::events
