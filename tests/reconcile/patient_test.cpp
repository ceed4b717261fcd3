#include "reconcile/patient.hpp"

#include <gtest/gtest.h>

namespace medibridge::reconcile {
namespace {

TEST(FieldTest, NamesAreMedicapps) {
    EXPECT_EQ(name(Field::last_name), "lastName");
    EXPECT_EQ(name(Field::birth_date), "birthDate");
    EXPECT_EQ(name(Field::phone), "phone");
    EXPECT_EQ(name(Field::postal_code), "address.postalCode");
    EXPECT_EQ(name(Field::country), "address.country");
}

TEST(FieldTest, EachFieldIsFoundByItsName) {
    for (std::size_t i = 0; i < field_count; ++i) {
        const Field field = all_fields()[i];
        EXPECT_EQ(static_cast<std::size_t>(field), i);
        EXPECT_EQ(field_named(name(field)), field);
    }
    EXPECT_EQ(field_named("externalId"), std::nullopt);
    EXPECT_EQ(field_named("lastname"), std::nullopt);
    EXPECT_EQ(field_named(""), std::nullopt);
}

TEST(FieldTest, ThreeAreRequiredAndFourMakeTheAddress) {
    FieldSet required;
    FieldSet address;
    for (const Field field : all_fields()) {
        if (is_required(field)) required.add(field);
        if (is_address(field)) address.add(field);
    }
    EXPECT_EQ(names(required), "lastName,firstName,birthDate");
    EXPECT_EQ(names(address), "address.street,address.city,address.postalCode,address.country");
}

TEST(FieldSetTest, NamesFollowTheOrderOfTheFields) {
    FieldSet fields;
    EXPECT_EQ(names(fields), "");
    fields.add(Field::city);
    fields.add(Field::phone);
    EXPECT_EQ(names(fields), "phone,address.city");
    fields.remove(Field::phone);
    EXPECT_EQ(names(fields), "address.city");
}

TEST(PatientTest, KnownFieldsAreThoseWithAValue) {
    Patient patient("1");
    patient[Field::city] = FieldValue::known("Lyon");
    patient[Field::email] = FieldValue::cleared();
    patient[Field::phone] = FieldValue::unreadable("is no text");
    EXPECT_EQ(names(patient.known()), "address.city");
}

} // namespace
} // namespace medibridge::reconcile
