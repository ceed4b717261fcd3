#include "reconcile/patient.hpp"

namespace medibridge::reconcile {

namespace {

constexpr std::array<Field, field_count> fields = {
    Field::last_name, Field::first_name, Field::birth_date, Field::gender,      Field::email,
    Field::phone,     Field::street,     Field::city,       Field::postal_code, Field::country,
};

// In the order of the enumeration.
constexpr std::array<std::string_view, field_count> field_names = {
    "lastName",       "firstName",    "birthDate",          "gender",          "email", "phone",
    "address.street", "address.city", "address.postalCode", "address.country",
};

} // namespace

std::span<const Field, field_count> all_fields() {
    return fields;
}

std::string_view name(Field field) {
    return field_names[static_cast<std::size_t>(field)];
}

std::optional<Field> field_named(std::string_view text) {
    for (const Field field : fields) {
        if (name(field) == text) return field;
    }
    return std::nullopt;
}

FieldSet every_field() {
    FieldSet set;
    for (const auto field : all_fields())
        set.add(field);
    return set;
}

FieldSet address_fields() {
    FieldSet set;
    for (const Field field : {Field::street, Field::city, Field::postal_code, Field::country})
        set.add(field);
    return set;
}

FieldSet strict_traits() {
    FieldSet set;
    for (const Field field :
         {Field::last_name, Field::first_name, Field::birth_date, Field::gender})
        set.add(field);
    return set;
}

std::string names(const FieldSet& set) {
    std::string text;
    for (const Field field : fields) {
        if (!set.has(field)) continue;
        if (!text.empty()) text += ',';
        text += name(field);
    }
    return text;
}

FieldSet Patient::known() const {
    FieldSet set;
    for (const Field field : fields) {
        if ((*this)[field].is_known()) set.add(field);
    }
    return set;
}

} // namespace medibridge::reconcile
