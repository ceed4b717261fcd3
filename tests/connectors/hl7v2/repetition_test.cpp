#include "connectors/hl7v2/patient.hpp"
#include "corpus.hpp"
#include "reconcile/assess.hpp"

#include <gtest/gtest.h>

// Which of several repetitions counts: chosen after validating, among what holds today, preference
// last; an address is one value.

namespace medibridge::connectors::hl7 {
namespace {

using reconcile::Field;

/// A PID with one field, as the reader reads it on 2026-01-31.
reconcile::SourceRecord read_with(std::size_t field, const std::string& text) {
    auto pid = test::pid("1", field == 5 ? text : "MOREL^Anne^^^^^L");
    if (field > 8) pid += std::string(field - 8, '|') + text;
    return test::read(test::message("A31", {pid})).arrival.records.at(0);
}

/// What would be sent of a field.
std::string sent(std::size_t field, const std::string& text, Field wanted) {
    const auto value = reconcile::assess(read_with(field, text), {}).patient[wanted];
    if (value.is_known()) return value.text();
    return value.is_unknown() ? "-" : "(cleared)";
}

struct Case {
    const char* text;
    const char* right;
    const char* authority;
};

TEST(Hl7RepetitionTest, ThePhone) {
    for (const auto& [text, right, authority] : std::vector<Case>{
             {"0000000000^PRN^CP~0380300001^PRN^PH", "+33380300001", "the next best that is valid"},
             {"0380300001^PRN^PH~0612345678^PRN^CP", "+33612345678", "a mobile first"},
             {"^PRN^CP~0380300001^PRN^PH", "+33380300001", "nothing is no number"},
             {"0612345678^PRN^CP^^^^^^^^^^^20251231~0380300001^PRN^PH", "+33380300001", "XTN-14"},
             {"0612345678^PRN^CP^^^^^^^^^^^20260131", "+33612345678", "XTN-14: its last day"},
             {"0612345678^PRN^CP^^^^^^^^^^20260201~0380300001^PRN^PH", "+33380300001", "XTN-13"},
             {"0612345678^PRN^CP^^^^^^^^^^^^N~0380300001^PRN^PH", "+33380300001",
              "XTN-15: no longer in service"},
             {"0142345678^PRN^PH^^^^^12~0380300001^PRN^PH", "+33380300001", "XTN-8"},
             {"0142345678^PRN^PH^^^^^12", "-", "XTN-8: E.164 has no extension"},
             {"0612345678^PRN^FX~0380300001^PRN^PH", "+33380300001", "table 0202: FX"},
             {"0612345678^BPN^BP~0380300001^ORN^PH", "+33380300001", "table 0201: BPN"},
             {"0612345678^EMR^CP", "(cleared)", "table 0201: somebody else's"},
             {"0612345678^ASN^PH", "(cleared)", "table 0201: an answering service"},
             {"0612345678^PRN^CP^^^^^^^^^^^^^^^2~0698765432^PRN^CP^^^^^^^^^^^^^^^1", "+33698765432",
              "XTN-18"},
             {"0000000000^PRN^CP^^^^^^^^^^^^^^^1~0698765432^PRN^CP^^^^^^^^^^^^^^^2", "+33698765432",
              "preference last"},
             {"0612345678^PRN^CP^^^^^^^^^^^^^^^x~0698765432^PRN^CP^^^^^^^^^^^^^^^3", "+33698765432",
              "no number is the last preference"},
             {"^PRN^PH^^33^3^80300001", "+33380300001", "XTN-5 to 7"},
             {"^PRN^PH^^^^^^^^^0380300001", "+33380300001", "XTN-12"},
         })
        EXPECT_EQ(sent(13, text, Field::phone), right) << text << ": " << authority;
}

TEST(Hl7RepetitionTest, TheEmailAddress) {
    for (const auto& [text, right, authority] : std::vector<Case>{
             {"^NET^Internet^a@b@c~^NET^Internet^a@example.org", "a@example.org", "valid first"},
             {"^NET^Internet^old@example.org^^^^^^^^^^20200101~^NET^Internet^a@example.org",
              "a@example.org", "XTN-14"},
             {"^WPN^Internet^w@example.org~^PRN^Internet^a@example.org", "a@example.org",
              "the private one first"},
             {"^EMR^Internet^e@example.org", "(cleared)", "somebody else's"},
             {"0612345678^PRN^CP~a@example.org", "a@example.org", "XTN-1 with @"},
         })
        EXPECT_EQ(sent(13, text, Field::email), right) << text << ": " << authority;
}

TEST(Hl7RepetitionTest, TheAddress) {
    const auto line = [](const std::string& text) {
        std::string all;
        for (const auto field : {Field::street, Field::postal_code, Field::city, Field::country})
            all += (all.empty() ? "" : "|") + sent(11, text, field);
        return all;
    };
    const char* const home = "1 rue A|34200|Sète|FR";
    for (const auto& [text, right, authority] : std::vector<Case>{
             {"9 rue B^^Metz^^57000^FRA^H^^^^^^20250101~1 rue A^^Sète^^34200^FRA^H",
              "9 rue B|57000|Metz|FR", "XAD-13 is past: both hold, the first counts"},
             {"9 rue B^^Metz^^57000^FRA^H^^^^^^^20250101~1 rue A^^Sète^^34200^FRA^H", home,
              "XAD-14"},
             {"9 rue B^^Metz^^57000^FRA^H^^^^^^20270101~1 rue A^^Sète^^34200^FRA^H", home,
              "XAD-13"},
             {"9 rue B^^Metz^^57000^FRA^H^^^^^20240101&20250101~1 rue A^^Sète^^34200^FRA^H", home,
              "XAD-12, a range"},
             {"9 rue B^^Metz^^57000^FRA^BA~1 rue A^^Sète^^34200^FRA^M", home, "table 0190"},
             {"9 rue B^^Metz^^57000^FRA^H^^^^^^^^^^Y~1 rue A^^Sète^^34200^FRA^M", home, "XAD-17"},
             {"9 rue B^^Metz^^57000^FRA^H^^^^^^^^^Y~1 rue A^^Sète^^34200^FRA^C", home,
              "XAD-16: a temporary one last"},
             {"9 rue B^^Metz^^57000^FRA^C~1 rue A^^Sète^^34200^FRA^H", home, "at home first"},
             {"9 rue B^^M\x01tz^^57000^FRA^H~1 rue A^^Sète^^34200^FRA^C", home, "valid first"},
             {"9 rue B^^M\x01tz^^57000^FRA^H", "-|-|-|-", "an address is whole or not sent"},
             {"^^Sète^^34200^FRA^H", "-|34200|Sète|FR", "a place without streets"},
             {"^^Sète^^34200^FRA^H~9 rue B^^Metz^^57000^FRA^C", "-|34200|Sète|FR",
              "no street of another"},
             {"^^^^^FRA^H~1 rue A^^Sète^^34200^FRA^C", home, "a country alone is no address"},
             {"^^^^^FRA^H", "-|-|-|-", "a country alone is no address"},
             {"9 rue B^^^^^FRA^H~1 rue A^^Sète^^34200^FRA^H", home, "one without its town is none"},
             {"^^^^57000^FRA^H~1 rue A^^Sète^^34200^FRA^P", home, "the same, a code"},
             {"9 rue B^^\"\"^^57000^FRA^H~1 rue A^^Sète^^34200^FRA^P", home, "the same, emptied"},
             {"9 rue B^^M&#233;tz^^57000^FRA^H~1 rue A^^Sète^^34200^FRA^H", home, "a garbled one"},
             {"^^Metz^^^FRA^H~1 rue A^^Sète^^34200^FRA^C", home, "a town alone comes last"},
             {"9 rue B^^^^57000^FRA^H~^^Sète^^^FRA^C", "-|-|Sète|FR", "better than none"},
             {"9 rue B^^Metz^^57000^FRA^H^^^^^^^^^^1~1 rue A^^Sète^^34200^FRA^M", home,
              "XAD-17 by the words of every source"},
             {"&rue A&1^^Sète^^34200^FRA^H", home, "SAD-2 and SAD-3"},
             {"1 rue A&rue A&1^^Sète^^34200^FRA^H", home, "SAD-1 holds all of it"},
             {"1 rue A^bât. 3^Sète^^34200^FRA^H", "1 rue A, bât. 3|34200|Sète|FR", "XAD-2"},
             {"^lieu-dit B^Sète^^34200^FRA^H", "lieu-dit B|34200|Sète|FR", "XAD-2 alone"},
             {"9 rue B^^Metz^^57000^FRA^H^^^^^^^^^^^^^^2~1 rue A^^Sète^^34200^FRA^H^^^^^^^^^^^^^^1",
              home, "XAD-21"},
         })
        EXPECT_EQ(line(text), right) << text << ": " << authority;
}

TEST(Hl7RepetitionTest, TheNames) {
    const auto line = [](const std::string& text) {
        const auto record = read_with(5, text);
        const auto assessed = reconcile::assess(record, {});
        const auto& patient = assessed.patient;
        return patient[Field::last_name].text() + "|" + patient[Field::first_name].text() + "|" +
               assessed.other_last_name;
    };
    for (const auto& [text, right, authority] : std::vector<Case>{
             {"MOREL^Anne^^^^^L~ROUSSEL^Anne^^^^^D", "MOREL|Anne|ROUSSEL", "table 0200"},
             {".^Anne^^^^^L~MOREL^Anne^^^^^B", "MOREL|Anne|", "valid first"},
             {"PETIT^12^^^^^L~MOREL^Anne^^^^^B", "MOREL|Anne|", "valid first, the given name too"},
             {"MOREL^^^^^^L~PETIT^Anne^^^^^B", "MOREL|Anne|", "a given name that is missing"},
             {"MOREL^12^^^^^L", "MOREL||", "so that its fault is reported"},
             {"PETIT^Anne^^^^^L^^^^^^20250101~MOREL^Anne^^^^^L", "MOREL|Anne|", "XPN-13"},
             {"PETIT^Anne^^^^^L^^^^^20270101~MOREL^Anne^^^^^M", "MOREL|Anne|", "XPN-12"},
             {"PETIT^Anne^^^^^L^^^20200101&20210101~MOREL^Anne^^^^^B", "MOREL|Anne|", "XPN-10"},
             {"MOREL^Anne^^^^^L~ROUSSEL^Anne^^^^^D^^^^^^20250101", "MOREL|Anne|", "XPN-13"},
             {"MOREL^Anne^^^^^L~12^Anne^^^^^D~ROUSSEL^Anne^^^^^D", "MOREL|Anne|ROUSSEL",
              "valid first"},
             {"&de la&TOUR^Anne^^^^^L", "de la TOUR|Anne|", "FN: prefix and own surname"},
             {"TOUR&de la&TOUR^Anne^^^^^L", "de la TOUR|Anne|", "FN-1 is to hold all of it"},
             {"TOUR&de la^Anne^^^^^L", "de la TOUR|Anne|", "v2.3's form"},
             {"de la TOUR&de la&TOUR^Anne^^^^^L", "de la TOUR|Anne|", "FN-1 holds it"},
             {"DE LA TOUR&de la^Anne^^^^^L", "DE LA TOUR|Anne|", "FN-1 holds it"},
             {"de Mum-van Beethoven&de&Mum&van&Beethoven^Anne^^^^^L", "de Mum-van Beethoven|Anne|",
              "FN's own example"},
             {"&d'&ÉTÉ^Anne^^^^^L", "d'ÉTÉ|Anne|", "an elided prefix has no space behind it"},
             {"&&TOUR^Anne^^^^^L", "TOUR|Anne|", "FN-3 alone"},
             {"DUPONT&MARTIN^Anne^^^^^L", "DUPONT|Anne|", "no prefix: another surname"},
         })
        EXPECT_EQ(line(text), right) << text << ": " << authority;
}

TEST(Hl7RepetitionTest, AnEntityOfHtmlIsNotCutAtItsSign) {
    EXPECT_EQ(read_with(5, "O&#39;BRIEN^Anne^^^^^L").patient[Field::last_name].text(),
              "O&#39;BRIEN");
    EXPECT_EQ(read_with(11, "1 rue de l&apos;A^^Sète^^34200").patient[Field::street].text(),
              "1 rue de l&apos;A");
    EXPECT_EQ(read_with(11, "1 rue A&rue A; B&1^^Sète").patient[Field::street].text(), "1 rue A");
}

TEST(Hl7RepetitionTest, TheIdentifier) {
    const auto ids = [](const std::string& field) {
        const auto reading =
            test::read(test::message("A31", {"PID|||" + field + "||MOREL^Anne^^^^^L||19800101"}));
        const auto& records = reading.arrival.records;
        return records.empty() ? std::string("-") : records[0].patient.external_id();
    };
    const std::string ours = "^^^CHT&" + std::string(test::authority) + "&ISO^PI";
    EXPECT_EQ(ids("1" + ours + "^^^20251231~2" + ours), "2") << "CX-8";
    EXPECT_EQ(ids("1" + ours + "^^20270101~2" + ours), "2") << "CX-7";
    EXPECT_EQ(ids("1" + ours + "^^20200101^20260131"), "1") << "its last day";
    EXPECT_EQ(ids("1" + ours + "^^^20200101"), "1") << "it is all there is";
}

} // namespace
} // namespace medibridge::connectors::hl7
