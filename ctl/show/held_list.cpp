#include "ctl/clean.hpp"
#include "ctl/show/show.hpp"
#include "ctl/table.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <utility>

namespace medibridge::ctl::show {

namespace {

constexpr std::size_t most_rows = 50;

constexpr std::array<std::pair<std::string_view, std::string_view>, 16> meanings{{
    {"invalid", "a required field is missing or impossible"},
    {"ambiguous_source", "the source shows two different people under one externalId"},
    {"inactive_in_his", "the HIS closed the record"},
    {"deleted_in_his", "the HIS deleted the record"},
    {"merged_in_his", "the HIS merged the record into another"},
    {"deceased", "the HIS says that the patient has died"},
    {"identity_status", "the HIS doubts this identity"},
    {"identity_mismatch", "the externalId belongs to somebody else in Medicapp"},
    {"divergence", "the change would make it another person"},
    {"conflict_unresolved", "Medicapp says that the externalId is taken, and shows nobody with it"},
    {"possible_duplicate", "a Medicapp patient without externalId has the same identity"},
    {"erased_in_medicapp", "the patient was erased in Medicapp"},
    {"external_id_taken", "another Medicapp patient has the new externalId"},
    {"rejected", "Medicapp refuses the patient's data"},
    {"refused_by_server", "the write fails each time, while others succeed"},
    {"altered_in_state", "the state's row about the patient was tampered with or damaged"},
}};

Json of_kind(const Json& answer, std::string_view kind) {
    Json items = Json::array();
    const Json& held = value_in(answer, "held");
    if (held.is_array())
        for (const Json& item : held)
            if (raw_text(item, "kind") == kind) items.push_back(item);
    return items;
}

std::string age_of(const Json& item, const Style& style) {
    const auto since = read_moment(raw_text(item, "since"));
    return since ? age_text(style.now - *since) : text_in(item, "since");
}

std::string section(const std::string& title, const Json& items, const Style& style) {
    return style.paint(Tone::strong, title) + "\n" + held_rows(items, most_rows, style);
}

} // namespace

std::string_view meaning_of(std::string_view reason) {
    const auto* const found =
        std::ranges::find(meanings, reason, &std::pair<std::string_view, std::string_view>::first);
    return found == meanings.end() ? std::string_view() : found->second;
}

std::string held_rows(const Json& items, std::size_t most, const Style& style) {
    Table table;
    std::size_t shown = 0;
    for (const Json& item : items) {
        if (shown == most) break;
        ++shown;
        std::string remark = text_in(item, "detail");
        const std::string fields = text_in(item, "fields");
        if (!fields.empty() && !remark.contains(fields))
            remark = fields + (remark.empty() ? "" : ": " + remark);
        const std::string medicapp_id = text_in(item, "medicapp_id");
        if (remark.empty() && !medicapp_id.empty()) remark = "Medicapp " + medicapp_id;
        const std::string decided = text_in(item, "decided");
        if (!decided.empty())
            remark =
                decided + " is decided, for the next cycle" + (remark.empty() ? "" : "; ") + remark;
        const std::string source = text_in(item, "source");
        table.row({text_in(item, "id"), text_in(item, "reason"), source.empty() ? "-" : source,
                   age_of(item, style), remark});
    }
    std::string text = table.text(style);
    if (items.size() > shown)
        text += fmt::format("  … and {} more: filter by --reason, --source, --since or --search\n",
                            items.size() - shown);
    return text;
}

std::string held_list(const Json& answer, const Style& style) {
    const Json to_decide = of_kind(answer, "decide");
    const Json excluded = of_kind(answer, "excluded");
    if (to_decide.empty() && excluded.empty()) return "nobody is held\n";
    std::string text;
    if (!to_decide.empty())
        text += section(fmt::format("to decide: {}", to_decide.size()), to_decide, style);
    Table groups;
    const Json& found = value_in(answer, "groups");
    if (found.is_array())
        for (const Json& group : found)
            if (number_in(group, "count") > 1)
                groups.row({text_in(group, "count"), text_in(group, "reason"),
                            text_in(group, "fields"), text_in(group, "detail")});
    if (!groups.is_empty()) text += "\nfor the same cause\n" + groups.text(style);
    if (!excluded.empty())
        text += (text.empty() ? "" : "\n") +
                section(fmt::format("excluded by rule, nothing to do: {}", excluded.size()),
                        excluded, style);
    if (number_in(answer, "left_out") > 0)
        text += fmt::format("\n{} more are held and not listed: filter\n",
                            number_in(answer, "left_out"));
    if (!to_decide.empty())
        text += "\nvalues, and what can be done: " + style.program + " held show ID\n";
    return text;
}

} // namespace medibridge::ctl::show
