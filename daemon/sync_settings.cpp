#include "daemon/sync_settings.hpp"

#include "config/source_kind.hpp"

#include <string>

namespace medibridge::daemon {

namespace {

/// Which Medicapp this is, as far as the configuration says it.
sync::Space space_of(const config::MedicappSettings& settings,
                     const reconcile::Digester& digester) {
    const auto& url = settings.base_url;
    const bool is_v6 = url.host.contains(':');
    auto path = url.path.substr(0, url.path.find('?'));
    while (path.ends_with('/'))
        path.pop_back();
    sync::Space space;
    space.address = url.scheme + "://" + (is_v6 ? "[" + url.host + "]" : url.host) + ":" +
                    std::to_string(url.port) + path;
    space.credentials =
        reconcile::hex(digester.text("medicapp api key", settings.api_key.reveal()));
    return space;
}

} // namespace

sync::Settings sync_settings(const config::Settings& settings,
                             const reconcile::Digester& digester) {
    sync::Settings its;
    its.space = space_of(settings.medicapp, digester);
    its.overlap = settings.sync.overlap;
    its.concurrency = settings.medicapp.concurrency;
    its.policy = settings.sync.policy;
    its.identity = settings.identity;
    its.max_changes_ratio = settings.sync.max_changes.ratio;
    its.max_changes_at_least = settings.sync.max_changes.at_least;
    for (const auto& source : settings.his) {
        its.mappings[source.name] = config::mapping_of(*source.its, settings.identity);
        if (source.contact_priority) its.contact_priority.insert(source.name);
    }
    return its;
}

} // namespace medibridge::daemon
