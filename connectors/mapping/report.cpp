#include "connectors/mapping/report.hpp"

#include "base/log/catalogue.hpp"

#include <algorithm>

namespace medibridge::connectors {

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
