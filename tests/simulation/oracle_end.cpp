#include "oracle.hpp"

#include <algorithm>

/// What must hold once the trouble has ended.
namespace medibridge::simulation {

using reconcile::HoldReason;
using sandbox::Slot;

namespace {

/// Medicapp's fields are in the order of the canonical ones, behind the externalId.
reconcile::Field canonical(std::size_t field) {
    return static_cast<reconcile::Field>(field - sandbox::last_name);
}

bool contradict(const std::string& a, const std::string& b) {
    return !a.empty() && !b.empty() && a != b;
}

/// What Medicapp may refuse to change.
constexpr std::array<std::size_t, 4> identity_fields{sandbox::last_name, sandbox::first_name,
                                                     sandbox::birth_date, sandbox::gender};

/// An address is one value: what Medicapp shows stands where the HIS has no whole one, or has none
/// of a part that Medicapp has.
bool says_no_address(const Values& his, const Values& shown) {
    if (his[sandbox::city].empty()) return true; // half an address
    for (std::size_t i = sandbox::street; i < shown.size(); ++i) {
        if (his[i].empty() && !shown[i].empty()) return true;
    }
    return false;
}

std::string at(int who, std::size_t field) {
    return Hospital::identifier(who) + "." +
           std::string(json_name(static_cast<sandbox::MedicappField>(field)));
}

/// Whether the merges from that patient on lead back to them.
bool goes_round(const Hospital& hospital, int who) {
    constexpr int longest = 8;
    auto next = who;
    for (int i = 0; i < longest; ++i) {
        const auto record = hospital.his().find(next);
        if (record == hospital.his().end() || record->second.merged_into < 0) return false;
        next = record->second.merged_into;
        if (next == who) return true;
    }
    return false;
}

} // namespace

void Oracle::check_forgery(state::Store& state) {
    std::string lasting;
    for (const auto& [who, truth] : hospital_->his()) {
        if (!truth.before_forgery) continue;
        const auto known =
            state.look_up(std::vector<std::string>(1, Hospital::identifier(who))).front();
        const bool held = known.held && (known.held->reason == HoldReason::merged_in_his ||
                                         known.held->reason == HoldReason::inactive_in_his);
        if (known.link && (held || !known.redirect.empty()))
            lasting += " " + Hospital::identifier(who);
    }
    if (!lasting.empty()) break_invariant("no harm at scale: what was forged lasts, of" + lasting);
}

void Oracle::check_settled(state::Store& state, bool full) {
    std::map<std::string, int> holders;
    for (const auto& [slot, values] : hospital_->medicapp_patients()) {
        const auto& id = values[sandbox::external_id];
        if (!id.empty() && ++holders[id] == 2)
            break_invariant("no duplicate patient: two have " + id);
    }
    for (const auto& [who, truth] : hospital_->his()) {
        const std::vector<std::string> id(1, Hospital::identifier(who));
        check_record(who, truth, state.look_up(id).front(), full);
    }
    for (const auto& [who, word] : hospital_->other_words()) {
        if (hospital_->his().contains(who)) continue;
        const std::vector<std::string> id(1, Hospital::identifier(who));
        check_told_otherwise(who, word, state.look_up(id).front(), full);
    }
}

/// Of a patient of whom only the second HIS knows.
void Oracle::check_told_otherwise(int who, const OtherWord& word, const state::Known& known,
                                  bool full) {
    const auto id = Hospital::identifier(who);
    if (known.held || (!full && hospital_->was_erased(id))) return;
    if (word.stops()) break_invariant("nothing lost: " + id + " must not be sent and is not held");
    if (!known.link || !hospital_->world().medicapp_store.find_external(id))
        break_invariant("nothing lost: " + id + " is neither in Medicapp nor held");
}

void Oracle::check_record(int who, const HisTruth& truth, const state::Known& known, bool full) {
    // Nothing is inferred from what is not shown. A poll does not show what looks older than what
    // was taken; a full compare does, and shows how the HIS is now.
    if (truth.deleted || (truth.looks_old() && !full)) return;
    const auto id = Hospital::identifier(who);
    // A poll shows no erasure; a full compare does.
    if (!full && hospital_->was_erased(id)) return;
    const auto holder = hospital_->world().medicapp_store.find_external(id);
    if (known.held) {
        check_hold(who, truth, *known.held, full);
        return;
    }
    const auto* const other = hospital_->other_word(who);
    // A record in use in the other list may stand against a merge, also a newer one: what a list
    // shows is current. One that can be read stands against one that cannot.
    if (other && (truth.merged_into >= 0 || truth.spoiled)) return;
    // Of patients who are merged into each other the latest merge says who is in use.
    if (goes_round(*hospital_, who)) return;
    if (!truth.sendable() || (other && other->stops())) {
        const bool retired_and_unknown = truth.merged_into >= 0 && !known.link && !known.unlinked;
        if (!retired_and_unknown)
            break_invariant("nothing lost: " + id + " must not be sent and is not held");
        return;
    }
    if (!holder) {
        break_invariant("nothing lost: " + id + " is neither in Medicapp nor held");
        return;
    }
    if (!known.link) {
        break_invariant("convergence: " + id + " is in Medicapp, neither linked nor held");
        return;
    }
    // An operator took the other HIS's word.
    const bool taken_otherwise =
        other && other->contradicts(truth.values) && is_declared(*holder, other->person);
    if (!taken_otherwise) check_fields(who, truth, *holder, values_of(*holder));
}

bool Oracle::is_justified(int who, const HisTruth& truth, const state::Held& held) const {
    const auto id = Hospital::identifier(who);
    const auto holder = hospital_->world().medicapp_store.find_external(id);
    const auto shown = holder ? values_of(*holder) : Values();
    const auto* const other = hospital_->other_word(who);
    const bool contradicted =
        other && (other->contradicts(truth.values) || (holder && other->contradicts(shown)));
    switch (held.reason) {
    case HoldReason::invalid:
        return truth.spoiled;
    case HoldReason::deceased:
        return truth.deceased || (other && other->deceased);
    case HoldReason::inactive_in_his:
        return truth.inactive || (other && other->inactive);
    case HoldReason::identity_status:
        return truth.doubtful;
    case HoldReason::ambiguous_source:
        return truth.doubled || contradicted;
    case HoldReason::merged_in_his:
        return truth.merged_into >= 0;
    case HoldReason::erased_in_medicapp:
        return hospital_->was_one_with_erased(who) &&
               policy_.on_erased == reconcile::OnErased::hold;
    case HoldReason::identity_mismatch:
    case HoldReason::divergence:
        return hospital_->was_renumbered(id) || contradicted ||
               (holder && (!same_identity(shown, truth.values) ||
                           contradict(shown[sandbox::gender], truth.values[sandbox::gender])));
    case HoldReason::refused_by_server:
        return hospital_->is_refused(who);
    case HoldReason::external_id_taken:
        return holder.has_value();
    case HoldReason::possible_duplicate:
        // Their person stands in Medicapp under another externalId.
        return is_possible_duplicate(truth.values) || hospital_->was_renumbered(id) ||
               (other && is_possible_duplicate(other->values)) || survives_in_doubt(who);
    case HoldReason::rejected:
        return holder && std::ranges::any_of(identity_fields, [&](std::size_t field) {
                   return cannot_change(field) && shown[field] != truth.values[field];
               });
    default:
        return false;
    }
}

/// Whether somebody is said to be merged into that patient, whom the other HIS has in use.
bool Oracle::survives_in_doubt(int who) const {
    return std::ranges::any_of(hospital_->his(), [&](const auto& one) {
        return one.second.merged_into == who && hospital_->other_word(one.first);
    });
}

bool Oracle::is_possible_duplicate(const Values& his) const {
    if (policy_.on_unlinked_match == reconcile::OnUnlinkedMatch::create) return false;
    const auto alike = std::ranges::count_if(hospital_->medicapp_patients(), [&](const auto& one) {
        return one.second[sandbox::external_id].empty() && same_identity(one.second, his);
    });
    // Among several no program can choose.
    return policy_.on_unlinked_match == reconcile::OnUnlinkedMatch::hold ? alike > 0 : alike > 1;
}

bool Oracle::cannot_change(std::size_t field) const {
    return hospital_->world().settings.medicapp.put_names != sandbox::Permission::allow &&
           std::ranges::count(identity_fields, field) > 0;
}

void Oracle::check_hold(int who, const HisTruth& truth, const state::Held& held, bool full) {
    // Between two full compares a hold may outlive its cause, where only Medicapp put it right. And
    // whom an operator left stays so until the record changes.
    if (!full || held.acknowledged || is_justified(who, truth, held)) return;
    break_invariant("held for a cause: " + Hospital::identifier(who) + " is held " +
                    std::string(name(held.reason)) + " without one");
}

std::string Oracle::accepted(const HisTruth& truth, Slot slot, std::size_t field,
                             const Values& all_shown) const {
    const auto& shown = all_shown[field];
    const auto& his = truth.values[field];
    const auto authority = policy_.authority_of(canonical(field));
    const auto* medicapp = hospital_->medicapp(slot);
    const bool touched = medicapp && !medicapp->user_values[field].empty();
    if (his.empty()) return shown; // what the HIS does not know says nothing
    if (field >= sandbox::street) {
        if (medicapp && medicapp->address_untold) return shown;
        if (says_no_address(truth.values, all_shown)) return shown;
        const bool part_touched =
            medicapp && std::any_of(medicapp->user_values.begin() + sandbox::street,
                                    medicapp->user_values.end(),
                                    [](const std::string& value) { return !value.empty(); });
        // One of the two addresses stands, whole: check_address sees that they are not mixed.
        if (part_touched && authority != reconcile::Authority::his) return shown;
    }
    if (cannot_change(field)) return shown;
    // A new state knows no baselines: the two times alone say who is newer, and a write of our own
    // carries a time as well.
    if (state_lost_ && authority == reconcile::Authority::newest) return shown;
    if (authority == reconcile::Authority::his) return his;
    if (hospital_->went_back_unnoticed(slot, field, shown)) return shown;
    if (!touched) return his;
    const auto& theirs = medicapp->user_values[field];
    const auto their_time = medicapp->user_changed_at[field];
    const auto last_edit = *std::ranges::max_element(medicapp->user_changed_at);
    const bool overwritten_unseen = overwritten_.contains({slot, field});
    // Whose time nobody believes is not known to be the newer one.
    if (!hospital_->clock_jumped() && !overwritten_unseen && !truth.absurd) {
        // Times of whole seconds tell no more than that, and a late row tells nothing in between.
        constexpr TrueTime grain = 1000;
        if (their_time > std::max(truth.changed_at, truth.shown_at) + grain) return theirs;
        const bool his_newer = truth.field_changed_at[field] > last_edit + grain &&
                               truth.field_changed_at[field] >= truth.absurd_until;
        if (his_newer && authority == reconcile::Authority::newest) return his;
    }
    return shown == theirs ? theirs : his;
}

/// What a user of Medicapp gave is not mixed with what the HIS changed later.
void Oracle::check_address(int who, const HisTruth& truth, Slot slot, const Values& shown) {
    const auto* medicapp = hospital_->medicapp(slot);
    if (!medicapp || medicapp->address_untold || state_lost_ || hospital_->clock_jumped()) return;
    if (says_no_address(truth.values, shown)) return;
    constexpr TrueTime grain = 1000;
    for (std::size_t theirs = sandbox::street; theirs < shown.size(); ++theirs) {
        const auto& given = medicapp->user_values[theirs];
        if (given.empty() || shown[theirs] != given || given == truth.values[theirs]) continue;
        for (std::size_t ours = sandbox::street; ours < shown.size(); ++ours) {
            const bool later =
                truth.field_changed_at[ours] > medicapp->user_changed_at[theirs] + grain;
            if (later && shown[ours] == truth.values[ours] && ours != theirs &&
                !shown[ours].empty() && medicapp->user_values[ours] != shown[ours])
                break_invariant("an address is one value: " + at(who, theirs) + " is Medicapp's, " +
                                at(who, ours) + " the HIS's");
        }
    }
}

void Oracle::check_fields(int who, const HisTruth& truth, Slot slot, const Values& shown) {
    check_address(who, truth, slot, shown);
    for (std::size_t i = sandbox::last_name; i < shown.size(); ++i) {
        const auto expected = accepted(truth, slot, i, shown);
        if (shown[i] == expected) continue;
        break_invariant("convergence: " + at(who, i) + " is \"" + shown[i] + "\", not \"" +
                        expected + "\"");
    }
}

} // namespace medibridge::simulation
