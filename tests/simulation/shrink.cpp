#include "player.hpp"

#include <functional>

namespace medibridge::simulation {

namespace {

/// Tries one simplification; keeps it if the story still breaks something.
bool keep_if_broken(Story& story, const std::function<void(Story&)>& simplify) {
    auto simpler = story;
    simplify(simpler);
    if (play(simpler).broken.empty()) return false;
    story = std::move(simpler);
    return true;
}

bool leave_out_acts(Story& story) {
    bool shorter = false;
    for (std::size_t length = story.acts.size() / 2; length > 0; length /= 2) {
        for (std::size_t at = 0; at + length <= story.acts.size();) {
            const bool kept = keep_if_broken(story, [&](Story& candidate) {
                const auto begin = candidate.acts.begin() + static_cast<std::ptrdiff_t>(at);
                candidate.acts.erase(begin, begin + static_cast<std::ptrdiff_t>(length));
            });
            shorter = shorter || kept;
            if (!kept) ++at;
        }
    }
    return shorter;
}

template <class Member>
bool leave_out_each(Story& story, std::size_t act, Member member) {
    bool shorter = false;
    for (std::size_t i = 0; i < (story.acts[act].cycle.*member).size();) {
        const bool kept = keep_if_broken(story, [&](Story& candidate) {
            auto& list = candidate.acts[act].cycle.*member;
            list.erase(list.begin() + static_cast<std::ptrdiff_t>(i));
        });
        shorter = shorter || kept;
        if (!kept) ++i;
    }
    return shorter;
}

bool calm_cycles(Story& story) {
    bool calmer = false;
    for (std::size_t i = 0; i < story.acts.size(); ++i) {
        if (story.acts[i].deed) continue;
        calmer |= leave_out_each(story, i, &CycleAct::weather);
        calmer |= leave_out_each(story, i, &CycleAct::meanwhile);
        const auto cycle = story.acts[i].cycle; // each that is left out makes another story
        if (cycle.dies_at > 0)
            calmer |= keep_if_broken(story, [&](Story& s) { s.acts[i].cycle.dies_at = 0; });
        if (cycle.power_cut)
            calmer |= keep_if_broken(story, [&](Story& s) { s.acts[i].cycle.power_cut = false; });
        if (cycle.disk_fails_at > 0)
            calmer |= keep_if_broken(story, [&](Story& s) { s.acts[i].cycle.disk_fails_at = 0; });
        if (cycle.state_lost)
            calmer |= keep_if_broken(story, [&](Story& s) { s.acts[i].cycle.state_lost = false; });
        if (cycle.power_goes_at_change > 0)
            calmer |=
                keep_if_broken(story, [&](Story& s) { s.acts[i].cycle.power_goes_at_change = 0; });
        if (cycle.arrivals)
            calmer |= keep_if_broken(story, [&](Story& s) { s.acts[i].cycle.arrivals = false; });
        if (cycle.full)
            calmer |= keep_if_broken(story, [&](Story& s) { s.acts[i].cycle.full = false; });
    }
    return calmer;
}

void plain_habits(Story& story) {
    const sandbox::MedicappSwitches plain;
    const auto reset = [&](auto member) {
        keep_if_broken(story, [&](Story& s) { s.switches.*member = plain.*member; });
    };
    using Switches = sandbox::MedicappSwitches;
    reset(&Switches::list_order);
    reset(&Switches::modified_after);
    reset(&Switches::precision);
    reset(&Switches::visibility_lag);
    reset(&Switches::retry_after);
    reset(&Switches::rate_limit);
    reset(&Switches::put_address);
    reset(&Switches::post_answer);
    reset(&Switches::absent);
    reset(&Switches::page_limit);
    keep_if_broken(story, [&](Story& s) { s.sync.clear(); });
}

} // namespace

Story shrunk(Story story) {
    for (bool smaller = true; smaller;) {
        smaller = leave_out_acts(story);
        smaller = calm_cycles(story) || smaller;
    }
    plain_habits(story);
    return story;
}

} // namespace medibridge::simulation
