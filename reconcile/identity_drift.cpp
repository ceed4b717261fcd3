#include "reconcile/identity_drift.hpp"

namespace medibridge::reconcile {

namespace {

constexpr FieldDigest no_digest{};
constexpr std::array<Field, trait_count> traits = {Field::last_name, Field::first_name,
                                                   Field::birth_date, Field::gender};

const FieldDigest& digest_of(const FieldDigests& digests, Field field) {
    return digests[static_cast<std::size_t>(field)];
}

/// Placeholders were removed from the traits: if nothing is left, no name was known.
bool is_known(Field trait, const IdentityTraits& of) {
    switch (trait) {
    case Field::last_name:
        return !of.last_names.empty();
    case Field::first_name:
        return !of.first_name.empty();
    case Field::birth_date:
        return !of.birth_date.empty();
    default:
        return !of.gender.empty() && of.gender != "O"; // what many write if they do not know
    }
}

bool is_confirmed_by_time(const IdentityCase& identity) {
    const auto& since = identity.before.since;
    const auto passed = [](const std::optional<Instant>& then, const std::optional<Instant>& now) {
        return !then || (now && *now - *then >= confirmation_period);
    };
    return !identity.challenged && (since.machine || since.server) &&
           passed(since.machine, identity.now.machine) && passed(since.server, identity.now.server);
}

/// The work on one patient.
class Judgement {
  public:
    explicit Judgement(const IdentityCase& identity)
        : case_(identity),
          before_(is_confirmed_by_time(identity) ? IdentityDrift() : identity.before) {
        verdict_.after = before_;
    }

    IdentityVerdict run() {
        for (std::size_t i = 0; i < trait_count; ++i) {
            if (case_.write.has(traits[i])) {
                take_written(i);
                continue;
            }
            if (is_replaced_now(i)) since_confirmed_.add(traits[i]);
            if (case_.moved && is_different(traits[i])) now_.add(traits[i]);
            remember_before_medicapps(i);
        }
        if (verdict_.after.empty())
            verdict_.after = IdentityDrift();
        else if (verdict_.after != before_)
            verdict_.after.since = case_.now;
        if (since_confirmed_.size() >= traits_of_another) fault(since_confirmed_);
        if (now_.size() >= traits_of_another) fault(now_);
        return verdict_;
    }

  private:
    /// What was to be written may not have been, or may have been undone.
    bool is_replaced_now(std::size_t i) const {
        return before_.traits[i] == TraitState::replaced &&
               digest_of(case_.medicapp.fields, traits[i]) !=
                   digest_of(before_.confirmed, traits[i]) &&
               !is_vouched_for(i, digest_of(before_.confirmed, traits[i]));
    }

    /// Whether the record itself gives the confirmed last name as its patient's other one.
    bool is_vouched_for(std::size_t i, const FieldDigest& confirmed) const {
        return traits[i] == Field::last_name && case_.other_last_name != no_digest &&
               case_.other_last_name == confirmed;
    }

    /// Of what would be written; the record's other last name stays out of it.
    Likeness likeness_of_written(Field trait) const {
        if (trait != Field::last_name || case_.ours.last_names.size() < 2)
            return likeness(trait, case_.ours, case_.theirs);
        auto written = case_.ours;
        written.last_names.resize(1);
        return likeness(trait, written, case_.theirs);
    }

    /// What is emptied in Medicapp, or made a placeholder, is as confirmed as it was.
    void remember_before_medicapps(std::size_t i) {
        const auto& agreed = digest_of(case_.agreed, traits[i]);
        if (before_.traits[i] == TraitState::confirmed && agreed != no_digest &&
            digest_of(case_.medicapp.fields, traits[i]) != agreed)
            set(i, TraitState::respelt, agreed);
    }

    bool is_different(Field trait) const {
        return is_known(trait, case_.ours) && is_known(trait, case_.theirs) &&
               likeness(trait, case_.ours, case_.theirs) == Likeness::different;
    }

    void fault(const FieldSet& at) {
        verdict_.divergence = true;
        verdict_.traits |= at;
    }

    void fault_at(Field trait) {
        FieldSet one;
        one.add(trait);
        fault(one);
    }

    void set(std::size_t i, TraitState state, const FieldDigest& confirmed) {
        verdict_.after.traits[i] = state;
        verdict_.after.confirmed[static_cast<std::size_t>(traits[i])] =
            state == TraitState::confirmed ? no_digest : confirmed;
    }

    FieldDigest confirmed_of(std::size_t i) const {
        const bool as_confirmed = before_.traits[i] == TraitState::confirmed;
        return digest_of(as_confirmed ? case_.agreed : before_.confirmed, traits[i]);
    }

    /// A trait that Medicapp does not know now, or knows as a placeholder.
    void take_filled_in(std::size_t i) {
        const Field trait = traits[i];
        const auto state = before_.traits[i];
        const FieldDigest confirmed = confirmed_of(i);
        // A gender, or a real name for a placeholder, does not change who it is if none was known.
        const bool was_known = state != TraitState::confirmed ||
                               digest_of(case_.shown, trait) != digest_of(case_.agreed, trait);
        if (!was_known || confirmed == no_digest) return;
        if (digest_of(case_.his.fields, trait) == confirmed) {
            set(i, TraitState::confirmed, no_digest);
            return;
        }
        set(i, TraitState::replaced, confirmed);
        if (is_vouched_for(i, confirmed)) return;
        since_confirmed_.add(trait);
        // What was confirmed is known by its digest only: nobody can say what both have in common.
        if (trait == Field::first_name) fault_at(trait);
    }

    void take_written(std::size_t i) {
        const Field trait = traits[i];
        if (!is_known(trait, case_.theirs)) {
            take_filled_in(i);
            return;
        }
        const auto state = before_.traits[i];
        FieldDigest confirmed = confirmed_of(i);
        if (confirmed == no_digest) confirmed = digest_of(case_.medicapp.fields, trait);
        const auto like = likeness_of_written(trait);
        const bool now_replaced = likeness(trait, case_.ours, case_.theirs) == Likeness::different;
        const bool put_right = digest_of(case_.his.fields, trait) == confirmed;
        // The HIS takes back its own change; what somebody changed in Medicapp is another matter.
        if (now_replaced && !(put_right && state == TraitState::replaced)) now_.add(trait);
        if (put_right) {
            set(i, TraitState::confirmed, no_digest);
            return;
        }
        const bool shows_confirmed = digest_of(case_.medicapp.fields, trait) == confirmed;
        const bool vouched = is_vouched_for(i, confirmed) || (shows_confirmed && !now_replaced);
        if (like == Likeness::different && vouched) {
            // Counts once the record gives the confirmed name no more.
            set(i, TraitState::replaced, confirmed);
            return;
        }
        if (like == Likeness::same) {
            if (state == TraitState::replaced && !vouched) since_confirmed_.add(trait);
            return;
        }
        const bool respelt = like == Likeness::respelt && shows_confirmed;
        set(i, respelt ? TraitState::respelt : TraitState::replaced, confirmed);
        if (respelt) return;
        since_confirmed_.add(trait);
        if (trait != Field::first_name || !now_replaced) return;
        // What was confirmed is known by its digest only: where Medicapp shows something else, the
        // first name would move a second time.
        if (!shows_confirmed || nothing_in_common(case_.ours.first_name, case_.theirs.first_name))
            fault_at(trait);
    }

    const IdentityCase& case_;
    IdentityDrift before_;
    IdentityVerdict verdict_;
    FieldSet since_confirmed_; ///< replaced since the identity was confirmed
    FieldSet now_;             ///< other than, or replaced in, what Medicapp shows now
};

} // namespace

IdentityVerdict judge_identity(const IdentityCase& identity) {
    return Judgement(identity).run();
}

} // namespace medibridge::reconcile
