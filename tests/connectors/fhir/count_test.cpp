#include "simulated_fhir.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::connectors::fhir_count_test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

/// A server's pages of the same list, linked in their order.
struct Served {
    std::vector<std::vector<std::string>> pages; ///< entries
    std::vector<std::string> totals;             ///< of each page; empty: it says none
    std::string count;                           ///< what `_summary=count` answers; empty: 404
};

std::string match(const std::string& id) {
    return R"({"search":{"mode":"match"},"resource":)" + fhir_patient("p" + id, id) + "}";
}

std::vector<std::string> matches(int from, int to) {
    std::vector<std::string> entries;
    for (int i = from; i < to; ++i)
        entries.push_back(match(std::to_string(i)));
    return entries;
}

void serve(SimulatedFhir& his, const Served& served) {
    for (std::size_t i = 0; i < served.pages.size(); ++i) {
        const auto target = i == 0 ? "/Patient?_count=2" : "/Patient?p=" + std::to_string(i);
        const auto next =
            i + 1 < served.pages.size() ? "?p=" + std::to_string(i + 1) : std::string();
        const auto more = served.totals[i].empty() ? "" : ",\"total\":" + served.totals[i];
        his.answer(target, bundle("searchset", served.pages[i], next, more));
    }
    if (!served.count.empty())
        his.answer("/Patient?_summary=count",
                   R"({"resourceType":"Bundle","type":"searchset","total":)" + served.count + "}");
}

struct Case {
    const char* what;
    Served served;
    std::string words; ///< empty: no contradiction, and the second pass is proven
};

const std::string included =
    R"({"search":{"mode":"include"},"resource":{"resourceType":"Organization","id":"o"}})";
const std::string said =
    R"({"search":{"mode":"outcome"},"resource":{"resourceType":"OperationOutcome","issue":[]}})";

/// https://hl7.org/fhir/R4/bundle-definitions.html#Bundle.total: the matches across all pages.
TEST(FhirCountTest, ATotalThatDisagreesProvesNothing) {
    const std::vector<Case> cases = {
        {"450 said, 100 entries, no link",
         {{matches(0, 100)}, {"450"}, {}},
         "total says 450, 100 shown in 1 page of 100"},
        {"and counted again", {{matches(0, 100)}, {"450"}, "450"}, "total says 450"},
        {"an estimate", {{matches(0, 100)}, {"450"}, "100"}, ""},
        {"an estimate that is too small",
         {{matches(0, 2), matches(2, 4), matches(4, 5)}, {"3", "3", "3"}, "5"},
         ""},
        {"too small",
         {{matches(0, 2), matches(2, 4), matches(4, 5)}, {"3", "3", "3"}, {}},
         "total says 3, 5 shown in 3 pages of 2"},
        {"pages that overlap in each pass, as many as are counted",
         {{matches(0, 2), matches(1, 3)}, {"4", "4"}, "4"},
         "total says 4, 4 shown in 2 pages of 2, but only 3 different ones"},
        {"links end too early",
         {{matches(0, 2), matches(2, 4)}, {"397", "397"}, {}},
         "total says 397, 4 shown in 2 pages of 2"},
        {"deleted ones are counted", {{matches(0, 2)}, {"3"}, "3"}, "total says 3, 2 shown"},
        {"no total", {{matches(0, 2), matches(2, 4)}, {"", ""}, {}}, ""},
        {"on the first page only", {{matches(0, 2), matches(2, 4)}, {"4", ""}, {}}, ""},
        {"on a later page only", {{matches(0, 2), matches(2, 4)}, {"", "4"}, {}}, ""},
        {"the total of each page", {{matches(0, 2), matches(2, 3)}, {"2", "1"}, {}}, ""},
        {"a list that grew", {{matches(0, 2), matches(2, 5)}, {"4", "5"}, {}}, ""},
        {"no entries, but a total", {{matches(0, 0)}, {"7"}, {}}, "total says 7, 0 shown"},
        {"an empty page between",
         {{matches(0, 2), matches(0, 0), matches(2, 4)}, {"", "", ""}, {}},
         ""},
        {"what was included is no match",
         {{{match("1"), included, said}, {match("2")}}, {"2", "2"}, {}},
         ""},
        {"nor may it stand for one",
         {{{match("1"), included, said}}, {"2"}, {}},
         "total says 2, 1 shown"},
        {"nobody", {{matches(0, 0)}, {"0"}, {}}, ""},
    };
    for (const auto& each : cases) {
        SimulatedFhir his;
        serve(his, each.served);
        std::size_t everybody = 0;
        for (const auto& page : each.served.pages)
            everybody += std::ranges::count_if(page, [](const std::string& entry) {
                return entry.find("\"match\"") != std::string::npos;
            });
        for (const int number : {1, 2, 3}) {
            const auto pass = his.pass();
            ASSERT_FALSE(pass.error) << each.what << ": " << pass.error->what;
            EXPECT_EQ(pass.records.size(), everybody) << each.what;
            if (each.words.empty()) {
                EXPECT_EQ(pass.contradiction, "") << each.what;
                EXPECT_TRUE(number == 1 || pass.proven) << each.what;
            } else {
                EXPECT_THAT(pass.contradiction, HasSubstr(each.words)) << each.what;
                EXPECT_FALSE(pass.proven) << each.what;
            }
        }
    }
}

TEST(FhirCountTest, TheServerIsAskedToCountOnlyWhereNumbersDisagree) {
    SimulatedFhir fine;
    serve(fine, {{matches(0, 2)}, {"2"}, "2"});
    fine.pass();
    EXPECT_EQ(fine.transport.asked.size(), 2u);
    SimulatedFhir delta;
    delta.answer("/Patient?_count=2&_lastUpdated=ge2026-01-31T09%3A00%3A00Z",
                 searchset({fhir_patient("p1", "1")}, "", R"(,"total":5)"));
    delta.answer("/Patient?_summary=count&_lastUpdated=ge2026-01-31T09%3A00%3A00Z",
                 R"({"resourceType":"Bundle","total":1})");
    const auto pass = delta.pass(reconcile::parse_rfc3339("2026-01-31T09:00:00Z")->instant);
    EXPECT_EQ(pass.contradiction, "") << "of the same time";
}

TEST(FhirCountTest, LinksThatLeadBehindTheEndEndTheList) {
    for (const std::string behind : {"?gone", "?_count=2", "//elsewhere/"}) {
        SimulatedFhir his;
        his.answer("/Patient?_count=2", searchset({fhir_patient("p1", "1")}, "?p=1"));
        his.answer("/Patient?p=1", searchset({}, behind));
        const auto pass = his.pass();
        ASSERT_FALSE(pass.error) << behind << ": " << pass.error->what;
        EXPECT_EQ(pass.records.size(), 1u);
        EXPECT_THAT(his.clock.sleeps, IsEmpty()) << behind;
    }
}

} // namespace
} // namespace medibridge::connectors::fhir_count_test
