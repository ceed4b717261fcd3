#include "scenario_words.hpp"

#include <iterator>

/// Records of the HIS that must not be sent, and those that describe somebody else than before.
namespace medibridge::simulation {

using namespace words;

namespace {

std::vector<Scenario> not_to_be_sent() {
    return {
        scenario("invalid_from_the_beginning",
                 {admit(), deed(Kind::his_spoil), cycle(), deed(Kind::his_mend), cycle()}),
        scenario("invalid_then_mended", {admit(), cycle(), deed(Kind::his_spoil), cycle(),
                                         edit(contact::phone), deed(Kind::his_mend), cycle()}),
        scenario("one_invalid_among_others",
                 with_patients(4, {deed(Kind::his_spoil, 2), cycle(), cycle()})),
        scenario("deceased_before_the_first_load", {admit(), deed(Kind::his_decease), cycle()}),
        scenario("deceased_when_linked",
                 {admit(), cycle(), deed(Kind::his_decease), edit(contact::phone), cycle()}),
        scenario("inactive_and_active_again",
                 {admit(), cycle(), deed(Kind::his_deactivate), cycle(), edit(contact::city),
                  deed(Kind::his_reactivate), cycle()}),
        scenario("doubtful_and_trusted_again",
                 {admit(), deed(Kind::his_doubt), cycle(), deed(Kind::his_trust), cycle()}),
        scenario("doubtful_when_linked",
                 {admit(), cycle(), deed(Kind::his_doubt), edit(contact::email), cycle(),
                  deed(Kind::his_trust), cycle()}),
        scenario("deleted_in_the_his",
                 with_patients(2, {cycle(), deed(Kind::his_delete), cycle(), full(), cycle()})),
        scenario("changed_in_medicapp_while_held",
                 {admit(), cycle(), deed(Kind::his_deactivate), cycle(), user_edit(user::city),
                  cycle(), deed(Kind::his_reactivate), cycle()}),
    };
}

std::vector<Scenario> merges() {
    return {
        scenario("merge_of_a_linked_patient",
                 with_patients(2, {cycle(), deed(Kind::his_merge, 0, 1), cycle(),
                                   edit(contact::phone, 1), cycle()})),
        scenario("merge_of_an_unknown_patient",
                 with_patients(2, {deed(Kind::his_merge, 0, 1), cycle(), cycle()})),
        scenario("merge_of_a_patient_that_medicapp_has",
                 with_patients(2, {deed(Kind::medicapp_admit, 0), deed(Kind::his_merge, 0, 1),
                                   cycle(), full()})),
        scenario("merge_in_a_chain",
                 with_patients(3, {cycle(), deed(Kind::his_merge, 0, 1), cycle(),
                                   deed(Kind::his_merge, 1, 2), cycle()})),
        scenario("merge_into_itself",
                 {admit(), cycle(), deed(Kind::his_merge, 0, 0), edit(contact::phone), cycle()}),
        scenario("merge_and_the_inverse",
                 with_patients(2, {cycle(), deed(Kind::his_merge, 0, 1), cycle(),
                                   deed(Kind::his_merge, 1, 0), cycle()})),
    };
}

/// Each interruption is followed by a cycle that brings things to where the operator finds them.
std::vector<Scenario> decided() {
    constexpr std::int64_t at_once = 1;
    constexpr std::int64_t late = 4;
    constexpr std::int64_t leaves_it = 15;
    return {
        scenario("an_operator_links_a_look_alike",
                 {admit(), deed(Kind::medicapp_anonymous), cycle(), cycle(),
                  deed(Kind::operator_decides, 0, at_once), cycle(), cycle()}),
        scenario("an_operator_lets_a_divergence_pass",
                 {admit(), cycle(), cycle(), deed(Kind::his_marry), correct(corrected::birth_date),
                  cycle(), cycle(), deed(Kind::operator_decides, 0, at_once), cycle(), cycle()}),
        scenario("an_operator_leaves_a_look_alike",
                 {admit(), deed(Kind::medicapp_anonymous), cycle(), cycle(),
                  deed(Kind::operator_decides, 0, leaves_it), cycle(), full()}),
        scenario("an_operator_is_late", {admit(), deed(Kind::medicapp_anonymous), cycle(), cycle(),
                                         deed(Kind::operator_looks), edit(contact::phone),
                                         deed(Kind::operator_decides, 0, late), cycle(), cycle()}),
    };
}

std::vector<Scenario> somebody_else() {
    return {
        scenario("identifier_given_to_somebody_else",
                 {admit(), cycle(), deed(Kind::his_reassign), cycle(), full()}),
        scenario("identifier_given_to_somebody_else_before_the_first_load",
                 {admit(), seconds(30), deed(Kind::his_reassign), cycle()}),
        scenario("identifier_given_to_somebody_else_while_it_is_read",
                 with_patients(5, {cycle(), edit(contact::phone, 0), edit(contact::phone, 1),
                                   edit(contact::phone, 2), edit(contact::phone, 3),
                                   cycle_while(3, deed(Kind::his_reassign, 0)), cycle()}))
            .or_held("divergence",
                     "the row was first read when it had been given to somebody else"),
        scenario("two_rows_of_one_identifier_before_the_first_load",
                 {admit(), deed(Kind::his_double), cycle(), full(), cycle()}),
        scenario("two_rows_of_one_identifier_when_linked",
                 {admit(), cycle(), deed(Kind::his_double), cycle(), full(), cycle()}),
        scenario(
            "two_rows_of_one_identifier_and_one_again",
            {admit(), deed(Kind::his_double), cycle(), deed(Kind::his_undouble), cycle(), full()}),
        scenario("two_rows_of_one_identifier_on_two_pages",
                 with_patients(5, {deed(Kind::his_double, 0), cycle(), full(), cycle()})),
        scenario("name_and_birth_date_change_together",
                 {admit(), cycle(), deed(Kind::his_marry), correct(corrected::birth_date), cycle(),
                  full()}),
        scenario("name_then_birth_date", {admit(), cycle(), deed(Kind::his_marry), cycle(),
                                          correct(corrected::birth_date), cycle()}),
    };
}

} // namespace

std::vector<Scenario> scenarios_of_identity() {
    auto all = not_to_be_sent();
    for (auto* theme : {merges, decided, somebody_else}) {
        auto more = theme();
        all.insert(all.end(), std::make_move_iterator(more.begin()),
                   std::make_move_iterator(more.end()));
    }
    return all;
}

} // namespace medibridge::simulation
