#include "daemon/results.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace medibridge::daemon {

using sync::Outcome;
using sync::Report;

std::string to_json(const Report& report, const RequestCounts& requests,
                    std::chrono::milliseconds duration) {
    nlohmann::ordered_json medicapp;
    medicapp["GET"] = requests.get;
    medicapp["POST"] = requests.post;
    medicapp["PUT"] = requests.put;
    medicapp["retries"] = requests.retries;
    medicapp["rate_limited"] = requests.rate_limited;
    nlohmann::ordered_json result;
    result["outcome"] = std::string(name(report.outcome));
    result["created"] = report.created;
    result["updated"] = report.updated;
    result["linked"] = report.linked;
    result["unchanged"] = report.unchanged;
    result["held"] = report.held;
    result["deferred"] = report.deferred;
    result["requests"]["medicapp"] = std::move(medicapp);
    result["requests"]["his"] = requests.his;
    result["duration_ms"] = duration.count();
    return result.dump();
}

std::string unreadable_sources(const Report& report) {
    std::string names;
    for (const auto& source : report.sources) {
        if (source.trouble.empty()) continue;
        names += (names.empty() ? "" : ", ") + source.name;
    }
    return names;
}

std::string to_text(const Report& report, const RequestCounts& requests,
                    std::chrono::milliseconds duration, std::int64_t held_in_all, bool dry_run) {
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
                    requests.put, requests.his, static_cast<double>(duration.count()) / 1000.0);
    if (held_in_all > 0) {
        text += fmt::format("{} patients are held in total\n", held_in_all);
    }
    return text;
}

ExitCode exit_code(const Report& report, std::int64_t held_in_all, bool strict) {
    switch (report.outcome) {
    case Outcome::complete:
        return strict && held_in_all > 0 ? ExitCode::held : ExitCode::ok;
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
