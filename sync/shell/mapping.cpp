#include "sync/shell/mapping.hpp"

#include "base/log/catalogue.hpp"
#include "sync/core/mapping_digests.hpp"

#include <utility>

namespace medibridge::sync {

using log::Key;
using runtime::Task;

namespace {

std::string meta_key(const std::string& source) {
    return "mapping:" + source;
}

void append(std::string& list, const std::string& word) {
    list += list.empty() ? word : "," + word;
}

constexpr const char* way_out_of_change =
    "; preview the effect with --once --dry-run; if the change is intended, run --once "
    "--accept-mapping "
    "(max_changes still applies), or put the configuration back";

} // namespace

Task<bool> guard_against_changed_mappings(Context& context, std::vector<std::string> sources) {
    std::string changed;
    std::string fields;
    for (const auto& source : sources) {
        auto job = [key = meta_key(source)](state::Store& store) { return store.meta(key); };
        const auto before = co_await context.env.database.run(std::move(job));
        const auto now = mapping_digests(context.rules(), source);
        if (before.empty() || before == now) continue;
        append(changed, source);
        append(fields, changed_keys(before, now));
    }
    if (changed.empty()) co_return false;
    if (context.request.accept_mapping || context.request.dry_run) {
        context.write(context.event(log::events::mapping_changed)
                          .with(Key::source, changed)
                          .with(Key::fields, fields));
        co_return true;
    }
    const auto reason =
        "the mapping of source " + changed + " was changed: " + fields + way_out_of_change;
    context.guard(Alarm{log::events::guard_mapping, changed, fields, reason});
    co_return false;
}

void note_mapping(const Context& context, const std::string& source, state::Batch& batch) {
    batch.put_meta(meta_key(source), mapping_digests(context.rules(), source));
}

} // namespace medibridge::sync
