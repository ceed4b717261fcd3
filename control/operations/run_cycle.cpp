#include "control/narrator.hpp"
#include "control/operations.hpp"

#include "base/log/catalogue.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <utility>

namespace medibridge::control::operations {

using runtime::Task;

namespace {

/// The changes that the guard stopped, if they are as many as the operator expects.
sync::AcceptedChanges accepted_changes(const Live& live, std::int64_t expected) {
    if (!live.alarm || live.alarm->changes.count() == 0)
        throw Failure(Failure::Kind::refused, "no guard has stopped any changes");
    const auto& changes = live.alarm->changes;
    if (changes.count() != expected)
        throw Failure(Failure::Kind::refused,
                      std::to_string(changes.count()) +
                          " patients would be changed, not as many as you expect: "
                          "look at medibridgectl guard show");
    return {changes.count(), changes.fingerprint()};
}

/// Nobody accepts what no cycle has found, and nobody has seen. A program that has run no cycle
/// knows of no guard.
void require_guard(const Live& live, bool (*is_meant)(const sync::GuardAlarm&),
                   const std::string& what) {
    if (!live.last_cycle_ms || (live.alarm && is_meant(*live.alarm))) return;
    throw Failure(Failure::Kind::refused, "no guard has stopped the last cycle for " + what +
                                              ": medibridgectl guard show says what stands");
}

bool is_about_mapping(const sync::GuardAlarm& alarm) {
    return alarm.mapping_accepted || alarm.guard == log::events::guard_mapping.name;
}

bool is_about_space(const sync::GuardAlarm& alarm) {
    return alarm.guard == log::events::guard_space.name;
}

bool is_about_rewind(const sync::GuardAlarm& alarm) {
    return alarm.rewind_accepted || alarm.guard == log::events::guard_rewound.name ||
           alarm.guard == log::events::guard_emptied.name;
}

sync::Request request_of(const Call& call) {
    const auto body = call.body({"full", "source", "dry_run", "accept"});
    sync::Request request;
    request.full = flag_in(body, "full").value_or(false);
    request.dry_run = flag_in(body, "dry_run").value_or(false);
    request.only_source = text_in(body, "source").value_or("");
    const auto& sources = call.backend.settings().his;
    if (!request.only_source.empty() &&
        std::ranges::find(sources, request.only_source, &config::SourceSettings::name) ==
            sources.end())
        throw Failure(Failure::Kind::usage,
                      "`source`: the configuration has no source of that name");
    if (const auto accept = body.find("accept"); accept != body.end() && !accept->is_null()) {
        if (!accept->is_object()) throw Failure(Failure::Kind::usage, "`accept` must be an object");
        allow_keys(*accept, {"mapping", "rewind", "space", "changes"}, "`accept`");
        const auto live = call.backend.live();
        request.accept_mapping = flag_in(*accept, "mapping").value_or(false);
        request.accept_rewind = flag_in(*accept, "rewind").value_or(false);
        request.accept_space = flag_in(*accept, "space").value_or(false);
        if (const auto count = number_in(*accept, "changes"))
            request.accept_changes = accepted_changes(live, *count);
        if (request.accept_mapping) require_guard(live, is_about_mapping, "a changed mapping");
        if (request.accept_space) require_guard(live, is_about_space, "another Medicapp");
        if (request.accept_rewind) require_guard(live, is_about_rewind, "a side that went back");
    }
    request.full =
        request.full || request.accept_mapping || request.accept_rewind || request.accept_space;
    return request;
}

/// What was asked for, in the audit.
std::string words_of(const sync::Request& request) {
    std::string words = request.full ? "full" : "changes";
    if (!request.only_source.empty()) words += ", source " + request.only_source;
    if (request.accept_mapping) words += ", mapping accepted";
    if (request.accept_rewind) words += ", rewind accepted";
    if (request.accept_space) words += ", space accepted";
    if (request.accept_changes)
        words += ", " + std::to_string(request.accept_changes->count) + " changes accepted";
    return words;
}

} // namespace

/// The cycle goes on to its end even if the client leaves.
Task<Json> run_cycle(Call& call) {
    call.allow_parameters({});
    auto request = request_of(call);
    if (!request.dry_run && call.backend.live().pause)
        throw Failure(Failure::Kind::refused, "cycles are paused: run medibridgectl resume first");
    if (!request.dry_run) {
        state::Batch batch;
        batch.audit(call.audit_entry("cycle", words_of(request)));
        co_await call.backend.database().commit(std::move(batch));
    }
    Narrator narrator(co_await boost::asio::this_coro::executor, request.dry_run);
    co_return cycle_json(co_await run_narrated(call, std::move(request), narrator));
}

} // namespace medibridge::control::operations
