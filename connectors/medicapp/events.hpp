#pragma once

#include "base/log/event.hpp"

/// The events of Medicapp's client. docs/events.md describes them; base/log/catalogue.hpp explains
/// the levels.
namespace medibridge::connectors::events {

inline constexpr log::EventType auth_accepted{"auth.accepted", log::Level::info,
                                              "credentials accepted again"};
inline constexpr log::EventType medicapp_unavailable{
    "medicapp.unavailable", log::Level::warn, "Medicapp cannot be reached or answers with errors"};
inline constexpr log::EventType medicapp_recovered{"medicapp.recovered", log::Level::info,
                                                   "Medicapp answers again"};
inline constexpr log::EventType behaves_differently{
    "medicapp.behaves_differently", log::Level::warn,
    "Medicapp behaves in another way than when it was probed"};
inline constexpr log::EventType medicapp_rate_limited{
    "medicapp.rate_limited", log::Level::info, "Medicapp asks for fewer requests: slowing down"};

inline constexpr log::EventType medicapp_fhir{"medicapp.fhir", log::Level::info,
                                              "patients are read by template=FHIR"};
inline constexpr log::EventType medicapp_native{
    "medicapp.native", log::Level::warn,
    "template=FHIR is not used: patients are read in the native form"};

} // namespace medibridge::connectors::events
