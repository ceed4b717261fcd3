#include "sync/core/unread_inboxes.hpp"

#include "base/log/catalogue.hpp"

namespace medibridge::sync {

std::map<std::string, std::int64_t>
unread_inboxes(const std::map<std::string, state::InboxLoad>& waiting,
               const std::set<std::string>& configured) {
    std::map<std::string, std::int64_t> unread;
    for (const auto& [source, load] : waiting)
        if (!configured.contains(source)) unread.emplace(source, load.rows);
    return unread;
}

Effects report_unread(const std::map<std::string, std::int64_t>& unread) {
    Effects effects;
    for (const auto& [source, records] : unread)
        effects.events.push_back(log::Event(log::events::source_unread)
                                     .with(log::Key::source, source)
                                     .with(log::Key::patients, records));
    return effects;
}

} // namespace medibridge::sync
