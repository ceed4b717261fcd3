#include "base/log/catalogue.hpp"

#include <array>

namespace medibridge::log::events {

namespace {

constexpr std::array catalogue{
    &service_started,
    &service_stopping,
    &service_stopped,
    &service_reloaded,
    &service_failed,
    &service_paused,
    &service_resumed,
    &control_listening,
    &control_failed,
    &config_refused,
    &config_unused,
    &cycle_started,
    &cycle_finished,
    &cycle_incomplete,
    &cycle_guarded,
    &guard_changes,
    &guard_emptied,
    &guard_rewound,
    &guard_mapping,
    &mapping_changed,
    &guard_lifted,
    &patient_created,
    &patient_updated,
    &patient_linked,
    &service_impeded,
    &service_recovered,
    &patient_held,
    &patient_released,
    &decision_taken,
    &decision_applied,
    &decision_refused,
    &record_implausible_time,
    &patient_conflict,
    &patient_drift,
    &field_dropped,
    &auth_refused,
    &auth_accepted,
    &medicapp_unavailable,
    &medicapp_recovered,
    &medicapp_rate_limited,
    &medicapp_unstable_list,
    &source_unavailable,
    &source_recovered,
    &source_unreadable,
    &source_unsafe_mapping,
    &source_unstable_list,
    &file_taken,
    &file_repeated,
    &file_rejected,
    &file_impeded,
    &state_opened,
    &state_failed,
    &source_warning,
    &mllp_listening,
    &mllp_stopped,
    &mllp_unencrypted,
    &mllp_accepting_failed,
    &mllp_accepting_recovered,
    &mllp_connection_refused,
    &mllp_connection_failed,
    &mllp_message_cut,
    &mllp_message_refused,
    &mllp_message_faulty,
    &mllp_message_skipped,
    &mllp_patient_linked,
    &mllp_storing_failed,
    &mllp_storing_recovered,
    &patient_renamed,
};

} // namespace

std::span<const EventType* const> all() {
    return catalogue;
}

} // namespace medibridge::log::events
