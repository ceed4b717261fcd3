#pragma once

#include <cstdint>
#include <string>

namespace medibridge::simulation {

/// Something that somebody does on either side, or that time does.
struct Deed {
    enum class Kind : std::uint8_t {
        his_admit,     ///< the HIS has a new patient
        his_edit,      ///< one of the contact or address fields changes
        his_edit_late, ///< the same, but readers see it only a minute after its time
        his_marry,     ///< the last name changes
        his_reassign,  ///< the identifier is given to somebody else
        his_forget,    ///< a field becomes unknown
        his_spoil,     ///< the birth date becomes impossible
        his_mend,      ///< and possible again
        his_decease,
        his_deactivate,
        his_reactivate,
        his_merge, ///< into another patient
        his_delete,
        medicapp_edit, ///< a user of Medicapp changes a field
        medicapp_erase,
        medicapp_admit,     ///< another program creates the patient with the same externalId
        medicapp_collide,   ///< another program gives the externalId to somebody else
        medicapp_anonymous, ///< the same person is there without an externalId
        time_passes,
        his_clock_jumps,
        medicapp_clock_jumps,
        his_correct,             ///< first name, gender, birth date, postal code or country changes
        his_doubt,               ///< the identity is doubtful
        his_trust,               ///< and no longer
        his_double,              ///< a second row with the identifier, of somebody else
        his_undouble,            ///< which goes again
        medicapp_renumber,       ///< a user of Medicapp changes the externalId; odd: takes it away
        medicapp_restore_number, ///< and gives it back
        medicapp_agree,   ///< a user gives a contact or address field the value that the HIS has
        his_edit_absurd,  ///< a contact or address field changes, with a time of decades ahead
        his_revive,       ///< the death was a mistake
        his_unmerge,      ///< so was the merge
        medicapp_refuse,  ///< something before Medicapp refuses every request about the patient
        medicapp_relent,  ///< and no longer
        operator_looks,   ///< an operator looks at a held patient, and remembers what they saw
        operator_decides, ///< and decides what is right, on what they see now or saw then
        operator_errs,    ///< or whatever the rules allow, right or wrong, perhaps twice at once
        his_forge,        ///< somebody makes the HIS say that nearly all are merged, or inactive
        his_take_back,    ///< which it takes back
        other_agrees, ///< a second HIS, where there is one, tells of the patient as the HIS does
        other_contradicts, ///< or as somebody else
        other_buries,      ///< as deceased
        other_closes,      ///< as inactive
        medicapp_back_up,  ///< Medicapp is backed up
        medicapp_restore,  ///< and put back as it was then, if the same patients are there
        operator_remaps,   ///< the mapping of the HIS is written otherwise, and means the same
    };

    Kind kind = Kind::time_passes;
    int who = 0;           ///< the patient: `P0`, `P1`, …
    std::int64_t what = 0; ///< a field, another patient, seconds: as the kind needs
};
inline constexpr int deed_kinds = static_cast<int>(Deed::Kind::operator_remaps) + 1;

/// In words, for the story that a failure prints.
std::string in_words(const Deed& deed);

} // namespace medibridge::simulation
