#include "sync/mapping.hpp"

#include "base/log/catalogue.hpp"
#include "sync/views.hpp"

#include <sstream>
#include <utility>

namespace medibridge::sync {

using log::Key;
using runtime::Task;

namespace {

std::string meta_key(const std::string& source) {
    return "mapping:" + source;
}

/// Each key with a digest of its value.
Mapping digests_of(const Context& context, const std::string& source) {
    Mapping digests;
    const auto& mappings = context.env.settings.mappings;
    const auto mapping = mappings.find(source);
    if (mapping == mappings.end()) return digests;
    for (const auto& [key, value] : mapping->second)
        digests[key] = reconcile::hex(context.env.digester.text("mapping", value));
    return digests;
}

std::string to_text(const Mapping& digests) {
    std::string text;
    for (const auto& [key, digest] : digests)
        text += key + ' ' + digest + '\n';
    return text;
}

Mapping from_text(const std::string& text) {
    Mapping digests;
    std::istringstream lines(text);
    for (std::string key, digest; lines >> key >> digest;)
        digests[key] = digest;
    return digests;
}

void append(std::string& list, const std::string& word) {
    list += list.empty() ? word : "," + word;
}

/// The keys that were added, removed or have another value; comma-separated.
std::string changed_keys(const Mapping& before, const Mapping& now) {
    std::string keys;
    for (const auto& [key, digest] : before) {
        const auto other = now.find(key);
        if (other == now.end() || other->second != digest) append(keys, key);
    }
    for (const auto& [key, digest] : now) {
        if (!before.contains(key)) append(keys, key);
    }
    return keys;
}

constexpr const char* way_out_of_change =
    "; preview the effect with --once --dry-run; if the change is intended, run --once "
    "--accept-mapping "
    "(max_changes still applies), or put the configuration back";

} // namespace

Task<void> guard_against_changed_mappings(Context& context, std::vector<std::string> sources) {
    std::string changed;
    std::string fields;
    for (const auto& source : sources) {
        auto job = [key = meta_key(source)](state::Store& store) { return store.meta(key); };
        const auto before = co_await context.env.database.run(std::move(job));
        const auto now = digests_of(context, source);
        if (before.empty() || before == to_text(now)) continue;
        append(changed, source);
        append(fields, changed_keys(from_text(before), now));
    }
    if (changed.empty()) co_return;
    if (context.request.accept_mapping || context.request.dry_run) {
        context.request.full = true;
        context.write(context.event(log::events::mapping_changed)
                          .with(Key::source, changed)
                          .with(Key::fields, fields));
        co_return;
    }
    const auto reason =
        "the mapping of source " + changed + " was changed: " + fields + way_out_of_change;
    context.guard(Alarm{log::events::guard_mapping, changed, fields, reason});
}

void note_mapping(const Context& context, const std::string& source, state::Batch& batch) {
    state::Batch::PutMeta change;
    change.key = meta_key(source);
    change.value = to_text(digests_of(context, source));
    batch.add(std::move(change));
}

} // namespace medibridge::sync
