#include "corpus.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::connectors::hl7 {
namespace {

using test::codes;
using test::message;
using test::pid;
using test::read;
using testing::HasSubstr;

std::string mrg(const std::string& id) {
    return "MRG|" + id + "^^^CHT&" + std::string(test::authority) + "&ISO^PI";
}

/// Each record in a few words, in their order.
std::string told(const Reading& reading) {
    std::string all;
    for (const auto& record : reading.arrival.records) {
        const auto& id = record.patient.external_id();
        all += (all.empty() ? "" : ", ") + (id.empty() ? "nobody" : id);
        if (!record.merged_into.empty())
            all += (record.renamed ? " renamed " : " merged into ") + record.merged_into;
        if (record.deleted) all += " deleted";
    }
    return all;
}

std::string told(const std::string& text) {
    return told(read(text));
}

TEST(Hl7ReadingTest, AdmissionsAndUpdatesAreSnapshots) {
    for (const auto* event : {"A01", "A02", "A03", "A04", "A05", "A06", "A07", "A08", "A10", "A14",
                              "A16", "A21", "A28", "A31", "A54", "A60", "A61", "Z99"})
        EXPECT_EQ(told(message(event, {pid("1")})), "1") << event;
    EXPECT_EQ(told(message("A17", {pid("1"), pid("2")})), "1, 2") << "two patients change beds";
}

TEST(Hl7ReadingTest, CancellationsAndVisitsAreAcknowledgedAndNothingElse) {
    for (const auto* event :
         {"A11", "A12", "A13", "A20", "A23", "A25", "A26", "A27", "A32", "A33", "A35", "A38", "A41",
          "A42", "A43", "A44", "A45", "A48", "A49", "A50", "A51", "A52", "A53", "A55", "A62"}) {
        const auto reading = read(message(event, {pid("1"), mrg("2")}));
        EXPECT_TRUE(reading.store) << event;
        EXPECT_EQ(told(reading), "") << event;
        EXPECT_EQ(codes(reading.arrival.answer), "AA") << event;
    }
}

TEST(Hl7ReadingTest, ADeletedPersonIsMarked) {
    EXPECT_EQ(told(message("A29", {pid("1")})), "1 deleted");
}

TEST(Hl7ReadingTest, AMergeComesBeforeItsSurvivor) {
    for (const auto* event : {"A18", "A30", "A34", "A36", "A39", "A40"})
        EXPECT_EQ(told(message(event, {pid("1"), mrg("2")})), "2 merged into 1, 1") << event;
    const auto both = "MRG|2^^^CHT&1.2.250.1.999.1.1&ISO^PI~9^^^X&1.2&ISO^PI~"
                      "3^^^CHT&1.2.250.1.999.1.1&ISO^PI";
    EXPECT_EQ(told(message("A40", {pid("1"), both})), "2 merged into 1, 3 merged into 1, 1");
    EXPECT_EQ(told(message("A40", {pid("1"), mrg("2"), pid("3"), mrg("4")})),
              "2 merged into 1, 1, 4 merged into 3, 3");
    EXPECT_EQ(told(message("A40", {pid("1", ""), mrg("2")})), "2 merged into 1")
        << "identifiers alone say nothing of the person";
}

TEST(Hl7ReadingTest, AMergeOfThemselvesIsNoNews) {
    const auto reading = read(message("A40", {pid("1"), mrg("1")}));
    EXPECT_EQ(told(reading), "");
    EXPECT_EQ(codes(reading.arrival.answer), "AA");
    EXPECT_EQ(told(message("A40", {pid("1"), "MRG|9^^^X&1.2&ISO^PI"})), "")
        << "identifiers of another authority";
}

TEST(Hl7ReadingTest, AChangeOfIdentifierIsToldAsOne) {
    EXPECT_EQ(told(message("A47", {pid("2"), mrg("1")})), "1 renamed 2, 2");
    EXPECT_EQ(told(message("A46", {pid("2"), mrg("1")})), "1 renamed 2, 2");
    EXPECT_EQ(told(message("A47", {pid("1"), mrg("1")})), "1");
}

TEST(Hl7ReadingTest, TheRecordOfTheSurvivorGivesItsPriorNumbers) {
    const auto priors = [](const std::string& text) {
        return read(text).arrival.records.back().prior_ids;
    };
    EXPECT_THAT(priors(message("A47", {pid("2"), mrg("1")})), testing::ElementsAre("1"));
    EXPECT_THAT(priors(message("A40", {pid("1"), mrg("2"), pid("3"), mrg("4")})),
                testing::ElementsAre("4"));
    EXPECT_THAT(priors(message("A31", {pid("2")})), testing::IsEmpty());
}

TEST(Hl7ReadingTest, WhateverPid3ListsIsOnePatients) {
    const auto priors = [](const std::string& event, const std::string& pid3) {
        const auto text = message(event, {"PID|||" + pid3 + "||A^B^^^^^L", mrg("9")});
        return read(text).arrival.records.back().prior_ids;
    };
    const std::string authority = "^^^CHT&1.2.250.1.999.1.1&ISO^PI";
    const auto expired = "1" + authority + "^^20200101^20200202~";
    EXPECT_THAT(priors("A31", expired + "2" + authority), testing::ElementsAre("1"));
    EXPECT_THAT(priors("A40", expired + "2" + authority), testing::UnorderedElementsAre("1", "9"));
    EXPECT_THAT(priors("A31", "2" + authority + "~3" + authority),
                testing::UnorderedElementsAre("2", "3"))
        << "which one counts is not known";
    EXPECT_THAT(priors("A31", "2" + authority + "~0" + authority), testing::IsEmpty());
}

TEST(Hl7ReadingTest, LinksAreToldAndNothingElse) {
    const auto linked = read(message("A24", {pid("1"), pid("2")}));
    EXPECT_EQ(told(linked), "");
    EXPECT_THAT(linked.linked, testing::ElementsAre("1", "2"));
    const auto unlinked = read(message("A37", {pid("1"), pid("2")}));
    EXPECT_THAT(unlinked.unlinked, testing::ElementsAre("1", "2"));
    EXPECT_EQ(codes(unlinked.arrival.answer), "AA");
}

TEST(Hl7ReadingTest, RecordsCarryTheTimeOfTheEventAndTheMessage) {
    const auto time = [](const std::string& text) {
        const auto reading = read(text);
        const auto& at = reading.arrival.records.at(0).modified_at;
        return at ? reconcile::format_rfc3339(*at, reconcile::Precision::seconds) : "none";
    };
    const std::string head = "MSH|^~\\&|A|B|C|D|20240603080000||ADT^A08|7|P|2.5\r";
    EXPECT_EQ(time(head + "EVN||20240531070000\r" + pid("1")), "2024-05-31T05:00:00Z");
    EXPECT_EQ(time(head + "EVN||\r" + pid("1")), "2024-06-03T06:00:00Z");
    EXPECT_EQ(time(head + "EVN||20240531\r" + pid("1")), "2024-06-03T06:00:00Z")
        << "a day orders nothing";
    EXPECT_EQ(time(head + pid("1")), "2024-06-03T06:00:00Z");
    EXPECT_EQ(time("MSH|^~\\&|A|B|C|D|20240603080000+1100||ADT^A08|7|P|2.5\rEVN||20240603070000\r" +
                   pid("1")),
              "2024-06-02T20:00:00Z")
        << "MSH-7's offset is the message's";
    EXPECT_EQ(
        time("MSH|^~\\&|A|B|C|D|20240603080000||ADT^A05|7|P|2.5\rEVN||20240903080000\r" + pid("1")),
        "2024-06-03T06:00:00Z")
        << "what is planned says nothing of when it was written";
    EXPECT_EQ(time("MSH|^~\\&|A|B|C|D|bad||ADT^A08|7|P|2.5\r" + pid("1")), "none");
    EXPECT_EQ(read(head + pid("1")).arrival.records.at(0).place, "message 7");
    EXPECT_THAT(
        read("MSH|^~\\&|A|B|C|D|1||ADT^A08||P|2.5\r" + pid("1")).arrival.records.at(0).place,
        testing::Eq("message ~(17 bytes)"));
}

TEST(Hl7ReadingTest, ATestMessageIsAcknowledgedAndSkipped) {
    auto text = message("A08", {pid("1")});
    text.replace(text.find("|P|"), 3, "|T|");
    const auto reading = read(text);
    EXPECT_TRUE(reading.skipped);
    EXPECT_TRUE(reading.store);
    EXPECT_EQ(told(reading), "");
    EXPECT_EQ(codes(reading.arrival.answer), "AA");
    auto testing_site = test::settings();
    testing_site.processing = "T";
    EXPECT_EQ(told(read(text, testing_site)), "1");
    text.replace(text.find("|T|"), 3, "||");
    EXPECT_EQ(told(text), "1") << "a sender that says nothing means what is configured";
}

TEST(Hl7ReadingTest, WhatIsNotOursIsRefused) {
    const auto refused = [](const std::string& text) {
        const auto reading = read(text);
        EXPECT_FALSE(reading.store);
        EXPECT_EQ(codes(reading.answer), "AR");
        return reading.reason;
    };
    EXPECT_THAT(refused("MSH|^~\\&|A|B|C|D|1||ORU^R01|7|P|2.5\r"), HasSubstr("not an ADT message"));
    EXPECT_THAT(refused("MSH|^~\\&|A|B|C|D|1||ADT^A08|7|P|3.0\r"), HasSubstr("MSH-12"));
    EXPECT_THAT(refused(message("A99", {pid("1")})), HasSubstr("does not name an ADT event"));
    EXPECT_THAT(refused(message("A19", {pid("1")})), HasSubstr("does not name an ADT event"));
    EXPECT_THAT(refused(message("", {pid("1")})), HasSubstr("does not name an ADT event"));
    EXPECT_THAT(refused("hello world"), HasSubstr("does not begin with MSH"));
    EXPECT_THAT(refused(message("A08", {pid("1")}, std::string(300, 'x'))), HasSubstr("MSH-10"));
    EXPECT_THAT(refused(message("A08", {"PID|||9^^^X&1.2&ISO^PI||A^B"})),
                HasSubstr("only identifiers of other authorities"));
}

TEST(Hl7ReadingTest, TheEventMayStandInEvnAlone) {
    EXPECT_EQ(told("MSH|^~\\&|A|B|C|D|1||ADT|7|P|2.2\rEVN|A08|202406010800\r" + pid("1")), "1");
}

TEST(Hl7ReadingTest, DataThatCannotBeUsedIsHeldAndAcknowledgedAsConfigured) {
    auto wants_error = test::settings();
    wants_error.data_error = Hl7Settings::DataError::error;
    const std::vector<std::pair<std::string, std::string>> faults = {
        {message("A08", {"PV1||N"}), "no PID"},
        {message("A08", {"PID|||||A^B"}), "PID-3 has no identifier"},
        {message("A08", {"PID|||1^^^^PI||A^B"}), "PID-3 has no identifier"},
        {message("A08",
                 {"PID|||1^^^CHT&1.2.250.1.999.1.1&ISO^PI~2^^^CHT&1.2.250.1.999.1.1&ISO^PI"}),
         "several identifiers"},
        {message("A40", {pid("1")}), "no MRG"},
        {message("A40", {pid("1"), "MRG|"}), "MRG-1 has no identifier"},
        {message("A47", {pid("1"),
                         "MRG|2^^^CHT&1.2.250.1.999.1.1&ISO^PI~3^^^CHT&1.2.250.1.999.1.1&ISO^PI"}),
         "a change must have one"},
        {message("A08", {pid("1", "\xB4\xF3^B")}, "1", "||||||GB 18030-2000"), "MSH-18"},
    };
    for (const auto& [text, reason] : faults) {
        const auto reading = read(text);
        EXPECT_TRUE(reading.store) << reason;
        EXPECT_EQ(told(reading), "nobody") << reason;
        EXPECT_THAT(reading.reason, HasSubstr(reason));
        for (const auto& record : reading.arrival.records)
            if (record.merged_into.empty() && record.patient.external_id().empty())
                EXPECT_THAT(record.external_id_defect, HasSubstr(reason)) << "what its hold says";
        EXPECT_EQ(codes(reading.arrival.answer), "AA") << reason;
        EXPECT_EQ(codes(read(text, wants_error).arrival.answer), "AE") << reason;
    }
}

TEST(Hl7ReadingTest, AHoldNamesTheCharacterSetThatIsNotSupported) {
    const auto defect = [](const std::string& charset) {
        const auto reading =
            read(message("A08", {pid("1", "\xB4\xF3^B")}, "1", "||||||" + charset));
        return reading.arrival.records.at(0).external_id_defect;
    };
    EXPECT_EQ(defect("BIG-5"),
              "MSH-18 names the character set BIG-5, which is not supported: ASCII, "
              "8859/1 to 8859/9, 8859/15, Windows-1250, Windows-1252 and UTF-8 are");
    EXPECT_THAT(defect("GB 18030-2000"), HasSubstr("GB 18030-2000"));
    EXPECT_THAT(defect("DUPONT"), testing::Not(HasSubstr("DUPONT")))
        << "who knows what stands there";
}

TEST(Hl7ReadingTest, WhatCouldNotBeStoredIsToldToComeAgain) {
    EXPECT_EQ(codes(read(message("A08", {pid("1")})).answer), "AE");
}

TEST(Hl7ReadingTest, TheSameBytesAreTheSameArrival) {
    const auto text = message("A08", {pid("1")});
    EXPECT_EQ(read(text).arrival.content, read(text).arrival.content);
    EXPECT_NE(read(text).arrival.content, read(text + "ZZZ|1\r").arrival.content);
    EXPECT_EQ(read(text).arrival.answer, read(text).arrival.answer);
    EXPECT_TRUE(read(text).arrival.content);
    EXPECT_FALSE(read(message("A08", {pid("1")}, "")).arrival.content)
        << "without MSH-10 it may be said anew";
}

TEST(Hl7ReadingTest, ADroppedMessageIsAnsweredByItsBeginning) {
    MessageReader reader(test::settings());
    const auto answer = [&reader](std::string_view head, Outcome outcome = Outcome::refused) {
        return reader.read_dropped(head, outcome, {ErrorCode::data_type, "too large"}, test::now())
            .answer;
    };
    const auto whole = message("A08", {pid("1")}, "77");
    EXPECT_THAT(answer(whole), HasSubstr("MSA|AR|77|too large"));
    EXPECT_THAT(answer(whole, Outcome::failed), HasSubstr("MSA|AE|77|too large"));
    EXPECT_THAT(answer("MSH|^~\\&|A|B|C|D|1||ADT^A08|77|P|2.5|||AL|NE\r" + std::string(99, 'x')),
                HasSubstr("MSA|CR|77|too large"));
    EXPECT_THAT(answer("MSH|^~\\&|A|B|C|D|1||ADT^A08|77|P|2.5|" + std::string(4000, '|')),
                HasSubstr("MSA|AR|77|"))
        << "a header without an end";
    EXPECT_THAT(answer("MSH|^~\\&|A|B|C|D|1||ADT^A08|7712"), HasSubstr("MSA|AR||"))
        << "who knows how it goes on";
    EXPECT_THAT(answer("MSH|^~\\&|A|B|" + std::string(4000, 'x')), HasSubstr("MSA|AR||"));
    EXPECT_THAT(answer("rubbish"), HasSubstr("MSA|AR||"));
}

TEST(Hl7ReadingTest, AnIdentifierThatIsTooLongIsAFaultOfTheData) {
    auto settings = test::settings();
    settings.data_error = Hl7Settings::DataError::error;
    MessageReader reader(settings);
    const std::string fits(255, '7');
    const std::string too_long(256, '7');
    EXPECT_EQ(reader.read(message("A08", {pid(fits)}), test::now()).reason, "");
    const auto reading = reader.read(message("A08", {pid(too_long)}), test::now());
    EXPECT_TRUE(reading.store);
    EXPECT_EQ(reading.reason, "PID-3 has an identifier of more than 255 bytes");
    EXPECT_THAT(reading.arrival.answer, HasSubstr("MSA|AE|"));
    ASSERT_EQ(reading.arrival.records.size(), 1u);
    const auto& record = reading.arrival.records.front();
    EXPECT_EQ(record.patient.external_id(), "");
    EXPECT_EQ(record.external_id_defect, "is longer than 255 bytes");
    EXPECT_TRUE(record.patient[reconcile::Field::last_name].is_known()) << "to tell it from others";
    const auto merge =
        reader.read(message("A40", {pid("1"), "MRG|" + too_long + "^^^" + test::authority + "^PI"}),
                    test::now());
    EXPECT_EQ(merge.reason, "MRG-1 has an identifier of more than 255 bytes");
    ASSERT_EQ(merge.arrival.records.size(), 1u);
    EXPECT_EQ(merge.arrival.records.front().merged_into, "");
}

TEST(Hl7ReadingTest, MessageIdentifiersAreShownOnlyIfTheyHoldNobodysName) {
    const log::PeerWords words([](const std::string&) { return std::string("key"); });
    MessageReader reader(test::settings(), "FR", words);
    const auto shown = [&reader](const std::string& control, const std::string& event = "A08") {
        return reader.read(message(event, {pid("1")}, control), test::now()).control_id;
    };
    EXPECT_EQ(shown("MSG00042"), "MSG00042");
    EXPECT_EQ(shown("DUPONT19800101"), "~key");
    EXPECT_EQ(shown(""), "~key") << "then the message's digest stands for it";
    EXPECT_EQ(shown("DUPONT", "A99"), "~key") << "refused";
    const auto held = reader.read(message("A08", {}, "DUPONT19800101"), test::now());
    ASSERT_EQ(held.arrival.records.size(), 1u);
    EXPECT_EQ(held.arrival.records.front().place, "message ~key");
    EXPECT_THAT(held.arrival.answer, HasSubstr("MSA|AA|DUPONT19800101")) << "its sender knows it";
}

} // namespace
} // namespace medibridge::connectors::hl7
