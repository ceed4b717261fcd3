#pragma once

#include "reconcile/watermark.hpp"
#include "state/records.hpp"
#include "sync/core/rules.hpp"

#include <cstdint>
#include <optional>

/// How far each side was read, and how far it is read next.
namespace medibridge::sync {

/// How much of a side is read.
class Scope {
  public:
    static Scope everything() { return Scope(true, std::nullopt); }
    /// What was modified at that time or later.
    static Scope since(reconcile::Instant time) { return Scope(false, time); }
    /// Of a source that keeps a cursor: what was not taken from it, whatever its times.
    static Scope not_taken() { return Scope(false, std::nullopt); }

    bool is_whole() const { return whole_; }
    /// The modification time to ask for; nothing: everything. A source that keeps a cursor gives
    /// for any time what was not taken.
    std::optional<reconcile::Instant> from() const {
        if (whole_) return std::nullopt;
        return since_.value_or(reconcile::Instant());
    }

  private:
    Scope(bool whole, std::optional<reconcile::Instant> since) : whole_(whole), since_(since) {}

    bool whole_;
    std::optional<reconcile::Instant> since_;
};

/// How far one side had been read, and how far after this cycle if all goes well.
struct Progress {
    state::Watermark before;
    bool keeps_cursor = false; ///< the side itself knows what was taken from it
    bool whole = false;        ///< read whole, although it was read before
    std::optional<reconcile::ReadResult> read;
    std::int64_t cursor = 0; ///< of `read`, where the side keeps one
};

/// The watermark as far as it may be relied on: on the operator's word that the side has gone back
/// in time, or where its times are not believed any more, nothing was read yet.
state::Watermark trusted(const Rules& rules, state::Watermark watermark);

Scope scope_of(const Rules& rules, const Progress& progress);

/// The watermark after the complete, proven reading.
state::Watermark advanced(const Rules& rules, const Progress& progress);

} // namespace medibridge::sync
