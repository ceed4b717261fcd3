#include "reconcile/assess.hpp"

#include "base/bytes/ascii.hpp"
#include "reconcile/garbled.hpp"
#include "reconcile/normal_form.hpp"
#include "reconcile/policy.hpp"
#include "reconcile/text.hpp"

#include <algorithm>
#include <utility>

namespace medibridge::reconcile {

namespace {

constexpr std::string_view missing = "is missing";
constexpr std::string_view external_id_field = "externalId";
constexpr std::string_view usual_last_name_field = "usualLastName";
constexpr std::string_view merged_into_field = "mergedInto";
constexpr std::string_view identity_status_field = "identityStatus";

Normal normal_gender(std::string_view text) {
    text = trim(text);
    if (text.empty()) return {};
    const char gender = text.size() == 1 ? base::ascii_upper(text.front()) : '?';
    if (gender != 'M' && gender != 'F' && gender != 'O') return {{}, "is not M, F or O"};
    return {std::string(1, gender), {}};
}

Normal normal(Field field, std::string_view text, std::string_view region) {
    switch (field) {
    case Field::last_name:
    case Field::first_name:
        return normal_name(text);
    case Field::birth_date:
        return normal_birth_date(text);
    case Field::gender:
        return normal_gender(text);
    case Field::email:
        return normal_email(text);
    case Field::phone:
        return normal_phone(text, region);
    case Field::street:
    case Field::city:
    case Field::postal_code:
    case Field::country:
        return normal_text(text, Shape::line);
    }
    return {std::string(text), {}};
}

Defect defect(std::string_view field, std::string_view reason) {
    return {std::string(field), std::string(reason)};
}

/// The work on one record, from which it takes what it keeps as it is.
class Assessment {
  public:
    Assessment(SourceRecord& record, const IdentityPolicy& policy,
               std::optional<Instant> latest_clock)
        : record_(record),
          policy_(policy),
          clock_(latest_clock) {}

    Assessed run() {
        take_head();
        take_last_name();
        for (const Field field : all_fields()) {
            if (field != Field::last_name) take_field(field);
        }
        drop_half_address();
        take_holds();
        return std::move(result_);
    }

    Assessed run_without_fields() {
        take_head();
        take_holds();
        return std::move(result_);
    }

  private:
    void take_head() {
        take_time();
        result_.second_hand = record_.second_hand;
        result_.place = std::move(record_.place);
        take_external_id();
        if (result_.patient.external_id().empty()) {
            result_.kept_as = std::move(record_.kept_as);
            result_.made_good = record_.made_good;
        }
        take_merged_into();
        take_prior_ids();
    }

    void take_time() {
        if (!record_.modified_at) return;
        const bool believed = is_believable(*record_.modified_at, clock_);
        (believed ? result_.modified_at : result_.unbelieved_at) = record_.modified_at;
        if (!believed) return;
        const auto& stated = record_.recorded ? record_.recorded : record_.sent;
        result_.modified_by = record_.modified_at;
        if (stated) result_.modified_by = std::max(*result_.modified_by, stated->latest);
    }

    void take_external_id() {
        auto id = normal_external_id(record_.patient.external_id());
        if (!record_.external_id_defect.empty()) {
            id.text.clear();
            unusable_key_ = defect(external_id_field, record_.external_id_defect);
        } else if (!id.ok()) {
            unusable_key_ = defect(external_id_field, id.defect);
        } else if (id.text.empty()) {
            unusable_key_ = defect(external_id_field, missing);
        }
        // An id that is refused goes nowhere, not even into the state.
        result_.patient.set_external_id(std::move(id.text));
    }

    void take_merged_into() {
        auto survivor = normal_external_id(record_.merged_into);
        if (!survivor.ok()) {
            unusable_key_ =
                unusable_key_ ? unusable_key_ : defect(merged_into_field, survivor.defect);
        } else if (survivor.text != result_.patient.external_id()) {
            result_.merged_into = std::move(survivor.text);
            result_.renamed = record_.renamed && !result_.merged_into.empty();
        }
    }

    void take_prior_ids() {
        for (const auto& prior : record_.prior_ids) {
            auto id = normal_external_id(prior);
            if (id.ok() && !id.text.empty() && id.text != result_.patient.external_id())
                result_.prior_ids.push_back(std::move(id.text));
        }
    }

    /// The birth name, unless the policy asks for the usual name and the HIS knows one.
    void take_last_name() {
        auto usual =
            source_value(Field::last_name, record_.usual_last_name, policy_.default_region);
        const bool wants_usual = policy_.last_name == LastName::usual;
        if (wants_usual && !usual.ok()) {
            // Using the birth name instead would rename a patient because of a typing mistake.
            refuse(Field::last_name, usual.defect);
            return;
        }
        if (!usual.ok()) result_.dropped.push_back(defect(usual_last_name_field, usual.defect));
        if (wants_usual && !usual.text.empty()) {
            const auto& birth = record_.patient[Field::last_name];
            auto other = birth.is_known()
                             ? source_value(Field::last_name, birth.text(), policy_.default_region)
                             : Normal();
            set_known(Field::last_name, std::move(usual.text));
            result_.other_last_name = std::move(other.text);
        } else {
            take_field(Field::last_name);
            result_.other_last_name = std::move(usual.text);
        }
        const auto& chosen = result_.patient[Field::last_name];
        if (chosen.is_known() && chosen.text() == result_.other_last_name)
            result_.other_last_name.clear();
    }

    void take_field(Field field) {
        const auto& value = record_.patient[field];
        switch (value.state()) {
        case FieldValue::State::unknown:
            refuse_if_required(field);
            return;
        case FieldValue::State::unreadable:
            refuse(field, value.text());
            return;
        case FieldValue::State::cleared:
            if (!is_required(field)) result_.patient[field] = value;
            refuse_if_required(field);
            return;
        case FieldValue::State::known:
            take_known(field, value.text());
            return;
        }
    }

    void take_known(Field field, std::string_view text) {
        auto value = source_value(field, text, policy_.default_region);
        if (!value.ok()) {
            refuse(field, value.defect);
        } else if (value.text.empty()) {
            refuse_if_required(field);
        } else if (field == Field::birth_date && clock_ && is_born_after(value.text, *clock_)) {
            refuse(field, "is in the future");
        } else if (field == Field::birth_date && !clock_ && record_.modified_at &&
                   is_born_after(value.text, *record_.modified_at)) {
            refuse(field, "is after the record's own modification");
        } else {
            set_known(field, std::move(value.text));
        }
    }

    void set_known(Field field, std::string text) {
        const bool is_name = field == Field::last_name || field == Field::first_name;
        if (is_name && is_placeholder(text, policy_)) result_.placeholders.add(field);
        result_.patient[field] = FieldValue::known(std::move(text));
    }

    /// An address is one value: without its town, or without a part that had to be refused, it is
    /// half an address, and nothing of it is sent.
    void drop_half_address() {
        auto& patient = result_.patient;
        const auto known = patient.known() & address_fields();
        if (known.empty() || (known.has(Field::city) && !address_refused_)) return;
        for (const Field field : all_fields()) {
            if (known.has(field)) patient[field] = FieldValue();
        }
        // Some sources give every patient a country; a country alone is not worth a report.
        if (known.size() == 1 && known.has(Field::country)) return;
        result_.dropped.push_back(defect("address", address_refused_ ? "a part of it cannot be used"
                                                                     : "is without its town"));
    }

    /// The patient is sent without the field, or not at all.
    void refuse(Field field, std::string_view reason) {
        if (!is_required(field)) {
            result_.dropped.push_back(defect(name(field), reason));
            address_refused_ = address_refused_ || is_address(field);
        } else if (!invalid_) {
            invalid_ = defect(name(field), reason);
        }
    }

    void refuse_if_required(Field field) {
        if (is_required(field)) refuse(field, missing);
    }

    /// The status that the operator holds, if the HIS gives it; it may give several.
    std::optional<std::string> held_status() const {
        std::string_view rest = record_.identity_status;
        while (!rest.empty()) {
            const auto is_word = [](char c) {
                return base::is_ascii_letter(c) || base::is_ascii_digit(c);
            };
            const auto* begin = std::ranges::find_if(rest, is_word);
            const auto* end = std::find_if_not(begin, rest.end(), is_word);
            for (const auto& status : policy_.hold_status) {
                if (std::equal(begin, end, status.begin(), status.end(), [](char a, char b) {
                        return base::ascii_upper(a) == base::ascii_upper(b);
                    }))
                    return status;
            }
            rest.remove_prefix(static_cast<std::size_t>(end - rest.begin()));
        }
        return std::nullopt;
    }

    /// What the record says of its patient: nothing of them may be sent. Whose record it is comes
    /// first, for an operator to decide; death comes before inactive, because a record is often
    /// closed for it.
    std::optional<SelfHold> hold_of_patient() const {
        if (record_.ambiguous)
            return SelfHold{HoldReason::ambiguous_source,
                            {record_.contradicting_fields, record_.contradicting_places.empty()
                                                               ? "in what the source sent"
                                                               : record_.contradicting_places}};
        if (record_.deleted) return SelfHold{HoldReason::deleted_in_his, {}};
        if (record_.deceased) return SelfHold{HoldReason::deceased, {}};
        if (record_.active == false) return SelfHold{HoldReason::inactive_in_his, {}};
        if (auto status = held_status())
            return SelfHold{HoldReason::identity_status, defect(identity_status_field, *status)};
        return std::nullopt;
    }

    /// The most important reason comes first. Without a key nothing can be said about anybody. A
    /// merged record no longer identifies a patient, whatever else it says: the caller decides by
    /// `merged_into`.
    void take_holds() {
        const auto of_patient = hold_of_patient();
        if (unusable_key_)
            result_.hold = SelfHold{HoldReason::invalid, *unusable_key_};
        else if (of_patient && result_.merged_into.empty())
            result_.hold = of_patient;
        else if (invalid_)
            result_.hold = SelfHold{HoldReason::invalid, *invalid_};
        if (!result_.merged_into.empty()) result_.hold_unmerged = of_patient;
    }

    SourceRecord& record_;
    const IdentityPolicy& policy_;
    std::optional<Instant> clock_;
    bool address_refused_ = false;
    Assessed result_;
    std::optional<Defect> unusable_key_;
    std::optional<Defect> invalid_; ///< the first required field that fails
};

} // namespace

Normal source_value(Field field, std::string_view text, std::string_view region) {
    if (text.empty()) return {};
    auto value = normal(field, text, region);
    const bool is_name = field == Field::last_name || field == Field::first_name;
    if (!is_name && !is_address(field)) return value;
    const auto garbled = is_name ? garbled_name : garbled_line;
    auto reason = garbled(text);
    if (reason.empty() && value.text != text) reason = garbled(value.text); // as NFC shows it
    return reason.empty() ? value : Normal{{}, reason};
}

Assessed unmerged(Assessed record) {
    record.merged_into.clear();
    record.renamed = false;
    if (record.hold_unmerged) record.hold = std::exchange(record.hold_unmerged, std::nullopt);
    return record;
}

Assessed assess(SourceRecord record, const IdentityPolicy& policy,
                std::optional<Instant> latest_clock) {
    return Assessment(record, policy, latest_clock).run();
}

Assessed assess_identity(SourceRecord record, const IdentityPolicy& policy,
                         std::optional<Instant> latest_clock) {
    return Assessment(record, policy, latest_clock).run_without_fields();
}

std::string canonical(Field field, std::string_view text, const IdentityPolicy& policy) {
    auto value = normal(field, text, policy.default_region);
    return value.ok() ? std::move(value.text) : std::string(text);
}

} // namespace medibridge::reconcile
