#include "ctl/clean.hpp"
#include "ctl/show/show.hpp"
#include "ctl/table.hpp"

#include <algorithm>

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

/// Whether a side cannot be read now: what was shown cannot be compared with what is there then, so
/// that no decision about it is taken, but those that need no look.
bool is_blind(const Json& answer) {
    const Json& sources = value_in(answer, "sources");
    return !text_in(answer, "medicapp_trouble").empty() ||
           (sources.is_array() && std::ranges::any_of(sources, [](const Json& source) {
                return !text_in(source, "trouble").empty();
            }));
}

bool needs_look(const std::string& decision) {
    return decision != "retry" && decision != "ignore";
}

/// The command to type for a decision, with all that it needs.
std::string command_for(const std::string& decision, const std::string& medicapp_id,
                        const Json& answer, const Style& style) {
    const std::string id = raw_text(answer, "id");
    std::string command = style.program + " held " + shell_word(decision);
    const std::string token = raw_text(answer, "token");
    if (is_blind(answer))
        command += " --yes"; // there is nothing to be asked about
    else if (!token.empty())
        command += " --token " + shell_word(token);
    if (id.starts_with('-')) command += " --";
    command += " " + shell_word(id);
    if (!medicapp_id.empty()) command += " " + shell_word(medicapp_id);
    // Not wrapped: it is to be copied.
    return "      " + style.paint(Tone::strong, command) + "\n";
}

/// The Medicapp patient beside the HIS's.
std::string medicapp_id_of(const Json& answer) {
    const std::string id = raw_text(answer, "medicapp_id");
    return id.empty() ? raw_text(value_in(answer, "medicapp"), "id") : id;
}

/// What the decision would do to that patient; empty: the daemon does not say.
std::string effect_of(const Json& answer, const std::string& decision,
                      const std::string& medicapp_id) {
    const std::string effect = text_in(value_in(answer, "effects"), decision);
    const Json& previews = value_in(answer, "previews");
    if (!effect.empty() || !previews.is_array()) return effect;
    for (const Json& preview : previews) {
        const std::string named = raw_text(preview, "medicapp_id");
        const bool is_about = named.empty() || medicapp_id.empty() || named == medicapp_id;
        if (raw_text(preview, "decision") == decision && is_about)
            return text_in(preview, "effect");
    }
    return {};
}

/// Whom a decision can name: each candidate, or the Medicapp patient beside the HIS's.
std::vector<std::string> nameable(const Json& answer) {
    std::vector<std::string> ids;
    const Json& candidates = value_in(answer, "candidates");
    if (candidates.is_array())
        for (const Json& candidate : candidates)
            ids.push_back(raw_text(candidate, "medicapp_id"));
    if (ids.empty()) ids.push_back(medicapp_id_of(answer));
    return ids;
}

/// No decision about the hold, but an answer to it.
std::string erasure(const Json& answer, const Style& style) {
    const std::string effect = text_in(answer, "erase");
    if (effect.empty()) return {};
    const std::string id = raw_text(answer, "id");
    const std::string command =
        style.program + " erase " + (id.starts_with('-') ? "-- " : "") + shell_word(id);
    return paragraph("erase: " + effect, 2, style) + "      " + style.paint(Tone::strong, command) +
           "\n";
}

/// What one might think of, and why it cannot be done.
std::string not_offered(const Json& answer, const Style& style) {
    std::string text;
    const auto add = [&](const std::string& what, const std::string& why) {
        if (!why.empty()) text += paragraph(what + " is not possible: " + why, 2, style);
    };
    const Json& refused = value_in(answer, "not_offered");
    if (refused.is_array())
        for (const Json& one : refused) {
            const std::string medicapp_id = text_in(one, "medicapp_id");
            add(text_in(one, "decision") + (medicapp_id.empty() ? "" : " " + medicapp_id),
                text_in(one, "reason"));
        }
    add("erase", text_in(answer, "erase_refused"));
    return text;
}

bool is_not_offered(const Json& answer, const std::string& decision,
                    const std::string& medicapp_id) {
    const Json& refused = value_in(answer, "not_offered");
    return refused.is_array() && std::ranges::any_of(refused, [&](const Json& one) {
               return raw_text(one, "decision") == decision &&
                      raw_text(one, "medicapp_id") == medicapp_id;
           });
}

std::string decisions(const Json& answer, const Style& style) {
    const Json& offered = value_in(answer, "decisions");
    if (!offered.is_array() || offered.empty()) return "\nnothing can be decided here\n";
    std::string text = "\nwhat can be done\n";
    const bool blind = is_blind(answer);
    if (!raw_text(answer, "token").empty() && !blind)
        text +=
            paragraph("--token stands for all that is shown here: a decision with it is refused "
                      "if that has changed since",
                      2, style);
    for (const Json& offer : offered) {
        const std::string name = name_of_decision(offer);
        const bool names_somebody = name == "link";
        std::string said;
        for (const std::string& medicapp_id :
             names_somebody ? nameable(answer) : std::vector<std::string>{""}) {
            if (is_not_offered(answer, name, medicapp_id)) continue;
            std::string effect = effect_of(answer, name, medicapp_id);
            if (effect.empty()) effect = usual_effect(name);
            if (effect != said) text += paragraph(clean(name) + ": " + effect, 2, style);
            said = effect;
            if (blind && needs_look(name)) continue; // the effect says why
            const bool is_known = !names_somebody || !medicapp_id.empty();
            text += command_for(name, is_known ? medicapp_id : "MEDICAPP_ID", answer, style);
        }
    }
    return text + erasure(answer, style) + not_offered(answer, style);
}

std::string heading(const Json& answer, const Style& style) {
    const std::string reason = text_in(answer, "reason");
    std::string text =
        style.paint(Tone::strong, text_in(answer, "id")) + "  held: " + reason + "\n";
    const std::string rule = text_in(answer, "rule");
    text += paragraph(rule.empty() ? std::string(meaning_of(reason)) : rule, 2, style);
    return text + hold_facts(answer, style);
}

/// `created …, changed …, 3 records`
std::string dates_of(const Json& record) {
    std::string text;
    const auto add = [&](const std::string& words, const std::string& what) {
        if (!what.empty()) text += (text.empty() ? "" : ", ") + words + what;
    };
    add("created ", text_in(record, "created_at"));
    add("changed ", text_in(record, "modified_at"));
    const std::string records = text_in(record, "records");
    add("", records.empty() ? "" : records + (records == "1" ? " record" : " records"));
    return text;
}

/// Whether the candidate is the Medicapp patient who stands beside the HIS's anyway.
bool is_shown_beside(const Json& answer, const Json& candidate) {
    return value_in(answer, "medicapp").is_object() &&
           raw_text(candidate, "medicapp_id") == medicapp_id_of(answer);
}

/// When each side wrote its record, what its state is, and what hangs on it.
std::string records(const Json& answer, const Style& style) {
    Table table;
    const auto add = [&](const std::string& whose, const std::string& what) {
        if (!what.empty()) table.row({whose, what});
    };
    const Json& sources = value_in(answer, "sources");
    if (sources.is_array())
        for (const Json& source : sources) {
            const std::string dates = dates_of(source);
            const std::string state = text_in(source, "state");
            add(text_in(source, "source"), dates + (dates.empty() ? "" : ", ") + state);
        }
    add("Medicapp " + text_in(value_in(answer, "medicapp"), "id"),
        dates_of(value_in(answer, "medicapp_record")));
    const Json& found = value_in(answer, "candidates");
    if (found.is_array())
        for (const Json& candidate : found)
            if (!is_shown_beside(answer, candidate))
                add("Medicapp " + text_in(candidate, "medicapp_id"),
                    dates_of(value_in(candidate, "record")));
    return table.is_empty() ? "" : "\nrecords\n" + table.text(style);
}

/// Which sides could not be read now.
std::string troubles(const Json& answer, const Style& style) {
    std::string text;
    const auto add = [&](const std::string& side, const std::string& trouble) {
        if (!trouble.empty()) text += paragraph(side + " cannot be read now: " + trouble, 2, style);
    };
    const Json& sources = value_in(answer, "sources");
    if (sources.is_array())
        for (const Json& source : sources)
            add(text_in(source, "source"), text_in(source, "trouble"));
    add("Medicapp", text_in(answer, "medicapp_trouble"));
    return text;
}

std::string candidates(const Json& answer, const Style& style) {
    std::string text;
    const Json& found = value_in(answer, "candidates");
    if (!found.is_array()) return text;
    for (const Json& candidate : found) {
        if (!is_shown_beside(answer, candidate)) {
            text += "\nmay be the same person\n";
            text += both_sides(
                answer,
                {"Medicapp " + text_in(candidate, "medicapp_id"), &value_in(candidate, "patient")},
                texts_in(candidate, "differs"), style);
        }
        const std::string agrees = text_in(candidate, "agrees");
        if (!agrees.empty()) text += paragraph("agrees: " + agrees, 2, style);
    }
    return text;
}

/// Which decision sends it: the first that is open.
std::string by_what(const Json& answer) {
    const Json& previews = value_in(answer, "previews");
    if (!previews.is_array() || previews.empty()) return {};
    const std::string medicapp_id = text_in(previews.front(), "medicapp_id");
    return " by " + text_in(previews.front(), "decision") +
           (medicapp_id.empty() ? "" : " " + medicapp_id);
}

} // namespace

std::string held_patient(const Json& answer, const Style& style) {
    std::string text = heading(answer, style) + troubles(answer, style);
    const std::string medicapp_id = clean(medicapp_id_of(answer));
    const bool has_medicapp = value_in(answer, "medicapp").is_object();
    const Json& found = value_in(answer, "candidates");
    const bool has_candidates = found.is_array() && !found.empty();
    const bool unknown = !text_in(answer, "medicapp_trouble").empty();
    if (has_medicapp)
        text += "\n" + both_sides(answer,
                                  {"Medicapp" + (medicapp_id.empty() ? "" : " " + medicapp_id),
                                   &value_in(answer, "medicapp")},
                                  texts_in(answer, "differs"), style);
    else if (!has_candidates && his_columns(answer).size() > 1)
        text += "\n" + both_sides(answer, {"", nullptr}, {}, style) +
                (unknown ? "" : "no patient in Medicapp\n");
    else if (!has_candidates)
        text += "\nHIS\n" + record(value_in(answer, "his"), 2, style) +
                (unknown ? "" : "no patient in Medicapp\n");
    text += candidates(answer, style);
    const std::string sent = record(value_in(answer, "would_send"), 2, style);
    if (!sent.empty()) text += "\nwould be sent" + by_what(answer) + "\n" + sent;
    text += dropped(answer, style) + records(answer, style);
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
