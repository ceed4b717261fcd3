#include "simulated_his.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// A list whose pages overlap in each pass shows some patients never, although every count agrees.

namespace medibridge::connectors {
namespace {

using testing::HasSubstr;
using Pages = std::vector<std::vector<std::string>>;

/// The second pass over these pages of records, with that total; nothing: the number of records.
Pass second_pass(const Pages& pages, std::optional<std::size_t> said = std::nullopt) {
    auto settings = simple_settings();
    settings.total = "/total";
    SimulatedHis his(settings);
    std::size_t total = 0;
    for (const auto& page : pages)
        total += page.size();
    total = said.value_or(total);
    his.transport.answer = [&](const http::Request& request) {
        const auto number = std::stoul(*parameter(request.target, "page"));
        const bool is_there = number >= 1 && number <= pages.size();
        return json_answer(list_json(is_there ? pages[number - 1] : std::vector<std::string>(),
                                     "\"total\":" + std::to_string(total)));
    };
    his.pass();
    return his.pass();
}

std::vector<std::string> page_of(const std::vector<std::string>& ids) {
    std::vector<std::string> records;
    for (const auto& id : ids)
        records.push_back(patient_json(id));
    return records;
}

TEST(RestOverlapsTest, OneRecordOnSeveralPagesIsAListThatHidesOthers) {
    const auto pass =
        second_pass({page_of({"1", "2", "3"}), page_of({"2", "3", "6"}), page_of({"7", "8", "9"})});
    EXPECT_THAT(pass.contradiction, HasSubstr("2 patients were shown on several pages"));
    EXPECT_FALSE(pass.proven);
}

TEST(RestOverlapsTest, ARecordThatIsListedTwiceInARowHidesNobody) {
    const auto pass = second_pass({page_of({"1", "2", "2"}), page_of({"3", "4", "5"})});
    EXPECT_EQ(pass.contradiction, "");
    EXPECT_TRUE(pass.proven);
    const auto across = second_pass({page_of({"1", "2", "2", "3"}), page_of({"3", "4", "5", "6"})});
    EXPECT_EQ(across.contradiction, "");
    EXPECT_TRUE(across.proven);
}

/// Each page begins with the last record of the one before, and so leaves out its own last one.
TEST(RestOverlapsTest, PagesThatOverlapByOneHideOthers) {
    for (const Pages& pages :
         {Pages{page_of({"1", "2", "3"}), page_of({"3", "4", "5"}), page_of({"5", "6", "7"})},
          Pages{page_of({"1", "2", "3"}), page_of({"3", "4", "5"})}}) {
        const auto pass = second_pass(pages);
        EXPECT_THAT(pass.contradiction, HasSubstr("shown on several pages"));
        EXPECT_FALSE(pass.proven);
    }
}

TEST(RestOverlapsTest, SeveralRecordsOfOnePatientAreNoOverlap) {
    const auto pass = second_pass(
        {{patient_json("1", "2026-01-01T00:00:00Z"), patient_json("2"), patient_json("3")},
         {patient_json("4"), patient_json("1", "2026-02-02T00:00:00Z"), patient_json("5")}});
    EXPECT_EQ(pass.contradiction, "");
    EXPECT_TRUE(pass.proven);
}

TEST(RestOverlapsTest, WhereTheTotalCountsPatientsAllWereShown) {
    const auto pass = second_pass({page_of({"1", "2", "3"}), page_of({"2", "3", "4"})}, 4);
    EXPECT_EQ(pass.contradiction, "");
    EXPECT_TRUE(pass.proven);
}

} // namespace
} // namespace medibridge::connectors
