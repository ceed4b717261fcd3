#include "base/runtime/worker.hpp"
#include "control/left_files.hpp"
#include "control/operations.hpp"
#include "control/rejected_files.hpp"
#include "sync/core/unread_inboxes.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace medibridge::control::operations {

using runtime::Task;

namespace {

/// What the state says; read in one job.
struct Remembered {
    std::int64_t linked = 0;
    state::Waiting waiting;
    std::size_t decided = 0;                  ///< decisions that are not carried out yet
    std::vector<state::Watermark> watermarks; ///< in the order of the sides
    std::map<std::string, std::int64_t> unread;
};

std::string watermark_side(const std::string& side) {
    return side == "medicapp" ? side : "his:" + side;
}

Task<Remembered> remembered(Call& call, const Live& live) {
    std::vector<std::string> sides;
    for (const auto& side : live.sides)
        sides.push_back(watermark_side(side.name));
    auto job = [sides = std::move(sides),
                sources = call.backend.settings().source_names()](state::Store& store) {
        Remembered it;
        it.linked = store.counts().links;
        it.waiting = store.waiting();
        it.decided = store.decisions().size();
        for (const auto& side : sides)
            it.watermarks.push_back(store.watermark(side));
        it.unread = sync::unread_inboxes(store.waiting_inboxes(), sources);
        return it;
    };
    co_return co_await call.backend.database().run(std::move(job));
}

Json side_json(const SideStatus& side, const state::Watermark& mark, const Call& call) {
    const auto& medicapp = call.backend.settings().medicapp;
    Json it;
    it["name"] = side.name;
    it["up"] = side.up;
    it["last_success"] = time_json(side.last_success_ms);
    it["lag_s"] = nullptr;
    if (side.last_success_ms)
        it["lag_s"] =
            std::max<std::int64_t>(0, call.backend.now_ms() - *side.last_success_ms) / 1000;
    it["watermark"] = nullptr;
    if (mark.stamp)
        it["watermark"] =
            reconcile::format_rfc3339(*mark.stamp, reconcile::Precision::milliseconds);
    if (side.name == "medicapp") {
        it["rate"] = side.rate ? Json(*side.rate) : Json();
        it["limit"] = medicapp.rate_limit ? Json(*medicapp.rate_limit) : Json();
    }
    it["trying_since"] = time_json(side.trying_since_ms);
    it["down_since"] = time_json(side.down_since_ms);
    it["reason"] = text_or_null(side.reason);
    return it;
}

/// What the sources could not read, by their names. A file system that does not answer keeps nobody
/// else waiting.
Task<std::map<std::string, RejectedFiles>> rejected_files(const config::Settings& settings) {
    std::map<std::string, RejectedFiles> all;
    runtime::Worker worker;
    for (const auto& source : settings.his) {
        const auto folder = source.its ? source.its->rejected_folder() : std::filesystem::path();
        if (folder.empty()) continue;
        all[source.name] = co_await worker.run([&folder] { return rejected_files_in(folder); });
    }
    co_return all;
}

/// Null where none lies there, and for a side that reads no files.
Json rejected_json(const std::map<std::string, RejectedFiles>& all, const std::string& side) {
    const auto found = all.find(side);
    if (found == all.end()) return nullptr;
    const auto& files = found->second;
    if (told(files).empty()) return nullptr;
    return {{"files", files.count},
            {"newest", time_json(files.newest_ms)},
            {"folder", files.folder.string()},
            {"told", told(files)}};
}

/// Null where none is left, and for a side that reads no files.
Json left_json(const std::optional<figures::LeftFiles>& left) {
    if (!left || left->reasons.empty()) return nullptr;
    Json it{{"files", count_of(*left)}, {"folder", left->folder}, {"told", told(*left)}};
    for (const auto& [reason, files] : left->reasons)
        it["reasons"].push_back({{"reason", reason}, {"files", files}});
    return it;
}

std::optional<std::int64_t> last_cycle_of(const Live& live) {
    if (live.last_cycle_ms || !live.former) return live.last_cycle_ms;
    return live.former->at_ms;
}

std::optional<std::int64_t> last_complete_of(const Live& live) {
    if (live.last_complete_ms || !live.former) return live.last_complete_ms;
    return live.former->complete_ms;
}

} // namespace

Task<Json> status(Call& call) {
    call.allow_parameters({});
    const auto live = call.backend.live();
    const auto known = co_await remembered(call, live);
    const auto rejected = co_await rejected_files(call.backend.settings());
    Json it;
    it["outcome"] = last_outcome(live);
    it["reason"] = text_or_null(last_reason(live));
    it["last_complete"] = time_json(last_complete_of(live));
    it["last_cycle_at"] = time_json(last_cycle_of(live));
    it["cycles"] = live.cycles;
    it["cycle_running"] = live.running.has_value();
    it["progress"] = nullptr;
    if (live.running) {
        it["progress"] = tally_json(live.running->so_far);
        it["progress"]["started"] = time_json(live.running->started_ms);
    }
    it["sides"] = Json::array();
    for (std::size_t i = 0; i < live.sides.size(); ++i) {
        it["sides"].push_back(side_json(live.sides[i], known.watermarks[i], call));
        it["sides"].back()["rejected"] = rejected_json(rejected, live.sides[i].name);
        it["sides"].back()["left"] = left_json(live.sides[i].left);
    }
    it["unread"] = Json::object();
    for (const auto& [source, records] : known.unread)
        it["unread"][source] = records;
    const auto& waiting = known.waiting;
    it["linked"] = known.linked;
    it["to_decide"] = waiting.to_decide;
    it["excluded"] = waiting.excluded;
    it["decided"] = known.decided;
    it["oldest_to_decide"] =
        waiting.oldest_to_decide_ms > 0 ? time_json(waiting.oldest_to_decide_ms) : Json();
    it["reasons"] = reasons_json(waiting);
    it["guards"] = guards_json(live.alarms, call.backend.digester());
    it["paused"] = live.pause.has_value();
    it["paused_until"] = live.pause ? time_json(live.pause->until_ms) : Json();
    it["next_full_compare"] = time_json(live.next_full_compare_ms);
    it["service"] = call.backend.is_service;
    it["version"] = MEDIBRIDGE_VERSION;
    it["state"] = call.backend.settings().state.path.string();
    co_return it;
}

} // namespace medibridge::control::operations
