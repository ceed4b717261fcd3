#pragma once

#include "base/log/event.hpp"

/// The events of the MLLP listener. docs/events.md describes them; base/log/catalogue.hpp explains
/// the levels.
namespace medibridge::connectors::events {

inline constexpr log::EventType mllp_listening{"mllp.listening", log::Level::info,
                                               "listening for HL7 messages"};
inline constexpr log::EventType mllp_stopped{"mllp.stopped", log::Level::info,
                                             "no longer listening for HL7 messages"};
inline constexpr log::EventType mllp_unencrypted{"mllp.unencrypted", log::Level::warn,
                                                 "HL7 messages travel without TLS"};
inline constexpr log::EventType mllp_accepting_failed{"mllp.accepting_failed", log::Level::error,
                                                      "cannot accept connections from senders"};
inline constexpr log::EventType mllp_accepting_recovered{
    "mllp.accepting_recovered", log::Level::info, "connections from senders are accepted again"};
inline constexpr log::EventType mllp_connection_refused{
    "mllp.connection_refused", log::Level::warn,
    "too many senders at once: a connection was refused"};
inline constexpr log::EventType mllp_connection_failed{"mllp.connection_failed", log::Level::warn,
                                                       "a sender's connection was closed"};
inline constexpr log::EventType mllp_message_cut{"mllp.message_cut", log::Level::warn,
                                                 "a sender sent an incomplete message: dropped"};
inline constexpr log::EventType mllp_message_refused{
    "mllp.message_refused", log::Level::warn, "a message was refused, and its sender informed"};
inline constexpr log::EventType mllp_message_faulty{
    "mllp.message_faulty", log::Level::warn,
    "the data of a message cannot be used: held, see the reason"};
inline constexpr log::EventType mllp_message_skipped{
    "mllp.message_skipped", log::Level::info,
    "messages for other purposes are acknowledged and skipped"};
inline constexpr log::EventType mllp_patient_linked{"mllp.patient_linked", log::Level::info,
                                                    "the HIS linked two patients, or ended a link"};
inline constexpr log::EventType mllp_sender_refused{
    "mllp.sender_refused", log::Level::warn,
    "a connection from an address that `allow` does not name was refused"};
inline constexpr log::EventType mllp_connection_replaced{
    "mllp.connection_replaced", log::Level::warn,
    "a silent connection was closed to make room for another"};
inline constexpr log::EventType mllp_inbox_full{
    "mllp.inbox_full", log::Level::error,
    "too much waits to be read: senders are told to try again"};
inline constexpr log::EventType mllp_inbox_has_room{"mllp.inbox_has_room", log::Level::info,
                                                    "messages are accepted again"};
inline constexpr log::EventType mllp_storing_failed{
    "mllp.storing_failed", log::Level::error,
    "messages cannot be stored: senders are told to try again"};
inline constexpr log::EventType mllp_storing_recovered{"mllp.storing_recovered", log::Level::info,
                                                       "messages are stored again"};

} // namespace medibridge::connectors::events
