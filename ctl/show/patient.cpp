#include "ctl/clean.hpp"
#include "ctl/show/show.hpp"
#include "ctl/table.hpp"

#include <algorithm>

namespace medibridge::ctl::show {

namespace {

/// Why the patient is held, what is at fault, and who left it as it is.
std::string held_text(const Json& held, const Style& style) {
    if (!held.is_object()) return text_of(held);
    std::string text = text_in(held, "reason");
    const std::string fields = text_in(held, "fields");
    const std::string detail = text_in(held, "detail");
    if (!fields.empty()) text += ": " + fields;
    if (!detail.empty()) text += ": " + detail;
    const std::string request = text_in(held, "request_id");
    if (!request.empty()) text += ", request " + request;
    const std::string ignored = ignored_text(held, style);
    return ignored.empty() ? text : text + "; " + ignored;
}

/// That a guard stopped the last cycle, before it came to the patient.
std::string stopped_text(const Json& stopped) {
    if (!stopped.is_object()) return {};
    std::string text = "the last cycle was stopped by " + text_in(stopped, "guard");
    if (!flag_in(stopped, "concerned"))
        return text + ", which is not known to be about this patient: medibridgectl guard show";
    const std::string kind = text_in(stopped, "kind");
    const std::string fields = text_in(stopped, "fields");
    text += ", and this patient is among those whom it is about";
    if (!kind.empty()) text += ": " + kind;
    if (!fields.empty()) text += (kind.empty() ? ": " : " ") + fields;
    return text;
}

/// That requests about the patient are refused, with what, and when that becomes a hold.
std::string refused_text(const Json& refused) {
    if (!refused.is_object()) return {};
    const auto cycles = number_in(refused, "cycles");
    std::string text =
        "requests about the patient were refused in " +
        (cycles == 1 ? std::string("the last cycle") : std::to_string(cycles) + " cycles in a row");
    const std::string answer = text_in(refused, "answer");
    if (!answer.empty()) text += ": " + answer;
    const std::string request = text_in(refused, "request_id");
    if (!request.empty()) text += ", request " + request;
    const std::string since = text_in(refused, "since");
    if (!since.empty()) text += ", since " + since;
    text += "; held after " + text_in(refused, "held_after") + " such cycles";
    if (!flag_in(refused, "others_served"))
        text += ", but only once a write about somebody else succeeds";
    return text;
}

/// A merge or change of identifier that another source's record stood against, and when.
std::string merge_refuted_text(const Json& refuted) {
    const std::string detail = text_in(refuted, "detail");
    return detail.empty() ? detail : detail + ", told " + text_in(refuted, "at");
}

/// What of the address is not written, and why.
std::string withheld_text(const Json& withheld) {
    const std::string fields = text_in(withheld, "fields");
    return fields.empty() ? fields : fields + ": " + text_in(withheld, "reason");
}

/// `not_read` as people write it.
std::string spaced(std::string state) {
    std::ranges::replace(state, '_', ' ');
    return state;
}

std::string name_of(const Json& patient) {
    const std::string last = text_in(patient, "lastName");
    const std::string first = text_in(patient, "firstName");
    return last + (last.empty() || first.empty() ? "" : " ") + first;
}

std::string fields_text(const Json& answer, const Style& style) {
    const Json& his = value_in(answer, "his");
    const Json& medicapp = value_in(answer, "medicapp");
    const Json& agreed = value_in(answer, "agreed");
    std::string text;
    const bool in_his = his.is_object() && !his.empty();
    const bool in_medicapp = medicapp.is_object() && !medicapp.empty();
    const Column other{"Medicapp", in_medicapp ? &medicapp : nullptr};
    if (in_his && (in_medicapp || his_columns(answer).size() > 1))
        text += "\n" + both_sides(answer, other, texts_in(answer, "differs"), style);
    else if (in_his)
        text += "\nHIS\n" + record(his, 2, style);
    else if (in_medicapp)
        text += "\nMedicapp\n" + record(medicapp, 2, style);
    if (!agreed.is_object() || agreed.empty()) return text;
    Table table;
    for (const auto& [field, how] : agreed.items()) {
        const std::string state = text_of(how);
        const bool differs = state == "differs" || state == "withheld" || state == "unusable";
        const bool unseen = state == "not_read" || state == "not_shown";
        const bool doubtful = differs || unseen;
        table.row({Cell(differs  ? "≠"
                        : unseen ? "?"
                                 : " ",
                        Tone::doubtful),
                   text_of(Json(field)),
                   Cell(spaced(state), doubtful ? Tone::doubtful : Tone::plain)});
    }
    return text + "\nagainst what both sides last agreed on\n" + table.text(style);
}

/// Whether each side could be read now, and shows the patient.
void add_sides(Table& table, const Json& answer) {
    const Json& sides = value_in(answer, "sides");
    if (!sides.is_array()) return;
    for (const Json& side : sides) {
        const std::string look = text_in(side, "look");
        const std::string trouble = text_in(side, "trouble");
        std::string text = "read now";
        if (look == "not_shown") text = "read now, shows no such patient";
        if (look == "not_asked") text = "not known to have the patient";
        if (look == "not_read") text = "cannot be read now: " + trouble;
        table.row(
            {text_in(side, "side"),
             Cell(text, look == "shown" || look == "not_asked" ? Tone::plain : Tone::doubtful)});
    }
}

/// One who was found, and every side that shows them so.
struct Found {
    std::string where;
    std::string external_id;
    std::string medicapp_id;
    std::string born;
    std::string name;

    bool is_also(const Found& other) const {
        const bool one_of_medicapp = medicapp_id.empty() || other.medicapp_id.empty();
        return !external_id.empty() && external_id == other.external_id && one_of_medicapp &&
               born == other.born && name == other.name;
    }
};

std::vector<Found> joined(const Json& patients) {
    std::vector<Found> all;
    for (const Json& one : patients) {
        const Json& fields = value_in(one, "patient");
        Found it{text_in(one, "where"), text_in(one, "external_id"), text_in(one, "medicapp_id"),
                 text_in(fields, "birthDate"), name_of(fields)};
        const auto same =
            std::ranges::find_if(all, [&](const Found& known) { return known.is_also(it); });
        if (same == all.end()) {
            all.push_back(std::move(it));
            continue;
        }
        same->where += ", " + it.where;
        if (same->medicapp_id.empty()) same->medicapp_id = it.medicapp_id;
    }
    return all;
}

/// The sides of which not everything was looked at.
std::string not_searched(const Json& answer) {
    std::string text;
    const Json& sides = value_in(answer, "sides");
    if (!sides.is_array()) return text;
    for (const Json& side : sides)
        if (!flag_in(side, "complete"))
            text += text_in(side, "name") +
                    ": not everybody was looked at: " + text_in(side, "reason") + "\n";
    return text;
}

} // namespace

std::string patient(const Json& answer, const Style& style) {
    Table table;
    table.row({"pseudonym in the logs", text_in(answer, "pseudonym")});
    const std::string medicapp_id = text_in(answer, "medicapp_id");
    table.row(
        {"linked", flag_in(answer, "linked") ? "yes, Medicapp " + medicapp_id : std::string("no")});
    add_sides(table, answer);
    const std::string held = held_text(value_in(answer, "held"), style);
    if (!held.empty()) table.row({"held", Cell(held, Tone::doubtful)});
    const std::string decision = text_in(answer, "decision");
    const std::string decided = decided_text(decision, text_in(answer, "decided_by"));
    if (!decided.empty()) table.row({"decided", decided});
    const std::string survivor = text_in(answer, "merged_into");
    if (!survivor.empty()) table.row({"merged into", survivor});
    const std::string refuted = merge_refuted_text(value_in(answer, "merge_refuted"));
    if (!refuted.empty()) table.row({"merge refuted", Cell(refuted, Tone::doubtful)});
    const std::string erased = text_in(answer, "erased");
    if (!erased.empty()) table.row({"erased in Medicapp", "was " + erased + "; not created again"});
    const std::string stopped = stopped_text(value_in(answer, "stopped"));
    if (!stopped.empty()) table.row({"not written", Cell(stopped, Tone::doubtful)});
    const std::string refused = refused_text(value_in(answer, "refused"));
    if (!refused.empty()) table.row({"refused", Cell(refused, Tone::doubtful)});
    const std::string withheld = withheld_text(value_in(answer, "withheld"));
    if (!withheld.empty()) table.row({"withheld", Cell(withheld, Tone::doubtful)});
    const std::string other = text_in(value_in(answer, "other"), "medicapp_id");
    if (!other.empty() && !survivor.empty()) table.row({"who is", "Medicapp " + other});
    const std::string rule = text_in(answer, "rule");
    if (!rule.empty()) table.row({"by the rule", rule});
    std::string text = style.paint(Tone::strong, text_in(answer, "external_id")) + "\n" +
                       table.text(style) + fields_text(answer, style) + dropped(answer, style);
    const Json& history = value_in(answer, "history");
    if (history.is_array() && !history.empty())
        text += "\nhistory\n" + audit(Json{{"audit", history}}, style);
    return text;
}

std::string found(const Json& answer, const Style& style) {
    Table table(0);
    const Json& patients = value_in(answer, "patients");
    if (!patients.is_array() || patients.empty())
        return "nobody was found\n" + not_searched(answer);
    table.row({Cell("where", Tone::faint), Cell("externalId", Tone::faint),
               Cell("Medicapp's id", Tone::faint), Cell("born", Tone::faint),
               Cell("name", Tone::faint)});
    const auto or_dash = [](std::string text) { return text.empty() ? std::string("-") : text; };
    const auto all = joined(patients);
    for (const Found& one : all)
        table.row({one.where, or_dash(one.external_id), or_dash(one.medicapp_id), or_dash(one.born),
                   one.name});
    return table.text(style) + std::to_string(all.size()) + " found; " + style.program +
           " why EXTERNAL_ID says more\n" + not_searched(answer);
}

std::string erasure(const Json& answer, const Style& style) {
    const std::string records = text_in(answer, "records");
    const std::string count = records.empty() ? "" : records + " ";
    return "this erases in Medicapp, for ever:\n" + record(value_in(answer, "patient"), 2, style) +
           "  Medicapp's id: " + text_in(answer, "medicapp_id") + "\n  with all " + count +
           "records. Nothing brings them back; medibridge will not create the patient again.\n";
}

std::string pseudonym(const Json& answer) {
    return text_in(answer, "external_id") + "  " + text_in(answer, "pseudonym") + "\n";
}

} // namespace medibridge::ctl::show
