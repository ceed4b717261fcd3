#include "story.hpp"

#include "sandbox/random.hpp"

#include <array>

namespace medibridge::simulation {

using sandbox::Random;

namespace {

constexpr std::array<const char*, deed_kinds> wordings{{
    "the HIS admits #",
    "the HIS changes a field of # (*)",
    "the HIS changes a field of # (*), visible a minute late",
    "the HIS changes the last name of #",
    "the HIS gives # to somebody else",
    "the HIS no longer knows a field of # (*)",
    "the HIS has an impossible birth date for #",
    "the HIS mends the birth date of #",
    "the HIS says that # is deceased",
    "the HIS says that # is inactive",
    "the HIS says that # is active",
    "the HIS merges # into P*",
    "the HIS deletes #",
    "a user of Medicapp changes a field of # (*)",
    "a user of Medicapp erases #",
    "another program creates # in Medicapp",
    "another program gives #'s externalId to somebody else in Medicapp",
    "somebody like # is in Medicapp without externalId",
    "* s pass",
    "the HIS's clock is * s off",
    "Medicapp's clock is * s off",
    "the HIS corrects who # is or where they live (*)",
    "the HIS doubts the identity of #",
    "the HIS trusts the identity of #",
    "the HIS has a second row for #, of somebody else",
    "the HIS drops the second row for #",
    "a user of Medicapp changes the externalId of # (*), or takes it away",
    "a user of Medicapp gives # the externalId back",
    "a user of Medicapp copies a field of # from the HIS (*)",
    "the HIS changes a field of # (*), with a time of decades ahead",
    "the HIS takes the death of # back",
    "the HIS takes the merge of # back",
    "something before Medicapp refuses # (*)",
    "nothing refuses # any more",
    "an operator looks at #",
    "an operator decides about # (*)",
    "an operator decides something about # (*)",
    "the HIS is made to say of nearly everybody that they are merged or inactive (*)",
    "the HIS takes what was forged back",
    "the other HIS says of # what the HIS says",
    "the other HIS says that # is somebody else",
    "the other HIS says that # is deceased",
    "the other HIS says that # is inactive",
    "Medicapp is backed up",
    "Medicapp is restored from its backup",
    "the mapping is written otherwise",
}};

/// How often each kind of deed is chosen, in the order of the kinds.
constexpr std::array<int, deed_kinds> shares{12, 14, 4, 3,  1,  2, 2, 3, 1, 1, 2, 1, 1, 8, 3, 2,
                                             2,  5,  8, 1,  1,  0, 0, 0, 0, 0, 1, 1, 0, 4, 1, 1,
                                             2,  1,  6, 24, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0};

class Writer {
  public:
    explicit Writer(std::uint64_t seed) : random_(seed) {}

    Story write(std::uint64_t seed) {
        Story story;
        story.seed = seed;
        story.switches = habits();
        if (random_.chance(0.3)) story.sync = "on_unlinked_match: link";
        people_ = 1 + static_cast<int>(random_.below(8));
        clocks_jump_ = random_.chance(0.15);
        erasures_ = random_.chance(0.6);
        trouble_ = random_.chance(0.8);
        const auto first = random_.below(static_cast<std::uint64_t>(people_) + 1);
        for (std::uint64_t i = 0; i < first; ++i)
            story.acts.push_back(act(Deed{Deed::Kind::his_admit, static_cast<int>(i), 0}));
        const auto acts = 3 + random_.below(22);
        for (std::uint64_t i = 0; i < acts; ++i) {
            if (random_.chance(0.4)) {
                story.acts.push_back(act(cycle()));
            } else {
                story.acts.push_back(act(deed()));
            }
        }
        return story;
    }

    /// The same story of a HIS that pushes: what it does is often taken at once.
    Story with_pushes(const Story& story) {
        auto other = story;
        other.inboxes = 1;
        other.acts.clear();
        people_ = 8;
        for (const auto& one : story.acts) {
            other.acts.push_back(one);
            if (one.deed && random_.chance(0.5)) other.acts.push_back(act(arrivals()));
        }
        return other;
    }

    /// The same story where a second HIS pushes, too, and has its own word about the same patients,
    /// before the first one or after it.
    Story with_two_inboxes(const Story& story) {
        auto other = story;
        other.inboxes = 2;
        other.acts.clear();
        people_ = 8;
        for (const auto& one : story.acts) {
            const bool speaks = one.deed && random_.chance(0.5);
            const bool first = random_.chance(0.5);
            if (speaks && first) other.acts.push_back(act(other_word(one.deed->who)));
            if (speaks && first && random_.chance(0.3)) other.acts.push_back(act(arrivals()));
            other.acts.push_back(one);
            if (speaks && !first) other.acts.push_back(act(other_word(one.deed->who)));
            if (one.deed && random_.chance(0.5)) other.acts.push_back(act(arrivals()));
        }
        leave_out_doubtful_times(other);
        return other;
    }

    /// A story of a Medicapp that goes back in time, perhaps again while the operator's word about
    /// the first time holds, and of mappings that change meanwhile.
    Story with_backups(std::uint64_t seed) {
        Story story;
        story.seed = seed;
        story.switches = habits();
        story.steady_date = true;
        people_ = 2 + static_cast<int>(random_.below(4));
        trouble_ = random_.chance(0.8);
        for (int who = 0; who < people_; ++who)
            story.acts.push_back(act(Deed{Deed::Kind::his_admit, who, 0}));
        for (int settling = 0; settling < 2; ++settling) {
            story.acts.push_back(act(CycleAct()));
            story.acts.push_back(act(Deed{Deed::Kind::time_passes, 0, 400}));
        }
        story.acts.push_back(act(Deed{Deed::Kind::medicapp_back_up, 0, 0}));
        for (auto left = 8 + random_.below(16); left > 0; --left)
            story.acts.push_back(act_about_backups());
        return story;
    }

  private:
    Act act_about_backups() {
        using enum Deed::Kind;
        const auto kind =
            one_of({time_passes, his_edit, his_edit, his_edit, medicapp_edit, medicapp_back_up,
                    medicapp_restore, medicapp_restore, operator_remaps});
        const auto share = random_.below(10);
        if (share < 5) {
            const auto what = static_cast<std::int64_t>(random_.below(20));
            const auto passes = one_of<std::int64_t>({30, 400, 7200});
            return act(Deed{kind, somebody(), kind == time_passes ? passes : what});
        }
        auto some = cycle();
        some.state_lost = false;
        some.meanwhile.clear();
        // What was sent before a backup was put back is no word about it.
        std::erase_if(some.weather, [](const Weather& weather) {
            return weather.trouble == Trouble::arrives_late;
        });
        if (share < 7) return act(some);
        some.full = true;
        some.accept_rewind = share != 7;
        some.accept_mapping = share != 8;
        return act(some);
    }

    /// Which of two HISes has the newer word is told by their times: where these are wrong or are
    /// not believed, either may stand.
    static void leave_out_doubtful_times(Story& story) {
        const auto is_doubtful = [](const Deed& deed) {
            return deed.kind == Deed::Kind::his_clock_jumps ||
                   deed.kind == Deed::Kind::his_edit_absurd;
        };
        std::erase_if(story.acts,
                      [&](const Act& one) { return one.deed && is_doubtful(*one.deed); });
        for (auto& one : story.acts)
            std::erase_if(one.cycle.meanwhile,
                          [&](const auto& happens) { return is_doubtful(happens.second); });
    }

    Deed other_word(int who) {
        using enum Deed::Kind;
        return {one_of({other_agrees, other_agrees, other_contradicts, other_contradicts,
                        other_buries, other_closes}),
                who, 0};
    }

    CycleAct arrivals() {
        auto arrivals = cycle();
        arrivals.full = false;
        arrivals.state_lost = false;
        arrivals.arrivals = true;
        return arrivals;
    }

    template <class Value>
    Value one_of(std::initializer_list<Value> values) {
        return *(values.begin() + random_.below(values.size()));
    }

    sandbox::MedicappSwitches habits() {
        using namespace sandbox;
        MedicappSwitches habits;
        habits.list_order =
            one_of({ListOrder::created, ListOrder::modified, ListOrder::id, ListOrder::shuffled});
        habits.modified_after = one_of({Bound::inclusive, Bound::exclusive});
        habits.precision = one_of({Precision::seconds, Precision::milliseconds});
        habits.visibility_lag = one_of<Millis>({0, 0, 2'000, 20'000});
        habits.retry_after = one_of(
            {RetryAfter::seconds, RetryAfter::date, RetryAfter::ratelimit, RetryAfter::none});
        habits.put_address = one_of({PutAddress::merge, PutAddress::replace});
        habits.post_answer = one_of({PostAnswer::full, PostAnswer::full, PostAnswer::id_only});
        habits.absent = one_of({Absent::null, Absent::omit});
        habits.page_limit = one_of<std::size_t>({2, 3, 5, 0});
        if (random_.chance(0.2)) {
            habits.rate_limit = one_of({5.0, 20.0});
            habits.burst = 3;
        }
        return habits;
    }

    int somebody() { return static_cast<int>(random_.below(static_cast<std::uint64_t>(people_))); }

    Deed deed() {
        for (;;) {
            auto share = static_cast<int>(random_.below(128));
            int kind = 0;
            while (share >= shares[static_cast<std::size_t>(kind)])
                share -= shares[static_cast<std::size_t>(kind++)];
            Deed deed{static_cast<Deed::Kind>(kind), somebody(),
                      static_cast<std::int64_t>(random_.below(20))};
            const bool jumps = deed.kind == Deed::Kind::his_clock_jumps ||
                               deed.kind == Deed::Kind::medicapp_clock_jumps;
            if (jumps && !clocks_jump_) continue;
            if (deed.kind == Deed::Kind::medicapp_erase && !erasures_) continue;
            if (jumps) deed.what = one_of<std::int64_t>({-3600, -90, 90, 3600});
            if (deed.kind == Deed::Kind::time_passes)
                deed.what = one_of<std::int64_t>({1, 30, 200, 400, 7200});
            if (deed.kind == Deed::Kind::his_merge) deed.what = somebody();
            return deed;
        }
    }

    CycleAct cycle() {
        CycleAct cycle;
        cycle.state_lost = trouble_ && random_.chance(0.03);
        cycle.full = cycle.state_lost || random_.chance(0.1);
        const auto length = 6 + 4 * static_cast<std::uint64_t>(people_);
        const auto number = [&] { return static_cast<std::int64_t>(1 + random_.below(length)); };
        if (trouble_) {
            for (auto left = random_.below(4); left > 0; --left) {
                Weather weather;
                weather.from = number();
                weather.to = weather.from + (random_.chance(0.1) ? 30 : 0);
                weather.trouble = static_cast<Trouble>(random_.below(troubles));
                cycle.weather.push_back(weather);
            }
            if (random_.chance(0.2)) {
                cycle.dies_at = static_cast<std::int64_t>(1 + random_.below(length * 2));
                cycle.power_cut = random_.chance(0.5);
            }
            if (random_.chance(0.08))
                cycle.disk_fails_at = static_cast<std::int64_t>(1 + random_.below(60));
        }
        if (random_.chance(0.5)) {
            for (auto left = 1 + random_.below(3); left > 0; --left)
                cycle.meanwhile.emplace_back(number(), deed());
        }
        return cycle;
    }

    Random random_;
    int people_ = 1;
    bool clocks_jump_ = false;
    bool erasures_ = false;
    bool trouble_ = false;
};

std::string cycle_in_words(const CycleAct& cycle) {
    std::string text = cycle.full       ? "a full cycle"
                       : cycle.arrivals ? "a cycle of arrivals"
                                        : "a cycle";
    if (cycle.accept_rewind) text += " that accepts the rewind that was shown";
    if (cycle.accept_mapping) text += " that accepts the mapping that was shown";
    if (cycle.state_lost) text += " from an empty state";
    for (const auto& weather : cycle.weather) {
        text += "; request " + std::to_string(weather.from);
        if (weather.to != weather.from) text += " to " + std::to_string(weather.to);
        text += ": " + std::string(name(weather.trouble));
    }
    for (const auto& [number, deed] : cycle.meanwhile)
        text += "; as request " + std::to_string(number) + " leaves, " + in_words(deed);
    if (cycle.disk_fails_at > 0)
        text += "; disk operation " + std::to_string(cycle.disk_fails_at) + " fails";
    if (cycle.power_goes_at_change > 0)
        text += "; the power goes at disk change " + std::to_string(cycle.power_goes_at_change);
    if (cycle.dies_at > 0) {
        text += cycle.power_cut ? "; the power goes at step " : "; killed at step ";
        text += std::to_string(cycle.dies_at);
    }
    return text;
}

} // namespace

std::string in_words(const Deed& deed) {
    std::string text;
    for (const char* c = wordings[static_cast<std::size_t>(deed.kind)]; *c != 0; ++c) {
        if (*c == '#') {
            text += "P" + std::to_string(deed.who);
        } else if (*c == '*') {
            text += std::to_string(deed.what);
        } else {
            text += *c;
        }
    }
    return text;
}

std::string in_words(const Story& story) {
    std::string text;
    int line = 0;
    for (const auto& act : story.acts) {
        text += "  " + std::to_string(++line) + ". ";
        text += (act.deed ? in_words(*act.deed) : cycle_in_words(act.cycle)) + "\n";
    }
    return text;
}

Act act(Deed deed) {
    Act act;
    act.deed = deed;
    return act;
}

Act act(CycleAct cycle) {
    Act act;
    act.cycle = std::move(cycle);
    return act;
}

Story story_of(std::uint64_t seed) {
    constexpr std::uint64_t apart = 0x9e3779b97f4a7c15;
    const auto story = Writer(seed).write(seed);
    Writer more(sandbox::mix(seed ^ apart));
    switch (sandbox::mix(seed) % 12) {
    case 0:
    case 6:
        return more.with_pushes(story);
    case 1:
    case 7:
        return more.with_two_inboxes(story);
    case 2:
        return more.with_backups(seed);
    default:
        return story;
    }
}

} // namespace medibridge::simulation
