#pragma once

#include <string_view>

namespace medibridge::connectors::hl7 {

/// What an ADT event means for the patients (HL7 v2.5 chapter 3).
enum class Action {
    snapshot,    ///< PID is the patient as they are now
    merge,       ///< MRG's patient became PID's: A40, and A18 A30 A34 A36 A39
    rename,      ///< the patient's identifier changed: A47, and A46
    removal,     ///< the person was deleted: A29
    link,        ///< A24: recorded, and nothing else
    unlink,      ///< A37: likewise
    acknowledge, ///< cancellations, accounts, visits: nothing about patients
    unknown,     ///< no event of an ADT message
};

/// `event` is MSH-9's trigger event. Events of one's own (Z…) are snapshots, but for those by which
/// PAM France takes something back.
Action action_of(std::string_view event);

/// Whether the event announces something: senders then write in EVN-2 when it will be, which says
/// nothing of when they wrote it.
bool is_planned(std::string_view event);

} // namespace medibridge::connectors::hl7
