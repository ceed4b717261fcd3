#pragma once

#include "reconcile/instant.hpp"

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace medibridge::reconcile {

/// The canonical fields of a patient: Medicapp's own, without externalId, which is the key.
enum class Field : std::uint8_t {
    last_name,
    first_name,
    birth_date,
    gender,
    email,
    phone,
    street,
    city,
    postal_code,
    country,
};
inline constexpr std::size_t field_count = 10;

/// All fields in their order.
std::span<const Field, field_count> all_fields();
/// Medicapp's name: `lastName`, `address.postalCode`.
std::string_view name(Field field);
std::optional<Field> field_named(std::string_view name);
constexpr bool is_address(Field field) {
    return field >= Field::street;
}
/// How to reach somebody: e-mail, phone and postal address.
constexpr bool is_contact(Field field) {
    return field >= Field::email;
}
/// Required by Medicapp in a POST: lastName, firstName, birthDate.
constexpr bool is_required(Field field) {
    return field <= Field::birth_date;
}

class FieldSet {
  public:
    bool has(Field field) const { return bits_.test(static_cast<std::size_t>(field)); }
    void add(Field field) { bits_.set(static_cast<std::size_t>(field)); }
    void remove(Field field) { bits_.reset(static_cast<std::size_t>(field)); }
    bool empty() const { return bits_.none(); }
    std::size_t size() const { return bits_.count(); }
    bool operator==(const FieldSet&) const = default;
    FieldSet& operator|=(const FieldSet& other) {
        bits_ |= other.bits_;
        return *this;
    }
    friend FieldSet operator|(FieldSet a, const FieldSet& b) { return a |= b; }
    friend FieldSet operator&(FieldSet a, const FieldSet& b) {
        a.bits_ &= b.bits_;
        return a;
    }
    friend FieldSet operator-(FieldSet a, const FieldSet& b) {
        a.bits_ &= ~b.bits_;
        return a;
    }

  private:
    std::bitset<field_count> bits_;
};

FieldSet every_field();
/// Street, town, postal code and country: one value, which is written completely or not at all.
FieldSet address_fields();
/// The strict traits of who somebody is: last name, first name, birth date, gender (RNIV).
FieldSet strict_traits();

/// The names of the fields, comma-separated, for logs: `phone,address.city`.
std::string names(const FieldSet& fields);

/// What the HIS or Medicapp says about one field.
class FieldValue {
  public:
    enum class State : std::uint8_t {
        unknown,    ///< not given: never erases what the other one knows
        cleared,    ///< given as empty (HL7 `""`, or JSON null if the source means that)
        known,      ///< text() is the value
        unreadable, ///< given, but not in the form that the mapping expects; text() is the reason
    };

    FieldValue() = default;
    static FieldValue known(std::string text) { return {State::known, std::move(text)}; }
    static FieldValue cleared() { return {State::cleared, {}}; }
    static FieldValue unreadable(std::string reason) {
        return {State::unreadable, std::move(reason)};
    }

    State state() const { return state_; }
    bool is_known() const { return state_ == State::known; }
    bool is_unknown() const { return state_ == State::unknown; }
    const std::string& text() const { return text_; }
    bool operator==(const FieldValue&) const = default;

  private:
    FieldValue(State state, std::string text) : state_(state), text_(std::move(text)) {}

    State state_ = State::unknown;
    std::string text_;
};

/// A person as the HIS or Medicapp describes them, keyed by externalId (empty: none given).
class Patient {
  public:
    Patient() = default;
    explicit Patient(std::string external_id) : external_id_(std::move(external_id)) {}

    const std::string& external_id() const { return external_id_; }
    void set_external_id(std::string external_id) { external_id_ = std::move(external_id); }

    FieldValue& operator[](Field field) { return fields_[static_cast<std::size_t>(field)]; }
    const FieldValue& operator[](Field field) const {
        return fields_[static_cast<std::size_t>(field)];
    }

    /// The fields whose value is known.
    FieldSet known() const;

  private:
    std::string external_id_;
    std::array<FieldValue, field_count> fields_;
};

/// What a record can say of a patient besides the fields.
enum class Fact : std::uint8_t { active, death, identity_status, usual_last_name, merge };
inline constexpr std::size_t fact_count = 5;

class FactSet {
  public:
    bool has(Fact fact) const { return bits_.test(static_cast<std::size_t>(fact)); }
    void add(Fact fact) { bits_.set(static_cast<std::size_t>(fact)); }
    void add(const FactSet& others) { bits_ |= others.bits_; }
    bool operator==(const FactSet&) const = default;

    /// The set as a number, and back.
    std::uint32_t number() const { return static_cast<std::uint32_t>(bits_.to_ulong()); }
    static FactSet of(std::uint32_t number) {
        FactSet set;
        set.bits_ = std::bitset<fact_count>(number);
        return set;
    }

  private:
    std::bitset<fact_count> bits_;
};

/// A moment as somebody stated it. It lies between these two, which differ where the text names no
/// millisecond, and in an hour of local time that comes twice, or never.
struct StatedTime {
    Instant earliest;
    Instant latest;
    /// It was in the future when it arrived: the sender's clock is further ahead of this machine's
    /// than clocks usually differ.
    bool ahead = false;
    bool operator==(const StatedTime&) const = default;
};

/// Something besides the fields that a record gives and that cannot be read.
struct UnreadFact {
    std::string name;   ///< as in `fields` of the configuration: `modifiedAt`, `deceased`
    std::string reason; ///< in words that hold no value
};

/// Of SourceRecord::prior_ids.
inline constexpr std::size_t most_prior_ids = 16;

/// One record of a source, mapped to canonical fields but not yet normalised or checked.
class SourceRecord {
  public:
    SourceRecord() = default;

    Patient patient;
    std::optional<Instant> modified_at;
    std::optional<bool> active; ///< false: inactive in the HIS
    bool deceased = false;
    bool alive = false;          ///< the HIS says so; false: it may say nothing about it
    bool deleted = false;        ///< the HIS says that the record was deleted
    std::string identity_status; ///< PID-32, table 0445; empty: not said
    std::string usual_last_name; ///< the other last name that the HIS knows; empty: none
    std::string merged_into;     ///< the survivor's externalId; empty: not merged
    /// With `merged_into`: the same patient continues under that externalId, which nobody else may
    /// have (HL7 A47). Without it two patients became one (A40).
    bool renamed = false;
    /// `merged_into` is what another patient's record says of this one (FHIR `use: old`,
    /// `replaces`). Used only if this patient's own record does not contradict it.
    bool second_hand = false;
    /// Other externalIds that the HIS gave as this patient's (MRG-1, FHIR `use: old`, further ones
    /// beside the one that counts), whatever else it says of those; at most most_prior_ids. Where
    /// it cannot be told which one counts, all of them.
    std::vector<std::string> prior_ids;
    /// The records that came together with this externalId describe different people.
    bool ambiguous = false;
    /// Of an ambiguous record: names of the fields in which they differ, comma-separated, and where
    /// the two records were; empty: not known.
    std::string contradicting_fields;
    std::string contradicting_places;
    /// Why the source's externalId cannot be read, in words that hold no value; empty: it can.
    std::string external_id_defect;
    /// Of a record that could not be read as a patient: what stands where the externalId would be.
    /// Nobody is sent under it; a later record with it brings what this one could not say.
    std::string claimed_id;
    /// `record:HEX` under which an inbox keeps a record without a usable externalId; empty: none.
    std::string kept_as;
    /// Of a record without a usable externalId: what it could not say has arrived since.
    bool made_good = false;
    /// The facts that this record states. If one of them is empty or false, the record says that
    /// there is none, and takes back what was said before. For all other facts, empty or false says
    /// nothing.
    FactSet said;
    /// When the patient was changed, and, for sources whose records come in messages, when the
    /// message was written. Two records are compared by times of the same kind only; without
    /// either, `modified_at` is used as the first.
    std::optional<StatedTime> recorded;
    std::optional<StatedTime> sent;
    /// Where the record is in its source, to find it again: `page 3, record 12`.
    std::string place;
    std::vector<UnreadFact> unread;
};

} // namespace medibridge::reconcile
