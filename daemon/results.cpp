#include "daemon/results.hpp"

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

std::string to_text(const control::CycleEnd& end, bool dry_run) {
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
    row("created", report.created, "");
    row("updated", report.updated, "");
    row("linked", report.linked, "existing Medicapp patients");
    row("unchanged", report.unchanged, "");
    row("held", report.held, "in this run");
    row("deferred", report.deferred, "left for the next run");
    for (const auto& source : report.sources) {
        text += fmt::format("source {}: {}\n", source.name,
                            source.trouble.empty() ? "read" : "not read: " + source.trouble);
    }
    text +=
        fmt::format("{} requests to Medicapp ({} GET, {} POST, {} PUT), {} to the HIS, {:.1f} s\n",
                    requests.get + requests.post + requests.put, requests.get, requests.post,
                    requests.put, requests.his, static_cast<double>(end.duration.count()) / 1000.0);
    const auto& waiting = end.waiting;
    if (waiting.to_decide > 0)
        text += fmt::format("{} to decide in total: medibridgectl held list\n", waiting.to_decide);
    if (waiting.excluded > 0)
        text += fmt::format("{} excluded by rule or by an operator\n", waiting.excluded);
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
