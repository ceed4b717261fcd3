#include "ctl/clean.hpp"
#include "ctl/show/show.hpp"
#include "ctl/table.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>

namespace medibridge::ctl::show {

namespace {

/// `phone 1050, email 5`; what has no counts as it is.
std::string counts_text(const Json& counts) {
    if (!counts.is_object()) return text_of(counts);
    std::string text;
    for (const auto& [what, count] : counts.items())
        text += (text.empty() ? "" : ", ") + text_of(Json(what)) + " " + text_of(count);
    return text;
}

/// What would happen to a patient: `hold deceased`, `merge P20`; of an update, its fields.
std::string example_text(const Json& example) {
    const std::string fields = text_in(example, "fields");
    const std::string kind = text_in(example, "kind");
    const bool is_update = kind.empty() || kind == "update";
    if (is_update && !fields.empty()) return fields;
    const auto detail = text_in(example, "detail");
    return detail.empty() ? kind : kind + " " + detail;
}

/// Whom it concerns, each with their pseudonym in the logs and what would happen to them.
std::string examples_text(const Json& guard, const Style& style) {
    const Json& examples = value_in(guard, "examples");
    if (!examples.is_array() || examples.empty()) return {};
    const auto shown = static_cast<std::int64_t>(examples.size());
    const bool all = shown >= number_in(guard, "count");
    Table rows(4);
    for (const Json& example : examples)
        rows.row({text_in(example, "external_id"), text_in(example, "pseudonym"),
                  example_text(example)});
    return (all ? "  who\n" : "  for example\n") + rows.text(style);
}

std::string guard_text(const Json& guard, const Style& style) {
    const std::string source = text_in(guard, "source");
    std::string text = style.paint(Tone::bad, text_in(guard, "guard")) +
                       (source.empty() ? "" : " (" + source + ")") + "\n" +
                       paragraph(text_in(guard, "reason"), 2, style);
    Table table;
    // Where nobody is said to be linked, it was stopped before it knew.
    const bool counted = number_in(guard, "count") > 0 || number_in(guard, "linked") > 0;
    if (counted)
        table.row(
            {"patients", text_in(guard, "count") + " of " + text_in(guard, "linked") + " linked"});
    const std::string keys = text_in(guard, "keys");
    if (!keys.empty()) table.row({"keys", keys});
    for (const auto* row : {"kinds", "holds", "fields"}) {
        const auto counts = counts_text(value_in(guard, row));
        if (!counts.empty()) table.row({row, counts});
    }
    text += table.text(style) + examples_text(guard, style);
    const std::string accept = text_in(guard, "accept");
    if (!accept.empty())
        text += "  if that is right: " + style.paint(Tone::strong, style.as_typed(accept)) + "\n";
    return text;
}

/// The sources that were not read to their end, each with why; that of the cycle's own reason is
/// said already.
std::string unread_sources(const Json& answer, const std::string& reason, const Style& style) {
    std::string text;
    const Json& sources = value_in(answer, "sources");
    if (!sources.is_array()) return text;
    for (const Json& source : sources) {
        const std::string trouble = text_in(source, "trouble");
        if (trouble.empty() || reason.contains(trouble)) continue;
        text += paragraph("source " + text_in(source, "name") + ": " + trouble, 2, style);
    }
    return text;
}

Tone outcome_tone(const std::string& outcome) {
    return outcome == "complete" ? Tone::good : Tone::bad;
}

std::string next_step(const std::string& outcome, const Style& style) {
    if (outcome == "guarded") return "what stopped it: " + style.program + " guard show\n";
    if (outcome == "incomplete") return "how both sides fare: " + style.program + " status\n";
    if (outcome == "unauthorized") return "what to do: " + style.program + " doctor\n";
    return {};
}

} // namespace

namespace {

/// A cycle that ended before it had seen both sides says nothing of guards.
std::string no_guard(const Json& answer, const Style& style) {
    const std::string outcome = text_in(answer, "outcome");
    if (outcome != "unauthorized" && outcome != "incomplete" && outcome != "failed")
        return "no guard stops cycles\n";
    const std::string reason = text_in(answer, "reason");
    return "no guard stopped the last cycle, which may not have come so far: " +
           style.paint(Tone::bad, outcome) + (reason.empty() ? "" : ", " + reason) + "\n";
}

} // namespace

std::string guards(const Json& answer, const Style& style) {
    const Json& found = value_in(answer, "guards");
    if (!found.is_array() || found.empty()) return no_guard(answer, style);
    std::string text;
    for (const Json& guard : found)
        text += (text.empty() ? "" : "\n") + guard_text(guard, style);
    return text;
}

std::string cycle(const Json& answer, bool dry_run, const Style& style) {
    static constexpr std::array<std::pair<const char*, const char*>, 6> rows{
        {{"created", ""},
         {"updated", ""},
         {"linked", "existing Medicapp patients"},
         {"unchanged", "examined, no write"},
         {"held", "in this run"},
         {"deferred", "left for the next run"}}};
    const std::string outcome = text_in(answer, "outcome");
    std::string text = style.paint(outcome_tone(outcome), outcome) +
                       (dry_run ? " (dry run: nothing was sent or kept)" : "");
    const std::string reason = text_in(answer, "reason");
    text += "\n";
    if (!reason.empty()) text += paragraph(reason, 2, style);
    text += unread_sources(answer, reason, style);
    for (const auto& [key, remark] : rows) {
        std::string line = fmt::format("  {:<10}{:>9}  {}", key, number_in(answer, key), remark);
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + "\n";
    }
    const Json& requests = value_in(answer, "requests");
    const Json& medicapp = value_in(requests, "medicapp");
    const auto get = number_in(medicapp, "GET");
    const auto post = number_in(medicapp, "POST");
    const auto put = number_in(medicapp, "PUT");
    text += fmt::format("{} {} to Medicapp ({} GET, {} POST, {} PUT), {} to the HIS, {:.1f} s\n",
                        get + post + put, get + post + put == 1 ? "request" : "requests", get, post,
                        put, number_in(requests, "his"),
                        static_cast<double>(number_in(answer, "duration_ms")) / 1000.0);
    const Json& waiting = value_in(answer, "waiting");
    if (waiting.is_object())
        text += fmt::format("waiting in total: {} to decide, {} excluded (by rule, or ignored)\n",
                            number_in(waiting, "to_decide"), number_in(waiting, "excluded"));
    // What a dry run finds is nowhere else.
    const Json& guards = value_in(answer, "guards");
    if (dry_run && guards.is_array() && !guards.empty()) {
        text += "\nwhat stopped it\n";
        for (const Json& guard : guards)
            text += guard_text(guard, style);
        return text;
    }
    return text + next_step(outcome, style);
}

std::string plan(const Json& plan, const Style& style) {
    std::map<std::string, std::int64_t> actions;
    const Json& items = value_in(plan, "items");
    if (items.is_array())
        for (const Json& item : items)
            ++actions[text_in(item, "action")];
    if (actions.empty()) return "the plan is empty: nothing would be done\n";
    Table table;
    for (const auto& [action, count] : actions)
        table.row({action, std::to_string(count)});
    return "made " + ago(text_in(plan, "made_at"), style.now) + "\n" + table.text(style);
}

std::string plan_applied(const Json& answer, const Style& style) {
    std::string text = text_in(answer, "applied") + " applied\n";
    if (const auto reason = text_in(answer, "reason"); !reason.empty()) text += reason + "\n";
    const Json& left = value_in(answer, "left");
    if (!left.is_array() || left.empty()) return text;
    text += style.paint(Tone::doubtful, std::to_string(left.size()) + " left as they are") + "\n";
    Table table;
    for (const Json& item : left)
        table.row({text_in(item, "external_id"), text_in(item, "reason")});
    return text + table.text(style);
}

} // namespace medibridge::ctl::show
