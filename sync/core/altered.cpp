#include "sync/core/altered.hpp"

#include "base/bytes/ascii.hpp"
#include "base/bytes/encode.hpp"
#include "base/bytes/utf8.hpp"
#include "base/log/catalogue.hpp"
#include "sync/core/order.hpp"
#include "sync/core/recording.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace medibridge::sync {

namespace {

std::string in_the_state(const std::string& tables) {
    return "in the state: " + tables;
}

/// The key itself may be what was altered: then it is held under one that people can write.
std::string writable(const std::string& key) {
    const bool can_be_written = base::is_utf8(key) && std::ranges::none_of(key, [](char c) {
                                    const auto byte = static_cast<unsigned char>(c);
                                    return byte < 0x20 || byte == 0x7f;
                                });
    return can_be_written ? key : "altered:" + base::hex(key);
}

/// `where`: in which tables.
Effects hold_altered(const Rules& rules, const std::string& key, const std::string& where,
                     const state::Known& known) {
    Effects effects;
    if (known.decision)
        effects.append(refuse_decision(*known.decision, "the state's rows about the patient were "
                                                        "changed: look at them again"));
    state::Held held;
    held.key = writable(key);
    if (known.link) held.source = known.link->source;
    if (known.link) held.medicapp_id = known.link->medicapp_id;
    held.reason = reconcile::HoldReason::altered_in_state;
    held.detail = in_the_state(where);
    held.held_at_ms = rules.request.wall_clock_ms;
    effects.append(hold(std::move(held)));
    return effects;
}

} // namespace

std::string where_altered(const state::Known& known) {
    return in_the_state(known.altered);
}

Effects set_altered_aside(const Rules& rules, const state::AlteredRows& found,
                          const std::vector<std::string>& keys,
                          const std::vector<state::Known>& known) {
    Effects effects;
    effects.changes.set_aside({}); // all, as a search may not find where they stand
    std::map<std::string, std::int64_t> tables;
    std::map<std::string, std::string> where;
    for (const auto& row : found.rows) {
        ++tables[row.table];
        auto& names = where[row.key];
        if (!names.empty()) names += ", ";
        names += row.table;
    }
    for (std::size_t i = 0; i < keys.size(); ++i)
        effects.append(hold_altered(rules, keys[i], where[keys[i]], known[i]));
    std::string words;
    for (const auto& [table, count] : tables)
        words += (words.empty() ? "" : ", ") + table + ' ' + std::to_string(count);
    effects.events.push_back(log::Event(log::events::state_altered)
                                 .with(log::Key::patients, std::int64_t(keys.size()))
                                 .with(log::Key::reason, "rows by table: " + words));
    return effects;
}

} // namespace medibridge::sync
