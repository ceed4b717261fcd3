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

/// Who waits for what.
struct Sections {
    Json to_decide = Json::array();
    Json decided = Json::array(); ///< the next cycle carries it out
    Json ignored = Json::array(); ///< by an operator
    Json excluded = Json::array();

    bool empty() const {
        return to_decide.empty() && decided.empty() && ignored.empty() && excluded.empty();
    }
};

Sections sections_of(const Json& answer) {
    Sections all;
    const Json& held = value_in(answer, "held");
    if (!held.is_array()) return all;
    for (const Json& item : held) {
        const std::string kind = raw_text(item, "kind");
        if (!raw_text(item, "decided").empty())
            all.decided.push_back(item);
        else if (value_in(item, "ignored").is_object())
            all.ignored.push_back(item);
        else if (kind == "decide")
            all.to_decide.push_back(item);
        else if (kind == "excluded")
            all.excluded.push_back(item);
    }
    return all;
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
        const std::string decided =
            decided_text(text_in(item, "decided"), text_in(item, "decided_by"));
        for (const std::string& said : {ignored_text(item, style), decided})
            if (!said.empty()) remark = said + (remark.empty() ? "" : "; ") + remark;
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
    const Sections all = sections_of(answer);
    if (all.empty()) return "nobody is held\n";
    std::string text;
    const auto add = [&](const char* title, const Json& items) {
        if (items.empty()) return;
        text += (text.empty() ? "" : "\n") +
                section(fmt::format("{}: {}", title, items.size()), items, style);
    };
    add("to decide", all.to_decide);
    Table groups;
    const Json& found = value_in(answer, "groups");
    if (found.is_array())
        for (const Json& group : found)
            if (number_in(group, "to_decide") > 1)
                groups.row({text_in(group, "to_decide"), text_in(group, "reason"),
                            text_in(group, "fields"), text_in(group, "detail")});
    if (!groups.is_empty())
        text += (text.empty() ? "" : "\n") + ("for the same cause\n" + groups.text(style));
    add("decided, to be carried out in the next cycle", all.decided);
    add("ignored by an operator, until the record changes", all.ignored);
    add("excluded by rule, nothing to do", all.excluded);
    if (number_in(answer, "left_out") > 0)
        text += fmt::format("\n{} more are held and not listed: filter\n",
                            number_in(answer, "left_out"));
    if (!all.to_decide.empty())
        text += "\nvalues, and what can be done: " + style.program + " held show ID\n";
    return text;
}

} // namespace medibridge::ctl::show
