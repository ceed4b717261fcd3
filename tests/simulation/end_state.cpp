#include "end_state.hpp"

#include <map>
#include <set>

namespace medibridge::simulation {

namespace {

std::string line(const Values& values) {
    std::string text;
    for (const auto& value : values)
        text += value + "|";
    return text;
}

std::string state_of(const HisTruth& truth) {
    auto text = "HIS " + line(truth.values);
    if (truth.deleted) text += " deleted";
    if (!truth.sendable()) text += " not to be sent";
    return text;
}

class Telling {
  public:
    Telling(const Hospital& hospital, state::Store& state) : state_(&state) {
        for (const auto& [who, truth] : hospital.his()) {
            external_ids_.push_back(Hospital::identifier(who));
            add(external_ids_.back(), state_of(truth));
        }
        for (const auto& [slot, values] : hospital.medicapp_patients()) {
            const auto& id = values[sandbox::external_id];
            add(id, "Medicapp " + line(values));
            names_.emplace(hospital.medicapp_id(slot), id + "/" + values[sandbox::last_name]);
        }
    }

    std::string tell() {
        for (const auto& held : state_->held())
            add(held.key, "held " + std::string(name(held.reason)));
        for (const auto& intent : state_->intents())
            add(intent.external_id, "intent");
        state_->each_link([&](const state::Link& link) {
            add(link.external_id, "link to " + name_of(link.medicapp_id));
        });
        for (const auto& known : state_->look_up(external_ids_)) {
            if (known.tombstone) add(known.tombstone->external_id, "tombstone");
            if (known.unlinked)
                add(known.unlinked->external_id,
                    "not linked to " + name_of(known.unlinked->medicapp_id));
        }
        std::string text;
        for (const auto& line : lines_)
            text += line + "\n";
        return text;
    }

  private:
    void add(const std::string& external_id, const std::string& what) {
        lines_.insert((external_id.empty() ? "-" : external_id) + ": " + what);
    }

    std::string name_of(const std::string& medicapp_id) const {
        const auto place = names_.find(medicapp_id);
        return place == names_.end() ? "nobody" : place->second;
    }

    state::Store* state_;
    std::vector<std::string> external_ids_;
    std::map<std::string, std::string> names_; ///< of living Medicapp patients, by id
    std::multiset<std::string> lines_;
};

} // namespace

std::string end_state(const Hospital& hospital, state::Store& state) {
    return Telling(hospital, state).tell();
}

} // namespace medibridge::simulation
