#include "drop_rig.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace medibridge::connectors::csv_fact_test {
namespace {

const char* const header = "ipp;nom;prenom;naissance;maj;actif;deces;statut;usage;fusion\n";
const char* const person = "1;Lefèvre;Zoé;1980-05-11;";

/// A rig for files in which all facts have a column.
void set_up(DropRig& rig) {
    rig.settings.fields.erase("address.city");
    rig.settings.fields["active"].at = "actif";
    rig.settings.fields["deceased"].at = "deces";
    rig.settings.fields["identityStatus"].at = "statut";
    rig.settings.fields["usualLastName"].at = "usage";
    rig.settings.fields["mergedInto"].at = "fusion";
    rig.settings.null_text = "\\N";
}

void drop(DropRig& rig, const std::string& name, const std::string& facts) {
    rig.disk.drop(name, header + std::string(person) + ";" + facts + "\n");
    EXPECT_EQ(rig.import(), std::nullopt);
}

/// What is known of the patient's facts, in one line.
std::string facts_of(const DropRig& rig) {
    const auto* record = rig.inbox.record_of("1");
    if (record == nullptr) return "nobody";
    std::string text = record->active.value_or(true) ? "" : "inactive ";
    if (record->deceased) text += "deceased ";
    for (const auto& word : {record->identity_status, record->usual_last_name, record->merged_into})
        if (!word.empty()) text += word + ' ';
    return text;
}

// Every fact has a way back, in every source (contract). An export is written from a table: what
// stands in none of its cells is not so any more.
TEST(CsvFactTest, AnEmptyCellTakesBackWhatWasSaid) {
    const struct {
        const char* said;
        const char* known;
        const char* unsaid;
    } cases[] = {
        {"non;;;;", "inactive ", ";;;;"},
        {"non;;;;", "inactive ", "oui;;;;"},
        {";2026-01-01;;;", "deceased ", ";;;;"},
        {";oui;;;", "deceased ", ";non;;;"},
        {";1;;;", "deceased ", ";\\N;;;"},
        {";;DOUT;;", "DOUT ", ";;;;"},
        {";;DOUT;;", "DOUT ", ";; ;;"},
        {";;DOUT;;", "DOUT ", ";;\\N;;"},
        {";;;MARTIN;", "MARTIN ", ";;;\"\";"},
        {";;;;7002", "7002 ", ";;;;"},
        {";;;;7002", "7002 ", ";;;;\\N"},
        {"non;oui;DOUT;MARTIN;7002", "inactive deceased DOUT MARTIN 7002 ", ";;;;"},
    };
    for (const auto& [said, known, unsaid] : cases) {
        DropRig rig;
        set_up(rig);
        drop(rig, "1.csv", said);
        EXPECT_EQ(facts_of(rig), known) << said;
        drop(rig, "2.csv", unsaid);
        EXPECT_EQ(facts_of(rig), "") << said << unsaid;
    }
}

TEST(CsvFactTest, AColumnThatNobodyNamesSaysNothing) {
    DropRig rig;
    set_up(rig);
    drop(rig, "1.csv", "non;oui;DOUT;MARTIN;7002");
    for (const auto* field :
         {"active", "deceased", "identityStatus", "usualLastName", "mergedInto"})
        rig.settings.fields.erase(field);
    rig.restart();
    drop(rig, "2.csv", ";;;;");
    EXPECT_EQ(facts_of(rig), "inactive deceased DOUT MARTIN 7002 ");
}

TEST(CsvFactTest, WhatCannotBeReadTakesNothingBack) {
    DropRig rig;
    set_up(rig);
    rig.settings.fields["deceased"].map = {{"D", "true"}, {"V", "false"}};
    rig.settings.fields["active"].map = {{"O", "true"}, {"N", "false"}};
    rig.settings.fields["identityStatus"].map = {{"P", "PROV"}, {"D", "DOUT"}};
    drop(rig, "1.csv", "N;D;D;;");
    EXPECT_EQ(facts_of(rig), "inactive deceased DOUT ");
    drop(rig, "2.csv", "?;?;?;;");
    EXPECT_EQ(facts_of(rig), "inactive deceased DOUT ");
    drop(rig, "3.csv", "O;V;P;;");
    EXPECT_EQ(facts_of(rig), "PROV ");
}

// For every fact set then unset, the end state is as if never set.
RC_GTEST_PROP(CsvFactTest, WhatWasSaidAndUnsaidIsAsIfNeverSaid, ()) {
    const auto cell = [](std::vector<std::string> words) {
        words.emplace_back();
        return *rc::gen::elementOf(words);
    };
    DropRig rig;
    set_up(rig);
    const auto files = *rc::gen::inRange(1, 4);
    std::string last;
    for (int i = 0; i < files; ++i) {
        last = cell({"non", "oui"}) + ";" + cell({"oui", "2020-01-01"}) + ";" + cell({"DOUT"}) +
               ";" + cell({"MARTIN", "DURAND"}) + ";" + cell({"7002", "7003"});
        rig.disk.drop(std::to_string(i) + ".csv", header + std::string(person) + ";" + last + "\n");
        RC_ASSERT(!rig.import());
    }
    DropRig fresh;
    set_up(fresh);
    fresh.disk.drop("1.csv", header + std::string(person) + ";" + last + "\n");
    RC_ASSERT(!fresh.import());
    RC_ASSERT(facts_of(rig) == facts_of(fresh));
}

/// What stands where the externalId would be can be told of the first column alone: before it no
/// cell can have been cut or joined.
TEST(CsvRowFactTest, ARowOfAnotherShapeSaysOfWhomItSeemsToBe) {
    for (const bool leads : {true, false}) {
        DropRig rig;
        const std::string header =
            leads ? "ipp;nom;prenom;naissance\n" : "nom;ipp;prenom;naissance\n";
        rig.disk.drop("a.csv", header + (leads ? "7;Du;pont;Zoe;1980-05-11\n"
                                               : "Du;pont;7;Zoe;1980-05-11\n"));
        rig.settings.fields.erase("address.city");
        rig.settings.fields.erase("modifiedAt");
        ASSERT_EQ(rig.import(), std::nullopt);
        ASSERT_EQ(rig.inbox.records().size(), 1u);
        EXPECT_EQ(rig.inbox.records().front().patient.external_id(), "");
        EXPECT_EQ(rig.inbox.records().front().claimed_id, leads ? "7" : "");
    }
}

} // namespace
} // namespace medibridge::connectors::csv_fact_test
