#include "sync/core/nameless.hpp"

#include "base/log/catalogue.hpp"
#include "sync/core/settings.hpp"

#include <utility>

namespace medibridge::sync {

using reconcile::Assessed;

namespace {

/// Stands for all records of the source with that cause: who they are about is not known, and no
/// value of theirs is kept. Its key in the state comes from its place.
Assessed stand_in(const std::string& source, const reconcile::SelfHold& hold) {
    Assessed record;
    record.hold = hold;
    record.place = "further records of " + source;
    if (!hold.defect.field.empty())
        record.place += " (" + hold.defect.field + " " + hold.defect.reason + ")";
    return record;
}

} // namespace

void NamelessRecords::bound(const std::string& source, std::vector<Assessed>& records) {
    std::vector<Assessed> together;
    std::erase_if(records, [&](const Assessed& record) {
        if (!record.patient.external_id().empty() || !record.hold) return false;
        if (kept_ < limits::nameless_records) {
            ++kept_;
            return false;
        }
        ++taken_out_;
        auto hold = *record.hold;
        if (causes_.size() >= limits::compared_faults) hold.defect = {};
        auto one = stand_in(source, hold);
        if (causes_.insert(one.place).second) together.push_back(std::move(one));
        return true;
    });
    for (auto& record : together)
        records.push_back(std::move(record));
}

Effects held_together(Memory& memory, const std::string& source, std::int64_t records) {
    Effects effects;
    auto& told = memory.held_together[source];
    if (std::exchange(told, records) == records || records == 0) return effects;
    effects.events.push_back(log::Event(log::events::source_nameless_records)
                                 .with(log::Key::source, source)
                                 .with(log::Key::patients, records));
    return effects;
}

} // namespace medibridge::sync
