#include "hospital.hpp"

#include <algorithm>

/// What happens on Medicapp's side.
namespace medibridge::simulation {

using Kind = Deed::Kind;
using sandbox::MedicappField;
using sandbox::Slot;

namespace {

MedicappField medicapp_field(std::int64_t what) {
    static constexpr std::array<MedicappField, 5> fields{
        sandbox::phone, sandbox::email, sandbox::city, sandbox::last_name, sandbox::gender};
    return fields[static_cast<std::size_t>(what) % fields.size()];
}

} // namespace

const MedicappTruth* Hospital::medicapp(Slot slot) const {
    const auto place = medicapp_.find(slot);
    return place == medicapp_.end() ? nullptr : &place->second;
}

std::vector<std::pair<Slot, Values>> Hospital::medicapp_patients() const {
    std::vector<std::pair<Slot, Values>> patients;
    const auto& store = world_->medicapp_store;
    for (Slot slot = 0; slot < store.slots(); ++slot) {
        if (store[slot].erased) continue;
        Values values;
        for (std::size_t i = 0; i < values.size(); ++i)
            values[i] = std::string(store[slot].texts[i]);
        patients.emplace_back(slot, std::move(values));
    }
    return patients;
}

std::optional<Slot> Hospital::holder(int who) const {
    return world_->medicapp_store.find_external(identifier(who));
}

bool Hospital::is_same_person(int who) const {
    const auto slot = holder(who);
    const auto his = his_.find(who);
    if (!slot || his == his_.end()) return false;
    const auto* const truth = medicapp(*slot);
    if (truth && truth->person) return *truth->person == his->second.person;
    const std::string name(world_->medicapp_store[*slot].texts[sandbox::last_name]);
    return owner_of(name) == his->second.person;
}

void Hospital::note_user_values(Slot slot, const Values& values) {
    auto& truth = medicapp_[slot];
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (values[i].empty()) continue;
        truth.user_values[i] = values[i];
        truth.user_changed_at[i] = now();
    }
}

void Hospital::medicapp_edit(const Deed& deed) {
    const auto slot = holder(deed.who);
    if (!slot) return;
    const auto field = medicapp_field(deed.what);
    edit_in_medicapp(*slot, field, other_value(field, ++versions_));
}

void Hospital::medicapp_agree(const Deed& deed) {
    const auto slot = holder(deed.who);
    const auto his = his_.find(deed.who);
    if (!slot || his == his_.end()) return;
    const auto field = contact_field(deed.what);
    edit_in_medicapp(*slot, field, his->second.values[field]);
}

void Hospital::edit_in_medicapp(Slot slot, MedicappField field, std::string value) {
    Values values;
    values[field] = std::move(value);
    const auto modified = world_->medicapp_store[slot].modified;
    world_->medicapp_api.change(slot, medicapp_body(values), sandbox::Writer::medicapp);
    if (const auto& back = medicapp_[slot].put_back) edited_after_restore_[slot].push_back(*back);
    note_user_values(slot, values);
    if (field >= sandbox::street && world_->medicapp_store[slot].modified == modified)
        medicapp_[slot].address_untold = true;
}

void Hospital::medicapp_erase(const Deed& deed) {
    const auto slot = holder(deed.who);
    if (!slot) return;
    world_->medicapp_store.erase(*slot);
    erased_.insert(identifier(deed.who));
}

void Hospital::medicapp_renumber(const Deed& deed) {
    const auto id = identifier(deed.who);
    const bool away = deed.kind == Kind::medicapp_renumber;
    const auto before = renumbered_.find(id);
    const auto slot = away                          ? holder(deed.who)
                      : before == renumbered_.end() ? std::nullopt
                                                    : std::optional(before->second);
    if (!slot || (!away && holder(deed.who))) return;
    Values values;
    const bool taken_away = away && deed.what % 2 == 1;
    values[sandbox::external_id] = taken_away ? "" : away ? "Other-" + id : id;
    world_->medicapp_api.change(*slot, medicapp_body(values), sandbox::Writer::medicapp);
    renumbered_.erase(id);
    if (away) renumbered_.emplace(id, *slot);
}

void Hospital::medicapp_back_up() {
    const auto& store = world_->medicapp_store;
    backup_ = Backup{store.snapshot(), store.slots(), store.erased(), medicapp_, renumbered_};
}

/// Who came or went since then would be erased, or come back: that is another story.
void Hospital::medicapp_restore() {
    auto& store = world_->medicapp_store;
    if (!backup_ || backup_->slots != store.slots() || backup_->erased != store.erased()) return;
    std::map<Slot, sandbox::Millis> before;
    for (const auto& [slot, values] : medicapp_patients())
        before[slot] = store[slot].modified;
    store.restore(backup_->store);
    medicapp_ = backup_->truth;
    renumbered_ = backup_->renumbered;
    for (const auto& [slot, values] : medicapp_patients()) {
        auto& truth = medicapp_[slot];
        truth.put_back = values;
        // A list shows neither the address, nor a time that is another one.
        truth.address_untold = truth.address_untold || store[slot].modified == before[slot];
    }
    restored_ = true;
}

bool Hospital::went_back_unnoticed(Slot slot, std::size_t field, const std::string& value) const {
    const auto place = edited_after_restore_.find(slot);
    return place != edited_after_restore_.end() &&
           std::ranges::any_of(place->second,
                               [&](const Values& values) { return values[field] == value; });
}

bool Hospital::was_renumbered(const std::string& external_id) const {
    const auto place = renumbered_.find(external_id);
    return place != renumbered_.end() && !world_->medicapp_store[place->second].erased;
}

bool Hospital::was_renumbered(const std::string& external_id, std::uint64_t person) const {
    if (!was_renumbered(external_id)) return false;
    const auto slot = renumbered_.at(external_id);
    const auto* truth = medicapp(slot);
    if (truth && truth->person) return *truth->person == person;
    return owner_of(std::string(world_->medicapp_store[slot].texts[sandbox::last_name])) == person;
}

void Hospital::medicapp_admit(const Deed& deed) {
    const bool anonymous = deed.kind == Kind::medicapp_anonymous;
    if (!anonymous && holder(deed.who)) return;
    const auto known = his_.find(deed.who);
    auto number = static_cast<std::uint64_t>(deed.who);
    auto values = person(number);
    if (deed.kind == Kind::medicapp_collide) {
        number = ++versions_;
        values = person(number);
    } else if (known != his_.end()) {
        number = known->second.person;
        values = known->second.values;
    }
    own(number, values);
    values[sandbox::external_id] = anonymous ? "" : identifier(deed.who);
    values[sandbox::city] = other_value(sandbox::city, ++versions_);
    const auto before = world_->medicapp_store.slots();
    world_->medicapp_api.create(medicapp_body(values), sandbox::Writer::medicapp);
    const auto slot = static_cast<Slot>(before);
    if (world_->medicapp_store.slots() == before) return;
    note_user_values(slot, values);
    medicapp_[slot].person = number;
}

} // namespace medibridge::simulation
