#include "scenario_words.hpp"

/// What a HIS pushes is taken between two readings of Medicapp's list.
namespace medibridge::simulation {

using namespace words;

std::vector<Scenario> scenarios_of_arrivals() {
    return {
        pushed("arrivals_create_and_update",
               with_patients(2, {cycle(), edit(contact::phone), admit(2), arrivals(),
                                 edit(contact::city, 2), arrivals(), cycle()})),
        pushed("arrivals_after_a_users_edit_of_another_field",
               {admit(), cycle(), cycle(), edit(contact::city), seconds(30), user_edit(user::email),
                arrivals(), cycle()}),
        pushed("arrivals_after_a_users_edit_of_the_same_field",
               {admit(), cycle(), cycle(), edit(contact::phone), seconds(30),
                user_edit(user::phone), arrivals(), cycle()}),
        pushed("arrivals_about_somebody_who_was_erased",
               {admit(9), admit(), cycle(), deed(Kind::medicapp_erase), edit(contact::phone),
                arrivals(), cycle()}),
        pushed("arrivals_about_somebody_with_another_externalId",
               {admit(9), admit(), cycle(), deed(Kind::medicapp_renumber), edit(contact::phone),
                arrivals(), cycle()}),
        pushed("arrivals_whose_externalId_is_taken",
               {admit(9), cycle(), deed(Kind::medicapp_admit), admit(), arrivals(), cycle()}),
        pushed("arrivals_whose_externalId_somebody_else_has",
               {admit(9), cycle(), deed(Kind::medicapp_collide), admit(), arrivals(), cycle(),
                full()}),
        pushed("arrivals_of_a_merge",
               with_patients(2, {cycle(), deed(Kind::his_merge, 0, 1), arrivals(), cycle()})),
        pushed("arrivals_of_a_death_and_of_its_correction",
               {admit(9), admit(), cycle(), deed(Kind::his_decease), arrivals(),
                deed(Kind::his_revive), edit(contact::phone), arrivals(), cycle()}),
    };
}

} // namespace medibridge::simulation
