#include "simulated_his.hpp"
#include "tests/sanitized.hpp"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>

namespace medibridge::connectors {
namespace {

using testing::HasSubstr;
using testing::UnorderedElementsAreArray;

/// What a HIS does with a page that it does not have.
enum class Odd { empty, absent, refused, broken, repeats, page_in_html };

/// A HIS whose numbers and pages need not fit.
struct CountingHis {
    std::size_t patients = 7;
    std::size_t gives = 3;  ///< records of a page, at most; 0: as many as are asked for
    std::size_t counts = 0; ///< records of a page, as it counts pages; 0: as it gives them
    std::size_t first = 1;  ///< number of the first page
    std::optional<std::size_t> says{};  ///< total; nothing: what is there
    bool total_of_page = false;         ///< the total is that of the page
    bool pages_by_index = false;        ///< total_pages is the last page's number
    std::optional<std::size_t> holes{}; ///< each page with that remainder mod 3 is empty
    Odd behind = Odd::empty;
    Odd before = Odd::refused; ///< page 0, where pages begin at 1

    std::vector<std::string> ids() const {
        std::vector<std::string> ids;
        for (std::size_t i = 0; i < patients; ++i)
            ids.push_back(std::to_string(1000 + i));
        return ids;
    }

    http::Result odd(Odd kind, std::size_t repeated, std::size_t size) const {
        switch (kind) {
        case Odd::absent:
            return json_answer("{}", 404);
        case Odd::refused:
            return json_answer("{}", 400);
        case Odd::broken:
            return json_answer("{}", 500);
        case Odd::page_in_html:
            return json_answer("<html>");
        case Odd::repeats:
            return page(repeated, size);
        case Odd::empty:
            break;
        }
        return page(patients, size);
    }

    http::Result page(std::size_t index, std::size_t size) const {
        const auto all = ids();
        std::vector<std::string> records;
        const bool hole = holes && index % 3 == *holes;
        for (auto i = index * size; !hole && i < std::min((index + 1) * size, all.size()); ++i)
            records.push_back(patient_json(all[i]));
        const auto counted = counts > 0 ? counts : size;
        auto pages = (patients + counted - 1) / counted;
        if (pages_by_index) pages = first + pages - 1;
        const auto total = total_of_page ? records.size() : says.value_or(patients);
        return json_answer(list_json(records, "\"total\":" + std::to_string(total) +
                                                  ",\"pages\":" + std::to_string(pages)));
    }

    http::Result serve(const http::Request& request) const {
        const auto number = std::stoul(*parameter(request.target, "page"));
        const auto asked = std::stoul(*parameter(request.target, "taille"));
        const auto size = gives > 0 ? gives : asked;
        const auto end = std::max<std::size_t>((patients + size - 1) / size, 1);
        if (number < first) return odd(before, 0, size);
        if (number - first >= end) return odd(behind, end - 1, size);
        return page(number - first, size);
    }
};

struct Wants {
    bool total = false;
    bool pages = false;
    std::optional<int> first_page{};
};

std::unique_ptr<SimulatedHis> source_of(const CountingHis& list, const Wants& wants) {
    auto settings = simple_settings();
    settings.page_size = 10;
    settings.first_page = wants.first_page;
    if (wants.total) settings.total = "/total";
    if (wants.pages) settings.total_pages = "/pages";
    auto his = std::make_unique<SimulatedHis>(settings);
    his->transport.answer = [list](const http::Request& request) { return list.serve(request); };
    return his;
}

struct Case {
    const char* what;
    CountingHis his;
    Wants wants;
    bool all;          ///< everybody is shown
    std::string words; ///< of the contradiction; empty: none, and the second pass is proven
};

/// Contract, "What data may not do" 6: a pass whose total, pages or page sizes disagree is
/// incomplete, however often it repeats.
TEST(RestCountTest, NumbersThatDisagreeProveNothing) {
    const Wants total{true, false};
    const Wants pages{false, true};
    const Wants both{true, true};
    const Wants none{};
    const auto set = [](Wants wants, int first) {
        wants.first_page = first;
        return wants;
    };
    const std::vector<Case> cases = {
        {"4 a page, pages counted by 10",
         {.patients = 23, .gives = 4, .counts = 10},
         both,
         true,
         "total_pages says 3, 23 shown in 6 pages of 4: set `page_size` to what the HIS gives (4)"},
        {"the same without a total",
         {.patients = 23, .gives = 4, .counts = 10},
         pages,
         true,
         "total_pages says 3, 23 shown in 6 pages of 4"},
        {"the same, total only", {.patients = 23, .gives = 4, .counts = 10}, total, true, ""},
        {"pages counted smaller than given",
         {.patients = 23, .gives = 10, .counts = 4},
         both,
         true,
         ""},
        {"a total that is too large",
         {.patients = 23, .gives = 10, .says = 450},
         total,
         true,
         "total says 450, 23 shown in 3 pages of 10"},
        {"with the number of pages",
         {.patients = 23, .gives = 10, .says = 24},
         both,
         true,
         "total says 24, 23 shown in 3 pages of 10"},
        {"a total that is too small",
         {.patients = 23, .gives = 10, .says = 20},
         total,
         true,
         "total says 20, 23 shown"},
        {"a total that counts its page",
         {.patients = 23, .gives = 4, .total_of_page = true},
         total,
         true,
         "total says 4, 23 shown in 6 pages of 4"},
        {"nobody, but a total", {.patients = 0, .says = 5}, total, true, "total says 5, 0 shown"},
        {"in its first page",
         {.patients = 23, .gives = 23, .says = 0},
         total,
         true,
         "total says 0, 23 shown"},
        {"an empty page in the middle, total only",
         {.patients = 23, .gives = 4, .says = 19, .holes = 1},
         total,
         false,
         "total says 19, 15 shown in 4 pages of 4"},
        {"pages begin at 0", {.first = 0}, total, true, ""},
        {"and 404 behind the last", {.first = 0, .behind = Odd::absent}, total, true, ""},
        {"and the last is repeated", {.first = 0, .behind = Odd::repeats}, total, true, ""},
        {"both numbers", {.first = 0}, both, true, ""},
        {"the number of pages only", {.first = 0}, pages, true, ""},
        {"the last page's number",
         {.first = 0, .pages_by_index = true},
         pages,
         true,
         "total_pages says 2, 7 shown in 3 pages of 3"},
        {"no number", {.first = 0}, none, true, ""},
        {"one page only", {.patients = 2, .first = 0}, total, true, ""},
        {"one page only, no number", {.patients = 2, .first = 0}, none, true, ""},
        {"one page only, 404 behind it",
         {.patients = 2, .first = 0, .behind = Odd::absent},
         total,
         true,
         ""},
        {"set to 1", {.first = 0}, set(total, 1), false, "total says 7, 4 shown in 2 pages of 3"},
        {"set to 0", {.first = 0}, set(total, 0), true, ""},
        {"set to 0, no number", {.first = 0}, set(none, 0), true, ""},
        {"page 0 is page 1", {.before = Odd::repeats}, none, true, ""},
        {"page 0 is empty", {.before = Odd::empty}, none, true, ""},
        {"page 0 breaks the HIS", {.before = Odd::broken}, none, true, ""},
        {"page 0 is HTML", {.before = Odd::page_in_html}, pages, true, ""},
        {"behind the last, an error", {.patients = 6, .behind = Odd::broken}, both, true, ""},
        {"behind the last, a refusal", {.patients = 6, .behind = Odd::refused}, both, true, ""},
        {"behind the last, HTML", {.patients = 6, .behind = Odd::page_in_html}, total, true, ""},
        {"behind the last, it again", {.patients = 6, .behind = Odd::repeats}, both, true, ""},
        {"nobody at all", {.patients = 0}, both, true, ""},
        {"nobody at all, no number", {.patients = 0}, none, true, ""},
    };
    for (const auto& each : cases) {
        const auto source = source_of(each.his, each.wants);
        for (const int number : {1, 2, 3}) {
            const auto pass = source->pass();
            ASSERT_FALSE(pass.error) << each.what << ": " << pass.error->what;
            if (each.all)
                EXPECT_THAT(pass.ids(), UnorderedElementsAreArray(each.his.ids())) << each.what;
            else
                EXPECT_LT(pass.ids().size(), each.his.patients) << each.what;
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

/// Whatever a HIS counts and however it pages: what a proven pass did not show is not there.
TEST(RestCountTest, AProvenPassHasShownEverybody) {
    constexpr int seeds = tests::sanitized ? 300 : 3000;
    int proven = 0;
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
        std::mt19937_64 random(seed);
        const auto below = [&random](std::size_t bound) { return random() % bound; };
        CountingHis list;
        list.patients = below(30);
        list.gives = below(12);
        list.counts = below(3) == 0 ? 1 + below(12) : 0;
        list.first = below(2);
        if (below(3) == 0) list.says = below(40);
        list.total_of_page = below(6) == 0;
        list.behind = static_cast<Odd>(below(6));
        list.before = static_cast<Odd>(below(6));
        Wants wants{true, below(2) == 0, {}};
        if (below(3) == 0) wants.first_page = static_cast<int>(list.first);
        const auto source = source_of(list, wants);
        for (int number = 0; number < 3; ++number) {
            const auto pass = source->pass();
            if (!pass.proven) continue;
            ++proven;
            auto shown = pass.ids();
            std::ranges::sort(shown);
            ASSERT_EQ(shown, list.ids()) << "seed " << seed;
        }
    }
    EXPECT_GT(proven, seeds * 2 / 3);
}

TEST(RestCountTest, WherePagesBeginIsKeptAndSaidOnce) {
    CountingHis list{.first = 0};
    const auto source = source_of(list, {});
    source->pass();
    const auto asked = source->transport.asked.size();
    const auto pass = source->pass();
    EXPECT_EQ(pass.records.front().place, "page 0, record 1");
    EXPECT_EQ(source->transport.asked.size(), asked + 3) << "pages 0, 1 and 2";
    EXPECT_THAT(source->log.text(), HasSubstr("first_page: 0"));
    EXPECT_EQ(source->log.events.size(), 1u);
}

TEST(RestCountTest, AListThatWasEmptyWhenPage1WasReadIsNotTakenToBeginAt0) {
    SimulatedHis his([] {
        auto settings = simple_settings();
        settings.first_page.reset();
        return settings;
    }());
    int asked = 0;
    his.transport.answer = [&asked](const http::Request& request) {
        // Page 0 is page 1, and somebody came between the two.
        if (++asked == 1 || *parameter(request.target, "page") > "1")
            return json_answer(list_json({}));
        return json_answer(list_json({patient_json("1"), patient_json("2")}));
    };
    his.pass();
    for (int number = 0; number < 2; ++number) {
        const auto pass = his.pass();
        ASSERT_FALSE(pass.error) << pass.error->what;
        EXPECT_EQ(pass.ids(), (std::vector<std::string>{"1", "2"}));
    }
}

TEST(RestCountTest, NothingAtPage1AndNothingAtPage0IsAWrongUrl) {
    auto settings = simple_settings();
    settings.first_page.reset();
    SimulatedHis his(settings);
    his.transport.answer = [](const http::Request&) { return json_answer("{}", 404); };
    const auto pass = his.pass();
    ASSERT_TRUE(pass.error);
    EXPECT_EQ(pass.error->kind, SourceError::Kind::unreadable);
    EXPECT_THAT(pass.error->what, HasSubstr("check `url`"));
}

/// A total that grows while patients come is no contradiction: what was shown lies between.
TEST(RestCountTest, AListThatGrowsWhileItIsReadIsProvenAllTheSame) {
    auto settings = simple_settings();
    settings.total = "/total";
    SimulatedHis his(settings);
    std::size_t patients = 4;
    his.transport.answer = [&patients](const http::Request& request) {
        const CountingHis list{.patients = ++patients, .gives = 2};
        return list.serve(request);
    };
    his.pass();
    const auto pass = his.pass();
    EXPECT_EQ(pass.contradiction, "");
    EXPECT_TRUE(pass.proven);
}

TEST(RestCountTest, LinksThatEndBeforeTheTotalAreContradicted) {
    auto settings = simple_settings();
    settings.next = "/next";
    settings.total = "/total";
    settings.query.page = "";
    SimulatedHis his(settings);
    his.transport.answer = [](const http::Request& request) {
        const bool first = parameter(request.target, "c") == std::nullopt;
        return json_answer(
            list_json({patient_json(first ? "1" : "2")},
                      first ? "\"next\":\"?c=1\",\"total\":450" : "\"next\":null,\"total\":450"));
    };
    for (int number = 0; number < 3; ++number) {
        const auto pass = his.pass();
        EXPECT_EQ(pass.contradiction, "total says 450, 2 shown in 2 pages of 1");
        EXPECT_FALSE(pass.proven);
    }
}

TEST(RestCountTest, AnEmptyPageBetweenLinksEndsNothing) {
    auto settings = simple_settings();
    settings.next = "/next";
    settings.query.page = "";
    SimulatedHis his(settings);
    his.transport.answer = [](const http::Request& request) {
        const auto at = std::stoi(parameter(request.target, "c").value_or("0"));
        // Behind the end, links go on.
        const auto next = "\"next\":\"?c=" + std::to_string(at + 1) + "\"";
        if (at % 2 == 1 || at > 2) return json_answer(list_json({}, next));
        return json_answer(list_json({patient_json(std::to_string(at))}, next));
    };
    const auto pass = his.pass();
    EXPECT_FALSE(pass.error);
    EXPECT_EQ(pass.ids(), (std::vector<std::string>{"0", "2"}));
    EXPECT_EQ(his.transport.asked.size(), 6u);
    EXPECT_TRUE(his.pass().proven);
}

/// Where nothing is to come, the list may be missing.
TEST(RestCountTest, AnAnswerWithoutAListIsEmptyIfItsTotalSaysSo) {
    const std::pair<const char*, bool> cases[] = {
        {R"({"total":0})", true},           {R"({"total":"0"})", true},
        {R"({"total":0,"pages":0})", true}, {R"({"patients":null,"total":0})", true},
        {R"({"total":3})", false},          {R"({})", false},
        {R"({"message":"ok"})", false},     {R"({"patients":{},"total":0})", false}};
    for (const auto& [body, fine] : cases) {
        auto settings = simple_settings();
        settings.total = "/total";
        SimulatedHis his(settings);
        his.transport.answer = [body = body](const http::Request&) { return json_answer(body); };
        const auto pass = his.pass(reconcile::Instant(std::chrono::hours(1)));
        EXPECT_EQ(!pass.error, fine) << body;
        EXPECT_EQ(pass.proven, fine) << body;
    }
}

} // namespace
} // namespace medibridge::connectors
