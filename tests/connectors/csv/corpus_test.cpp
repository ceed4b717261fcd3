#include "drop_rig.hpp"

#include <cstdlib>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace medibridge::connectors {
namespace {

namespace fs = std::filesystem;
using reconcile::Field;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

/// A rig with one file of the corpus in its folder.
class CsvCorpusTest : public testing::Test {
  protected:
    void SetUp() override {
        const char* corpus = std::getenv("MEDIBRIDGE_CORPUS");
        if (corpus == nullptr) GTEST_SKIP() << "MEDIBRIDGE_CORPUS is not set";
        corpus_ = corpus;
    }

    std::string text(const std::string& name) const {
        std::ifstream file(corpus_ / name, std::ios::binary);
        EXPECT_TRUE(file) << name;
        return {std::istreambuf_iterator<char>(file), {}};
    }
    /// Imports the file alone, with the columns of the French files of the corpus.
    std::vector<reconcile::SourceRecord> import(DropRig& rig, const std::string& name,
                                                char delimiter, const std::string& encoding) {
        french(rig.settings);
        rig.settings.delimiter = delimiter;
        rig.settings.encoding = encoding;
        rig.disk.drop("file.csv", text("derived/csv/" + name));
        EXPECT_EQ(rig.import(), std::nullopt) << name;
        return rig.inbox.records();
    }
    nlohmann::json expected(const std::string& name) const {
        return nlohmann::json::parse(text("derived/csv/expected.json")).at(name);
    }

    static void french(CsvSettings& settings) {
        auto& fields = settings.fields;
        fields.clear();
        fields["externalId"].at = "IPP";
        fields["lastName"].at = "NOM";
        fields["firstName"].at = "PRENOM";
        fields["birthDate"].at = "DATE_NAISS";
        fields["birthDate"].format = "%d/%m/%Y";
        fields["gender"].at = "SEXE";
        fields["gender"].map = {{"M", "M"}, {"1", "M"}, {"F", "F"}, {"2", "F"}, {"I", "O"}};
        fields["address.street"].at = "ADRESSE";
        fields["address.city"].at = "VILLE";
        fields["address.postalCode"].at = "CODE_POSTAL";
        fields["modifiedAt"].at = "DATE_MAJ";
        fields["modifiedAt"].format = "%d/%m/%Y %H:%M:%S";
        fields["active"].at = "ACTIF";
        settings.null_text = "NULL";
    }
    /// The first six patients are the same in all files.
    static void expect_the_known_six(const DropRig& rig) {
        const auto* first = rig.inbox.record_of("900001");
        ASSERT_NE(first, nullptr);
        EXPECT_EQ(first->patient[Field::last_name].text(), "Gonçalves");
        EXPECT_EQ(first->patient[Field::birth_date].text(), "1971-03-13");
        EXPECT_TRUE(first->patient[Field::street].is_unknown()); // NULL
        EXPECT_EQ(first->modified_at, reconcile::parse_rfc3339("2024-06-18T23:58:32Z")->instant);
        EXPECT_EQ(first->active, true);
        EXPECT_EQ(rig.inbox.record_of("900003")->patient[Field::last_name].text(), "LEFÈVRE");
        EXPECT_EQ(rig.inbox.record_of("900004")->patient[Field::street].text(),
                  "4 allée \"Les Œillets\"");
        EXPECT_EQ(rig.inbox.record_of("900005")->patient[Field::city].state(),
                  reconcile::FieldValue::State::cleared);
    }

    fs::path corpus_;
};

TEST_F(CsvCorpusTest, ReadsEachEncodingAndDelimiter) {
    const std::tuple<const char*, char, const char*> files[] = {
        {"patients-cp1252-semicolon-crlf.csv", ';', "windows-1252"},
        {"patients-utf8-bom-comma.csv", ',', "windows-1252"},
        {"patients-utf16le-tab.csv", '\t', "UTF-8"},
        {"patients-columns-moved.csv", ';', "windows-1252"},
    };
    for (const auto& [name, delimiter, encoding] : files) {
        DropRig rig;
        const auto records = import(rig, name, delimiter, encoding);
        EXPECT_EQ(records.size(), expected(name).at("rows").get<std::size_t>()) << name;
        expect_the_known_six(rig);
        const std::string street = rig.inbox.record_of("900006")->patient[Field::street].text();
        EXPECT_THAT(street, HasSubstr("7 quai de l'Isère")) << name;
        EXPECT_THAT(street, HasSubstr("\n2e étage")) << name;
        EXPECT_EQ(rig.inbox.record_of("900006")->active, false) << name;
        EXPECT_THAT(rig.disk.names("done"), ElementsAre("file.csv")) << name;
    }
}

TEST_F(CsvCorpusTest, BadRowsHinderNobodyElse) {
    DropRig rig;
    const auto records = import(rig, "patients-bad-rows.csv", ';', "windows-1252");
    const auto known = expected("patients-bad-rows.csv");
    std::size_t unreadable = 0;
    std::size_t unidentified = 0;
    std::size_t impossible = 0;
    for (const auto& record : records) {
        const auto& name = record.patient[Field::last_name];
        const auto& born = record.patient[Field::birth_date];
        const bool no_row = name.state() == reconcile::FieldValue::State::unreadable;
        unreadable += no_row;
        unidentified += !no_row && record.patient.external_id().empty();
        impossible += !no_row && born.state() == reconcile::FieldValue::State::unreadable;
        EXPECT_THAT(record.place, StartsWith("file.csv, line "));
    }
    EXPECT_EQ(unreadable, 2u); // the short and the long row
    EXPECT_EQ(unidentified, 1u);
    EXPECT_EQ(impossible, 1u);
    // One of the thirty stands for a patient who has another row.
    EXPECT_EQ(records.size(), known.at("rows").get<std::size_t>() - 1);
    EXPECT_THAT(rig.disk.names("done"), ElementsAre("file.csv"));
}

TEST_F(CsvCorpusTest, AFileThatWasCutOffIsRejectedWhole) {
    DropRig rig;
    EXPECT_TRUE(import(rig, "patients-cut-mid-row.csv", ';', "windows-1252").empty());
    EXPECT_THAT(rig.disk.names("rejected"), ElementsAre("file.csv", "file.csv.reason.txt"));
    EXPECT_THAT(rig.disk.text("rejected/file.csv.reason.txt"), HasSubstr("cut off"));
    EXPECT_THAT(rig.events.lines(), ElementsAre(StartsWith("file.rejected file.csv: line ")));
}

TEST_F(CsvCorpusTest, AnEmptyFileIsRejectedAndAHeaderAloneIsNobody) {
    DropRig empty;
    EXPECT_TRUE(import(empty, "empty.csv", ';', "UTF-8").empty());
    EXPECT_THAT(empty.disk.text("rejected/file.csv.reason.txt"), HasSubstr("is empty"));
    DropRig header;
    EXPECT_TRUE(import(header, "header-only.csv", ';', "UTF-8").empty());
    EXPECT_THAT(header.disk.names("done"), ElementsAre("file.csv"));
    EXPECT_THAT(header.events.lines(), ElementsAre("file.taken file.csv"));
}

TEST_F(CsvCorpusTest, ReadsExportsOfOtherPrograms) {
    DropRig febrl;
    febrl.settings.delimiter = ',';
    febrl.settings.fields.clear();
    const auto at = [](DropRig& rig, const char* field, const char* place) {
        rig.settings.fields[field].at = place;
    };
    at(febrl, "externalId", "rec_id");
    at(febrl, "lastName", "surname");
    at(febrl, "firstName", "given_name");
    at(febrl, "birthDate", "date_of_birth");
    febrl.settings.fields["birthDate"].format = "%Y%m%d";
    febrl.disk.drop("a.csv", text("csv/febrl-dataset1.csv"));
    EXPECT_EQ(febrl.import(), std::nullopt);
    EXPECT_EQ(febrl.inbox.records().size(), 1000u);
    const auto* berry = febrl.inbox.record_of("rec-122-org");
    ASSERT_NE(berry, nullptr);
    EXPECT_EQ(berry->patient[Field::last_name].text(), "berry");
    EXPECT_EQ(berry->patient[Field::birth_date].text(), "1999-02-19");

    for (const auto& [name, rows] : {std::pair{"csv/synthea-packt-patients.csv", 1174u},
                                     std::pair{"csv/synthea-omop-seed-patients.csv", 27u}}) {
        DropRig synthea;
        synthea.settings.delimiter = ',';
        synthea.settings.fields.clear();
        at(synthea, "externalId", "Id");
        at(synthea, "lastName", "LAST");
        at(synthea, "firstName", "FIRST");
        at(synthea, "birthDate", "BIRTHDATE");
        at(synthea, "deceased", "DEATHDATE");
        synthea.disk.drop("a.csv", text(name));
        EXPECT_EQ(synthea.import(), std::nullopt);
        EXPECT_EQ(synthea.inbox.records().size(), rows) << name;
        EXPECT_LE(synthea.inbox.largest_arrival(), synthea.limits.rows);
    }
}

} // namespace
} // namespace medibridge::connectors
