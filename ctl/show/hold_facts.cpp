#include "ctl/clean.hpp"
#include "ctl/show/show.hpp"
#include "ctl/table.hpp"

#include <algorithm>

namespace medibridge::ctl::show {

namespace {

/// What is wrong with the record, or what Medicapp answered.
std::string fault_of(const Json& answer) {
    std::string text = text_in(answer, "fields");
    const std::string detail = text_in(answer, "detail");
    if (!detail.empty()) text += (text.empty() ? "" : ": ") + detail;
    const std::string request = text_in(answer, "request_id");
    if (!request.empty()) text += (text.empty() ? "" : ", ") + std::string("request ") + request;
    return text;
}

/// `for 3 days (since …), looked at 4 times, last 2 hours ago; next with the full compare in 5 h`
std::string looks_of(const Json& answer, const Style& style) {
    const std::string since = text_in(answer, "since");
    const auto moment = read_moment(raw_text(answer, "since"));
    if (since.empty()) return {};
    std::string text =
        (moment ? "for " + age_text(style.now - *moment) + ", " : "") + "since " + since;
    const auto attempts = number_in(answer, "attempts");
    if (attempts > 1) text += ", looked at " + std::to_string(attempts) + " times";
    const std::string last = text_in(answer, "last_look");
    if (!last.empty() && last != since) text += ", last " + ago(last, style.now);
    const std::string next = text_in(answer, "next_look");
    if (!next.empty()) text += "; again at each change, and " + ago(next, style.now);
    return text;
}

/// Who survives a merge, or has the externalId already.
std::string other_of(const Json& other) {
    const std::string id = text_in(other, "external_id");
    if (id.empty()) return {};
    const std::string medicapp_id = text_in(other, "medicapp_id");
    const Json& patient = value_in(other, "patient");
    std::string text = id;
    if (medicapp_id.empty())
        text += ", not known to be in Medicapp";
    else
        text += ", Medicapp " + medicapp_id;
    for (const char* const field : {"lastName", "firstName", "birthDate"}) {
        const std::string value = text_in(patient, field);
        if (!value.empty()) text += (field == std::string_view("lastName") ? ": " : " ") + value;
    }
    return text;
}

} // namespace

std::string ignored_text(const Json& hold, const Style& style) {
    const Json& ignored = value_in(hold, "ignored");
    if (!ignored.is_object()) return {};
    const std::string who = text_in(ignored, "by");
    const std::string at = text_in(ignored, "at");
    const std::string because = text_in(ignored, "because");
    std::string text = "ignored by " + (who.empty() ? std::string("an operator") : who);
    if (!at.empty()) text += " " + ago(at, style.now);
    text += ", until the record changes";
    return because.empty() ? text : text + ": " + because;
}

std::string decided_text(const std::string& decision, const std::string& who) {
    if (decision.empty()) return {};
    return "decision '" + decision + "'" + (who.empty() ? "" : " by " + who) +
           " is still to be carried out";
}

std::string hold_facts(const Json& answer, const Style& style) {
    Table table;
    const auto add = [&](const std::string& what, const std::string& text) {
        if (!text.empty()) table.row({what, text});
    };
    if (raw_text(answer, "id").starts_with("record:"))
        add("who", "a record without a usable externalId: record:… stands for it");
    add("because of", fault_of(answer));
    const std::string source = text_in(answer, "source");
    add("source", source);
    const Json& other = value_in(answer, "other");
    const std::string is = raw_text(other, "is");
    add(is == "survivor" ? "goes on as"
        : is == "former" ? "is to go to"
                         : "externalId of",
        other_of(other));
    add("held", looks_of(answer, style));
    const std::string ignored = ignored_text(answer, style);
    constexpr std::size_t label = std::string_view("ignored ").size();
    add("ignored", ignored.substr(std::min(label, ignored.size())));
    const std::string decided =
        decided_text(text_in(answer, "decided"), text_in(answer, "decided_by"));
    if (!decided.empty()) add("decided", decided + "; another one takes its place");
    add("in the logs", text_in(answer, "pseudonym"));
    return table.text(style);
}

std::string dropped(const Json& answer, const Style& style) {
    Table table;
    const Json& sources = value_in(answer, "sources");
    if (!sources.is_array()) return {};
    for (const Json& source : sources) {
        const Json& fields = value_in(source, "dropped");
        if (!fields.is_array()) continue;
        for (const Json& field : fields)
            table.row(
                {text_in(field, "field"), text_in(source, "source"), text_in(field, "reason")});
    }
    return table.is_empty() ? "" : "\nnot sent, as it cannot be used\n" + table.text(style);
}

} // namespace medibridge::ctl::show
