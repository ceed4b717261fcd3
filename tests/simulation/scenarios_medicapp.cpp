#include "scenario_words.hpp"

#include <iterator>

/// What users and other programs do in Medicapp, and Medicapp's habits.
namespace medibridge::simulation {

using namespace words;

namespace {

const char* const recreate = "on_erased: recreate";
const char* const link_alike = "on_unlinked_match: link";
const char* const create_alike = "on_unlinked_match: create";

sandbox::MedicappSwitches lagging() {
    sandbox::MedicappSwitches switches;
    switches.visibility_lag = 20'000;
    return switches;
}

std::vector<Scenario> taken() {
    return {
        scenario("already_in_medicapp", {deed(Kind::medicapp_admit), admit(), cycle()}),
        scenario("already_in_medicapp_under_the_same_externalId_as_somebody_else",
                 {deed(Kind::medicapp_collide), admit(), cycle(), full()}),
        scenario("somebody_else_who_is_erased", {deed(Kind::medicapp_collide), admit(), cycle(),
                                                 deed(Kind::medicapp_erase), cycle(), full()})
            .or_held("erased_in_medicapp",
                     "Medicapp was seen to have somebody, but not yet that it was somebody else"),
        scenario("taken_by_the_same_person",
                 {admit(), cycle_while(3, deed(Kind::medicapp_admit)), cycle()}),
        scenario("taken_by_somebody_else",
                 {admit(), cycle_while(3, deed(Kind::medicapp_collide)), cycle(), full()}),
        scenario("taken_by_the_same_person_whom_lists_show_late",
                 {admit(), cycle_while(3, deed(Kind::medicapp_admit)), cycle()})
            .with(lagging()),
        scenario("taken_by_somebody_else_whom_lists_show_late",
                 {admit(), cycle_while(3, deed(Kind::medicapp_collide)), cycle(), full()})
            .with(lagging()),
        scenario(
            "taken_by_whom_only_a_whole_reading_finds",
            with_patients(2, {cycle(), seconds(7200), deed(Kind::medicapp_clock_jumps, 0, -3600),
                              deed(Kind::medicapp_admit, 2), deed(Kind::medicapp_clock_jumps, 0, 0),
                              admit(2), cycle(), cycle()})),
        scenario("several_are_taken",
                 with_patients(3, {cycle_while(3, deed(Kind::medicapp_admit, 0)), cycle(),
                                   deed(Kind::medicapp_collide, 3), admit(3), cycle()})),
    };
}

std::vector<Scenario> erased() {
    return {
        scenario("erased_and_found_by_an_update",
                 {admit(9), admit(), cycle(), deed(Kind::medicapp_erase), edit(contact::phone),
                  cycle()}),
        scenario("erased_and_found_by_a_full_compare",
                 {admit(9), admit(), cycle(), deed(Kind::medicapp_erase), full(), cycle()}),
        scenario("erased_while_the_cycle_runs",
                 {admit(9), admit(), cycle(), edit(contact::phone),
                  cycle_while(3, deed(Kind::medicapp_erase)), full()}),
        scenario(
            "erased_and_made_again_for_an_update",
            {admit(9), admit(), cycle(), deed(Kind::medicapp_erase), edit(contact::phone), cycle()})
            .under(recreate),
        scenario("erased_and_made_again_by_a_full_compare",
                 {admit(9), admit(), cycle(), deed(Kind::medicapp_erase), full(), cycle()})
            .under(recreate),
        scenario("erased_before_the_his_sent_them", {admit(9), deed(Kind::medicapp_admit), cycle(),
                                                     deed(Kind::medicapp_erase), admit(), cycle()}),
        scenario("one_erased_among_others",
                 with_patients(4, {cycle(), deed(Kind::medicapp_erase, 2), edit(contact::phone, 1),
                                   full(), cycle()})),
    };
}

std::vector<Scenario> anonymous() {
    return {
        scenario("look_alike_held", {deed(Kind::medicapp_anonymous), admit(), cycle(), full()}),
        scenario("look_alike_linked", {deed(Kind::medicapp_anonymous), admit(), cycle(), full()})
            .under(link_alike),
        scenario("look_alike_beside_which_one_is_created",
                 {deed(Kind::medicapp_anonymous), admit(), cycle(), full()})
            .under(create_alike),
        scenario("two_look_alikes", {deed(Kind::medicapp_anonymous), deed(Kind::medicapp_anonymous),
                                     admit(), cycle(), full()})
            .under(link_alike),
        scenario("look_alike_while_the_externalId_is_taken",
                 {deed(Kind::medicapp_anonymous), admit(),
                  cycle_while(4, deed(Kind::medicapp_collide)), cycle(), full()})
            .under(link_alike),
        scenario("look_alike_when_linked",
                 {admit(), cycle(), deed(Kind::medicapp_anonymous), edit(contact::phone), cycle()}),
    };
}

std::vector<Scenario> renumbered() {
    const std::string unseen = "the answer to the create was lost, and the externalId changed "
                               "before anybody saw that the create had made this patient";
    return {
        scenario("externalId_changed_in_medicapp", {admit(), cycle(), deed(Kind::medicapp_renumber),
                                                    cycle(), edit(contact::phone), cycle()})
            .or_ending({"P0: link to P0/", "Other-P0: Medicapp "}, unseen),
        scenario("externalId_taken_away_while_the_his_changes_the_patient",
                 {admit(), cycle(), deed(Kind::medicapp_renumber, 0, 1), edit(contact::phone),
                  cycle(), full()})
            .or_ending({"P0: link to P0/", "-: Medicapp "}, unseen),
        scenario("externalId_changed_and_given_back",
                 {admit(), cycle(), deed(Kind::medicapp_renumber), edit(contact::phone), cycle(),
                  deed(Kind::medicapp_restore_number), cycle()})
            .or_ending({"Other-P0: Medicapp "}, unseen),
        scenario("externalId_changed_while_the_cycle_runs",
                 {admit(), cycle(), edit(contact::phone),
                  cycle_while(3, deed(Kind::medicapp_renumber)), full()})
            .or_ending({"P0: link to P0/", "Other-P0: Medicapp "}, unseen),
    };
}

std::vector<Scenario> habits() {
    sandbox::MedicappSwitches id_only;
    id_only.post_answer = sandbox::PostAnswer::id_only;
    sandbox::MedicappSwitches replacing;
    replacing.put_address = sandbox::PutAddress::replace;
    replacing.absent = sandbox::Absent::omit;
    sandbox::MedicappSwitches refusing;
    refusing.put_names = sandbox::Permission::refuse;
    sandbox::MedicappSwitches ignoring;
    ignoring.put_names = sandbox::Permission::ignore;
    sandbox::MedicappSwitches coarse;
    coarse.precision = sandbox::Precision::seconds;
    coarse.modified_after = sandbox::Bound::exclusive;
    auto lagging_id_only = lagging();
    lagging_id_only.post_answer = sandbox::PostAnswer::id_only;
    const std::vector<Act> name_and_phone = {admit(), cycle(), deed(Kind::his_marry),
                                             edit(contact::phone), cycle()};
    const std::vector<Act> both_sides = {admit(),
                                         cycle(),
                                         edit(contact::street),
                                         user_edit(user::city),
                                         cycle(),
                                         edit(contact::phone),
                                         cycle()};
    return {
        scenario("creates_answered_by_the_id_only", both_sides).with(id_only),
        scenario("creates_answered_by_the_id_only_and_listed_late", both_sides)
            .with(lagging_id_only),
        scenario("addresses_replaced_whole", both_sides).with(replacing),
        scenario("times_of_whole_seconds_and_exclusive", both_sides).with(coarse),
        scenario("names_that_medicapp_refuses_to_change", name_and_phone).with(refusing),
        scenario("names_that_medicapp_does_not_change", name_and_phone).with(ignoring),
    };
}

} // namespace

std::vector<Scenario> scenarios_of_medicapp() {
    auto all = taken();
    for (auto* theme : {erased, anonymous, renumbered, habits}) {
        auto more = theme();
        all.insert(all.end(), std::make_move_iterator(more.begin()),
                   std::make_move_iterator(more.end()));
    }
    return all;
}

} // namespace medibridge::simulation
