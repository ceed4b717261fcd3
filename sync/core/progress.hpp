#pragma once

#include "reconcile/watermark.hpp"
#include "state/records.hpp"
#include "sync/core/cycle_status.hpp"
#include "sync/core/observations.hpp"
#include "sync/core/rereading.hpp"
#include "sync/core/settings.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

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

/// How far one side was read before, and how far after this cycle if all goes well.
struct Progress {
    std::string source; ///< empty: Medicapp
    state::Watermark before;
    state::Watermark shown = {}; ///< what it showed then, whether or not it counts as read
    bool keeps_cursor = false;   ///< the side itself knows what was taken from it
    bool whole = false;          ///< read completely, although it was read before
    std::optional<reconcile::ReadResult> read;
    std::int64_t cursor = 0; ///< of `read`, where the side keeps one
    /// Of Medicapp: what is to be read once more, and whether this cycle does it.
    std::optional<Rereading> rereading = {};
    bool rereads = false;
    std::string kept_rereading = {}; ///< as the state has it
};

/// The watermark if its times are still believed; otherwise the side counts as never read.
state::Watermark believed(const Rules& rules, state::Watermark watermark);
/// The same. If the operator says that a side has gone back in time, too, it counts as never read.
state::Watermark trusted(const Rules& rules, state::Watermark watermark);

Scope scope_of(const Rules& rules, const Progress& progress);

/// How a source is surveyed.
struct SurveyPlan {
    Scope scope = Scope::everything();
    std::string anchor;                     ///< the externalId that is looked for
    std::chrono::milliseconds tolerance{0}; ///< how much older a record may be than was known
    bool anyone_linked = false;             ///< otherwise nobody can be changed
    bool remembers_times = false;           ///< ShownPatients::remember_times()
};
SurveyPlan plan_for(const Rules& rules, const Progress& progress, bool anyone_linked);

/// The state's key of our newest write, and its value: the Medicapp patient, and when Medicapp took
/// it. Empty: none.
inline constexpr const char* newest_write_key = "medicapp:newest_write";
std::string newest_write_text(const std::optional<Written>& newest);
std::optional<Written> newest_write_from(const std::string& text);

/// At the end of a cycle in which nobody was deferred: moves the watermarks after complete, proven
/// readings, and notes what the next cycle must know. `reread`: this cycle read all sources
/// completely because an earlier one had asked for it.
Effects move_watermarks(const Rules& rules, const CycleStatus& status,
                        const Observations& observations, const Progress& medicapp,
                        const std::vector<Progress>& his, bool reread);

/// Why a source could not be read.
enum class SourceTrouble { unavailable, unauthorized, unreadable };
/// An outage is logged at its start and at its end.
Effects source_failed(Memory& memory, const std::string& source, SourceTrouble trouble,
                      const std::string& what);
/// A cycle goes on without the source, which is still being read.
Effects source_late(const std::string& source);
Effects source_read(Memory& memory, const std::string& source);

/// A source's list moved while it was read for the `pass`-th time, or its own numbers disagree
/// (`contradiction`): logged; after limits::reading_passes the source is left for the next cycle.
Effects source_moved(const std::string& source, const std::string& contradiction, int pass);

} // namespace medibridge::sync
