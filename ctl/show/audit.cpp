#include "ctl/clean.hpp"
#include "ctl/show/show.hpp"
#include "ctl/table.hpp"

#include <algorithm>
#include <array>

namespace medibridge::ctl::show {

namespace {

Tone level_tone(const std::string& level) {
    if (level == "error" || level == "fail") return Tone::bad;
    if (level == "warn") return Tone::doubtful;
    return level == "ok" ? Tone::good : Tone::plain;
}

std::string padded_to(std::string text, std::size_t width) {
    const std::size_t taken = display_width(text);
    return text + std::string(width > taken ? width - taken : 0, ' ');
}

} // namespace

std::string audit(const Json& answer, const Style& style) {
    const Json& lines = value_in(answer, "audit");
    if (!lines.is_array() || lines.empty()) return "no line\n";
    Table table;
    for (const Json& line : lines) {
        const std::string patient = text_in(line, "external_id");
        const std::string detail = text_in(line, "detail");
        const std::string actor = text_in(line, "actor");
        // What the rules did by themselves has no actor.
        table.row({text_in(line, "at"), actor.empty() ? "-" : actor, text_in(line, "action"),
                   patient.empty() ? "-" : patient, detail});
    }
    return table.text(style);
}

std::string verification(const Json& answer, const Style& style) {
    const std::string lines = text_in(answer, "lines");
    const std::string altered = text_in(answer, "altered_rows");
    const bool rows_sound = altered.empty() || altered == "0";
    const std::string rows =
        rows_sound ? "" : altered + " rows of the state are not as medibridge wrote them\n";
    if (flag_in(answer, "intact"))
        return style.paint(Tone::good, "intact") + ": " + lines +
               " lines, none changed or removed\n" + rows;
    return style.paint(Tone::bad, "BROKEN") + " at line " + text_in(answer, "broken_at") + " of " +
           lines + ": it, or one before it, was changed or removed\n" + rows;
}

std::string probe(const Json& answer, const Style& style) {
    Table table(0);
    const Json& behaviour = value_in(answer, "behaviour");
    if (behaviour.is_object()) {
        for (const auto& [aspect, words] : behaviour.items())
            table.row({aspect, words.is_string() ? clean(words.get<std::string>()) : ""});
    }
    std::string text = table.text(style);
    const std::string changed = text_in(answer, "changed");
    if (!changed.empty()) text += "\nchanged since the last probe: " + changed + "\n";
    return text;
}

std::string doctor(const Json& answer, const Style& style) {
    Table table(0);
    std::string fixes;
    const Json& checks = value_in(answer, "checks");
    if (checks.is_array()) {
        for (const Json& check : checks) {
            const std::string result = text_in(check, "result");
            table.row({Cell(result, level_tone(result)), text_in(check, "name"),
                       text_in(check, "message")});
            const std::string fix = text_in(check, "fix");
            if (!fix.empty() && result != "ok")
                fixes += paragraph(text_in(check, "name") + ": " + fix, 2, style);
        }
    }
    std::string text = table.text(style);
    if (!fixes.empty()) text += "\nwhat to do\n" + fixes;
    return text + (flag_in(answer, "ok") ? "\nnothing fails\n" : "\nsomething fails\n");
}

std::string event(std::string_view line, const Style& style) {
    const auto object = object_of(line);
    if (!object) return clean(line) + "\n";
    static constexpr std::array<std::string_view, 4> in_front{"ts", "level", "event", "msg"};
    const std::string level = text_in(*object, "level");
    std::string when = text_in(*object, "ts");
    constexpr std::size_t to_seconds = 19;
    if (when.size() > to_seconds) when = when.substr(0, to_seconds) + "Z";
    std::string text = style.paint(Tone::faint, when) + "  " +
                       style.paint(level_tone(level), padded_to(level, 5)) + "  " +
                       style.paint(Tone::strong, padded_to(text_in(*object, "event"), 20)) + "  " +
                       text_in(*object, "msg");
    for (const auto& [key, value] : object->items())
        if (std::ranges::find(in_front, key) == in_front.end())
            text += "  " + style.paint(Tone::faint, text_of(Json(key)) + "=") + text_of(value);
    return text + "\n";
}

} // namespace medibridge::ctl::show
