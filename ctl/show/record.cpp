#include "ctl/clean.hpp"
#include "ctl/show/show.hpp"
#include "ctl/table.hpp"

#include <algorithm>
#include <array>

namespace medibridge::ctl::show {

namespace {

constexpr std::array<std::string_view, 12> field_order{
    "externalId", "lastName",       "usualLastName", "firstName",
    "birthDate",  "gender",         "email",         "phone",
    "address",    "address.street", "address.city",  "address.postalCode",
};

/// Fields of a record, those of an address as `address.city`; Medicapp's own id is none.
Json flattened(const Json& record) {
    Json flat = Json::object();
    if (!record.is_object()) return flat;
    for (const auto& [key, value] : record.items()) {
        if (key == "id") continue;
        if (!value.is_object()) {
            flat[key] = value;
            continue;
        }
        for (const auto& [inner, part] : value.items())
            flat[key + "." + inner] = part;
    }
    return flat;
}

/// The fields of both, Medicapp's own in their usual order, then the others.
std::vector<std::string> fields_of(const Json& left, const Json& right) {
    std::vector<std::string> fields;
    for (const std::string_view field : field_order)
        if (left.contains(field) || right.contains(field)) fields.emplace_back(field);
    for (const Json* const record : {&left, &right})
        for (const auto& [key, value] : record->items())
            if (std::ranges::find(fields, key) == fields.end()) fields.push_back(key);
    return fields;
}

std::string shown(const Json& record, const std::string& field) {
    const std::string text = text_in(record, field);
    return text.empty() ? "-" : text;
}

} // namespace

std::string compared(const std::string& title, const Json& his, const Json& medicapp,
                     const std::vector<std::string>& differs, const Style& style) {
    const Json left = flattened(his);
    const Json right = flattened(medicapp);
    std::vector<Compared> rows;
    for (const std::string& field : fields_of(left, right)) {
        const bool part_differs = std::ranges::any_of(differs, [&](const std::string& name) {
            return field == name || field.starts_with(name + ".");
        });
        rows.push_back({clean(field), shown(left, field), shown(right, field), part_differs});
    }
    return side_by_side("HIS", title, rows, style);
}

std::vector<std::string> different_fields(const Json& his, const Json& medicapp) {
    const Json left = flattened(his);
    const Json right = flattened(medicapp);
    std::vector<std::string> fields;
    for (const std::string& field : fields_of(left, right)) {
        const std::string one = text_in(left, field);
        const std::string other = text_in(right, field);
        if (!one.empty() && !other.empty() && one != other) fields.push_back(field);
    }
    return fields;
}

std::string record(const Json& fields, std::size_t indent, const Style& style) {
    Table table(indent);
    const Json flat = flattened(fields);
    for (const std::string& field : fields_of(flat, Json::object()))
        if (!text_in(flat, field).empty()) table.row({clean(field), text_in(flat, field)});
    return table.text({style.colours, 0, style.now, style.program});
}

} // namespace medibridge::ctl::show
