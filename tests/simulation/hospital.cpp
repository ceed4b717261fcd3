#include "hospital.hpp"

#include <algorithm>
#include <tuple>

namespace medibridge::simulation {

using Kind = Deed::Kind;
using sandbox::MedicappField;

namespace {

/// The date when the simulation begins; its clock starts at its own origin.
constexpr sandbox::Millis beginning = 1'790'000'000'000;

constexpr TrueTime commit_lag = 60'000;

class MachineClock final : public sandbox::Clock {
  public:
    explicit MachineClock(const tests::VirtualClock& clock) : clock_(&clock) {}
    sandbox::Millis wall() const override { return beginning + steady(); }
    sandbox::Millis steady() const override { return clock_->now().time_since_epoch().count(); }

  private:
    const tests::VirtualClock* clock_;
};

sandbox::Settings sandbox_settings(std::uint64_t seed, const sandbox::MedicappSwitches& switches) {
    sandbox::Settings settings;
    settings.seed = seed;
    settings.medicapp = switches;
    settings.medicapp.api_key = "sk_simulated";
    settings.population.patients = 0;
    // In which order the HIS lists must not matter.
    settings.his.order = static_cast<sandbox::HisOrder>(sandbox::mix(seed) % 3);
    return settings;
}

MedicappField corrected_field(std::int64_t what) {
    static constexpr std::array<MedicappField, 5> fields{sandbox::first_name, sandbox::gender,
                                                         sandbox::birth_date, sandbox::postal_code,
                                                         sandbox::country};
    return fields[static_cast<std::size_t>(what) % fields.size()];
}

} // namespace

Hospital::Hospital(std::uint64_t seed, const sandbox::MedicappSwitches& switches,
                   tests::VirtualClock& clock)
    : machine_(std::make_shared<MachineClock>(clock)),
      clock_(&clock),
      world_(std::make_unique<sandbox::World>(sandbox_settings(seed, switches), machine_)),
      other_world_(std::make_unique<sandbox::World>(sandbox_settings(seed, {}), machine_)) {}

MedicappField Hospital::contact_field(std::int64_t what) {
    static constexpr std::array<MedicappField, 4> fields{sandbox::phone, sandbox::email,
                                                         sandbox::street, sandbox::city};
    return fields[static_cast<std::size_t>(what) % fields.size()];
}

void Hospital::carry_out(const Deed& deed) {
    publish();
    switch (deed.kind) {
    case Kind::his_edit:
    case Kind::his_edit_late:
    case Kind::his_edit_absurd:
        his_edit(deed, deed.kind == Kind::his_edit_late);
        return;
    case Kind::medicapp_edit:
        medicapp_edit(deed);
        return;
    case Kind::medicapp_agree:
        medicapp_agree(deed);
        return;
    case Kind::medicapp_erase:
        medicapp_erase(deed);
        return;
    case Kind::medicapp_admit:
    case Kind::medicapp_collide:
    case Kind::medicapp_anonymous:
        medicapp_admit(deed);
        return;
    case Kind::medicapp_renumber:
    case Kind::medicapp_restore_number:
        medicapp_renumber(deed);
        return;
    case Kind::medicapp_back_up:
        medicapp_back_up();
        return;
    case Kind::medicapp_restore:
        medicapp_restore();
        return;
    case Kind::medicapp_refuse:
        refused_[deed.who] =
            std::array{403, 401, 413, 500, 502}[static_cast<std::size_t>(deed.what) % 5];
        return;
    case Kind::medicapp_relent:
        refused_.erase(deed.who);
        return;
    case Kind::time_passes:
        clock_->pass(runtime::Duration(deed.what * 1000));
        publish();
        return;
    case Kind::his_forge:
        forge(deed.what);
        return;
    case Kind::his_take_back:
        take_back();
        return;
    case Kind::other_agrees:
    case Kind::other_contradicts:
    case Kind::other_buries:
    case Kind::other_closes:
        tell_otherwise(deed);
        return;
    case Kind::his_clock_jumps:
        world_->settings.his.clock_offset = deed.what * 1000;
        clock_jumped_ = true;
        return;
    case Kind::medicapp_clock_jumps:
        world_->settings.medicapp.clock_offset = deed.what * 1000;
        clock_jumped_ = true;
        return;
    case Kind::his_admit:
        if (his_.contains(deed.who)) return;
        break;
    default:
        if (!his_.contains(deed.who) || his_.at(deed.who).deleted) return;
        break;
    }
    his_deed(his_[deed.who], deed);
    his_[deed.who].changed_at = now();
    store(deed.who, world_->his_api.now());
}

std::optional<std::uint64_t> Hospital::owner_of(const std::string& value) const {
    const auto place = owners_.find(value);
    return place == owners_.end() ? std::nullopt : std::optional(place->second);
}

void Hospital::own(std::uint64_t person, const Values& values) {
    for (const auto field : {sandbox::last_name, sandbox::first_name, sandbox::email,
                             sandbox::phone, sandbox::street}) {
        if (!values[field].empty()) owners_.emplace(values[field], person);
    }
}

void Hospital::change(HisTruth& truth, MedicappField field, std::string value) {
    truth.values[field] = std::move(value);
    own(truth.person, truth.values);
    truth.field_changed_at[field] = now();
}

void Hospital::become(HisTruth& truth, int who, std::uint64_t number) {
    truth.person = number;
    truth.values = person(number);
    truth.values[sandbox::external_id] = identifier(who);
    truth.field_changed_at.fill(now());
    own(number, truth.values);
}

void Hospital::his_deed(HisTruth& truth, const Deed& deed) {
    switch (deed.kind) {
    case Kind::his_admit:
        become(truth, deed.who, static_cast<std::uint64_t>(deed.who));
        return;
    case Kind::his_marry:
        change(truth, sandbox::last_name, other_value(sandbox::last_name, ++versions_));
        return;
    case Kind::his_reassign:
        become(truth, deed.who, ++versions_);
        return;
    case Kind::his_forget:
        change(truth, contact_field(deed.what), "");
        return;
    case Kind::his_spoil:
    case Kind::his_mend:
        truth.spoiled = deed.kind == Kind::his_spoil;
        return;
    case Kind::his_decease:
        truth.deceased = true;
        return;
    case Kind::his_revive:
        truth.deceased = false;
        return;
    case Kind::his_unmerge:
        truth.merged_into = -1;
        return;
    case Kind::his_deactivate:
    case Kind::his_reactivate:
        truth.inactive = deed.kind == Kind::his_deactivate;
        return;
    case Kind::his_merge:
        if (deed.what == deed.who || !his_.contains(static_cast<int>(deed.what))) return;
        truth.merged_into = static_cast<int>(deed.what);
        merges_.emplace(deed.who, truth.merged_into);
        return;
    case Kind::his_delete:
        truth.deleted = true;
        return;
    case Kind::his_correct: {
        const auto field = corrected_field(deed.what);
        auto value = other_value(field, ++versions_);
        if (value == truth.values[field]) value = other_value(field, ++versions_);
        change(truth, field, std::move(value));
        return;
    }
    case Kind::his_doubt:
    case Kind::his_trust:
        truth.doubtful = deed.kind == Kind::his_doubt;
        return;
    case Kind::his_double:
    case Kind::his_undouble:
        show_double(deed.who, truth, deed.kind == Kind::his_double);
        return;
    default:
        return;
    }
}

/// Of everybody but the last: merged into the last, or inactive.
void Hospital::forge(std::int64_t what) {
    if (his_.empty()) return;
    const auto last = his_.rbegin()->first;
    for (auto& [who, truth] : his_) {
        if (who == last || truth.deleted || truth.before_forgery) continue;
        truth.before_forgery = {truth.merged_into, truth.inactive};
        if (what % 2 == 0)
            truth.merged_into = last;
        else
            truth.inactive = true;
        truth.changed_at = now();
        store(who, world_->his_api.now());
    }
}

void Hospital::take_back() {
    for (auto& [who, truth] : his_) {
        if (!truth.before_forgery || truth.deleted) continue;
        std::tie(truth.merged_into, truth.inactive) = *truth.before_forgery;
        truth.before_forgery.reset();
        truth.changed_at = now();
        store(who, world_->his_api.now());
    }
}

bool Hospital::was_one_with_erased(int who) const {
    std::set<int> one{who};
    for (std::size_t before = 0; before != one.size();) {
        before = one.size();
        for (const auto& [a, b] : merges_)
            if (one.contains(a) || one.contains(b)) one.insert({a, b});
    }
    return std::ranges::any_of(one, [this](int each) { return was_erased(identifier(each)); });
}

void Hospital::show_double(int who, HisTruth& truth, bool shown) {
    if (truth.doubled == shown) return;
    truth.doubled = shown;
    // The HIS's key is a text: what stands around the identifier makes it another row.
    const auto key = identifier(who) + " ";
    auto& his = world_->his_store;
    if (!shown) {
        his.erase(*his.find(key), world_->his_api.now());
        return;
    }
    const auto number = ++versions_;
    auto values = person(number);
    own(number, values);
    values[sandbox::external_id] = key;
    auto draft = his_record(values);
    draft.modified = world_->his_api.now();
    his.put(draft);
}

bool OtherWord::contradicts(const Values& theirs) const {
    const auto& a = values[sandbox::gender];
    const auto& b = theirs[sandbox::gender];
    return !same_identity(values, theirs) || (!a.empty() && !b.empty() && a != b);
}

const OtherWord* Hospital::other_word(int who) const {
    const auto place = other_words_.find(who);
    return place == other_words_.end() ? nullptr : &place->second;
}

/// The second HIS says something of a patient, whom the first one may not know yet. Not within the
/// second of anything else: of two records of one time neither is the newer one.
void Hospital::tell_otherwise(const Deed& deed) {
    constexpr runtime::Duration apart{2'000};
    clock_->pass(apart);
    const auto known = his_.find(deed.who);
    const bool is_new = !other_words_.contains(deed.who);
    auto& word = other_words_[deed.who];
    const bool contradicts = deed.kind == Kind::other_contradicts;
    if (contradicts) {
        word = {++versions_, person(versions_)};
    } else if (known != his_.end() && (is_new || deed.kind == Kind::other_agrees)) {
        const auto& truth = known->second;
        word = {truth.person, truth.values, truth.deceased, truth.inactive};
    } else if (is_new || deed.kind == Kind::other_agrees) {
        const auto number = static_cast<std::uint64_t>(deed.who);
        word = {number, person(number)};
    }
    word.deceased = word.deceased || deed.kind == Kind::other_buries;
    word.inactive = word.inactive || deed.kind == Kind::other_closes;
    word.values[sandbox::external_id] = identifier(deed.who);
    own(word.person, word.values);
    auto draft = his_record(word.values);
    draft.deceased = word.deceased;
    draft.active = !word.inactive;
    draft.modified = other_world_->his_api.now();
    other_world_->his_store.put(draft);
    // What it says again counts as said now.
    if (known != his_.end()) known->second.shown_at = now();
    if (on_told) on_told(deed.who);
    clock_->pass(apart);
    publish();
}

void Hospital::his_edit(const Deed& deed, bool late) {
    const auto place = his_.find(deed.who);
    if (place == his_.end() || place->second.deleted) return;
    const auto field = contact_field(deed.what);
    change(place->second, field, other_value(field, ++versions_));
    place->second.changed_at = now();
    constexpr sandbox::Millis decades = 36LL * 365 * 86'400'000;
    const bool absurd = deed.kind == Kind::his_edit_absurd;
    const auto stamp = world_->his_api.now() + (absurd ? decades : 0);
    if (late) {
        pending_.push_back({deed.who, now() + commit_lag, stamp});
    } else {
        store(deed.who, stamp);
    }
}

void Hospital::publish() {
    std::vector<Pending> due;
    std::erase_if(pending_, [&](const Pending& one) {
        if (one.visible_at > now()) return false;
        due.push_back(one);
        return true;
    });
    for (const auto& one : due) {
        if (!his_.at(one.who).deleted) store(one.who, one.stamp);
    }
}

void Hospital::store(int who, sandbox::Millis stamp) {
    // Whoever writes the row again commits what an unfinished transaction held.
    std::erase_if(pending_, [&](const Pending& one) { return one.who == who; });
    auto& truth = his_.at(who);
    truth.stamp = stamp;
    truth.shown_at = now();
    // What no clock comes near is believed by nobody, and nothing looks old beside it.
    const bool believable = stamp <= world_->his_api.now() + 86'400'000;
    if (truth.absurd || !believable) truth.absurd_until = now();
    truth.absurd = !believable;
    if (believable) truth.newest_stamp = std::max(truth.newest_stamp, stamp);
    auto& his = world_->his_store;
    const auto slot = his.find(identifier(who));
    if (on_stored) on_stored(who);
    if (truth.deleted) {
        if (slot) his.erase(*slot, stamp);
        return;
    }
    auto draft = his_record(truth.values);
    if (truth.spoiled) draft.texts[sandbox::his_field::birth_date] = "30/02/1980";
    if (truth.merged_into >= 0)
        draft.texts[sandbox::his_field::merged_into] = identifier(truth.merged_into);
    if (truth.doubtful) draft.texts[sandbox::his_field::identity_status] = "DOUT";
    draft.deceased = truth.deceased;
    draft.active = !truth.inactive;
    draft.modified = stamp;
    his.put(draft);
}

int Hospital::refusal_of(const sandbox::Request& request) const {
    for (const auto& [who, status] : refused_) {
        const auto id = identifier(who);
        const auto slot = holder(who);
        const bool creates =
            request.verb == sandbox::Verb::post &&
            request.body.find("\"externalId\":\"" + id + "\"") != std::string::npos;
        const bool about = slot && request.path.ends_with("/" + medicapp_id(*slot));
        if (creates || about) return status;
    }
    return 0;
}

void Hospital::end_trouble() {
    refused_.clear();
    world_->settings.his.clock_offset = 0;
    world_->settings.medicapp.clock_offset = 0;
}

} // namespace medibridge::simulation
