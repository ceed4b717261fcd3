#pragma once

#include "base/figures/meters.hpp"
#include "control/backend.hpp"
#include "reconcile/instant.hpp"
#include "state/records.hpp"
#include "state/store.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// What the service shows to monitoring systems: whether it is alive and of use, and its figures as
/// Prometheus reads them. Pure: who serves it fills in a Snapshot. Names of sides and fixed words
/// stand in it, never anything of a patient.
namespace medibridge::monitoring {

/// What the state says; read beside the cycles, as counting takes time.
struct StateNumbers {
    std::int64_t linked = 0;
    state::Waiting waiting;
    std::map<std::string, reconcile::Instant> watermarks; ///< by side; one without has none
    std::map<std::string, state::InboxLoad> inboxes;      ///< by source that has one
};

/// Cycles since the start, dry runs apart.
struct CycleFigures {
    sync::Tally patients;
    /// In seconds, by outcome; `failed`: it ended by an exception.
    std::map<std::string, figures::Histogram> durations;
};

/// How requests to Medicapp are held back; see connectors::MedicappPace.
struct Pace {
    std::optional<double> rate;
    std::optional<double> limit_found;
    double pause_left_s = 0;
    std::int64_t pauses = 0;
    std::int64_t under_way = 0;
    std::int64_t waiting = 0;
};

/// The process, as the system has it.
struct ProcessNumbers {
    double started_s = 0; ///< Unix time
    double cpu_s = 0;
    std::int64_t resident_bytes = 0;
    std::int64_t virtual_bytes = 0;
    std::int64_t open_descriptors = 0;
    std::int64_t most_descriptors = 0;
};

/// Everything that monitoring can see at one moment.
struct Snapshot {
    std::int64_t now_ms = 0;     ///< Unix time of this machine
    std::int64_t started_ms = 0; ///< the same, of the service
    std::string version;
    std::string commit;
    std::string tool = "medibridgectl"; ///< how commands begin that are to be typed

    /// Between two configurations there is none of the following.
    bool is_installed = false;
    control::Live live;
    std::int64_t interval_ms = 0; ///< `sync.interval`
    std::string refusal; ///< who refuses the API key, so that nothing is sent; empty: nobody
    Pace pace;
    std::int64_t cycles_waiting = 0;
    std::optional<StateNumbers> state; ///< nothing: not read yet
    std::int64_t state_bytes = 0;      ///< the file, its log and its facts
    std::int64_t state_free_bytes = 0; ///< of its file system
    /// In the order of live.sides.
    std::vector<std::shared_ptr<const figures::Side>> sides;
    std::shared_ptr<const figures::Histogram> commits;
    CycleFigures cycles;
    ProcessNumbers process;
};

} // namespace medibridge::monitoring
