#include "config/fields.hpp"

#include "config/section.hpp"
#include "config/time_format.hpp"
#include "config/values.hpp"
#include "reconcile/patient.hpp"

#include <algorithm>
#include <array>

namespace medibridge::config {

namespace {

constexpr std::array<std::string_view, 4> required{"externalId", "lastName", "firstName",
                                                   "birthDate"};
constexpr std::array<std::string_view, 6> further{"modifiedAt",     "active",        "deceased",
                                                  "identityStatus", "usualLastName", "mergedInto"};

std::vector<std::string_view> known_fields() {
    std::vector<std::string_view> all{"externalId"};
    for (const auto field : reconcile::all_fields())
        all.push_back(reconcile::name(field));
    all.insert(all.end(), further.begin(), further.end());
    return all;
}

/// The words that a field's `map` and `default` may give; empty: any text.
std::vector<std::string_view> words_of(std::string_view field) {
    if (field == "gender") return {"M", "F", "O"};
    if (field == "active" || field == "deceased") return {"true", "false"};
    return {};
}

void check_word(const Value& value, Report& report, std::string_view field,
                const std::string& word) {
    const auto words = words_of(field);
    if (words.empty() || std::find(words.begin(), words.end(), word) != words.end()) return;
    report.mistake(value.place,
                   quote(value.path) + " cannot give " + quote(word) + suggestion(word, words));
}

void read_map(const Value& value, Report& report, std::string_view field, FieldPlace& out) {
    Section section(value, report);
    const auto words = section.entries();
    if (section.readable() && words.empty())
        report.mistake(value.place,
                       quote(value.path) + " is empty: give `word: meaning`, or remove it");
    for (const auto& word : words) {
        const bool absent = word.value.kind == Node::Kind::null;
        const Value target{&word.value, absent ? word.place : word.value.place, value.path};
        if (word.value.quoted && word.value.text.empty()) {
            out.map.emplace(word.key, ""); // a word that says nothing, such as "unknown"
            continue;
        }
        const auto meaning = read_text(target, report);
        if (!meaning) continue;
        check_word(target, report, field, *meaning);
        out.map.emplace(word.key, *meaning);
    }
}

/// A constant for every patient would mix them up, or move the watermark.
bool may_default(std::string_view field) {
    return field != "modifiedAt" && field != "mergedInto" &&
           std::find(required.begin(), required.end(), field) == required.end();
}

void read_default(const Value& value, Report& report, std::string_view field, FieldPlace& out) {
    if (!may_default(field)) {
        report.mistake(value.place,
                       quote(field) + " can have no default: it must come from each record");
        return;
    }
    const auto text = read_text(value, report);
    if (!text) return;
    check_word(value, report, field, *text);
    out.default_value = *text;
}

void read_format(const Value& value, Report& report, std::string_view field, FieldPlace& out) {
    if (field != "birthDate" && field != "modifiedAt" && field != "deceased") {
        report.mistake(value.place, quote(value.path) + " is not allowed here: only birthDate, "
                                                        "modifiedAt and deceased have a format");
        return;
    }
    const auto text = read_text(value, report);
    if (!text) return;
    const auto wrong = time_format_mistake(*text, field == "birthDate");
    if (!wrong.empty()) report.mistake(value.place, quote(value.path) + ": " + wrong);
    out.format = *text;
}

FieldPlace read_field(const Value& value, Report& report, std::string_view field,
                      const PlaceKind& places) {
    FieldPlace place;
    if (value.node->kind != Node::Kind::mapping) {
        assign(place.at, places.read(value, report));
        return place;
    }
    Section section(value, report);
    const auto fix = "give " + std::string(places.name) + " of the field";
    if (const auto at = section.require("at", fix)) assign(place.at, places.read(*at, report));
    if (const auto format = section.find("format")) read_format(*format, report, field, place);
    if (const auto map = section.find("map")) read_map(*map, report, field, place);
    if (const auto fallback = section.find("default"))
        read_default(*fallback, report, field, place);
    return place;
}

std::string unknown_field(std::string_view name) {
    if (name == "address")
        return "`address` is not a field itself: name address.street, address.city, "
               "address.postalCode and address.country";
    if (name == "id" || name == "ipp")
        return "unknown field " + quote(name) + "; did you mean `externalId`?";
    return "unknown field " + quote(name) + suggestion(name, known_fields());
}

} // namespace

std::optional<std::string> read_pointer(const Value& value, Report& report) {
    auto text = read_text(value, report);
    if (!text) return std::nullopt;
    std::string wrong;
    if (!text->starts_with('/'))
        wrong = "must be a JSON pointer, which begins with `/`";
    else if (text->size() == 1)
        wrong = "names nothing after the `/`";
    for (std::size_t i = 0; i < text->size(); ++i)
        if ((*text)[i] == '~' && (i + 1 == text->size() || ((*text)[i + 1] | 1) != '1'))
            wrong = "has a `~` that is not followed by 0 or 1: `~0` stands for `~`, `~1` for `/`";
    if (wrong.empty()) return text;
    report.mistake(value.place, quote(value.path) + " " + wrong);
    return std::nullopt;
}

void read_fields(const Value& value, Report& report, FieldPlaces& out, const PlaceKind& places) {
    Section section(value, report);
    const auto known = known_fields();
    for (const auto name : known)
        report.know(value.path + "." + std::string(name));
    for (const auto& entry : section.entries()) {
        if (std::find(known.begin(), known.end(), entry.key) == known.end()) {
            if (!entry.key.empty()) report.mistake(entry.place, unknown_field(entry.key));
        } else if (const auto field = section.find(entry.key)) {
            out.emplace(entry.key, read_field(*field, report, entry.key, places));
        }
    }
    for (const auto name : required)
        if (!section.has(name)) section.require(name, "every patient needs it; say where it is");
}

} // namespace medibridge::config
