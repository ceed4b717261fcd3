#include "scenario_words.hpp"

/// Two HISes push, and each has its own word about the same patients.
namespace medibridge::simulation {

using namespace words;

std::vector<Scenario> scenarios_of_two_sources() {
    return {
        pushed_by_two("two_say_the_same_of_a_patient",
                      {admit(9), admit(), deed(Kind::other_agrees), cycle(), edit(contact::phone),
                       arrivals(), deed(Kind::other_agrees), arrivals(), cycle()}),
        pushed_by_two("two_of_whom_one_alone_knows_the_patient",
                      {admit(9), deed(Kind::other_agrees, 1), cycle(), deed(Kind::other_closes, 1),
                       arrivals(), cycle()}),
        pushed_by_two("two_describe_a_new_patient_as_different_people",
                      {admit(9), admit(), deed(Kind::other_contradicts), cycle(), full(),
                       deed(Kind::other_agrees), cycle(), cycle()}),
        pushed_by_two("two_of_whom_one_makes_a_patient_somebody_else",
                      {admit(9), admit(), cycle(), deed(Kind::other_contradicts), arrivals(),
                       edit(contact::city), cycle(), deed(Kind::other_agrees), cycle(), cycle()}),
        pushed_by_two("two_of_whom_one_buries_a_patient",
                      {admit(9), admit(), cycle(), deed(Kind::other_buries), arrivals(),
                       edit(contact::phone), arrivals(), cycle(), full()}),
        pushed_by_two("two_of_whom_one_merges_whom_the_other_knew_before",
                      with_patients(3, {deed(Kind::other_agrees), cycle(), seconds(30),
                                        deed(Kind::his_merge, 0, 1), cycle(), full()})),
        pushed_by_two("two_of_whom_one_merges_whom_the_other_uses_later",
                      with_patients(3, {cycle(), deed(Kind::his_merge, 0, 1), seconds(30),
                                        deed(Kind::other_agrees), cycle(), full()}))
            .or_held("possible_duplicate",
                     "who is not in Medicapp yet when the merge comes is nobody to create "
                     "beside the former one"),
        pushed_by_two("two_of_whom_one_takes_a_merge_of_the_other_back",
                      with_patients(3, {cycle(), deed(Kind::his_merge, 0, 1), cycle(), seconds(30),
                                        deed(Kind::other_agrees), cycle(), full()})),
        pushed_by_two("two_of_whom_one_ends_a_hold_of_the_other",
                      {admit(9), deed(Kind::medicapp_anonymous), admit(), cycle(), seconds(30),
                       deed(Kind::other_contradicts), cycle(), cycle()}),
    };
}

} // namespace medibridge::simulation
