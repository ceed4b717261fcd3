#include "connectors/mapping/record_mapping.hpp"

#include "base/log/catalogue.hpp"

#include <algorithm>
#include <stdexcept>

namespace medibridge::connectors {

using reconcile::Field;
using reconcile::FieldValue;

RecordMapping::RecordMapping(const config::FieldPlaces& fields, std::string_view zone_name) {
    const TimeZone zone(zone_name);
    for (const auto& [name, place] : fields) {
        try {
            auto field = Field::last_name;
            const auto target = target_of(name, field);
            entries_.push_back({target, field, FieldRule(place, zone)});
            check_format(entries_.back());
        } catch (const std::invalid_argument& fault) {
            throw std::invalid_argument("field " + name + ": " + fault.what());
        }
        places_.push_back(place.at);
    }
}

RecordMapping::Target RecordMapping::target_of(std::string_view name, Field& field) {
    if (const auto named = reconcile::field_named(name)) {
        field = *named;
        return Target::patient_field;
    }
    for (const auto target :
         {Target::external_id, Target::modified_at, Target::active, Target::deceased,
          Target::identity_status, Target::usual_last_name, Target::merged_into}) {
        if (name_of(target) == name) return target;
    }
    throw std::invalid_argument("there is no such field");
}

std::string_view RecordMapping::name_of(Target target) {
    switch (target) {
    case Target::patient_field:
        break; // has a name of its own
    case Target::external_id:
        return "externalId";
    case Target::modified_at:
        return "modifiedAt";
    case Target::active:
        return "active";
    case Target::deceased:
        return "deceased";
    case Target::identity_status:
        return "identityStatus";
    case Target::usual_last_name:
        return "usualLastName";
    case Target::merged_into:
        return "mergedInto";
    }
    return {};
}

void RecordMapping::check_format(const Entry& entry) {
    const auto* format = entry.rule.format();
    if (format == nullptr) return;
    const bool birth_date =
        entry.target == Target::patient_field && entry.field == Field::birth_date;
    if (!birth_date && entry.target != Target::modified_at && entry.target != Target::deceased)
        throw std::invalid_argument("`format` is for birthDate, modifiedAt and deceased only");
    const auto wrong = format->format().what_is_missing(birth_date);
    if (!wrong.empty()) throw std::invalid_argument("its format: " + wrong);
}

void RecordMapping::apply(const Entry& entry, const RawValue& raw, MappedRecord& mapped) {
    auto& record = mapped.record;
    const auto fault = [&mapped, &entry](std::string_view reason) {
        if (!reason.empty()) mapped.faults.push_back({name_of(entry.target), reason});
    };
    const auto text_into = [&](std::string& target) {
        const auto plain = entry.rule.plain(raw);
        fault(plain.fault);
        target = plain.text;
    };
    switch (entry.target) {
    case Target::patient_field:
        record.patient[entry.field] =
            entry.field == Field::birth_date ? entry.rule.date(raw) : entry.rule.text(raw);
        break;
    case Target::external_id: {
        const auto plain = entry.rule.plain(raw);
        fault(plain.fault);
        record.external_id_defect = plain.fault;
        record.patient.set_external_id(std::string(plain.text));
        break;
    }
    case Target::modified_at: {
        const auto moment = entry.rule.moment(raw);
        fault(moment.fault);
        if (!moment.timestamp) break;
        record.modified_at = moment.timestamp->instant;
        record.recorded =
            reconcile::StatedTime{moment.timestamp->instant, moment.timestamp->latest()};
        mapped.precision = moment.timestamp->precision;
        break;
    }
    case Target::active: {
        const auto flag = entry.rule.flag(raw);
        fault(flag.fault);
        record.active = flag.value;
        if (!flag.fault.empty()) record.active = false;
        break;
    }
    case Target::deceased: {
        const auto flag = entry.rule.flag(raw);
        fault(flag.fault);
        record.deceased = flag.value.value_or(!flag.fault.empty() && !flag.mapped);
        record.alive = flag.value == false;
        break;
    }
    case Target::identity_status:
        text_into(record.identity_status);
        break;
    case Target::usual_last_name:
        text_into(record.usual_last_name);
        break;
    case Target::merged_into:
        text_into(record.merged_into);
        break;
    }
}

/// An address is one value: if one part cannot be read, the others are not used either.
void RecordMapping::keep_address_whole(reconcile::Patient& patient) {
    const auto fields = reconcile::all_fields();
    const bool broken = std::ranges::any_of(fields, [&patient](Field field) {
        return reconcile::is_address(field) &&
               patient[field].state() == FieldValue::State::unreadable;
    });
    if (!broken) return;
    for (const auto field : fields) {
        if (reconcile::is_address(field) && patient[field].is_known())
            patient[field] =
                FieldValue::unreadable("is in an address of which another part cannot be used");
    }
}

void note_unread(reconcile::SourceRecord& record, std::span<const MappingFault> faults) {
    record.unread.clear();
    for (const auto& fault : faults)
        if (fault.field != "externalId")
            record.unread.push_back({std::string(fault.field), std::string(fault.reason)});
}

MappedRecord RecordMapping::map(std::span<const RawValue> values, std::string place) const {
    MappedRecord mapped;
    mapped.record.place = std::move(place);
    for (std::size_t i = 0; i < entries_.size() && i < values.size(); ++i)
        apply(entries_[i], values[i], mapped);
    keep_address_whole(mapped.record.patient);
    note_unread(mapped.record, mapped.faults);
    return mapped;
}

MappedRecord RecordMapping::unreadable(std::string_view reason, std::string place) {
    MappedRecord mapped;
    mapped.record.place = std::move(place);
    // Or it would be told as one that is missing.
    mapped.record.external_id_defect = reason;
    for (const auto field : reconcile::all_fields()) {
        if (reconcile::is_required(field))
            mapped.record.patient[field] = FieldValue::unreadable(std::string(reason));
    }
    return mapped;
}

void PageFaults::add(const MappingFault& fault, const std::string& place) {
    const bool known = std::ranges::any_of(
        faults_, [&fault](const auto& other) { return other.first.field == fault.field; });
    if (!known) faults_.emplace_back(fault, place);
}

void MappingReport::write(const PageFaults& faults, const std::string& source, log::EventLog& log) {
    for (const auto& [fault, place] : faults.faults_) {
        if (!reported_.insert(std::string(fault.field)).second) continue;
        log.write(
            log::Event(log::events::field_dropped)
                .with(log::Key::source, source)
                .with(log::Key::fields, std::string(fault.field))
                .with(log::Key::reason, std::string(fault.reason) + " (first at " + place + ")"));
    }
}

} // namespace medibridge::connectors
