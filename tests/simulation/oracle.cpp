#include "oracle.hpp"

#include <algorithm>
#include <ostream>
#include <utility>

namespace medibridge::simulation {

using sandbox::Slot;
using sandbox::Verb;

namespace {

constexpr std::string_view item_prefix = "/v5/patients/";

} // namespace

Oracle::Oracle(Hospital& hospital, Network& network, const reconcile::Policy& policy)
    : hospital_(&hospital),
      network_(&network),
      policy_(policy) {
    network.before_effect = [this](sandbox::Side side, const sandbox::Request& request) {
        if (side == sandbox::Side::medicapp) before(request);
    };
    network.after_effect = [this](sandbox::Side side, const sandbox::Request& request) {
        if (side == sandbox::Side::medicapp) after(request);
    };
}

void Oracle::break_invariant(std::string what) {
    broken_.push_back(std::move(what));
}

void Oracle::write(const log::Event& event) {
    if (log_) *log_ << event.type().name;
    std::string patient;
    std::string reason;
    for (const auto& [key, value] : event.fields()) {
        const auto* text = std::get_if<std::string>(&value);
        if (!text) continue;
        if (log_) *log_ << ' ' << log::name(key) << '=' << *text;
        if (text->find(planted_name) != std::string::npos)
            break_invariant("no personal data in clear: event " + std::string(event.type().name));
        if (key == log::Key::patient) patient = *text;
        if (key == log::Key::reason) reason = *text;
    }
    if (log_) *log_ << '\n';
    const auto name = event.type().name;
    if (name == "patient.held" && ++holds_[{patient, reason}] > 1)
        break_invariant("held once: " + patient + " is held again for " + reason);
    // Somebody who was erased is there again, and may be gone again later.
    if (name == "patient.released" || name == "patient.erased_returned")
        std::erase_if(holds_, [&](const auto& hold) { return hold.first.first == patient; });
    // Another reason takes the former one's place.
    if (name == "patient.held" || name == "patient.excluded") {
        std::erase_if(holds_, [&](const auto& hold) {
            return hold.first.first == patient && hold.first.second != reason;
        });
    }
}

void Oracle::sees_restore(state::Store* state) {
    auto before = std::exchange(rewound_, {});
    if (!state) return;
    constexpr sandbox::Millis grain = 2'000; // times of whole seconds tell no more
    state->each_link([&](const state::Link& link) {
        const auto slot = hospital_->world().medicapp_store.find(link.medicapp_id);
        const auto& at = link.baselines.medicapp.modified_at;
        if (!slot || !at) return;
        const Rewound now{at->time_since_epoch().count(),
                          hospital_->world().medicapp_store[*slot].modified, cycles_};
        if (now.shown_at + grain >= now.known_at) return;
        const auto& same = before[*slot];
        const bool again = same.known_at == now.known_at && same.shown_at == now.shown_at;
        rewound_[*slot] = again ? same : now;
    });
}

void Oracle::sees_order(bool full, bool accepts_rewind) {
    constexpr TrueTime day = 24 * 3'600'000;
    const bool holds = accepted_at_ && hospital_->now() - *accepted_at_ < day;
    reads_all_ = full || holds;
    accepts_ = accepts_rewind && !shown_.empty();
    if (!accepts_) return;
    for (auto& [slot, one] : rewound_) {
        const auto id = values_of(slot)[sandbox::external_id];
        if (one.cycle < shown_in_ && std::ranges::find(shown_, id) != shown_.end())
            one.shown = true;
    }
}

void Oracle::sees_report(const sync::Report& report) {
    if (accepts_ && !accepted_at_) accepted_at_ = hospital_->now();
    if (report.outcome == sync::Outcome::complete) accepted_at_.reset();
    shown_.clear();
    shown_in_ = cycles_;
    for (const auto& alarm : report.alarms) {
        if (alarm.guard != "guard.rewound") continue;
        for (const auto& [slot, values] : hospital_->medicapp_patients())
            if (alarm.changes.covers(values[sandbox::external_id]))
                shown_.push_back(values[sandbox::external_id]);
    }
}

/// By a cycle that reads everything: a poll need not show anybody who went back.
void Oracle::check_rewinds() {
    if (!reads_all_) return;
    const auto& store = hospital_->world().medicapp_store;
    for (const auto& [slot, one] : rewound_)
        if (!one.shown && one.cycle < cycles_ && store[slot].modified == one.shown_at)
            break_invariant("a rewind is not accepted unseen: something is written while " +
                            values_of(slot)[sandbox::external_id] +
                            " is as they were, which nobody was shown");
}

void Oracle::sees_erasure(const std::string& external_id, bool known) {
    if (known) erased_and_known_.insert(external_id);
}

void Oracle::sees_loss(state::Store* state) {
    holds_.clear();
    std::erase_if(erased_and_known_, [&](const std::string& id) {
        return !state || !state->look_up(std::vector<std::string>(1, id)).front().tombstone;
    });
    state_lost_ = true;
    taken_.clear();
    // A new state knows no link either.
    renumbered_and_known_.clear();
}

void Oracle::sees_renumbering(const std::string& external_id, bool known) {
    if (known) renumbered_and_known_.insert(external_id);
}

void Oracle::sees_number_restored(const std::string& external_id) {
    renumbered_and_known_.erase(external_id);
}

void Oracle::sees_error(int who, const sync::Order& order, const state::Known& known) {
    const auto id = Hospital::identifier(who);
    if (order.kind == sync::DecisionKind::create) ++creations_ordered_[id];
    const auto& meant = order.kind == sync::DecisionKind::link ? order.medicapp_id
                        : order.kind == sync::DecisionKind::update && known.link
                            ? known.link->medicapp_id
                            : std::string();
    if (meant.empty()) return;
    identity_confirmed_.insert(id);
    if (const auto slot = hospital_->world().medicapp_store.find(meant))
        declared_[*slot].insert(who);
}

void Oracle::check_decisions(state::Store& state) {
    for (const auto& [id, taken] : taken_) {
        state::AuditQuery query;
        query.external_id = id;
        query.limit = 1000;
        int decided = 0;
        int ended = 0;
        for (const auto& line : state.audit(query)) {
            if (line.action == "decided") ++decided;
            if (line.action.starts_with("decision_")) ++ended;
            if (line.action == "decided" && line.actor.name != "anne")
                break_invariant("audit: nobody is named for a decision about " + id);
        }
        if (decided < taken)
            break_invariant("audit: " + std::to_string(taken) + " decisions about " + id +
                            " were taken, " + std::to_string(decided) + " stand there");
        if (ended > decided)
            break_invariant("a decision about " + id + " was carried out more than once");
    }
}

void Oracle::sees_failure(state::Store* state) {
    std::set<std::pair<std::string, std::string>> kept;
    if (state) {
        for (const auto& held : state->held())
            kept.emplace(held.key, name(held.reason));
    }
    std::erase_if(holds_, [&](const auto& hold) { return !kept.contains(hold.first); });
}

Values Oracle::values_of(Slot slot) const {
    Values values;
    const auto& patient = hospital_->world().medicapp_store[slot];
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = std::string(patient.texts[i]);
    return values;
}

void Oracle::before(const sandbox::Request& request) {
    if (log_)
        *log_ << name(request.verb) << ' ' << request.path << '?' << request.query << ' '
              << request.body << '\n';
    slot_.reset();
    const auto& store = hospital_->world().medicapp_store;
    slots_before_ = store.slots();
    if (request.verb == Verb::get) return;
    ++writes_;
    check_rewinds();
    if (request.verb == Verb::delete_) break_invariant("nothing deleted: a DELETE was sent");
    if (!writes_allowed_)
        break_invariant("least writes: " + std::string(name(request.verb)) +
                        " although nothing changed: " + std::string(request.body));
    if (!request.path.starts_with(item_prefix)) return;
    slot_ = store.find(request.path.substr(item_prefix.size()));
    if (slot_) before_ = values_of(*slot_);
}

void Oracle::after(const sandbox::Request& request) {
    const auto& store = hospital_->world().medicapp_store;
    if (store.slots() > slots_before_) {
        const auto slot = static_cast<Slot>(slots_before_);
        const auto now = values_of(slot);
        const auto person = hospital_->owner_of(now[sandbox::last_name]);
        if (!person) {
            break_invariant("a patient was created whom the HIS does not know: " +
                            std::string(request.body));
            return;
        }
        created_for_[slot] = *person;
        check_values(slot, *person, Values(), now);
        const auto& id = now[sandbox::external_id];
        if (network_->is_late()) return;
        auto& ordered = creations_ordered_[id];
        const bool brought_back = ordered > 0;
        if (brought_back) --ordered;
        if (erased_and_known_.contains(id) && policy_.on_erased == reconcile::OnErased::hold &&
            !brought_back)
            break_invariant("nothing resurrected: " + id +
                            " was erased in Medicapp and is created again");
        if (renumbered_and_known_.contains(id) && hospital_->was_renumbered(id, *person))
            break_invariant("no duplicate patient: " + id +
                            " has another externalId in Medicapp and is created again");
        return;
    }
    if (!slot_ || store[*slot_].erased || request.verb != Verb::put) return;
    note_overwritten(*slot_, before_, values_of(*slot_));
    const auto* truth = hospital_->medicapp(*slot_);
    const auto created = created_for_.find(*slot_);
    if (truth && truth->person) {
        check_values(*slot_, *truth->person, before_, values_of(*slot_));
    } else if (created != created_for_.end()) {
        check_values(*slot_, created->second, before_, values_of(*slot_));
    }
}

void Oracle::check_values(Slot slot, std::uint64_t person, const Values& before,
                          const Values& now) {
    int who_changes = 0;
    for (std::size_t i = 0; i < now.size(); ++i) {
        if (now[i] == before[i]) continue;
        const auto owner = hospital_->owner_of(now[i]);
        if (owner && *owner != person && !is_declared(slot, *owner))
            break_invariant("never the wrong patient: " + now[sandbox::external_id] + " (" +
                            hospital_->world().medicapp_store.id(slot) + ") was given \"" + now[i] +
                            "\", which is somebody else's");
        const bool says_who =
            i == sandbox::last_name || i == sandbox::birth_date || i == sandbox::gender;
        who_changes += says_who && !before[i].empty();
    }
    if (who_changes >= 2 && !identity_confirmed_.contains(now[sandbox::external_id]))
        break_invariant("never the wrong patient: one update changed who " +
                        now[sandbox::external_id] + " is");
}

bool Oracle::is_declared(Slot slot, std::uint64_t person) const {
    const auto whom = declared_.find(slot);
    if (whom == declared_.end()) return false;
    return std::ranges::any_of(whom->second, [&](int who) {
        const auto truth = hospital_->his().find(who);
        const auto* const other = hospital_->other_word(who);
        return (truth != hospital_->his().end() && truth->second.person == person) ||
               (other && other->person == person);
    });
}

void Oracle::note_overwritten(Slot slot, const Values& before, const Values& now) {
    const auto* const truth = hospital_->medicapp(slot);
    if (!truth) return;
    for (std::size_t i = 0; i < now.size(); ++i) {
        if (now[i] != before[i] && truth->user_changed_at[i] >= cycle_began_)
            overwritten_.emplace(slot, i);
    }
}

void Oracle::check_privacy(const std::string& bytes) {
    if (bytes.find(planted_name) != std::string::npos)
        break_invariant("no personal data in clear: a name stands in the state");
}

} // namespace medibridge::simulation
