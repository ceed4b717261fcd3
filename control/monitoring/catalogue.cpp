#include "control/monitoring/catalogue.hpp"

#include <array>

namespace medibridge::monitoring {

namespace {

using Type = Metric::Type;

constexpr std::array metrics = std::to_array<Metric>({
    {"medibridge_build_info", Type::gauge, "version,commit",
     "Always 1; the labels say which program runs."},
    {"medibridge_ready", Type::gauge, "", "1 if /readyz answers 200, else 0."},
    {"medibridge_obstacle", Type::gauge, "reason",
     "1 for each reason for which /readyz does not answer 200, else 0."},
    {"medibridge_sync_interval_seconds", Type::gauge, "",
     "The configured pause between cycles: sync.interval."},

    {"medibridge_side_up", Type::gauge, "side",
     "0 while that side cannot be used, or no attempt was answered for 10 s, else 1."},
    {"medibridge_side_trying_since_timestamp_seconds", Type::gauge, "side",
     "Since when no attempt was answered by a side that counts as up; absent otherwise."},
    {"medibridge_side_last_success_timestamp_seconds", Type::gauge, "side",
     "When a cycle last used that side to its end; Unix time."},
    {"medibridge_side_down_since_timestamp_seconds", Type::gauge, "side",
     "Since when that side cannot be used; absent while it can. Unix time."},
    {"medibridge_watermark_timestamp_seconds", Type::gauge, "side",
     "How far that side's changes are applied or held, by its own clock; Unix time."},

    {"medibridge_requests_total", Type::counter, "side,method,code",
     "Requests sent, each attempt counted, by status or by how they failed."},
    {"medibridge_request_duration_seconds", Type::histogram, "side,method",
     "From asking for a connection to the last byte of the answer, or the failure."},
    {"medibridge_medicapp_rate_requests_per_second", Type::gauge, "",
     "Pace of requests to Medicapp at present; absent while nothing holds them back."},
    {"medibridge_medicapp_limit_found_requests_per_second", Type::gauge, "",
     "What Medicapp takes, learnt from its refusals; absent before the first one."},
    {"medibridge_medicapp_pauses_total", Type::counter, "",
     "How often all requests to Medicapp were made to wait, after 429 or failures."},
    {"medibridge_medicapp_pause_left_seconds", Type::gauge, "",
     "Until requests to Medicapp go out again; 0: they do."},
    {"medibridge_medicapp_requests_in_flight", Type::gauge, "",
     "Requests to Medicapp without an answer so far."},
    {"medibridge_medicapp_requests_waiting", Type::gauge, "",
     "Requests to Medicapp that wait for their turn."},
    {"medibridge_credentials_refused", Type::gauge, "",
     "1 while Medicapp refuses the API key and nothing is sent, else 0."},

    {"medibridge_patients_total", Type::counter, "outcome",
     "Patients by what cycles did: created, updated, linked, unchanged, held, deferred."},
    {"medibridge_linked_patients", Type::gauge, "", "Patients linked in the state."},
    {"medibridge_held_patients", Type::gauge, "reason", "Patients held now, by reason."},
    {"medibridge_oldest_held_timestamp_seconds", Type::gauge, "reason",
     "Since when the oldest of that reason is held, ignored ones apart; Unix time."},
    {"medibridge_waiting_patients", Type::gauge, "kind",
     "Patients held now: to_decide by a person, or excluded by a rule or an operator."},
    {"medibridge_oldest_to_decide_timestamp_seconds", Type::gauge, "",
     "Since when the oldest undecided patient waits; absent if none does. Unix time."},

    {"medibridge_cycle_duration_seconds", Type::histogram, "outcome",
     "Cycles: complete, incomplete, guarded, unauthorized, or failed by a fault of this machine."},
    {"medibridge_cycle_running", Type::gauge, "", "1 while a cycle runs, else 0."},
    {"medibridge_cycle_last_end_timestamp_seconds", Type::gauge, "",
     "When the last cycle ended, however it did; Unix time."},
    {"medibridge_cycle_last_complete_timestamp_seconds", Type::gauge, "",
     "When a cycle was last complete since the start; Unix time."},
    {"medibridge_cycles_waiting", Type::gauge, "",
     "Cycles that operators asked for and that have not begun."},
    {"medibridge_next_full_compare_timestamp_seconds", Type::gauge, "",
     "When both sides are compared whole again; Unix time."},
    {"medibridge_paused", Type::gauge, "", "1 while an operator keeps cycles from beginning."},
    {"medibridge_guard_stopped", Type::gauge, "guard",
     "1 if that guard stopped the last cycle; absent otherwise."},

    {"medibridge_inbox_records", Type::gauge, "side",
     "Records that senders handed over and no cycle has taken."},
    {"medibridge_inbox_bytes", Type::gauge, "side", "What those records take, sealed."},
    {"medibridge_left_files", Type::gauge, "side",
     "Files that stay in that source's folder because they cannot be used now."},
    {"medibridge_acknowledgement_duration_seconds", Type::histogram, "side,code",
     "HL7: from a message's last byte to its acknowledgement, by code (AA, AE, AR, CA, CE, CR)."},

    {"medibridge_commit_duration_seconds", Type::histogram, "",
     "Changes of the state: until they survive a power cut."},
    {"medibridge_state_size_bytes", Type::gauge, "",
     "The state file, its write-ahead log and its facts."},
    {"medibridge_state_free_bytes", Type::gauge, "",
     "What the state's file system has left for the service."},

    {"medibridge_certificate_expiry_timestamp_seconds", Type::gauge, "side",
     "When the first certificate of that side's TLS chain ends; Unix time."},
    {"medibridge_listener_certificate_expiry_timestamp_seconds", Type::gauge, "side",
     "When the first certificate that medibridge shows to senders ends; Unix time."},
    {"medibridge_token_expiry_timestamp_seconds", Type::gauge, "side",
     "When the access token of that side in use ends; it is renewed before. Unix time."},

    {"process_start_time_seconds", Type::gauge, "", "When the process began; Unix time."},
    {"process_cpu_seconds_total", Type::counter, "", "Processor time of the process."},
    {"process_resident_memory_bytes", Type::gauge, "", "Memory of the process in RAM."},
    {"process_virtual_memory_bytes", Type::gauge, "", "Address space of the process."},
    {"process_open_fds", Type::gauge, "", "Open file descriptors."},
    {"process_max_fds", Type::gauge, "", "File descriptors that may be open."},
});

} // namespace

std::string_view name(Metric::Type type) {
    switch (type) {
    case Type::counter:
        return "counter";
    case Type::gauge:
        return "gauge";
    case Type::histogram:
        return "histogram";
    }
    return "untyped";
}

std::span<const Metric> catalogue() {
    return metrics;
}

} // namespace medibridge::monitoring
