#pragma once

#include "base/log/event.hpp"

/// The events of a drop folder. docs/events.md describes them; base/log/catalogue.hpp explains the
/// levels.
namespace medibridge::connectors::events {

inline constexpr log::EventType file_taken{"file.taken", log::Level::info, "file taken"};
inline constexpr log::EventType files_deleted{"file.deleted", log::Level::info,
                                              "files in done/ were deleted for their age"};
inline constexpr log::EventType file_repeated{"file.repeated", log::Level::info,
                                              "file was read before: nothing in it is new"};
inline constexpr log::EventType file_rejected{"file.rejected", log::Level::error,
                                              "file cannot be read: nothing in it was used"};
inline constexpr log::EventType files_left{"file.left", log::Level::warn,
                                           "files stay in the folder until a later cycle"};
inline constexpr log::EventType file_impeded{
    "file.impeded", log::Level::warn, "file cannot be opened or moved: it is tried again later"};

} // namespace medibridge::connectors::events
