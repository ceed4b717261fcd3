#include "ctl/clean.hpp"
#include "ctl/show/show.hpp"
#include "ctl/table.hpp"

namespace medibridge::ctl::show {

namespace {

std::string name_of_decision(const Json& decision) {
    if (!decision.is_object()) return raw_text(decision);
    const std::string name = raw_text(decision, "decision");
    return name.empty() ? raw_text(decision, "name") : name;
}

std::string_view usual_effect(std::string_view decision) {
    if (decision == "link")
        return "the same person: linked, and what differs is written by the rules";
    if (decision == "create") return "somebody else, or shall come back: a new Medicapp patient";
    if (decision == "update") return "the change is right: written, and the identity confirmed";
    if (decision == "ignore") return "leave it until the record changes";
    if (decision == "retry") return "look again now";
    return "";
}

/// The command to type for a decision, with all that it needs.
std::string command_for(const std::string& decision, const std::string& medicapp_id,
                        const Json& answer, const Style& style) {
    const std::string id = raw_text(answer, "id");
    std::string command = style.program + " held " + shell_word(decision);
    const std::string token = raw_text(answer, "token");
    if (!token.empty()) command += " --token " + shell_word(token);
    if (id.starts_with('-')) command += " --";
    command += " " + shell_word(id);
    if (!medicapp_id.empty()) command += " " + shell_word(medicapp_id);
    // Not wrapped: it is to be copied.
    return "      " + style.paint(Tone::strong, command) + "\n";
}

/// Whom a decision can name: each candidate, or the Medicapp patient beside the HIS's.
std::vector<std::string> nameable(const Json& answer) {
    std::vector<std::string> ids;
    const Json& candidates = value_in(answer, "candidates");
    if (candidates.is_array())
        for (const Json& candidate : candidates)
            ids.push_back(raw_text(candidate, "medicapp_id"));
    if (ids.empty()) ids.push_back(raw_text(answer, "medicapp_id"));
    for (std::string& id : ids)
        if (id.empty()) id = "MEDICAPP_ID";
    return ids;
}

std::string decisions(const Json& answer, const Style& style) {
    const Json& offered = value_in(answer, "decisions");
    if (!offered.is_array() || offered.empty()) return "\nnothing can be decided here\n";
    std::string text = "\nwhat can be done\n";
    for (const Json& offer : offered) {
        const std::string name = name_of_decision(offer);
        std::string effect = text_in(value_in(answer, "effects"), name);
        if (effect.empty()) effect = usual_effect(name);
        text += paragraph(clean(name) + ": " + effect, 2, style);
        if (name != "link") {
            text += command_for(name, {}, answer, style);
            continue;
        }
        for (const std::string& medicapp_id : nameable(answer))
            text += command_for(name, medicapp_id, answer, style);
    }
    return text;
}

std::string heading(const Json& answer, const Style& style) {
    const std::string reason = text_in(answer, "reason");
    std::string text =
        style.paint(Tone::strong, text_in(answer, "id")) + "  held: " + reason + "\n";
    const std::string_view meaning = meaning_of(reason);
    if (!meaning.empty()) text += paragraph(meaning, 2, style);
    const std::string rule = text_in(answer, "rule");
    if (!rule.empty()) text += paragraph(rule, 2, style);
    return text;
}

std::string records(const Json& answer, const Style& style) {
    const Json& found = value_in(answer, "records");
    if (!found.is_object()) return {};
    std::string text = "\nrecords in Medicapp: " + text_in(found, "count") + "\n";
    Table table;
    const Json& items = value_in(found, "items");
    if (items.is_array())
        for (const Json& item : items)
            table.row({text_in(item, "date"), text_in(item, "status")});
    return text + table.text(style);
}

std::string candidates(const Json& answer, const Style& style) {
    std::string text;
    const Json& found = value_in(answer, "candidates");
    if (!found.is_array()) return text;
    for (const Json& candidate : found) {
        text += "\nmay be the same person\n";
        text += compared("Medicapp " + text_in(candidate, "medicapp_id"), value_in(answer, "his"),
                         value_in(candidate, "patient"), texts_in(candidate, "differs"), style);
        const std::string agrees = text_in(candidate, "agrees");
        if (!agrees.empty()) text += paragraph("agrees: " + agrees, 2, style);
    }
    return text;
}

} // namespace

std::string held_patient(const Json& answer, const Style& style) {
    std::string text = heading(answer, style);
    const std::string medicapp_id = text_in(answer, "medicapp_id");
    const bool has_medicapp = value_in(answer, "medicapp").is_object();
    const Json& found = value_in(answer, "candidates");
    const bool has_candidates = found.is_array() && !found.empty();
    if (has_medicapp)
        text += "\n" + compared("Medicapp" + (medicapp_id.empty() ? "" : " " + medicapp_id),
                                value_in(answer, "his"), value_in(answer, "medicapp"),
                                texts_in(answer, "differs"), style);
    else if (!has_candidates)
        text += "\nHIS\n" + record(value_in(answer, "his"), 2, style) + "no patient in Medicapp\n";
    text += candidates(answer, style);
    const std::string sent = record(value_in(answer, "would_send"), 2, style);
    if (!sent.empty()) text += "\nwould be sent\n" + sent;
    text += records(answer, style);
    return text + decisions(answer, style);
}

std::string decision(const Json& answer, const Style& style) {
    const std::string result = text_in(answer, "result");
    const std::string reason = text_in(answer, "reason");
    Tone tone = Tone::good;
    if (result == "refused") tone = Tone::bad;
    if (result == "pending") tone = Tone::doubtful;
    std::string text = text_in(answer, "id") + "  " + text_in(answer, "decision") + ": " +
                       style.paint(tone, result);
    if (!reason.empty())
        text += ", " + reason;
    else if (result == "pending")
        text += ", carried out by the next cycle";
    return text + "\n";
}

} // namespace medibridge::ctl::show
