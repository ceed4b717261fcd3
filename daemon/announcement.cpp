#include "daemon/announcement.hpp"

#include "base/log/catalogue.hpp"

#include <utility>

namespace medibridge::daemon {

log::Event started_event(const std::filesystem::path& config_file,
                         const config::Settings& settings) {
    std::string sources;
    for (const auto& source : settings.his)
        sources += (sources.empty() ? "" : ",") + source.name;
    return log::Event(log::events::service_started)
        .with(log::Key::version, MEDIBRIDGE_VERSION)
        .with(log::Key::file, config_file.string())
        .with(log::Key::sources, std::move(sources));
}

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
