#include "scenario_words.hpp"

#include <iterator>

/// The decision table of fields.
namespace medibridge::simulation {

using namespace words;

namespace {

const char* const follow_medicapp = "authority: {default: medicapp}";
const char* const follow_newest = "authority: {default: newest}";
const char* const follow_his = "authority: {default: his, email: his, phone: his}";

const char* const mismatch = "identity_mismatch";
const char* const not_as_sent =
    "the answer to the create was lost, and Medicapp's patient is not as it was sent any more: it "
    "may be somebody else";

std::vector<Scenario> loads_and_updates() {
    return {
        scenario("first_load_of_nobody", {cycle()}),
        scenario("first_load_of_one", {admit(), cycle()}),
        scenario("first_load_of_three_pages", with_patients(7, {cycle()})),
        scenario("nothing_changes", {admit(), cycle(), cycle(), full(), cycle()}),
        scenario("one_more_patient", {admit(), cycle(), admit(1), cycle()}),
        scenario("update_of_phone", {admit(), cycle(), edit(contact::phone), cycle()}),
        scenario("update_of_email", {admit(), cycle(), edit(contact::email), cycle()}),
        scenario("update_of_street", {admit(), cycle(), edit(contact::street), cycle()}),
        scenario("update_of_city", {admit(), cycle(), edit(contact::city), cycle()}),
        scenario("update_of_postal_code",
                 {admit(), cycle(), correct(corrected::postal_code), cycle()}),
        scenario("update_of_country", {admit(), cycle(), correct(corrected::country), cycle()}),
        scenario("update_of_last_name", {admit(), cycle(), deed(Kind::his_marry), cycle()}),
        scenario("update_of_first_name",
                 {admit(), cycle(), correct(corrected::first_name), cycle()}),
        scenario("update_of_gender", {admit(), cycle(), correct(corrected::gender), cycle()}),
        scenario("update_of_birth_date",
                 {admit(), cycle(), correct(corrected::birth_date), cycle()}),
        scenario("update_of_several_fields",
                 {admit(), cycle(), edit(contact::phone), edit(contact::street),
                  edit(contact::city), deed(Kind::his_marry), cycle()}),
        scenario("update_twice_before_a_cycle", {admit(), cycle(), edit(contact::phone),
                                                 seconds(30), edit(contact::phone), cycle()}),
        scenario("updates_in_two_cycles", {admit(), cycle(), edit(contact::phone), cycle(),
                                           edit(contact::email), edit(contact::city), cycle()}),
        scenario("update_of_everybody",
                 with_patients(4, {cycle(), edit(contact::phone, 0), edit(contact::email, 1),
                                   edit(contact::street, 2), edit(contact::city, 3), cycle()})),
        scenario("update_while_the_cycle_runs",
                 {admit(), cycle_while(3, edit(contact::phone)), cycle()}),
        scenario("forgotten_in_the_his",
                 {admit(), cycle(), deed(Kind::his_forget, 0, contact::phone), cycle()}),
        scenario("forgotten_in_the_his_and_changed_in_medicapp",
                 {admit(), cycle(), deed(Kind::his_forget, 0, contact::phone),
                  user_edit(user::phone), cycle()}),
        scenario("late_visible_row",
                 {admit(), cycle(), deed(Kind::his_edit_late, 0, contact::phone), cycle(), cycle(),
                  cycle()}),
        scenario("late_visible_row_behind_a_later_one",
                 with_patients(2, {cycle(), deed(Kind::his_edit_late, 0, contact::city),
                                   edit(contact::city, 1), cycle(), cycle(), cycle()})),
    };
}

std::vector<Scenario> drift() {
    return {
        scenario("drift_that_the_his_undoes", {admit(), cycle(), user_edit(user::city), cycle()}),
        scenario("drift_of_a_phone_that_the_his_undoes",
                 {admit(), cycle(), user_edit(user::phone), cycle()})
            .under(follow_his),
        scenario("drift_of_a_name_that_the_his_undoes",
                 {admit(), cycle(), user_edit(user::last_name), cycle()})
            .or_held(mismatch, not_as_sent),
        scenario("drift_of_gender_that_the_his_undoes",
                 {admit(), cycle(), user_edit(user::gender), cycle()})
            .or_held(mismatch, not_as_sent),
        scenario("drift_that_medicapp_keeps",
                 {admit(), cycle(), user_edit(user::city), cycle(), full()})
            .under(follow_medicapp),
        scenario("drift_of_a_name_that_medicapp_keeps",
                 {admit(), cycle(), user_edit(user::last_name), cycle()})
            .under(follow_medicapp)
            .or_held(mismatch, not_as_sent),
        scenario("drift_that_is_newest", {admit(), cycle(), user_edit(user::phone), cycle()}),
        scenario("drift_of_an_address_that_is_newest",
                 {admit(), cycle(), user_edit(user::city), cycle()})
            .under(follow_newest),
        scenario("drift_twice", {admit(), cycle(), user_edit(user::email), cycle(),
                                 user_edit(user::email), cycle()}),
        scenario("drift_of_everybody",
                 with_patients(3, {cycle(), user_edit(user::phone, 0), user_edit(user::city, 1),
                                   user_edit(user::last_name, 2), cycle()}))
            .or_held(mismatch, not_as_sent),
        scenario("drift_while_the_cycle_runs", {admit(), cycle(), edit(contact::phone),
                                                cycle_while(3, user_edit(user::city)), cycle()}),
        scenario("drift_found_by_a_full_compare",
                 {admit(), cycle(), user_edit(user::city), full(), cycle()}),
    };
}

std::vector<Scenario> both_sides() {
    return {
        scenario("conflict_that_the_his_wins",
                 {admit(), cycle(), edit(contact::city), user_edit(user::city), cycle()}),
        scenario("conflict_that_medicapp_wins",
                 {admit(), cycle(), edit(contact::city), user_edit(user::city), cycle()})
            .under(follow_medicapp),
        scenario(
            "conflict_that_the_his_wins_as_the_newest",
            {admit(), cycle(), user_edit(user::phone), seconds(30), edit(contact::phone), cycle()}),
        scenario(
            "conflict_that_medicapp_wins_as_the_newest",
            {admit(), cycle(), edit(contact::phone), seconds(30), user_edit(user::phone), cycle()}),
        scenario(
            "conflict_of_addresses_for_the_newest",
            {admit(), cycle(), user_edit(user::city), seconds(30), edit(contact::city), cycle()})
            .under(follow_newest),
        scenario("agreed", {admit(), cycle(), edit(contact::phone),
                            deed(Kind::medicapp_agree, 0, contact::phone), cycle()}),
        scenario("agreed_on_a_part_of_the_address",
                 {admit(), cycle(), edit(contact::city), edit(contact::street),
                  deed(Kind::medicapp_agree, 0, contact::city), cycle()}),
        scenario("other_fields_on_each_side",
                 {admit(), cycle(), edit(contact::phone), user_edit(user::email), cycle()}),
        scenario("other_parts_of_the_address_on_each_side",
                 {admit(), cycle(), edit(contact::street), user_edit(user::city), cycle()})
            .under(follow_medicapp),
        scenario("user_then_his_where_medicapp_wins",
                 {admit(), cycle(), user_edit(user::city), cycle(), edit(contact::city), cycle()})
            .under(follow_medicapp),
        scenario("his_then_user_where_the_newest_wins",
                 {admit(), cycle(), edit(contact::email), cycle(), user_edit(user::email), cycle(),
                  edit(contact::email), cycle()}),
    };
}

} // namespace

std::vector<Scenario> scenarios_of_fields() {
    auto all = loads_and_updates();
    for (auto* theme : {drift, both_sides}) {
        auto more = theme();
        all.insert(all.end(), std::make_move_iterator(more.begin()),
                   std::make_move_iterator(more.end()));
    }
    return all;
}

} // namespace medibridge::simulation
