#include "daemon/results.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace medibridge::daemon {

using sync::Outcome;
using sync::Report;

std::string unreadable_sources(const Report& report) {
    std::string names;
    for (const auto& source : report.sources) {
        if (source.trouble.empty()) continue;
        names += (names.empty() ? "" : ", ") + source.name;
    }
    return names;
}

std::string age_text(std::int64_t ms) {
    const auto seconds = std::max<std::int64_t>(ms, 0) / 1000;
    const auto some = [](std::int64_t count, const char* unit) {
        return fmt::format("{} {}{}", count, unit, count == 1 ? "" : "s");
    };
    constexpr std::int64_t minute = 60;
    constexpr std::int64_t hour = 60 * minute;
    constexpr std::int64_t day = 24 * hour;
    if (seconds < minute) return some(seconds, "second");
    if (seconds < hour) return some(seconds / minute, "minute");
    if (seconds < 2 * day) return some(seconds / hour, "hour");
    return some(seconds / day, "day");
}

std::string waiting_text(const state::Waiting& waiting, std::int64_t now_ms) {
    std::string text;
    if (waiting.to_decide > 0) {
        text = fmt::format("{} to decide", waiting.to_decide);
        if (waiting.oldest_to_decide_ms > 0)
            text += ", oldest " + age_text(now_ms - waiting.oldest_to_decide_ms);
    }
    if (waiting.excluded > 0)
        text += fmt::format("{}{} excluded", text.empty() ? "" : "; ", waiting.excluded);
    return text;
}

namespace {

std::string in_words(const sync::Change& change) {
    switch (change.kind) {
    case sync::Change::Kind::update:
        return names(change.fields);
    case sync::Change::Kind::hold:
        return "held " + change.detail;
    case sync::Change::Kind::merge:
        return "merged into " + change.detail;
    case sync::Change::Kind::rename:
        return "renamed to " + change.detail;
    case sync::Change::Kind::missing:
        return "is not in Medicapp";
    }
    return {};
}

/// How many of each.
std::string counts_of(const sync::Changes& changes) {
    std::string text;
    const auto add = [&text](std::string_view what, std::int64_t count) {
        if (count > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", what, count);
    };
    for (const auto kind : sync::Change::all_kinds)
        add(name(kind), changes.count_of(kind));
    for (const auto& [reason, count] : changes.holds())
        add("held " + reason, count);
    for (const auto field : reconcile::all_fields())
        add(name(field), changes.count_of(field));
    return text;
}

/// Whom a guard stopped, as far as they are remembered; identifiers and names of fields.
std::string stopped_by(const sync::GuardAlarm& alarm) {
    const auto& changes = alarm.changes;
    if (changes.count() == 0) return {};
    auto text = fmt::format("{}: {} of {} linked patients: {}\n", alarm.guard, changes.count(),
                            alarm.linked, counts_of(changes));
    for (const auto& example : changes.examples())
        text += "stopped\t" + example.external_id + '\t' + in_words(example) + '\n';
    const auto shown = static_cast<std::int64_t>(changes.examples().size());
    if (changes.count() > shown)
        text += fmt::format("stopped\tand {} more\n", changes.count() - shown);
    return text;
}

} // namespace

std::string to_text(const control::CycleEnd& end, bool dry_run, std::int64_t now_ms) {
    const auto& report = end.report;
    const auto& requests = end.requests;
    std::string text;
    const auto row = [&](const char* label, std::int64_t count, const char* remark) {
        text += fmt::format("  {:<10}{:>9}  {}\n", label, count, remark);
    };
    text += fmt::format("{}{}", name(report.outcome),
                        dry_run ? " (dry run: nothing was sent or kept)" : "");
    if (!report.reason.empty()) text += ": " + report.reason;
    text += '\n';
    if (dry_run)
        for (const auto& alarm : report.alarms)
            text += stopped_by(alarm);
    row("created", report.created, "");
    row("updated", report.updated, "");
    row("linked", report.linked, "existing Medicapp patients");
    row("unchanged", report.unchanged, "examined, no write");
    row("held", report.held, "in this run, excluded ones among them");
    row("deferred", report.deferred, "left for the next run");
    for (const auto& source : report.sources) {
        text += fmt::format("source {}: {}\n", source.name,
                            source.trouble.empty() ? "read" : "not read: " + source.trouble);
    }
    const auto sent = requests.get + requests.post + requests.put;
    text +=
        fmt::format("{} {} to Medicapp ({} GET, {} POST, {} PUT), {} to the HIS, {:.1f} s\n", sent,
                    sent == 1 ? "request" : "requests", requests.get, requests.post, requests.put,
                    requests.his, static_cast<double>(end.duration.count()) / 1000.0);
    const auto held = waiting_text(end.waiting, now_ms);
    if (!held.empty())
        text += "held in all: " + held +
                (end.waiting.to_decide > 0 ? " (medibridgectl held list)\n" : "\n");
    return text;
}

ExitCode exit_code(const control::CycleEnd& end, bool strict) {
    switch (end.report.outcome) {
    case Outcome::complete:
        return strict && end.waiting.to_decide > 0 ? ExitCode::held : ExitCode::ok;
    case Outcome::incomplete:
        return ExitCode::incomplete;
    case Outcome::guarded:
        return ExitCode::guarded;
    case Outcome::unauthorized:
        return ExitCode::unauthorized;
    }
    return ExitCode::internal;
}

} // namespace medibridge::daemon
