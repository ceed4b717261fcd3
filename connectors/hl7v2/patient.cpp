#include "connectors/hl7v2/patient.hpp"

#include "connectors/hl7v2/address.hpp"
#include "connectors/hl7v2/name.hpp"
#include "connectors/hl7v2/telecom.hpp"
#include "connectors/hl7v2/time.hpp"

namespace medibridge::connectors::hl7 {

using reconcile::Fact;
using reconcile::Field;
using reconcile::FieldValue;
using reconcile::SourceRecord;

namespace {

FieldValue read_gender(const Segment& pid, const FieldRules& rules) {
    auto value = Repetition(pid.field(8), rules).value(1);
    if (!value.is_known()) return value;
    const auto& code = value.text();
    const bool says_nothing =
        code.size() == 1 && std::string_view("UNAuna").find(code[0]) != std::string_view::npos;
    return says_nothing ? FieldValue() : value;
}

/// A date of death counts whatever the indicator says: better a person asked than a family written
/// to. An indicator that denies it, or either of the two emptied, takes a death back.
void read_death(const Segment& pid, const FieldRules& rules, SourceRecord& record) {
    const Repetition date(pid.field(29), rules);
    const Repetition indicator(pid.field(30), rules);
    const bool has_date = date.text(1).find_first_of("123456789") != std::string::npos;
    const auto word = indicator.text(1);
    record.deceased = has_date || word == "Y" || word == "y" || word == "1";
    const bool denied = word == "N" || word == "n" || word == "0";
    record.alive = !record.deceased && (denied || date.is_emptied(1) || indicator.is_emptied(1));
    if (record.deceased || record.alive) record.said.add(Fact::death);
}

/// PID-32 is sent whole: all of its repetitions, or none any more.
void read_identity_status(const Segment& pid, const FieldRules& rules, SourceRecord& record) {
    for (const auto& repetition : repetitions(pid.field(32), rules)) {
        record.said.add(Fact::identity_status);
        const auto status = repetition.text(1);
        if (status.empty()) continue;
        if (!record.identity_status.empty()) record.identity_status += ' ';
        record.identity_status += status;
    }
}

} // namespace

SourceRecord read_person(const Segment& pid, const FieldRules& rules) {
    SourceRecord record;
    auto& patient = record.patient;
    read_names(pid.field(5), rules, record);
    const auto& delimiters = rules.leaves.delimiters();
    const auto birth =
        part(part(pid.field(7), delimiters.component, 1), delimiters.subcomponent, 1);
    patient[Field::birth_date] = read_birth_date(birth);
    patient[Field::gender] = read_gender(pid, rules);
    read_address(pid.field(11), rules, patient);
    read_telecom(pid.field(13), pid.field(40), rules, patient);
    read_death(pid, rules, record);
    read_identity_status(pid, rules, record);
    return record;
}

} // namespace medibridge::connectors::hl7
