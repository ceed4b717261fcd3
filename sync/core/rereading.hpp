#pragma once

#include "reconcile/watermark.hpp"

#include <chrono>
#include <optional>
#include <string>

/// Medicapp's list over several pages is read once more when nothing can appear in it late, not in
/// each cycle until then: after a first load it would show our own writes again and again.
namespace medibridge::sync {

/// Polls begin at the watermark itself, for now. What such a poll does not show, as it appeared
/// late or moved past the reader, is read once it is due; until then each linked patient is looked
/// at before an update.
struct Rereading {
    std::optional<reconcile::Instant> from; ///< nothing: everything
    reconcile::Instant base;                ///< the watermark when the list was read
    reconcile::Instant reached_at;          ///< Medicapp's clock when that was first reached
    bool operator==(const Rereading&) const = default;
};

/// Whether it can be done: `poll` shows by Medicapp's clock that whatever is at or before `base`
/// has appeared, or that this clock proves nothing any more.
bool is_due(const Rereading& rereading, const reconcile::ReadMark& before,
            const reconcile::ReadResult& poll, std::chrono::milliseconds overlap);

/// What a proven read leaves to be read once more; nothing: polls overlap as ever. `from`: where it
/// began; `done`: what was to be read once more, and was. `after`: the mark after it.
std::optional<Rereading>
rereading_after(const std::optional<reconcile::Instant>& from, const std::optional<Rereading>& done,
                const reconcile::ReadMark& before, const reconcile::ReadResult& read,
                const reconcile::ReadMark& after, std::chrono::milliseconds overlap);

/// The state's key of it, and its value; empty: nothing is.
inline constexpr const char* rereading_key = "medicapp:rereading";
std::string rereading_text(const std::optional<Rereading>& rereading);
std::optional<Rereading> rereading_from(const std::string& text);

} // namespace medibridge::sync
