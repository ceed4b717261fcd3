#include "drop_rig.hpp"
#include "odd_things.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::connectors {
namespace {

using reconcile::Field;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// The reason for which a file with this content is rejected; empty if it is taken.
std::string reason_of(std::string_view content,
                      const std::function<void(CsvSettings&)>& change = {}) {
    DropRig rig;
    if (change) change(rig.settings);
    rig.disk.drop("a.csv", content);
    EXPECT_EQ(rig.import(), std::nullopt);
    const auto rejected = rig.disk.names("rejected");
    if (rejected.empty()) {
        EXPECT_THAT(rig.disk.names("done"), ElementsAre("a.csv"));
        return {};
    }
    EXPECT_THAT(rejected, ElementsAre("a.csv", "a.csv.reason.txt"));
    EXPECT_THAT(rig.inbox.records(), IsEmpty());
    EXPECT_EQ(rig.disk.text("rejected/a.csv"), content);
    EXPECT_EQ(rig.events.lines().size(), 1u);
    return rig.disk.text("rejected/a.csv.reason.txt");
}

TEST(CsvFileTest, WhatStandsInThePlaceOfTheReasonIsNotTouched) {
    for (const auto& odd : tests::odd_things) {
        SCOPED_TRACE(odd.name);
        const tests::OddFolder elsewhere;
        const tests::OddFolder another;
        DropRig rig;
        std::filesystem::create_directory(rig.disk.path() / "rejected");
        odd.put(elsewhere, rig.disk.path() / "rejected" / "a.csv.reason.txt");
        if (!odd.fine_if_dropped) odd.put(another, rig.disk.path() / "b.csv");
        rig.disk.drop("a.csv", "no header");
        EXPECT_FALSE(rig.import());
        EXPECT_EQ(elsewhere.victim(), tests::OddFolder::content);
        const bool numbered = std::string(odd.name) == "directory";
        const std::string kept = numbered ? "rejected/a.csv.1" : "rejected/a.csv";
        EXPECT_EQ(rig.disk.text(kept), "no header");
        EXPECT_THAT(rig.disk.text(kept + ".reason.txt"), HasSubstr("was rejected"));
    }
}

TEST(CsvFileTest, AFileCutOffInItsLastRowIsRejected) {
    const auto whole = drop_header() + drop_row("1") + drop_row("2");
    EXPECT_EQ(reason_of(whole), "");
    EXPECT_EQ(reason_of(whole.substr(0, whole.size() - 1)), ""); // only the line end is missing
    for (const std::size_t cut : {25u, 30u, 36u})
        EXPECT_THAT(reason_of(whole.substr(0, whole.size() - cut)),
                    HasSubstr("line 3: the file ends within this row"));
    EXPECT_THAT(reason_of(whole + "3;\"Lef"), HasSubstr("line 4: the file ends within a quoted"));
    EXPECT_THAT(reason_of(whole + "3;Lef\xC3"), HasSubstr("line 4: holds bytes"));
}

TEST(CsvFileTest, ARejectedFileSaysWhatIsWrongAndNoValue) {
    EXPECT_THAT(reason_of(""), HasSubstr("the file is empty"));
    EXPECT_THAT(reason_of("ipp;nom\n1;Dupont\n"),
                HasSubstr("line 1: the header lacks the columns that `fields` names: ville, "
                          "naissance, prenom, maj"));
    EXPECT_THAT(reason_of("ipp,nom,prenom,naissance,ville,maj\n"),
                HasSubstr("is `delimiter` that of the file?"));
    EXPECT_THAT(reason_of("ipp;nom;prenom;naissance;ville;maj;nom\n"),
                HasSubstr("two columns are called nom"));
    EXPECT_THAT(
        reason_of(drop_header() + "1;\"Dup\"ont;Zoé;1980-05-11;B;\n"),
        testing::AllOf(HasSubstr("line 2: text follows a closing quote"), Not(HasSubstr("ont"))));
    EXPECT_THAT(reason_of(std::string("PK\3\4\0\0\x08\0", 8)), HasSubstr("NUL bytes"));
    EXPECT_THAT(reason_of(drop_header() + drop_row("1"),
                          [](CsvSettings& settings) { settings.max_size = 50; }),
                HasSubstr("more than 50 bytes (max_size)"));
}

TEST(CsvFileTest, AMappingThatFitsNoRowIsRejected) {
    std::string no_ids = drop_header();
    std::string no_columns = drop_header();
    for (int i = 0; i < 20; ++i) {
        no_ids += drop_row("");
        no_columns += "1;2;3\n";
    }
    EXPECT_THAT(reason_of(no_ids), HasSubstr("no row has an externalId"));
    EXPECT_THAT(reason_of(no_columns), HasSubstr("no row has as many columns"));
    EXPECT_EQ(reason_of(no_ids + drop_row("1")), "");
    EXPECT_EQ(reason_of(no_columns + drop_row("1")), "");
}

TEST(CsvFileTest, ColumnsStandInAnyOrderAmongOthers) {
    DropRig rig;
    rig.disk.drop("a.csv", "maj; nom ;x;\"prenom\";;ville;naissance;ipp;\n"
                           "2026-01-31T10:00:00Z;N;?;P;;V;1980-05-11;1;\n");
    EXPECT_EQ(rig.import(), std::nullopt);
    const auto* record = rig.inbox.record_of("1");
    ASSERT_NE(record, nullptr);
    EXPECT_EQ(record->patient[Field::last_name].text(), "N");
    EXPECT_EQ(record->patient[Field::birth_date].text(), "1980-05-11");
    EXPECT_EQ(record->place, "a.csv, line 2");
}

TEST(CsvFileTest, ABlankCellIsClearedAndTheNullTextUnknown) {
    DropRig rig;
    rig.settings.null_text = "\\N";
    rig.disk.drop("a.csv", drop_header() + drop_row("1", "") + drop_row("2", " \\N ") +
                               drop_row("3", "\"\""));
    EXPECT_EQ(rig.import(), std::nullopt);
    const auto state = [&](const std::string& id) {
        return rig.inbox.record_of(id)->patient[Field::city].state();
    };
    EXPECT_EQ(state("1"), reconcile::FieldValue::State::cleared);
    EXPECT_EQ(state("2"), reconcile::FieldValue::State::unknown);
    EXPECT_EQ(state("3"), reconcile::FieldValue::State::cleared);
}

TEST(CsvFileTest, AnUnreadableTimeIsReportedOnceAFile) {
    DropRig rig;
    rig.disk.drop("a.csv",
                  drop_header() + drop_row("1", "Brest", "hier") + drop_row("2", "Brest", "hier"));
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_THAT(
        rig.events.lines(),
        ElementsAre(testing::AllOf(HasSubstr("field.dropped modifiedAt: not a time"),
                                   HasSubstr("(first at a.csv, line 2)"), Not(HasSubstr("hier"))),
                    "file.taken a.csv"));
}

} // namespace
} // namespace medibridge::connectors
