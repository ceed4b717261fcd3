#include "reconcile/assess.hpp"

#include "generators.hpp"

#include <gmock/gmock.h>

namespace medibridge::reconcile {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

SourceRecord anne() {
    SourceRecord record;
    record.patient = Patient("IPP-1");
    record.patient[Field::last_name] = FieldValue::known("Martin");
    record.patient[Field::first_name] = FieldValue::known("Anne");
    record.patient[Field::birth_date] = FieldValue::known("1984-02-29");
    return record;
}

SourceRecord anne_with(Field field, FieldValue value) {
    auto record = anne();
    record.patient[field] = std::move(value);
    return record;
}

std::string hold_of(const SourceRecord& record, const IdentityPolicy& policy = {}) {
    const auto assessed = assess(record, policy);
    if (!assessed.hold) return "none";
    std::string text(name(assessed.hold->reason));
    if (!assessed.hold->defect.field.empty())
        text += ": " + assessed.hold->defect.field + " " + assessed.hold->defect.reason;
    return text;
}

std::vector<std::string> dropped_of(const SourceRecord& record, const IdentityPolicy& policy = {}) {
    std::vector<std::string> words;
    for (const auto& defect : assess(record, policy).dropped)
        words.push_back(defect.field + " " + defect.reason);
    return words;
}

IdentityPolicy usual_name() {
    IdentityPolicy policy;
    policy.last_name = LastName::usual;
    return policy;
}

TEST(AssessTest, NormalisesEveryField) {
    SourceRecord record;
    record.patient = Patient(" IPP-1 ");
    const std::pair<Field, const char*> values[] = {
        {Field::last_name, " LE  GOFF"},         {Field::first_name, "He\u0301le\u0300ne\u00A0"},
        {Field::birth_date, " 1984-02-29 "},     {Field::gender, " f "},
        {Field::email, " A.B@Example.FR "},      {Field::phone, "06 12 34 56 78"},
        {Field::street, "12 rue\n  des Écoles"}, {Field::city, " Lyon "},
        {Field::postal_code, " 69001 "},         {Field::country, " France "},
    };
    for (const auto& [field, text] : values)
        record.patient[field] = FieldValue::known(text);
    record.modified_at = Instant(std::chrono::milliseconds(1'790'000'000'000));
    record.place = "page 1, record 2";
    const auto assessed = assess(record, {});
    EXPECT_FALSE(assessed.hold);
    EXPECT_THAT(assessed.dropped, IsEmpty());
    EXPECT_EQ(assessed.patient.external_id(), "IPP-1");
    EXPECT_EQ(assessed.modified_at, record.modified_at);
    EXPECT_EQ(assessed.place, "page 1, record 2");
    std::vector<std::string> texts;
    for (const Field field : all_fields())
        texts.push_back(assessed.patient[field].text());
    EXPECT_THAT(texts, ElementsAre("LE GOFF", "Hélène", "1984-02-29", "F", "A.B@example.fr",
                                   "+33612345678", "12 rue des Écoles", "Lyon", "69001", "France"));
}

TEST(AssessTest, OptionalFieldsThatFailAreLeftOutWithAReason) {
    auto record = anne();
    record.patient[Field::gender] = FieldValue::known("X");
    record.patient[Field::email] = FieldValue::known("nobody");
    record.patient[Field::phone] = FieldValue::known("555-365-4271");
    record.patient[Field::street] = FieldValue::known("a\x01");
    record.patient[Field::city] = FieldValue::unreadable("is a list");
    EXPECT_EQ(hold_of(record), "none");
    EXPECT_THAT(dropped_of(record),
                ElementsAre("gender is not M, F or O", "email is not an e-mail address",
                            "phone is not a valid phone number",
                            "address.street holds a control character", "address.city is a list"));
    EXPECT_EQ(names(assess(record, {}).patient.known()), "lastName,firstName,birthDate");
}

TEST(AssessTest, BlankIsUnknownAndClearedStaysCleared) {
    auto record = anne();
    record.patient[Field::phone] = FieldValue::known(" ");
    record.patient[Field::gender] = FieldValue::known("");
    record.patient[Field::email] = FieldValue::cleared();
    const auto assessed = assess(record, {});
    EXPECT_TRUE(assessed.patient[Field::phone].is_unknown());
    EXPECT_TRUE(assessed.patient[Field::gender].is_unknown());
    EXPECT_EQ(assessed.patient[Field::email], FieldValue::cleared());
    EXPECT_THAT(assessed.dropped, IsEmpty());
    EXPECT_FALSE(assessed.hold);
}

TEST(AssessTest, RequiredFieldsThatFailHoldTheRecord) {
    const std::pair<Field, FieldValue> cases[] = {
        {Field::last_name, FieldValue()},
        {Field::last_name, FieldValue::cleared()},
        {Field::last_name, FieldValue::known(" ")},
        {Field::first_name, FieldValue::known("-")},
        {Field::first_name, FieldValue::known("An\nne")},
        {Field::birth_date, FieldValue::unreadable("does not fit %d/%m/%Y")},
        {Field::birth_date, FieldValue::known("1984-02-30")},
    };
    std::vector<std::string> holds;
    for (const auto& [field, value] : cases)
        holds.push_back(hold_of(anne_with(field, value)));
    EXPECT_THAT(holds,
                ElementsAre("invalid: lastName is missing", "invalid: lastName is missing",
                            "invalid: lastName is missing", "invalid: firstName holds no letter",
                            "invalid: firstName holds a line break or tab",
                            "invalid: birthDate does not fit %d/%m/%Y",
                            "invalid: birthDate is not a real date of the form YYYY-MM-DD"));
}

TEST(AssessTest, TheBirthDateIsNotAfterTheRecord) {
    auto record = anne_with(Field::birth_date, FieldValue::known("2026-03-03"));
    EXPECT_EQ(hold_of(record), "none");
    record.modified_at = parse_rfc3339("2026-03-01T10:00:00Z")->instant;
    EXPECT_EQ(hold_of(record), "invalid: birthDate is after the record's own modification");
    record.modified_at = parse_rfc3339("2026-03-02T10:00:00Z")->instant;
    EXPECT_EQ(hold_of(record), "none");
}

TEST(AssessTest, ARecordWithoutAUsableKeyIsHeldWithoutIt) {
    auto record = anne();
    record.deleted = true;
    record.patient.set_external_id(" ");
    EXPECT_EQ(hold_of(record), "invalid: externalId is missing");
    record.patient.set_external_id("2 55 08 14 168 025 38");
    EXPECT_EQ(hold_of(record),
              "invalid: externalId is a national health number (NIR), which is never sent");
    EXPECT_EQ(assess(record, {}).patient.external_id(), "");
    record.patient.set_external_id("IPP-1");
    record.merged_into = "255081416802538";
    EXPECT_EQ(hold_of(record),
              "invalid: mergedInto is a national health number (NIR), which is never sent");
    EXPECT_EQ(assess(record, {}).merged_into, "");
}

TEST(AssessTest, WhatWeighsMostHolds) {
    auto record = anne_with(Field::birth_date, FieldValue());
    EXPECT_EQ(hold_of(record), "invalid: birthDate is missing");
    record.identity_status = "DOUT";
    EXPECT_EQ(hold_of(record), "identity_status: identityStatus DOUT");
    record.active = false;
    EXPECT_EQ(hold_of(record), "inactive_in_his");
    record.deceased = true;
    EXPECT_EQ(hold_of(record), "deceased");
    record.deleted = true;
    EXPECT_EQ(hold_of(record), "deleted_in_his");
}

TEST(AssessTest, AMergeSaysMoreThanAnyOtherEnd) {
    auto record = anne();
    record.merged_into = " IPP-2 ";
    record.active = false;
    record.deceased = true;
    record.deleted = true;
    record.identity_status = "DOUB";
    EXPECT_EQ(hold_of(record), "none");
    EXPECT_EQ(assess(record, {}).merged_into, "IPP-2");
    const auto alone = unmerged(assess(record, {}));
    EXPECT_EQ(alone.merged_into, "");
    ASSERT_TRUE(alone.hold);
    EXPECT_EQ(alone.hold->reason, HoldReason::deleted_in_his) << "if nobody believes the merge";
    record.patient[Field::birth_date] = FieldValue();
    EXPECT_EQ(hold_of(record), "invalid: birthDate is missing");
    EXPECT_EQ(assess(record, {}).merged_into, "IPP-2");
}

TEST(AssessTest, AMergeIntoItselfIsNone) {
    auto record = anne();
    record.merged_into = " IPP-1";
    record.active = false;
    EXPECT_EQ(hold_of(record), "inactive_in_his");
    EXPECT_EQ(assess(record, {}).merged_into, "");
}

TEST(AssessTest, ActiveUnlessSaidOtherwise) {
    auto record = anne();
    EXPECT_EQ(hold_of(record), "none");
    record.active = true;
    EXPECT_EQ(hold_of(record), "none");
}

TEST(AssessTest, HeldIdentityStatusesAreFoundAmongSeveralAndInAnyCase) {
    for (const auto* status : {"DOUT", " dout ", "VALI~DOUT", "PROV DOUT"}) {
        auto record = anne();
        record.identity_status = status;
        EXPECT_EQ(hold_of(record), "identity_status: identityStatus DOUT") << status;
    }
    for (const auto* status : {"", "VALI", "PROV", "DOUTX", "XDOUT", "~~", "QUAL~"}) {
        auto record = anne();
        record.identity_status = status;
        EXPECT_EQ(hold_of(record), "none") << status;
    }
    auto record = anne();
    record.identity_status = "DOUT";
    IdentityPolicy policy;
    policy.hold_status = {"PROV"};
    EXPECT_EQ(hold_of(record, policy), "none");
}

TEST(LastNamePolicyTest, BirthNameGoesOutAndTheUsualOneStays) {
    auto record = anne();
    record.usual_last_name = " Durand ";
    const auto assessed = assess(record, {});
    EXPECT_EQ(assessed.patient[Field::last_name].text(), "Martin");
    EXPECT_EQ(assessed.other_last_name, "Durand");
}

TEST(LastNamePolicyTest, UsualNameGoesOutWhereThePolicyWantsIt) {
    auto record = anne();
    record.usual_last_name = "Durand";
    const auto assessed = assess(record, usual_name());
    EXPECT_EQ(assessed.patient[Field::last_name].text(), "Durand");
    EXPECT_EQ(assessed.other_last_name, "Martin");
    record.usual_last_name = " ";
    EXPECT_EQ(assess(record, usual_name()).patient[Field::last_name].text(), "Martin");
    EXPECT_EQ(assess(record, usual_name()).other_last_name, "");
    record.usual_last_name = "Martin";
    EXPECT_EQ(assess(record, usual_name()).other_last_name, "");
}

TEST(LastNamePolicyTest, AMissingBirthNameIsReplacedOnlyWhereTheUsualOneIsWanted) {
    auto record = anne_with(Field::last_name, FieldValue());
    record.usual_last_name = "Durand";
    EXPECT_EQ(hold_of(record), "invalid: lastName is missing");
    EXPECT_EQ(hold_of(record, usual_name()), "none");
    EXPECT_EQ(assess(record, usual_name()).patient[Field::last_name].text(), "Durand");
    record.patient[Field::last_name] = FieldValue::known("Mar\x01tin");
    EXPECT_EQ(hold_of(record, usual_name()), "none");
    EXPECT_EQ(assess(record, usual_name()).other_last_name, "");
}

TEST(LastNamePolicyTest, AnUnusableUsualNameHoldsOnlyWhereItIsWanted) {
    auto record = anne();
    record.usual_last_name = "Dur\uFFFDnd";
    EXPECT_EQ(hold_of(record), "none");
    EXPECT_THAT(dropped_of(record),
                ElementsAre("usualLastName holds a character that was lost in a conversion"));
    EXPECT_EQ(assess(record, {}).patient[Field::last_name].text(), "Martin");
    EXPECT_EQ(hold_of(record, usual_name()),
              "invalid: lastName holds a character that was lost in a conversion");
}

TEST(CanonicalTest, IsWhatAssessMakesOfAValueAndElseTheValueItself) {
    const IdentityPolicy policy;
    EXPECT_EQ(canonical(Field::phone, "06 12 34 56 78", policy), "+33612345678");
    EXPECT_EQ(canonical(Field::phone, "555", policy), "555");
    EXPECT_EQ(canonical(Field::gender, "f", policy), "F");
    EXPECT_EQ(canonical(Field::gender, "unknown", policy), "unknown");
    EXPECT_EQ(canonical(Field::last_name, "-", policy), "-");
    EXPECT_EQ(canonical(Field::birth_date, "2984-02-30", policy), "2984-02-30");
    EXPECT_EQ(canonical(Field::city, " ", policy), "");
}

rc::Gen<FieldValue> any_value() {
    return rc::gen::oneOf(
        rc::gen::construct<FieldValue>(), rc::gen::exec([] { return FieldValue::cleared(); }),
        rc::gen::exec([] { return FieldValue::unreadable("is odd"); }),
        rc::gen::map(rc::gen::oneOf(any_bytes(), odd_text(), ascii_text(),
                                    rc::gen::element<std::string>("Anne", "1984-02-29", "F",
                                                                  "a@b.fr", "06 12 34 56 78")),
                     FieldValue::known));
}

SourceRecord any_record() {
    SourceRecord record;
    record.patient.set_external_id(*odd_text());
    for (const Field field : all_fields())
        record.patient[field] = *any_value();
    record.usual_last_name = *odd_text();
    record.merged_into = *rc::gen::oneOf(rc::gen::just(std::string()), odd_text());
    record.identity_status = *rc::gen::oneOf(any_bytes(), pieces({"DOUT", "~", " ", "VALI"}));
    record.deceased = *rc::gen::arbitrary<bool>();
    record.deleted = *rc::gen::arbitrary<bool>();
    record.active = *rc::gen::arbitrary<bool>();
    if (*rc::gen::arbitrary<bool>())
        record.modified_at =
            Instant(std::chrono::milliseconds(*rc::gen::arbitrary<std::int64_t>()));
    return record;
}

TEST(AssessTest, HalfAnAddressIsNone) {
    struct Address {
        std::string street, city, code, country;
        const char* left; ///< the fields that are sent
    };
    const Address cases[] = {
        {"1 rue Haute", "Lyon", "69001", "FR",
         "address.street,address.city,address.postalCode,address.country"},
        {"", "Lyon", "69001", "", "address.city,address.postalCode"},
        {"", "Lyon", "", "", "address.city"},
        {"1 rue Haute", "", "69001", "FR", ""},
        {"1 rue Haute", "", "", "", ""},
        {"", "", "69001", "FR", ""},
        {"", "", "", "FR", ""},
        {"Lef\xC3\x83\xC2\xA8vre", "Lyon", "69001", "FR", ""}, // a part that is refused
    };
    for (const auto& one : cases) {
        SourceRecord record = anne();
        const auto put = [&](Field field, const std::string& text) {
            record.patient[field] = text.empty() ? FieldValue() : FieldValue::known(text);
        };
        put(Field::street, one.street);
        put(Field::city, one.city);
        put(Field::postal_code, one.code);
        put(Field::country, one.country);
        const auto assessed = assess(std::move(record), {});
        EXPECT_EQ(names(assessed.patient.known() & address_fields()), one.left)
            << one.street << '|' << one.city << '|' << one.code << '|' << one.country;
    }
}

TEST(AssessTest, ATimeBeyondEveryClockIsNotBelieved) {
    const auto clock = parse_rfc3339("2026-03-01T10:00:00Z")->instant;
    SourceRecord record = anne();
    for (const auto& [stated, believed] :
         {std::pair("2026-03-02T09:59:59Z", true), std::pair("2026-03-02T10:00:01Z", false),
          std::pair("9999-12-31T00:00:00Z", false), std::pair("1899-12-30T00:00:00Z", true)}) {
        record.modified_at = parse_rfc3339(stated)->instant;
        const auto assessed = assess(record, {}, clock);
        EXPECT_EQ(assessed.modified_at.has_value(), believed) << stated;
        EXPECT_EQ(assessed.unbelieved_at.has_value(), !believed) << stated;
        EXPECT_TRUE(assess(record, {}).modified_at) << "no clock is at hand";
    }
}

TEST(AssessTest, ABirthDateIsJudgedByTheClockNotByTheRecordsOwnTime) {
    const auto clock = parse_rfc3339("2026-03-01T10:00:00Z")->instant;
    for (const auto& [born, stated, usable] :
         {std::tuple("9999-12-31", "", false),
          std::tuple("2050-01-01", "2062-01-01T00:00:00Z", false),
          std::tuple("1984-02-29", "1899-12-30T00:00:00Z", true),
          std::tuple("2026-03-01", "2026-02-01T00:00:00Z", true)}) {
        auto record = anne_with(Field::birth_date, FieldValue::known(born));
        if (*stated) record.modified_at = parse_rfc3339(stated)->instant;
        EXPECT_EQ(!assess(record, {}, clock).hold, usable) << born << ' ' << stated;
    }
}

TEST(AssessTest, AnyRecordIsSentWholeOrHeldAndWhatIsSentIsCanonical) {
    EXPECT_TRUE(rc::check([] {
        const auto record = any_record();
        IdentityPolicy policy;
        policy.last_name = *rc::gen::element(LastName::birth, LastName::usual);
        const auto assessed = assess(record, policy);
        for (const Field field : all_fields()) {
            const auto& value = assessed.patient[field];
            RC_ASSERT(value.state() != FieldValue::State::unreadable);
            RC_ASSERT(!value.is_known() || !value.text().empty());
            if (value.is_known()) {
                RC_ASSERT(canonical(field, value.text(), policy) == value.text());
            }
            if (is_required(field) && !value.is_known()) {
                RC_ASSERT(assessed.hold || !assessed.merged_into.empty());
            }
        }
        RC_ASSERT(!assessed.patient.external_id().empty() || assessed.hold);
    }));
}

TEST(AssessTest, WithoutTheFieldsItSaysTheSameOfWhomTheRecordIsAbout) {
    EXPECT_TRUE(rc::check([] {
        auto record = any_record();
        record.merged_into = *rc::gen::element<std::string>("", "", "IPP-2", "?");
        record.identity_status = *rc::gen::element<std::string>("", "", "VALI", "DOUT");
        record.active = *rc::gen::element<std::optional<bool>>(std::nullopt, true, false);
        record.deleted = *rc::gen::arbitrary<bool>();
        record.renamed = *rc::gen::arbitrary<bool>();
        record.second_hand = *rc::gen::arbitrary<bool>();
        record.modified_at = Instant(std::chrono::hours(*rc::gen::inRange(0, 100)));
        const Instant clock(std::chrono::hours(40));
        const auto whole = assess(record, {}, clock);
        const auto identity = assess_identity(record, {}, clock);
        RC_ASSERT(identity.patient.external_id() == whole.patient.external_id());
        RC_ASSERT(identity.patient.known().empty());
        RC_ASSERT(identity.modified_at == whole.modified_at);
        RC_ASSERT(identity.unbelieved_at == whole.unbelieved_at);
        RC_ASSERT(identity.merged_into == whole.merged_into);
        RC_ASSERT(identity.renamed == whole.renamed);
        RC_ASSERT(identity.hold_unmerged.has_value() == whole.hold_unmerged.has_value());
        RC_ASSERT(identity.second_hand == whole.second_hand);
        if (identity.hold) {
            RC_ASSERT(whole.hold && whole.hold->reason == identity.hold->reason);
            RC_ASSERT(whole.hold->defect.field == identity.hold->defect.field);
        } else {
            RC_ASSERT(!whole.hold || whole.hold->reason == HoldReason::invalid);
        }
    }));
}

TEST(AssessTest, WhatWasAssessedOnceStaysTheSame) {
    EXPECT_TRUE(rc::check([] {
        const auto once = assess(any_record(), {});
        if (once.hold) return;
        SourceRecord again;
        again.patient = once.patient;
        again.modified_at = once.modified_at;
        const auto twice = assess(again, {});
        RC_ASSERT(!twice.hold);
        RC_ASSERT(twice.dropped.empty());
        for (const Field field : all_fields())
            RC_ASSERT(twice.patient[field] == once.patient[field]);
    }));
}

} // namespace
} // namespace medibridge::reconcile
