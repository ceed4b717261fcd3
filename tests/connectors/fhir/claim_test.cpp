#include "simulated_fhir.hpp"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <rapidcheck/gtest.h>

namespace medibridge::connectors::fhir_claim_test {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAreArray;

const auto since = reconcile::parse_rfc3339("2026-01-31T09:00:00Z")->instant;
const std::string delta_page = "/Patient?_count=2&_lastUpdated=ge2026-01-31T09%3A00%3A00Z";

std::string looked(const std::string& number) {
    return "/Patient?identifier=urn%3Aoid%3A1.2.250.1.999.1%7C" + number;
}

/// A patient whose identifiers are given one by one: `7001`, or `old:7002`.
std::string person(const std::string& id, const std::vector<std::string>& identifiers,
                   const std::string& more = "") {
    std::string list;
    for (const auto& each : identifiers) {
        const bool old = each.starts_with("old:");
        list += (list.empty() ? "" : ",") + std::string(R"({"system":")") + ipp_system +
                R"(","value":")" + each.substr(old ? 4 : 0) + "\"" +
                (old ? R"(,"use":"old"})" : "}");
    }
    return R"({"resourceType":"Patient","id":")" + id +
           R"(","meta":{"lastUpdated":"2026-01-01T00:00:00Z"},"identifier":[)" + list +
           R"(],"name":[{"family":"Doe","given":["Jo"]}],"birthDate":"1980-01-02")" + more + "}";
}

const std::string closed = R"(,"active":false)";

std::string link(const std::string& type, const std::string& other) {
    return R"(,"link":[{"type":")" + type + R"(","other":)" + other + "}]";
}

std::string to(const std::string& reference) {
    return R"({"reference":")" + reference + "\"}";
}

std::string known_as(const std::string& number) {
    return R"({"identifier":{"system":")" + std::string(ipp_system) + R"(","value":")" + number +
           "\"}}";
}

/// What a pass says of everybody, in one line each: `7002>7001?` for what is second-hand.
std::vector<std::string> states(const Pass& pass) {
    std::vector<std::string> states;
    for (const auto& record : pass.records) {
        auto state = record.patient.external_id();
        if (!record.merged_into.empty()) state += ">" + record.merged_into;
        if (record.second_hand) state += "?";
        if (record.deleted) state += " deleted";
        if (record.active == false && record.merged_into.empty()) state += " closed";
        states.push_back(std::move(state));
    }
    return states;
}

/// One entry a page.
Pass read_in_pages(SimulatedFhir& his, const std::vector<std::string>& patients) {
    for (std::size_t i = 0; i < patients.size(); ++i) {
        const auto next = i + 1 < patients.size() ? "?p=" + std::to_string(i + 1) : std::string();
        his.answer(i == 0 ? "/Patient?_count=2" : "/Patient?p=" + std::to_string(i),
                   searchset({patients[i]}, next));
    }
    return his.pass();
}

struct Case {
    const char* what;
    std::vector<std::string> patients;
    std::vector<std::string> states;
};

/// Contract, "What data may not do" 4: nothing is believed of a patient against that patient's own
/// record, whatever the order of pages and entries.
const std::vector<Case>& cases() {
    static const std::vector<Case> all = {
        {"an old identifier that is somebody's",
         {person("p1", {"7001", "old:7002"}), person("p2", {"7002"})},
         {"7001", "7002"}},
        {"an old identifier that is nobody's",
         {person("p1", {"7001", "old:7002"})},
         {"7001", "7002>7001?"}},
        {"an old identifier of a closed one",
         {person("p1", {"7001", "old:7002"}), person("p2", {"7002"}, closed)},
         {"7001", "7002>7001"}},
        {"`replaces`, of one in use",
         {person("p1", {"7001"}, link("replaces", to("Patient/p2"))), person("p2", {"7002"})},
         {"7001", "7002"}},
        {"`replaces`, of a closed one",
         {person("p1", {"7001"}, link("replaces", to("https://his.local/fhir/Patient/p2"))),
          person("p2", {"7002"}, closed)},
         {"7001", "7002>7001"}},
        {"`replaces`, by identifier, of one in use",
         {person("p1", {"7001"}, link("replaces", known_as("7002"))), person("p2", {"7002"})},
         {"7001", "7002"}},
        {"`replaces`, by identifier, of nobody",
         {person("p1", {"7001"}, link("replaces", known_as("7002")))},
         {"7001", "7002>7001?"}},
        {"`replaced-by`: its own word",
         {person("p2", {"7002"}, link("replaced-by", to("Patient/p1"))), person("p1", {"7001"})},
         {"7001", "7002>7001"}},
        {"`replaced-by`, by identifier",
         {person("p2", {"7002"}, closed + link("replaced-by", known_as("7001"))),
          person("p1", {"7001"})},
         {"7001", "7002>7001"}},
        {"both ends of a merge",
         {person("p1", {"7001"}, link("replaces", to("Patient/p2"))),
          person("p2", {"7002"}, closed + link("replaced-by", to("Patient/p1")))},
         {"7001", "7002>7001"}},
        {"an old identifier that is one of two of somebody's",
         {person("p1", {"7001", "old:7002"}), person("p2", {"7002", "7003"})},
         {"7001", ""}},
        {"a closed double", {person("p1", {"7001"}), person("d", {"7001"}, closed)}, {"7001"}},
        {"a double that was merged into the other",
         {person("p1", {"7001"}), person("d", {"7001"}, link("replaced-by", to("Patient/p1")))},
         {"7001"}},
        {"a double that was merged into a third",
         {person("p1", {"7001"}), person("d", {"7001"}, link("replaced-by", to("Patient/p3"))),
          person("p3", {"7003"})},
         {"7001", "7003"}},
        {"two closed doubles",
         {person("p1", {"7001"}, closed), person("d", {"7001"}, closed)},
         {"7001 closed", "7001 closed"}},
        {"a merge that was undone",
         {person("p1", {"7001"}), person("p2", {"7002"}, R"(,"active":true)")},
         {"7001", "7002"}},
        {"each replaces the other",
         {person("p1", {"7001"}, link("replaces", to("Patient/p2"))),
          person("p2", {"7002"}, link("replaces", to("Patient/p1")))},
         {"7001", "7002"}},
        {"itself",
         {person("p1", {"7001", "old:7001"}, link("replaces", to("Patient/p1")))},
         {"7001"}},
        {"`replaced-by` itself",
         {person("p1", {"7001"}, link("replaced-by", to("Patient/p1")))},
         {"7001"}},
        {"`replaced-by` itself, and claimed by another",
         {person("p1", {"7001"}, link("replaced-by", to("https://his.local/fhir/Patient/p1"))),
          person("p2", {"7002", "old:7001"})},
         {"7001", "7002"}},
        {"`replaced-by` itself, closed",
         {person("p1", {"7001"}, closed + link("replaced-by", to("Patient/p1")))},
         {"7001 closed"}},
        {"`replaced-by` its own identifier",
         {person("p1", {"7001"}, link("replaced-by", known_as("7001")))},
         {"7001"}},
        {"`replaced-by` its own identifier, and claimed by another",
         {person("p1", {"7001"}, link("replaced-by", known_as("7001"))),
          person("p2", {"7002", "old:7001"})},
         {"7001", "7002"}},
        {"a double that says `replaced-by` its own identifier",
         {person("p1", {"7001"}), person("d", {"7001"}, link("replaced-by", known_as("7001")))},
         {"7001"}},
        {"two who claim the same",
         {person("p1", {"7001", "old:7009"}), person("p2", {"7002", "old:7009"})},
         {"7001", "7002", "7009>7001?"}},
        {"a chain",
         {person("p1", {"7001"}),
          person("p2", {"7002", "old:7003"}, link("replaced-by", to("Patient/p1")))},
         {"7001", "7002>7001", "7003>7002?"}},
    };
    return all;
}

TEST(FhirClaimTest, AnActiveRecordOfOnesOwnWinsWhateverTheOrder) {
    for (const auto& each : cases()) {
        auto patients = each.patients;
        std::ranges::sort(patients);
        do {
            SimulatedFhir pages;
            EXPECT_THAT(states(read_in_pages(pages, patients)),
                        UnorderedElementsAreArray(each.states))
                << each.what;
            SimulatedFhir one;
            one.answer("/Patient?_count=2", searchset(patients));
            const auto pass = one.pass();
            EXPECT_THAT(states(pass), UnorderedElementsAreArray(each.states)) << each.what;
            EXPECT_TRUE(pass.pages.back().last);
        } while (std::ranges::next_permutation(patients).found);
    }
}

/// Whoever takes the claim can see whether it is about the same person.
TEST(FhirClaimTest, AClaimSaysWhoMakesIt) {
    SimulatedFhir his;
    his.answer("/Patient?_count=2", searchset({person("p1", {"7001", "old:7002"},
                                                      R"(,"telecom":[{"system":"email",
                                                      "value":"jo@example.org"}])")}));
    const auto pass = his.pass();
    ASSERT_EQ(pass.records.size(), 2u);
    const auto& claim = pass.records[1].patient;
    EXPECT_EQ(claim[reconcile::Field::last_name].text(), "Doe");
    EXPECT_EQ(claim[reconcile::Field::first_name].text(), "Jo");
    EXPECT_EQ(claim[reconcile::Field::birth_date].text(), "1980-01-02");
    EXPECT_TRUE(claim[reconcile::Field::email].is_unknown()) << "whose is it?";
}

TEST(FhirClaimTest, EveryNumberOfAResourceIsOnePatients) {
    SimulatedFhir his;
    his.answer("/Patient?_count=2",
               searchset({person("p1", {"7001", "old:7002"}), person("p2", {"7003", "7004"}),
                          person("p3", {"7005", "old:7006"}, closed)}));
    const auto pass = his.pass();
    std::map<std::string, std::vector<std::string>> priors;
    for (const auto& record : pass.records)
        if (record.merged_into.empty()) priors[record.patient.external_id()] = record.prior_ids;
    EXPECT_THAT(priors["7001"], ElementsAre("7002"));
    EXPECT_THAT(priors[""], testing::UnorderedElementsAre("7003", "7004"));
    EXPECT_THAT(priors["7005"], ElementsAre("7006"));
}

/// All of it at once, in any order: the same end state.
RC_GTEST_PROP(FhirClaimTest, ReorderingEntriesAndPagesChangesNoEndState, ()) {
    const auto any_person = [](int number) {
        std::vector<std::string> identifiers{std::to_string(*rc::gen::inRange(1, 5))};
        if (*rc::gen::inRange(0, 3) == 0)
            identifiers.push_back("old:" + std::to_string(*rc::gen::inRange(1, 7)));
        std::string more = *rc::gen::inRange(0, 3) == 0 ? closed : "";
        const auto other = "Patient/p" + std::to_string(*rc::gen::inRange(0, 5));
        const auto kind = *rc::gen::inRange(0, 4);
        if (kind < 2) more += link(kind == 0 ? "replaces" : "replaced-by", to(other));
        return person("p" + std::to_string(number), identifiers, more);
    };
    std::vector<std::string> patients;
    const auto count = *rc::gen::inRange(1, 6);
    for (int i = 0; i < count; ++i)
        patients.push_back(any_person(i));
    SimulatedFhir first;
    auto before = states(read_in_pages(first, patients));
    std::vector<std::string> shuffled;
    while (!patients.empty()) {
        const auto at = *rc::gen::inRange<std::size_t>(0, patients.size());
        shuffled.push_back(patients[at]);
        patients.erase(patients.begin() + static_cast<std::ptrdiff_t>(at));
    }
    SimulatedFhir second;
    auto after = states(read_in_pages(second, shuffled));
    std::ranges::sort(before);
    std::ranges::sort(after);
    RC_ASSERT(before == after);
}

/// What was not shown in this poll is looked at.
TEST(FhirClaimTest, InALaterPollTheOtherOnesOwnRecordIsLookedAt) {
    const auto claims = person("p1", {"7001", "old:7002"});
    struct Looked {
        const char* what;
        std::vector<std::string> holders; ///< none: the server does not say
        std::vector<std::string> states;
    };
    const std::vector<Looked> all = {
        {"in use", {claims, person("p2", {"7002"})}, {"7001"}},
        {"closed", {claims, person("p2", {"7002"}, closed)}, {"7001", "7002>7001"}},
        {"there is none", {claims}, {"7001", "7002>7001"}},
        {"the parameter is not known", {claims, person("p9", {"7009"})}, {"7001", "7002>7001?"}},
        {"the server refuses", {}, {"7001", "7002>7001?"}},
    };
    for (const auto& each : all) {
        SimulatedFhir his;
        his.answer(delta_page, searchset({claims}));
        if (!each.holders.empty()) his.answer(looked("7002"), searchset(each.holders));
        EXPECT_THAT(states(his.pass(since)), UnorderedElementsAreArray(each.states)) << each.what;
    }
}

TEST(FhirClaimTest, ADoubleThatIsClosedLaterDoesNotTakeThePatientAlong) {
    const auto double_ = person("d", {"7001"}, closed);
    SimulatedFhir his;
    his.answer(delta_page, searchset({double_}));
    his.answer(looked("7001"), searchset({double_, person("p1", {"7001"})}));
    EXPECT_THAT(states(his.pass(since)), ElementsAre());
    EXPECT_THAT(states(his.pass(since)), ElementsAre());
    EXPECT_EQ(his.transport.asked.size(), 4u) << "what was looked at is known";

    SimulatedFhir alone;
    alone.answer(delta_page, searchset({double_}));
    alone.answer(looked("7001"), searchset({double_}));
    EXPECT_THAT(states(alone.pass(since)), ElementsAre("7001 closed"));
}

TEST(FhirClaimTest, ALinkThatLeadsToSomebodyInUseIsNotBelieved) {
    SimulatedFhir his;
    his.answer(delta_page, searchset({person("p1", {"7001"}, link("replaces", to("Patient/p2")))}));
    his.answer("/Patient/p2", person("p2", {"7002"}));
    EXPECT_THAT(states(his.pass(since)), ElementsAre("7001"));
}

/// A merge that deletes its source: one patient, and the reason is the merge.
TEST(FhirClaimTest, AMergeThatDeletesItsSourceIsAMerge) {
    const auto survivor = person("p1", {"7001", "old:7002"});
    SimulatedFhir his;
    his.answer("/metadata", capability({"_lastUpdated"}, {"history-type", "history-instance"}));
    his.answer(delta_page, searchset({survivor}));
    his.answer(looked("7002"), searchset({survivor}));
    his.answer("/Patient/_history?_count=2&_since=2026-01-31T09%3A00%3A00Z",
               bundle("history", {deletion("p2", "2026-01-31T10:00:00Z"),
                                  version(person("p2", {"7002"}), "p2", "2026-01-31T09:30:00Z")}));
    for (const int number : {1, 2}) {
        const auto pass = his.pass(since);
        for (const auto& state : states(pass))
            EXPECT_TRUE(state == "7001" || state == "7002>7001") << state << number;
    }
}

TEST(FhirClaimTest, WhoWasCreatedAnewStaysSoInLaterPolls) {
    SimulatedFhir his;
    his.answer("/metadata", capability({"_lastUpdated"}, {"history-type", "history-instance"}));
    his.answer("/Patient/_history?_count=2&_since=2026-01-31T09%3A00%3A00Z",
               bundle("history", {deletion("p1", "2026-01-31T10:00:00Z"),
                                  version(person("p1", {"7001"}), "p1", "2026-01-31T09:30:00Z")}));
    his.answer(delta_page,
               {json_answer(searchset({})), json_answer(searchset({person("new", {"7001"})})),
                json_answer(searchset({}))});
    his.answer(looked("7001"),
               {json_answer(searchset({})), json_answer(searchset({person("new", {"7001"})}))});
    EXPECT_THAT(states(his.pass(since)), ElementsAre("7001 deleted"));
    EXPECT_THAT(states(his.pass(since)), ElementsAre("7001"));
    EXPECT_THAT(states(his.pass(since)), ElementsAre());
}

TEST(FhirClaimTest, ADeletedPatientWhoseDoubleIsClosedIsDeleted) {
    SimulatedFhir his;
    his.answer("/metadata", capability({"_lastUpdated"}, {"history-type", "history-instance"}));
    his.answer(delta_page, searchset({}));
    his.answer("/Patient/_history?_count=2&_since=2026-01-31T09%3A00%3A00Z",
               bundle("history", {deletion("p1", "2026-01-31T10:00:00Z"),
                                  version(person("p1", {"7001"}), "p1", "2026-01-31T09:30:00Z")}));
    his.answer(looked("7001"), searchset({person("d", {"7001"}, closed)}));
    EXPECT_THAT(states(his.pass(since)), ElementsAre("7001 deleted"));
}

TEST(FhirClaimTest, ManyWhoAreRetiredComeInSeveralPages) {
    std::vector<std::string> patients;
    for (int i = 0; i < 2500; ++i)
        patients.push_back(person("p" + std::to_string(i), {std::to_string(i)}, closed));
    SimulatedFhir his;
    his.answer("/Patient?_count=2", searchset(patients));
    const auto pass = his.pass();
    EXPECT_EQ(pass.records.size(), patients.size());
    EXPECT_EQ(pass.pages.size(), 4u);
    for (std::size_t i = 0; i < pass.pages.size(); ++i)
        EXPECT_EQ(pass.pages[i].last, i == 3);
}

} // namespace
} // namespace medibridge::connectors::fhir_claim_test
