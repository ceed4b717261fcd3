#include "scenario_words.hpp"

/// Medicapp goes back in time, and an operator accepts what they are shown.
namespace medibridge::simulation {

using namespace words;

namespace {

Act back_up() {
    return deed(Kind::medicapp_back_up);
}
Act restore() {
    return deed(Kind::medicapp_restore);
}
Act remap() {
    return deed(Kind::operator_remaps);
}
/// So much that no list lags any more, and that times differ.
Act hours() {
    return seconds(7200);
}
/// One in which no write is answered.
Act accept_in_vain() {
    auto some = accept(true, true);
    some.cycle.weather.push_back({12, 60, Trouble::unavailable});
    return some;
}

Scenario told(std::string name, std::initializer_list<Act> acts) {
    std::vector<Act> all = {admit(0), admit(1), admit(2), cycle(),  hours(),
                            cycle(),  hours(),  cycle(),  back_up()};
    all.insert(all.end(), acts);
    auto it = scenario(std::move(name), std::move(all));
    it.story.steady_date = true;
    return it;
}

} // namespace

std::vector<Scenario> scenarios_of_backups() {
    const auto change = edit(contact::phone, 0);
    const auto other_change = edit(contact::email, 1);
    return {
        told("restored_and_accepted", {hours(), change, other_change, cycle(), hours(), cycle(),
                                       restore(), cycle(), accept(true, false), cycle()}),
        told("two_guards_accepted_one_after_the_other",
             {hours(), change, other_change, cycle(), hours(), cycle(), restore(), remap(), cycle(),
              accept(true, false), accept(false, true), cycle()}),
        told("two_guards_accepted_in_the_other_order",
             {hours(), change, other_change, cycle(), hours(), cycle(), restore(), remap(), cycle(),
              accept(false, true), accept(true, false), cycle()}),
        told("two_guards_accepted_at_once",
             {hours(), change, other_change, cycle(), hours(), cycle(), restore(), remap(), cycle(),
              accept(true, true), cycle()}),
        told("restored_again_while_the_first_time_is_accepted",
             {hours(), change, other_change, cycle(), hours(), cycle(), restore(), full(),
              accept_in_vain(), hours(), restore(), cycle(), cycle(), accept(true, false),
              cycle()}),
        told("restored_further_back_while_the_first_time_is_accepted",
             {hours(), change, cycle(), hours(), cycle(), restore(), full(), accept(true, false),
              hours(), other_change, cycle(), hours(), cycle(), restore(), full(),
              accept(true, false), cycle()}),
    };
}

} // namespace medibridge::simulation
