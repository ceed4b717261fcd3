#include "simulated_fhir.hpp"

#include "connectors/fhir_resource/patient.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace medibridge::connectors::fhir_choice_test {
namespace {

using reconcile::Field;
using State = reconcile::FieldValue::State;

FhirPatient chosen(const std::string& members, std::optional<const char*> now = {}) {
    FhirRules rules;
    rules.identifier_system = ipp_system;
    rules.now = reconcile::parse_rfc3339(now.value_or("2026-06-01T12:00:00Z"))->instant;
    const auto document = read_json(R"({"resourceType":"Patient",)" + members + "}");
    EXPECT_EQ(document.fault, "") << members;
    return map_fhir_patient(document.root, rules, "page 1, record 1");
}

std::string known(const FhirPatient& patient, Field field) {
    const auto& value = patient.record.patient[field];
    return value.is_known() ? value.text() : "-";
}

std::string contact(const std::string& value, const std::string& more = "",
                    const std::string& system = "phone") {
    return R"({"system":")" + system + R"(","value":")" + value + "\"" + more + "}";
}

std::string period(const std::string& start, const std::string& end) {
    std::string text = R"(,"period":{)";
    if (!start.empty()) text += R"("start":")" + start + "\"";
    if (!end.empty()) text += (start.empty() ? "" : ",") + (R"("end":")" + end + "\"");
    return text + "}";
}

std::string use(const std::string& use) {
    return R"(,"use":")" + use + "\"";
}

struct Choice {
    const char* what;
    std::string items;
    std::string right;
};

const std::string good = "+33 6 12 34 56 78";
const std::string other = "+33 3 80 30 00 01";

/// Contract, "What data may not do" 7; https://hl7.org/fhir/R4/datatypes.html#ContactPoint.
TEST(FhirChoiceTest, OfTelephonesTheFirstThatHoldsAndIsOneCounts) {
    const std::vector<Choice> cases = {
        {"a junk mobile before a good one at home",
         contact("0000", use("mobile")) + "," + contact(other, use("home")), other},
        {"words, then a number", contact("ne pas appeler") + "," + contact(good), good},
        {"a mobile that is over",
         contact(good, use("mobile") + period("", "2025")) + "," + contact(other), other},
        {"one of next year",
         contact(good, use("mobile") + period("2027-01-01", "")) + "," + contact(other), other},
        {"one that ends today", contact(good, period("", "2026-06-01")), good},
        {"one that ended yesterday", contact(good, period("", "2026-05-31")), "-"},
        {"one that ends this month", contact(good, period("", "2026-06")), good},
        {"one that ended last month", contact(good, period("", "2026-05")), "-"},
        {"one that ends this year", contact(good, period("", "2026")), good},
        {"one that begins today", contact(good, period("2026-06-01", "")), good},
        {"one that begins tomorrow", contact(good, period("2026-06-02", "")), "-"},
        {"one that begins in an hour", contact(good, period("2026-06-01T13:00:00Z", "")), "-"},
        {"the same in another zone", contact(good, period("2026-06-01T13:00:00+02:00", "")), good},
        {"an end that nobody can read", contact(good, period("", "demain")), good},
        {"an absurd end", contact(good, period("0001-01-01", "9999-12-31")), good},
        {"an absurd beginning", contact(good, period("9999-12-31", "")), "-"},
        {"old", contact(good, use("old")), "-"},
        {"temporary, and another", contact(good, use("temp")) + "," + contact(other, use("home")),
         other},
        {"temporary, and an old one", contact(other, use("old")) + "," + contact(good, use("temp")),
         good},
        {"by rank, 1 first", contact(other, R"(,"rank":2)") + "," + contact(good, R"(,"rank":1)"),
         good},
        {"a rank before none", contact(other) + "," + contact(good, R"(,"rank":7)"), good},
        {"a fax", contact(good, "", "fax"), "-"},
        {"a pager", contact(good, "", "pager"), "-"},
        {"another system", contact(good, "", "other"), "-"},
        {"no system", R"({"value":"0612345678"})", "-"},
        {"text messages", contact(good, "", "sms"), good},
        {"a broken character", contact("06\\ud83d", use("mobile")) + "," + contact(good), good},
        {"a number as a number", R"({"system":"phone","value":612345678},)" + contact(good), good},
    };
    for (const auto& each : cases)
        EXPECT_EQ(known(chosen(R"("telecom":[)" + each.items + "]"), Field::phone), each.right)
            << each.what;
}

TEST(FhirChoiceTest, ANumberWithoutItsCountryIsJudgedByTheRegion) {
    FhirRules rules;
    rules.region = "BE";
    const auto document = read_json(R"({"telecom":[)" + contact("0612345678", use("mobile")) + "," +
                                    contact("0470123456") + "]}");
    EXPECT_EQ(phone_of(document.root, rules), "0470123456");
}

TEST(FhirChoiceTest, OfEmailsTheFirstThatIsOneCounts) {
    const auto email = [](const std::string& items) {
        return known(chosen(R"("telecom":[)" + items + "]"), Field::email);
    };
    EXPECT_EQ(email(contact("none", "", "email") + "," + contact("a@b.fr", "", "email")), "a@b.fr");
    EXPECT_EQ(email(contact("a@b.fr", period("", "2020"), "email") + "," +
                    contact("c@d.fr", "", "email")),
              "c@d.fr");
}

std::string address(const std::string& city, const std::string& more = "",
                    const std::string& line = "1 rue A", const std::string& code = "44000") {
    return R"({"line":[")" + line + R"("],"city":")" + city + R"(","postalCode":")" + code + "\"" +
           more + "}";
}

/// https://hl7.org/fhir/R4/datatypes.html#Address: one, whole, that holds today.
TEST(FhirChoiceTest, OfAddressesOneCountsWhole) {
    const std::vector<Choice> cases = {
        {"next year's before the present one",
         address("B", use("home") + period("2027", "")) + "," + address("A", use("work")), "A"},
        {"last year's", address("B", use("home") + period("", "2025-12-31")) + "," + address("A"),
         "A"},
        {"half of one before a whole one", R"({"use":"home","city":"B"},)" + address("A"), "A"},
        {"a text before a whole one", R"({"use":"home","text":"1 rue B, 44000 B"},)" + address("A"),
         "A"},
        {"a text alone", R"({"text":"1 rue B, 44000 B"})", "-"},
        {"a country alone", R"({"country":"FR"})", "-"},
        {"a town alone: whether that is one, reconcile says", R"({"city":"B"})", "B"},
        {"one without its town before a whole one",
         R"({"use":"home","line":["1 rue B"],"postalCode":"75001"},)" + address("A"), "A"},
        {"one without its town before a town alone",
         R"({"use":"home","line":["1 rue B"]},{"city":"A"})", "A"},
        {"a town and a code", R"({"city":"B","postalCode":"44000"})", "B"},
        {"a street and a town", R"({"line":["1 rue A"],"city":"B"})", "B"},
        {"a code that is a number",
         R"({"use":"home","line":["1"],"city":"B","postalCode":44000},)" + address("A"), "A"},
        {"that alone", R"({"line":["1"],"city":"B","postalCode":44000})", "-"},
        {"a broken character in the street",
         address("B", use("home"), "1 rue \\ud83d") + "," + address("A"), "A"},
        {"old", address("B", use("old")), "-"},
        {"temporary, and at work", address("B", use("temp")) + "," + address("A", use("work")),
         "A"},
        {"temporary alone", address("A", use("temp")), "A"},
        {"for letters only, and at work",
         address("B", use("home") + R"(,"type":"postal")") + "," + address("A", use("work")), "A"},
    };
    for (const auto& each : cases) {
        const auto patient = chosen(R"("address":[)" + each.items + "]");
        EXPECT_EQ(known(patient, Field::city), each.right) << each.what;
        if (each.right != "-") continue;
        for (const auto field : {Field::street, Field::postal_code, Field::country})
            EXPECT_EQ(known(patient, field), "-") << each.what;
    }
}

RC_GTEST_PROP(FhirChoiceTest, NoAddressIsAMixtureOfTwo, ()) {
    std::string items;
    const auto count = *rc::gen::inRange(0, 4);
    for (int i = 0; i < count; ++i) {
        const auto its = std::to_string(i);
        const auto part = [&](const std::string& name, const std::string& text) {
            const auto kind = *rc::gen::inRange(0, 5);
            if (kind == 0) return std::string();
            return ",\"" + name + "\":" + (kind == 1 ? "7" : "\"" + text + its + "\"");
        };
        const auto uses = std::vector<std::string>{"home", "work", "temp", "old", "billing"};
        items += (items.empty() ? "" : ",") + std::string(R"({"use":")") +
                 *rc::gen::elementOf(uses) + "\"" + part("city", "V") + part("postalCode", "4400") +
                 part("country", "F") + R"(,"line":["rue )" + its + R"("]})";
    }
    const auto patient = chosen(R"("address":[)" + items + "]");
    std::string of;
    for (const auto field : {Field::street, Field::city, Field::postal_code, Field::country}) {
        const auto text = known(patient, field);
        if (text != "-") of += text.back();
    }
    RC_ASSERT(of.find_first_not_of(of.empty() ? '-' : of.front()) == std::string::npos);
}

std::string name(const std::string& family, const std::string& more = "",
                 const std::string& given = "Jo") {
    return R"({"family":")" + family + R"(","given":[")" + given + "\"]" + more + "}";
}

/// https://hl7.org/fhir/R4/datatypes.html#HumanName, and FR Core for the birth name.
TEST(FhirChoiceTest, OfNamesTheFirstThatHoldsAndIsOneCounts) {
    const std::vector<Choice> cases = {
        {"an official one that is over",
         name("OLD", use("official") + period("", "2020")) + "," +
             name("NEW", use("official") + period("2020", "")),
         "NEW"},
        {"one that is yet to come",
         name("SOON", use("official") + period("2027", "")) + "," + name("NOW", use("usual")),
         "NOW"},
        {"no letter in it", name(".", use("official")) + "," + name("NEW"), "NEW"},
        {"a broken character", name("\\ud83d", use("official")) + "," + name("NEW"), "NEW"},
        {"a given name that is none", name("A", use("official"), "123") + "," + name("B"), "B"},
        {"a maiden name ends with the marriage, and is the birth name all the same",
         name("MARRIED", use("usual")) + "," + name("BORN", use("maiden") + period("", "2010")),
         "BORN"},
        {"old", name("OLD", use("old")), "-"},
        {"anonymous", name("NOBODY", use("anonymous")), "-"},
        {"temporary, and a nickname", name("T", use("temp")) + "," + name("N", use("nickname")),
         "N"},
        {"one that cannot be read is told", name("\\ud83d"), "-"},
    };
    for (const auto& each : cases)
        EXPECT_EQ(known(chosen(R"("name":[)" + each.items + "]"), Field::last_name), each.right)
            << each.what;
    EXPECT_EQ(
        chosen(R"("name":[)" + name("\\ud83d") + "]").record.patient[Field::last_name].state(),
        State::unreadable);
}

TEST(FhirChoiceTest, AUsualNameThatIsOverIsNone) {
    const auto usual = [](const std::string& more) {
        return chosen(R"("name":[)" + name("BORN", use("official")) + "," +
                      name("MARRIED", use("usual") + more) + "]")
            .record.usual_last_name;
    };
    EXPECT_EQ(usual(""), "MARRIED");
    EXPECT_EQ(usual(period("", "2020")), "");
    EXPECT_EQ(usual(period("2027", "")), "");
}

TEST(FhirChoiceTest, OfIdentifiersTheOneThatHoldsCounts) {
    const auto id = [](const std::string& items) {
        return chosen(R"("identifier":[)" + items + "]").record.patient.external_id();
    };
    const auto one = [](const std::string& value, const std::string& more = "") {
        return R"({"system":"urn:oid:1.2.250.1.999.1","value":")" + value + "\"" + more + "}";
    };
    EXPECT_EQ(id(one("1", use("usual") + period("", "2020")) + "," + one("2")), "2");
    EXPECT_EQ(id(one("1", use("usual") + period("2027", "")) + "," + one("2")), "2");
    EXPECT_EQ(id(one("1", period("", "2020"))), "1") << "whose else?";
    EXPECT_EQ(id(one("1\\ud83d", use("usual")) + "," + one("2")), "2");
    EXPECT_EQ(id(one("1", use("old"))), "");
    for (const auto* refused : {"8,00E+09", "0", "NULL", "1/2/2024", "255081416802538", "#REF!"}) {
        EXPECT_EQ(id(one(refused) + "," + one("9508")), "9508") << refused;
        EXPECT_EQ(id(one(refused, use("usual")) + "," + one("9508", use("secondary"))), "9508");
        EXPECT_EQ(id(one("9508") + "," + one(refused)), "9508") << refused;
        EXPECT_EQ(id(one(refused)), refused) << "so that its fault is reported";
        EXPECT_TRUE(chosen(R"("identifier":[)" + one("9508") + "," + one(refused, use("old")) + "]")
                        .former.empty());
    }
}

/// The first page, too, is judged by a clock: the server's, or else this machine's.
TEST(FhirChoiceTest, TodayIsTheServersOrThisMachines) {
    const auto patient =
        fhir_patient("p1", "1", R"(,"telecom":[)" + contact(good, period("", "2026-02-01")) + "]");
    for (const bool has_date : {true, false}) {
        SimulatedFhir his; // it is 2026-01-31 there, and 2026-02-02 here
        auto answer = json_answer(searchset({patient}));
        if (!has_date) answer.headers.clear();
        his.answer("/Patient?_count=2", {answer});
        const auto pass = his.pass();
        ASSERT_EQ(pass.records.size(), 1u);
        EXPECT_EQ(pass.records[0].patient[Field::phone].is_known(), has_date);
    }
}

} // namespace
} // namespace medibridge::connectors::fhir_choice_test
