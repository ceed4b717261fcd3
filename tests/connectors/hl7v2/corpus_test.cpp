#include "corpus.hpp"
#include "reconcile/assess.hpp"

#include "connectors/hl7v2/batch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace medibridge::connectors::hl7 {
namespace {

using reconcile::Field;
using reconcile::FieldValue;
using test::codes;
using testing::HasSubstr;

class Hl7CorpusTest : public testing::Test {
  protected:
    void SetUp() override {
        if (test::corpus().empty()) GTEST_SKIP() << "MEDIBRIDGE_CORPUS is not set";
    }

    Reading french(const std::string& name) {
        return test::read(test::read_file(test::corpus() / "derived/fr-adt" / name));
    }
    reconcile::SourceRecord last(const std::string& name) {
        const auto reading = french(name);
        return reading.arrival.records.empty() ? reconcile::SourceRecord()
                                               : reading.arrival.records.back();
    }
};

std::string text(const reconcile::SourceRecord& record, Field field) {
    const auto& value = record.patient[field];
    return value.is_known() ? value.text() : "";
}

/// Files whose people are not those of the list: what is wrong with them is another test's.
const std::set<std::string> without_person = {
    "11-A11-cancel-admit.hl7",
    "23-A99-unknown-event.hl7",
    "25-A08-invalid-utf8.hl7",
    "28-A40-self-merge.hl7",
};

TEST_F(Hl7CorpusTest, PeopleAreThoseThatTheListNames) {
    const auto expected =
        nlohmann::json::parse(test::read_file(test::corpus() / "derived/fr-adt/expected.json"));
    std::size_t compared = 0;
    for (const auto& entry : expected) {
        const auto file = entry.at("file").get<std::string>();
        if (!entry.contains("patient") || without_person.contains(file)) continue;
        SCOPED_TRACE(file);
        const auto& patient = entry.at("patient");
        const auto record = last(file);
        const auto given = [&patient](const char* key) {
            return patient.at(key).get<std::string>();
        };
        const bool nameless = file.starts_with("22-");
        EXPECT_EQ(record.patient.external_id(), nameless ? "" : given("ipp"));
        EXPECT_EQ(text(record, Field::last_name), given("birth_family"));
        EXPECT_EQ(text(record, Field::first_name), given("given"));
        auto date = given("birth_date").substr(0, 8);
        date.insert(6, "-").insert(4, "-");
        EXPECT_EQ(text(record, Field::birth_date), date);
        EXPECT_EQ(text(record, Field::gender), given("sex") == "U" ? "" : given("sex"));
        const auto& usual = record.usual_last_name;
        EXPECT_EQ(usual.empty() ? given("birth_family") : usual, given("usual_family"));
        // Files without PID-32 say nothing of it.
        if (!record.identity_status.empty()) {
            EXPECT_EQ(record.identity_status, given("identity_status"));
        }
        EXPECT_TRUE(record.modified_at);
        if (patient.at("ins_nir").is_string()) {
            EXPECT_EQ(record.patient.external_id().find(given("ins_nir")), std::string::npos);
        }
        ++compared;
    }
    EXPECT_EQ(compared, 22u);
}

TEST_F(Hl7CorpusTest, AnswersAreThoseThatTheListSuggests) {
    auto wants_error = test::settings();
    wants_error.data_error = Hl7Settings::DataError::error;
    const auto expected =
        nlohmann::json::parse(test::read_file(test::corpus() / "derived/fr-adt/expected.json"));
    for (const auto& entry : expected) {
        const auto file = entry.at("file").get<std::string>();
        const auto bytes = test::read_file(test::corpus() / "derived/fr-adt" / file);
        const auto reading = test::read(bytes, wants_error);
        const auto answer = codes(reading.store ? reading.arrival.answer : reading.answer);
        const auto suggested = entry.at("suggested_ack").get<std::string>();
        EXPECT_EQ(reading.control_id, entry.at("control_id").get<std::string>()) << file;
        if (file.starts_with("28-"))
            EXPECT_EQ(answer, "AA") << "a merge of somebody into themselves does no harm";
        else if (suggested == "accept")
            EXPECT_EQ(answer, "AA") << file;
        else
            EXPECT_THAT(suggested, HasSubstr(answer == "AA" ? "accept" : answer)) << file;
    }
}

TEST_F(Hl7CorpusTest, EveryCharacterSetGivesTheSamePerson) {
    for (const auto* file :
         {"01-A28-utf8.hl7", "04-A08-no-msh18-latin1.hl7", "05-A08-msh18-lies.hl7",
          "19-A08-lf-segments.hl7", "20-A08-crlf-segments.hl7", "21-A08-truncation-char.hl7"}) {
        const auto record = last(file);
        EXPECT_EQ(text(record, Field::street), "12 rue de l'Église") << file;
        EXPECT_EQ(text(record, Field::city), "Besançon") << file;
        EXPECT_EQ(text(record, Field::postal_code), "25000") << file;
        EXPECT_EQ(text(record, Field::country), "FR") << file;
        EXPECT_EQ(text(record, Field::phone), "0381000011") << file;
        EXPECT_EQ(text(record, Field::email), "noemie.lefevre@example.org") << file;
    }
    EXPECT_EQ(text(last("27-A08-vietnamese-or-polish.hl7"), Field::last_name), "NGUYỄN");
}

TEST_F(Hl7CorpusTest, EscapesAndOtherDelimitersAreRead) {
    const auto escaped = last("16-A08-escapes.hl7");
    EXPECT_EQ(text(escaped, Field::last_name), "LEFÈVRE & FILS");
    EXPECT_EQ(text(escaped, Field::first_name), "Noémie");
    EXPECT_EQ(text(escaped, Field::street), "Bât A | esc. 2\nZone ^ nord");
    EXPECT_EQ(text(last("17-A08-custom-delimiters.hl7"), Field::street), "5 rue A|B ^ C \\ D");
}

TEST_F(Hl7CorpusTest, LostLettersHoldThePatient) {
    const auto assessed = reconcile::assess(last("25-A08-invalid-utf8.hl7"), {});
    ASSERT_TRUE(assessed.hold);
    EXPECT_EQ(assessed.hold->reason, reconcile::HoldReason::invalid);
    EXPECT_EQ(assessed.hold->defect.field, "firstName");
}

TEST_F(Hl7CorpusTest, WhatIsSaidBesidesIsKept) {
    EXPECT_EQ(last("06-A08-null-fields.hl7").patient[Field::phone], FieldValue::cleared());
    EXPECT_TRUE(last("06-A08-null-fields.hl7").patient[Field::city].is_unknown());
    EXPECT_TRUE(last("13-A08-deceased.hl7").deceased);
    EXPECT_TRUE(last("12-A29-delete-person.hl7").deleted);
    EXPECT_LT(*last("15-A08-older-than-previous.hl7").modified_at,
              *last("02-A31-8859-1.hl7").modified_at);
    const auto merged = french("07-A40-merge.hl7").arrival.records.at(0);
    EXPECT_EQ(merged.patient.external_id() + ">" + merged.merged_into, "799001>700011");
    const auto renamed = french("08-A47-change-id.hl7").arrival.records.at(0);
    EXPECT_EQ(renamed.patient.external_id() + ">" + renamed.merged_into, "700011>700088");
    EXPECT_TRUE(renamed.renamed);
}

/// The message types of other systems' files, and what became of them.
TEST_F(Hl7CorpusTest, EveryMessageOfOtherSystemsIsASnapshotOrAStatedRefusal) {
    std::size_t messages = 0;
    std::size_t records = 0;
    std::map<std::string, std::size_t> reasons;
    for (const auto& file : test::files("hl7v2")) {
        const auto bytes = test::read_file(file);
        const auto batch = read_batch(bytes, 100'000);
        std::vector<std::string_view> all;
        if (batch) {
            all = batch->messages;
        } else {
            ++reasons["a file: " + batch.error().reason];
            all.push_back(bytes);
        }
        for (const auto one : all) {
            const auto message = Message::parse(one);
            // Each file has an authority of its own: whichever stands first in PID-3.
            auto settings = test::settings();
            const auto* person = message ? message->first("PID") : nullptr;
            if (person != nullptr) {
                const auto& signs = message->delimiters();
                const auto id = part(person->field(3), signs.repetition, 1);
                const auto authority = part(part(id, signs.component, 4), signs.subcomponent, 1);
                if (!authority.empty()) settings.assigning_authority = authority;
            }
            if (message) settings.processing = message->header_part(11, 1);
            const auto reading = test::read(one, settings);
            ++messages;
            records += reading.arrival.records.size();
            if (!reading.reason.empty()) ++reasons[reading.reason];
            const auto& answer = reading.store ? reading.arrival.answer : reading.answer;
            EXPECT_LT(answer.size(), 2'000u) << file;
            EXPECT_TRUE(reading.store || !reading.reason.empty()) << file;
        }
    }
    EXPECT_GT(messages, 1'000u);
    EXPECT_GT(records, 80u);
    std::string told =
        std::to_string(messages) + " messages, " + std::to_string(records) + " records";
    for (const auto& [reason, count] : reasons)
        told += "; " + std::to_string(count) + ": " + reason;
    RecordProperty("corpus", told);
    std::cout << told << "\n";
}

} // namespace
} // namespace medibridge::connectors::hl7
