#include "ctl/clean.hpp"
#include "ctl/show/show.hpp"
#include "ctl/table.hpp"

#include <fmt/format.h>

namespace medibridge::ctl::show {

namespace {

Tone tone_of(const std::string& outcome) {
    if (outcome == "complete") return Tone::good;
    return outcome == "none" ? Tone::faint : Tone::bad;
}

std::string counted(const Json& progress) {
    std::string text;
    for (const auto& [key, value] : progress.items())
        if (value.is_number() && value != 0)
            text += fmt::format("{}{} {}", text.empty() ? "" : ", ", text_of(value),
                                text_of(Json(key)));
    return text;
}

/// Whose cycle it was, where it is what the state remembers: this process has ended none. A timer
/// may run cycles where no service does.
std::string remembered(const Json& answer) {
    const bool is_own = !value_in(answer, "cycles").is_number() || number_in(answer, "cycles") > 0;
    if (is_own) return {};
    const Json& service = value_in(answer, "service");
    const bool has_service = !service.is_boolean() || service.get<bool>();
    return has_service ? " (before the service started)" : " (no service runs now)";
}

std::string headline(const Json& answer, const Style& style) {
    const std::string outcome = text_in(answer, "outcome");
    const std::string at = text_in(answer, "last_cycle_at");
    std::string line = "medibridge " + text_in(answer, "version") + "  ";
    if (outcome == "none" || outcome.empty())
        line += style.paint(Tone::faint, "no cycle has ended yet");
    else
        line += "last cycle: " + style.paint(tone_of(outcome), outcome) +
                (at.empty() ? "" : ", " + ago(at, style.now)) + remembered(answer);
    line += '\n';
    const std::string reason = text_in(answer, "reason");
    if (!reason.empty()) line += paragraph(reason, 2, style);
    if (flag_in(answer, "paused")) {
        const std::string until = text_in(answer, "paused_until");
        line +=
            "  " +
            style.paint(Tone::doubtful, "paused" + (until.empty() ? std::string(" until resumed")
                                                                  : " until " + until)) +
            ": no cycle begins; " + style.program + " resume\n";
        const auto decided = number_in(answer, "decided");
        if (decided > 0)
            line += "  " + std::to_string(decided) +
                    (decided == 1 ? " decision waits" : " decisions wait") + " to be carried out " +
                    (until.empty() ? "when it is resumed\n" : "then\n");
    }
    return line;
}

std::string counts(const Json& answer, const Style& style) {
    Table table;
    if (flag_in(answer, "cycle_running"))
        table.row({"running now", counted(value_in(answer, "progress"))});
    const std::string complete = text_in(answer, "last_complete");
    table.row({"last complete",
               complete.empty() ? "never" : ago(complete, style.now) + " (" + complete + ")"});
    const std::string full = text_in(answer, "next_full_compare");
    if (!full.empty()) table.row({"next full compare", ago(full, style.now)});
    for (const auto& [source, records] : value_in(answer, "unread").items())
        table.row({"unread", Cell(records.dump() + " accepted records wait for source " + source +
                                      ", which is not configured",
                                  Tone::doubtful)});
    table.row({"linked", text_in(answer, "linked")});
    const auto to_decide = number_in(answer, "to_decide");
    std::string waiting = std::to_string(to_decide);
    const auto oldest = read_moment(raw_text(answer, "oldest_to_decide"));
    if (to_decide > 0) {
        if (oldest) waiting += ", the oldest for " + age_text(style.now - *oldest);
        waiting += ": " + style.program + " held list --kind decide";
    }
    table.row({"to decide", Cell(waiting, to_decide > 0 ? Tone::doubtful : Tone::plain)});
    table.row({"excluded", std::to_string(number_in(answer, "excluded")) +
                               " (by rule, or ignored by an operator)"});
    return table.text(style);
}

/// Why a side does not answer, or does so no longer.
std::string why_silent(const Json& side, bool up, const Style& style) {
    const auto since = read_moment(raw_text(side, up ? "trying_since" : "down_since"));
    std::string text = text_in(side, "name") + (up ? " is tried without an answer" : " is down");
    if (since) text += " for " + age_text(style.now - *since);
    const std::string reason = text_in(side, "reason");
    return paragraph(text + (reason.empty() ? "" : ": " + reason), 2, style);
}

std::string sides(const Json& answer, const Style& style) {
    Table table;
    std::string reasons;
    table.row({Cell("side", Tone::faint), Cell("state", Tone::faint),
               Cell("last read", Tone::faint), Cell("watermark", Tone::faint),
               Cell("", Tone::faint)});
    for (const Json& side : value_in(answer, "sides")) {
        const bool up = flag_in(side, "up");
        const bool trying = up && !text_in(side, "trying_since").empty();
        std::string remark;
        if (up && value_in(side, "rate").is_number())
            remark = fmt::format("{:.1f} requests/s", value_in(side, "rate").get<double>());
        if (!up || trying) reasons += why_silent(side, up, style);
        for (const char* files : {"left", "rejected"}) {
            const std::string told = text_in(value_in(side, files), "told");
            if (!told.empty()) reasons += paragraph(text_in(side, "name") + ": " + told, 2, style);
        }
        const std::string mark = text_in(side, "watermark");
        // Nothing is known against a side that no cycle of this process has read.
        const bool is_read = !up || !text_in(side, "last_success").empty();
        Cell state(up ? "up" : "DOWN", up ? Tone::good : Tone::bad);
        if (!is_read) state = Cell("-", Tone::faint);
        if (trying) state = Cell("trying", Tone::doubtful);
        table.row({text_in(side, "name"), state,
                   is_read ? ago(text_in(side, "last_success"), style.now) : "not yet",
                   mark.empty() ? "-" : mark, remark});
    }
    return "\n" + table.text(style) + reasons;
}

} // namespace

std::string status(const Json& answer, const Style& style) {
    std::string text = headline(answer, style) + counts(answer, style) + sides(answer, style);
    const Json& reasons = value_in(answer, "reasons");
    Table held;
    if (reasons.is_object())
        for (const auto& [reason, count] : reasons.items())
            held.row({text_of(Json(reason)), text_of(count),
                      Cell(std::string(meaning_of(reason)), Tone::faint)});
    if (!held.is_empty()) text += "\nheld\n" + held.text(style);
    const Json& guards = value_in(answer, "guards");
    if (guards.is_array() && !guards.empty()) {
        text += "\n" + style.paint(Tone::bad, "stopped by a guard") +
                ", nothing is written: " + style.program + " guard show\n";
        for (const Json& guard : guards)
            text += paragraph(guard.is_object()
                                  ? text_in(guard, "guard") + ": " + text_in(guard, "reason")
                                  : text_of(guard),
                              2, style);
    }
    return text;
}

} // namespace medibridge::ctl::show
