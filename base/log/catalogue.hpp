#pragma once

#include "base/log/event.hpp"

/// The events of the service, of cycles, patients and the state, and those that several rooms log.
/// What one room of connectors/ alone logs stands in that room's events.hpp. docs/events.md
/// describes each event; a test compares it with all of these headers.
///
/// Levels: error — an operator must act; warn — something is wrong and is being dealt with; info —
/// what an operator wants to see each day; debug — one line a patient.
namespace medibridge::log::events {

inline constexpr EventType service_started{"service.started", Level::info, "service started"};
inline constexpr EventType service_stopping{"service.stopping", Level::info,
                                            "stopping: finishing the work in progress"};
inline constexpr EventType service_stopped{"service.stopped", Level::info, "service stopped"};
inline constexpr EventType service_reloaded{"service.reloaded", Level::info,
                                            "configuration reloaded"};
inline constexpr EventType service_heartbeat{
    "service.heartbeat", Level::info, "the service runs: what its cycles did since the last time"};
inline constexpr EventType service_failed{"service.failed", Level::error,
                                          "cannot go on: see the reason"};
inline constexpr EventType service_impeded{"service.impeded", Level::error,
                                           "a cycle failed: it is retried until it succeeds"};
inline constexpr EventType service_recovered{"service.recovered", Level::info,
                                             "cycles complete again"};
inline constexpr EventType config_refused{"config.refused", Level::error,
                                          "configuration refused: the previous one remains active"};
inline constexpr EventType service_paused{"service.paused", Level::warn,
                                          "an operator paused cycles: none begins by itself"};
inline constexpr EventType service_resumed{"service.resumed", Level::info, "cycles begin again"};
inline constexpr EventType control_listening{"control.listening", Level::info,
                                             "operators can reach the service"};
inline constexpr EventType control_failed{"control.failed", Level::error,
                                          "operators cannot reach the service: see the reason"};
inline constexpr EventType control_unknown_name{"control.unknown_name", Level::warn,
                                                "who may decide is not known to this machine"};
inline constexpr EventType control_peers_hidden{
    "control.peers_hidden", Level::warn,
    "only root and the service's own user are served at the control socket: see the reason"};

inline constexpr EventType config_exposed{"config.exposed", Level::warn,
                                          "the configuration lets other users in"};
inline constexpr EventType monitoring_listening{"monitoring.listening", Level::info,
                                                "monitoring can reach the service"};
inline constexpr EventType monitoring_failed{"monitoring.failed", Level::error,
                                             "monitoring cannot reach the service: see the reason"};

inline constexpr EventType cycle_started{"cycle.started", Level::debug, "cycle started"};
inline constexpr EventType cycle_finished{"cycle.finished", Level::info, "cycle complete"};
inline constexpr EventType cycle_incomplete{
    "cycle.incomplete", Level::warn, "cycle incomplete, see the reason: a later cycle goes on"};
inline constexpr EventType cycle_guarded{"cycle.guarded", Level::error,
                                         "cycle stopped by a guard before its first write"};

inline constexpr EventType guard_changes{"guard.changes", Level::error,
                                         "more patients would change than is plausible"};
inline constexpr EventType guard_emptied{"guard.emptied", Level::error,
                                         "Medicapp or a source shows no patient at all"};
inline constexpr EventType guard_rewound{"guard.rewound", Level::error,
                                         "Medicapp or a source has gone back in time"};
inline constexpr EventType guard_mapping{"guard.mapping", Level::error,
                                         "the mapping of a source was changed"};
inline constexpr EventType guard_space{"guard.space", Level::error,
                                       "Medicapp may be another one than the links are of"};
inline constexpr EventType space_bound{"space.bound", Level::info,
                                       "the state belongs to this Medicapp from now on"};
inline constexpr EventType mapping_changed{
    "mapping.changed", Level::warn,
    "the mapping of a source was changed: the source is read completely"};
inline constexpr EventType mapping_suspected{
    "mapping.suspected", Level::warn,
    "most patients have the same fault: is the mapping of the source right"};
inline constexpr EventType guard_lifted{"guard.lifted", Level::info,
                                        "the cause of a guard is gone"};

inline constexpr EventType patient_created{"patient.created", Level::debug, "patient created"};
inline constexpr EventType patient_updated{"patient.updated", Level::debug, "patient updated"};
inline constexpr EventType patient_linked{"patient.linked", Level::debug,
                                          "existing Medicapp patient linked"};
inline constexpr EventType patient_renamed{
    "patient.renamed", Level::info,
    "identifier changed in the HIS: Medicapp's externalId changed with it"};
inline constexpr EventType patient_held{"patient.held", Level::warn,
                                        "patient held: see the reason"};
/// By a rule: nobody has anything to decide.
inline constexpr EventVariant patient_excluded{patient_held, Level::info,
                                               "patient excluded by rule: see the reason"};
inline constexpr EventType patient_refused{
    "patient.refused", Level::warn,
    "requests about one patient are refused: each cycle tries again, the others go on"};
inline constexpr EventType patient_erased{
    "patient.erased", Level::warn,
    "a patient was erased in Medicapp with all records, by an operator's order"};
inline constexpr EventType patient_not_erased{
    "patient.not_erased", Level::warn,
    "a patient whom an operator ordered to erase is still in Medicapp"};
inline constexpr EventType patient_erased_returned{
    "patient.erased_returned", Level::error,
    "a patient who was erased is in Medicapp again: nothing is written to them; decide"};
inline constexpr EventType patient_released{"patient.released", Level::info,
                                            "patient no longer held"};
inline constexpr EventType patient_misdirected{
    "patient.misdirected", Level::error,
    "the answer to a write shows another patient: nothing more is written to that one"};
inline constexpr EventType state_altered{
    "state.altered", Level::error,
    "rows of the state were changed by somebody without its key, or by a fault of the disk"};
inline constexpr EventType decision_taken{"decision.taken", Level::info,
                                          "an operator decided about a held patient"};
inline constexpr EventType decision_applied{"decision.applied", Level::info,
                                            "an operator's decision was carried out"};
inline constexpr EventType decision_refused{
    "decision.refused", Level::warn, "an operator's decision was not carried out: nothing changed"};
inline constexpr EventType patient_conflict{
    "patient.conflict", Level::warn,
    "a field changed in the HIS and in Medicapp: its authority decided"};
inline constexpr EventType patient_drift{"patient.drift", Level::info,
                                         "a field was changed in Medicapp"};
inline constexpr EventType field_dropped{
    "field.dropped", Level::warn,
    "an optional field cannot be used: the patient is sent without it"};

inline constexpr EventType auth_refused{"auth.refused", Level::error,
                                        "credentials refused: all requests stop"};
inline constexpr EventType medicapp_unstable_list{
    "medicapp.unstable_list", Level::warn,
    "Medicapp's list changed while it was read: it is read again"};

inline constexpr EventType source_unavailable{"source.unavailable", Level::warn,
                                              "source cannot be read: it is tried again later"};
inline constexpr EventType source_recovered{"source.recovered", Level::info,
                                            "source can be read again"};
inline constexpr EventType source_unreadable{"source.unreadable", Level::error,
                                             "the source's answer does not fit the mapping"};
inline constexpr EventType source_unread{
    "source.unread", Level::warn,
    "accepted records wait for a source that is not configured any more"};
inline constexpr EventType source_unstable_list{
    "source.unstable_list", Level::warn,
    "the source's list could not be confirmed complete: it is read again"};
inline constexpr EventType source_nameless_records{
    "source.nameless_records", Level::warn,
    "so many records have no usable identifier that those beyond the first 1000 are held together"};
inline constexpr EventType source_warning{
    "source.warning", Level::warn,
    "the source reports a warning, or lacks what a complete reading needs"};

inline constexpr EventType source_unsafe_mapping{
    "source.unsafe_mapping", Level::warn,
    "the mapping does not show who is dead, closed, doubtful or merged"};

inline constexpr EventType state_opened{"state.opened", Level::info, "state opened"};
inline constexpr EventType state_key_rotated{"state.key_rotated", Level::info,
                                             "the state has another key"};
inline constexpr EventType state_resealed{
    "state.resealed", Level::info,
    "everything in the state is sealed with its newest keys, and the former ones are forgotten"};
inline constexpr EventType state_failed{"state.failed", Level::error, "state cannot be used"};

inline constexpr EventType record_implausible_time{
    "record.implausible_time", Level::warn,
    "a record's time is not plausible: the record is taken in order of arrival"};

} // namespace medibridge::log::events
