#include "connectors/mapping/record_mapping.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <stdexcept>

namespace medibridge::connectors {
namespace {

using reconcile::Field;
using Kind = RawValue::Kind;
using Fields = std::map<std::string, config::FieldPlace>;

/// Maps one value at one field's place.
MappedRecord map_one(const std::string& field, RawValue value, config::FieldPlace place = {}) {
    place.at = "/x";
    const RecordMapping mapping(Fields{{field, place}}, "Europe/Paris");
    const std::vector<RawValue> values = {std::move(value)};
    return mapping.map(values, "page 1, record 1");
}

MappedRecord map_text(const std::string& field, std::string text, config::FieldPlace place = {}) {
    return map_one(field, {Kind::text, std::move(text)}, std::move(place));
}

std::string refusal(const Fields& fields, const char* zone = "Europe/Paris") {
    try {
        RecordMapping(fields, zone);
    } catch (const std::invalid_argument& fault) {
        return fault.what();
    }
    return "accepted";
}

TEST(RecordMappingTest, FillsEveryCanonicalField) {
    for (const auto field : reconcile::all_fields()) {
        const std::string value = field == Field::birth_date ? "1980-01-02" : "some text";
        const auto mapped = map_text(std::string(reconcile::name(field)), value);
        EXPECT_EQ(mapped.record.patient[field].text(), value) << reconcile::name(field);
        EXPECT_EQ(mapped.record.patient.known().size(), 1u);
        EXPECT_EQ(mapped.record.place, "page 1, record 1");
    }
}

/// Contract, "What data may not do" 8: what went through a float is no identifier any more.
TEST(RecordMappingTest, AnIdentifierIsTakenDigitByDigitOrNotAtAll) {
    for (const std::string digits : {"800123", "9007199254740993", "18446744073709551615"}) {
        const auto mapped = map_one("externalId", {Kind::integer, digits});
        EXPECT_EQ(mapped.record.patient.external_id(), digits);
        EXPECT_EQ(mapped.record.external_id_defect, "");
    }
    const std::vector<RawValue> garbled = {{Kind::decimal, "8001234567.0"},
                                           {Kind::decimal, "8.001e9"},
                                           {Kind::decimal, "18446744073709551616"},
                                           {Kind::decimal, "9e307"},
                                           {Kind::boolean, "true"},
                                           {Kind::composite, ""},
                                           {Kind::text, "80\xEF\xBF\xBDx"}};
    for (const auto& raw : garbled) {
        const auto mapped = map_one("externalId", raw);
        EXPECT_EQ(mapped.record.patient.external_id(), "") << raw.text;
        EXPECT_NE(mapped.record.external_id_defect, "") << raw.text;
        EXPECT_EQ(mapped.record.external_id_defect.find("80"), std::string::npos);
        ASSERT_EQ(mapped.faults.size(), 1u) << raw.text;
    }
    EXPECT_EQ(map_one("externalId", {Kind::null, ""}).record.external_id_defect, "");
}

TEST(RecordMappingTest, AnAddressIsWholeOrNotAtAll) {
    Fields fields;
    for (const auto* part : {"address.street", "address.city", "address.postalCode", "phone"})
        fields[part].at = "/" + std::string(part);
    const RecordMapping mapping(fields, "Europe/Paris");
    // In the order of their names: city, postalCode, street, phone.
    const auto map = [&mapping](RawValue street) {
        const std::vector<RawValue> values = {
            {Kind::text, "Nantes"}, {Kind::text, "44000"}, std::move(street), {Kind::text, "1"}};
        return mapping.map(values, "").record.patient;
    };
    EXPECT_EQ(map({Kind::text, "1 rue A"}).known().size(), 4u);
    EXPECT_EQ(map({Kind::absent, ""}).known().size(), 3u) << "whether that makes one is not ours";
    for (const auto& raw : std::vector<RawValue>{
             {Kind::decimal, "1.5"}, {Kind::composite, ""}, {Kind::text, "rue \xEF\xBF\xBD"}}) {
        const auto patient = map(raw);
        EXPECT_EQ(reconcile::names(patient.known()), "phone") << raw.text;
        EXPECT_EQ(patient[Field::city].state(), reconcile::FieldValue::State::unreadable);
    }
}

TEST(RecordMappingTest, FillsWhatIsNoPatientField) {
    EXPECT_EQ(map_text("externalId", "00123").record.patient.external_id(), "00123");
    EXPECT_EQ(map_text("identityStatus", "VALI").record.identity_status, "VALI");
    EXPECT_EQ(map_text("usualLastName", "Roe").record.usual_last_name, "Roe");
    EXPECT_EQ(map_text("mergedInto", "77").record.merged_into, "77");
    EXPECT_EQ(map_text("active", "N").record.active, false);
    EXPECT_EQ(map_text("active", "").record.active, std::nullopt);
    EXPECT_TRUE(map_text("deceased", "O").record.deceased);
    EXPECT_TRUE(map_text("deceased", "2025-11-02").record.deceased);
    EXPECT_FALSE(map_text("deceased", "").record.deceased);
    const auto timed = map_text("modifiedAt", "2026-01-31T09:05:07.5Z");
    EXPECT_EQ(timed.record.modified_at,
              reconcile::parse_rfc3339("2026-01-31T09:05:07.5Z")->instant);
    EXPECT_EQ(timed.precision, reconcile::Precision::milliseconds);
}

TEST(RecordMappingTest, KeepsAllDigitsOfAnIdentifier) {
    EXPECT_EQ(
        map_one("externalId", {Kind::integer, "18446744073709551615"}).record.patient.external_id(),
        "18446744073709551615");
    for (const auto* number : {"1e3", "7.0", "184467440737095516160"}) {
        const auto mapped = map_one("externalId", {Kind::decimal, number});
        EXPECT_EQ(mapped.record.patient.external_id(), "");
        ASSERT_EQ(mapped.faults.size(), 1u);
        EXPECT_EQ(mapped.faults[0].field, "externalId");
    }
}

TEST(RecordMappingTest, ARecordWithAnUnreadableTimeIsTakenWithoutOne) {
    const auto mapped = map_text("modifiedAt", "31.01.2026");
    EXPECT_EQ(mapped.record.modified_at, std::nullopt);
    ASSERT_EQ(mapped.faults.size(), 1u);
    EXPECT_EQ(mapped.faults[0].field, "modifiedAt");
}

TEST(RecordMappingTest, WhatIsNoClearNoCountsAsDeceased) {
    const auto unclear = map_text("deceased", "perhaps");
    EXPECT_TRUE(unclear.record.deceased);
    EXPECT_EQ(unclear.faults.size(), 1u);
    EXPECT_TRUE(map_one("deceased", {Kind::composite, ""}).record.deceased);

    config::FieldPlace place;
    place.map = {{"DCD", "true"}};
    const auto unmapped = map_text("deceased", "VIV", place);
    EXPECT_FALSE(unmapped.record.deceased);
    EXPECT_EQ(unmapped.faults.size(), 1u);
}

TEST(RecordMappingTest, WhatIsNoClearYesCountsAsClosed) {
    for (const auto& raw : std::vector<RawValue>{
             {Kind::text, "perhaps"}, {Kind::composite, ""}, {Kind::decimal, "0.5"}}) {
        const auto mapped = map_one("active", raw);
        EXPECT_EQ(mapped.record.active, false) << raw.text;
        EXPECT_EQ(mapped.faults.size(), 1u) << raw.text;
    }
    EXPECT_EQ(map_one("active", {Kind::null, ""}).record.active, std::nullopt);

    config::FieldPlace place;
    place.map = {{"OUVERT", "true"}};
    EXPECT_EQ(map_text("active", "OUVERT", place).record.active, true);
    const auto unmapped = map_text("active", "CLOS", place);
    EXPECT_EQ(unmapped.record.active, false);
    EXPECT_EQ(unmapped.faults.size(), 1u);
}

TEST(RecordMappingTest, RefusesSettingsThatCannotWorkByName) {
    const auto with_format = [](std::string field, std::string format) {
        config::FieldPlace place;
        place.format = std::move(format);
        return refusal(Fields{{std::move(field), place}});
    };
    EXPECT_NE(with_format("birthDate", "%d/%m/%y").find("field birthDate: "), std::string::npos);
    EXPECT_NE(with_format("birthDate", "%s").find("not a moment"), std::string::npos);
    EXPECT_NE(with_format("birthDate", "%d/%m").find("the year is missing"), std::string::npos);
    EXPECT_NE(with_format("modifiedAt", "%T").find("the year is missing"), std::string::npos);
    EXPECT_NE(with_format("lastName", "%Y-%m-%d").find("only"), std::string::npos);
    EXPECT_EQ(with_format("modifiedAt", "%Q"), "accepted");
    EXPECT_EQ(with_format("deceased", "%d/%m/%Y"), "accepted");
    EXPECT_NE(refusal(Fields{{"surname", {}}}).find("no such field"), std::string::npos);
    EXPECT_NE(refusal(Fields{}, "Mars/Base").find("time zone"), std::string::npos);
}

TEST(RecordMappingTest, WhatIsNoRecordHasUnreadableRequiredFields) {
    const auto mapped =
        RecordMapping::unreadable("the record is not a JSON object", "page 3, record 12");
    EXPECT_EQ(mapped.record.place, "page 3, record 12");
    EXPECT_EQ(mapped.record.external_id_defect, "the record is not a JSON object");
    for (const auto field : {Field::last_name, Field::first_name, Field::birth_date})
        EXPECT_EQ(mapped.record.patient[field].state(), reconcile::FieldValue::State::unreadable);
    EXPECT_TRUE(mapped.record.patient[Field::email].is_unknown());
}

} // namespace
} // namespace medibridge::connectors
