#include "daemon/announcement.hpp"

#include "base/log/catalogue.hpp"

#include <utility>

namespace medibridge::daemon {

void announce_unseen(const config::Settings& settings, log::EventLog& log) {
    for (const auto& source : settings.his) {
        std::string fields;
        for (const auto& field : source.unseen)
            fields += (fields.empty() ? "" : ",") + field;
        if (fields.empty()) continue;
        log.write(log::Event(log::events::source_unsafe_mapping)
                      .with(log::Key::source, source.name)
                      .with(log::Key::fields, std::move(fields)));
    }
}

void announce_exposures(const config::Settings& settings, log::EventLog& log) {
    for (const auto& exposure : settings.exposures)
        log.write(log::Event(log::events::config_exposed).with(log::Key::reason, exposure));
}

} // namespace medibridge::daemon
