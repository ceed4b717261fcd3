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

/// The fields of all, Medicapp's own in their usual order, then the others.
std::vector<std::string> fields_of(const std::vector<Json>& records) {
    std::vector<std::string> fields;
    for (const std::string_view field : field_order)
        if (std::ranges::any_of(records, [&](const Json& it) { return it.contains(field); }))
            fields.emplace_back(field);
    for (const Json& record : records)
        for (const auto& [key, value] : record.items())
            if (std::ranges::find(fields, key) == fields.end()) fields.push_back(key);
    return fields;
}

std::vector<Json> flattened(const std::vector<Column>& columns) {
    std::vector<Json> all;
    for (const Column& column : columns)
        all.push_back(flattened(*column.record));
    return all;
}

std::string shown(const Json& record, const std::string& field) {
    const std::string text = text_in(record, field);
    return text.empty() ? "-" : text;
}

/// The fields of which two of the records have a value, and not the same.
std::vector<std::string> different_fields(const std::vector<Column>& columns) {
    const auto records = flattened(columns);
    std::vector<std::string> fields;
    for (const std::string& field : fields_of(records)) {
        std::string first;
        bool differs = false;
        for (const Json& record : records) {
            const std::string value = text_in(record, field);
            if (first.empty()) first = value;
            differs = differs || (!value.empty() && value != first);
        }
        if (differs) fields.push_back(field);
    }
    return fields;
}

} // namespace

std::vector<Column> his_columns(const Json& answer) {
    std::vector<Column> columns;
    const Json& sources = value_in(answer, "sources");
    if (sources.is_array())
        for (const Json& source : sources) {
            const std::string name = text_in(source, "source");
            const Json& patient = value_in(source, "patient");
            if (patient.is_object()) columns.push_back({name, &patient});
            const Json& others = value_in(source, "contradicting");
            if (!others.is_array()) continue;
            for (const Json& other : others)
                columns.push_back({name + ", too", &other});
        }
    if (columns.empty()) columns.push_back({"HIS", &value_in(answer, "his")});
    // Nobody confuses it with another source.
    if (columns.size() == 1) columns.front().title = "HIS";
    return columns;
}

std::string compared(const std::vector<Column>& columns, const std::vector<std::string>& differs,
                     const Style& style) {
    const auto records = flattened(columns);
    std::vector<std::string> titles;
    for (const Column& column : columns)
        titles.push_back(column.title);
    std::vector<Compared> rows;
    for (const std::string& field : fields_of(records)) {
        Compared row{clean(field), {}, false};
        for (const Json& record : records)
            row.values.push_back(shown(record, field));
        row.differs = std::ranges::any_of(differs, [&](const std::string& name) {
            return field == name || field.starts_with(name + ".");
        });
        rows.push_back(std::move(row));
    }
    return side_by_side(titles, rows, style);
}

std::string both_sides(const Json& answer, const Column& medicapp, std::vector<std::string> differs,
                       const Style& style) {
    auto columns = his_columns(answer);
    if (columns.size() > 1)
        for (std::string& field : different_fields(columns))
            differs.push_back(std::move(field));
    if (medicapp.record) columns.push_back(medicapp);
    return compared(columns, differs, style);
}

std::string record(const Json& fields, std::size_t indent, const Style& style) {
    Table table(indent);
    const Json flat = flattened(fields);
    for (const std::string& field : fields_of({flat}))
        if (!text_in(flat, field).empty()) table.row({clean(field), text_in(flat, field)});
    return table.text({style.colours, 0, style.now, style.program});
}

} // namespace medibridge::ctl::show
