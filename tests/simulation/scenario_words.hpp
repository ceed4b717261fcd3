#pragma once

#include "scenario.hpp"

#include <initializer_list>

/// The words that scenarios are told in.
namespace medibridge::simulation::words {

using Kind = Deed::Kind;

/// Fields as the deeds name them that change a contact or the address in the HIS.
namespace contact {
enum : std::int64_t { phone, email, street, city };
} // namespace contact
/// Those that a correction in the HIS changes.
namespace corrected {
enum : std::int64_t { first_name, gender, birth_date, postal_code, country };
} // namespace corrected
/// Those that a user of Medicapp changes.
namespace user {
enum : std::int64_t { phone, email, city, last_name, gender };
} // namespace user

inline Act deed(Kind kind, int who = 0, std::int64_t what = 0) {
    return act(Deed{kind, who, what});
}
inline Act admit(int who = 0) {
    return deed(Kind::his_admit, who);
}
inline Act edit(std::int64_t field, int who = 0) {
    return deed(Kind::his_edit, who, field);
}
inline Act correct(std::int64_t field, int who = 0) {
    return deed(Kind::his_correct, who, field);
}
inline Act user_edit(std::int64_t field, int who = 0) {
    return deed(Kind::medicapp_edit, who, field);
}
inline Act seconds(std::int64_t number) {
    return deed(Kind::time_passes, 0, number);
}

inline Act cycle() {
    return act(CycleAct());
}
/// What the HIS has pushed is taken, without a look at Medicapp's list.
inline Act arrivals() {
    CycleAct cycle;
    cycle.arrivals = true;
    return act(cycle);
}
inline Act full() {
    CycleAct cycle;
    cycle.full = true;
    return act(cycle);
}
/// A cycle during which something happens just as its n-th request leaves.
inline Act cycle_while(std::int64_t request, const Act& happens) {
    CycleAct cycle;
    cycle.meanwhile.emplace_back(request, *happens.deed);
    return act(cycle);
}
inline Act full_while(std::int64_t request, const Act& happens) {
    auto act = cycle_while(request, happens);
    act.cycle.full = true;
    return act;
}
/// A cycle that accepts what the last one showed.
inline Act accept(bool rewind, bool mapping) {
    CycleAct cycle;
    cycle.full = true;
    cycle.accept_rewind = rewind;
    cycle.accept_mapping = mapping;
    return act(cycle);
}
/// A cycle with trouble for the requests of these numbers.
inline Act cycle_with(Trouble trouble, std::int64_t from, std::int64_t to) {
    CycleAct cycle;
    cycle.weather.push_back({from, to, trouble});
    return act(cycle);
}

inline Scenario scenario(std::string name, std::vector<Act> acts) {
    Scenario scenario;
    scenario.name = std::move(name);
    scenario.story.acts = std::move(acts);
    return scenario;
}

/// The same in a hospital whose HIS pushes.
inline Scenario pushed(std::string name, std::vector<Act> acts) {
    auto told = scenario(std::move(name), std::move(acts));
    told.story.inboxes = 1;
    return told;
}

/// The same where a second HIS pushes, too.
inline Scenario pushed_by_two(std::string name, std::vector<Act> acts) {
    auto told = scenario(std::move(name), std::move(acts));
    told.story.inboxes = 2;
    return told;
}

/// The HIS has that many patients, then follow the acts.
inline std::vector<Act> with_patients(int number, std::initializer_list<Act> acts) {
    std::vector<Act> all;
    for (int who = 0; who < number; ++who)
        all.push_back(admit(who));
    all.insert(all.end(), acts);
    return all;
}

} // namespace medibridge::simulation::words
