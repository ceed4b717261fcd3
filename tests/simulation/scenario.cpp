#include "scenario.hpp"

#include <algorithm>
#include <iterator>

namespace medibridge::simulation {

Scenario Scenario::under(std::string sync) const {
    auto other = *this;
    other.story.sync = std::move(sync);
    return other;
}

Scenario Scenario::with(const sandbox::MedicappSwitches& switches) const {
    auto other = *this;
    other.story.switches = switches;
    return other;
}

Scenario Scenario::or_held(const std::string& reason, std::string why) const {
    return or_ending(std::vector<std::string>(1, ": held " + reason + "\n"), std::move(why));
}

Scenario Scenario::or_ending(std::vector<std::string> may, std::string why) const {
    auto other = *this;
    other.may_end = std::move(may);
    other.because = std::move(why);
    return other;
}

const std::vector<Scenario>& scenarios() {
    static const auto all = [] {
        std::vector<Scenario> gathered;
        for (auto* theme : {scenarios_of_arrivals, scenarios_of_backups, scenarios_of_fields,
                            scenarios_of_identity, scenarios_of_medicapp, scenarios_of_trouble,
                            scenarios_of_two_sources})
            std::ranges::move(theme(), std::back_inserter(gathered));
        return gathered;
    }();
    return all;
}

} // namespace medibridge::simulation
