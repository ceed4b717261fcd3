#include "connectors/medicapp/medicapp.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <string>
#include <vector>

// A count that contradicts is no proof: a page whose own numbers disagree proves nothing.

namespace medibridge::test {
namespace {

using connectors::contradiction;
using connectors::ListQuery;
using connectors::MedicappPage;

MedicappPage page_of(std::int64_t page, std::int64_t per_page, std::int64_t total,
                     std::int64_t total_pages, std::size_t shown, std::int64_t nameless = 0) {
    MedicappPage made;
    made.page = page;
    made.per_page = per_page;
    made.total = total;
    made.total_pages = total_pages;
    made.patients.resize(shown);
    made.nameless = nameless;
    return made;
}

std::string of(const MedicappPage& page, std::int64_t asked) {
    ListQuery query;
    query.page = asked;
    return contradiction(page, query);
}

TEST(PageNumbersTest, ThatAgreeAreNoContradiction) {
    const std::vector<MedicappPage> pages{
        page_of(1, 10, 23, 3, 10),
        page_of(2, 10, 23, 3, 10),
        page_of(3, 10, 23, 3, 3),
        page_of(1, 100, 0, 0, 0),
        page_of(1, 100, 0, 1, 0),
        page_of(1, 100, 100, 1, 100),
        page_of(1, 4, 23, 6, 4),
        page_of(6, 4, 23, 6, 3),
        page_of(4, 10, 23, 3, 0),
        page_of(1, 10, 23, 3, 9, 1), // one of them cannot be anybody
        // Without perPage.
        page_of(1, 0, 23, 3, 10),
        page_of(3, 0, 23, 3, 3),
        page_of(1, 0, 0, 0, 0),
        page_of(1, 0, 0, 1, 0),
        page_of(1, 0, 7, 1, 7),
        page_of(4, 0, 23, 3, 0),
        page_of(2, 0, 20, 2, 10),
    };
    for (const auto& page : pages)
        EXPECT_EQ(of(page, page.page), "");
}

TEST(PageNumbersTest, ThatDisagreeAreNamed) {
    const std::vector<std::pair<MedicappPage, std::string>> rows{
        // Fewer a page than it says: 12 of 23 would be seen.
        {page_of(1, 10, 23, 3, 4), "page 1 of 3 shows 4 patients, not 10 (total 23, perPage 10)"},
        // Pages too few for the total.
        {page_of(1, 100, 450, 1, 100), "total 450 and perPage 100 make 5 pages, not 1"},
        {page_of(1, 10, 23, 2, 10), "total 23 and perPage 10 make 3 pages, not 2"},
        // And too many.
        {page_of(1, 10, 23, 6, 10), "total 23 and perPage 10 make 3 pages, not 6"},
        {page_of(1, 10, 0, 2, 0), "total 0 and perPage 10 make 0 pages, not 2"},
        // More than it says.
        {page_of(1, 10, 10, 1, 12), "page 1 of 1 shows 12 patients, not 10 (total 10, perPage 10)"},
        {page_of(1, 10, 0, 0, 3), "page 1 of 0 shows 3 patients, not 0 (total 0, perPage 10)"},
        {page_of(3, 10, 23, 3, 2), "page 3 of 3 shows 2 patients, not 3 (total 23, perPage 10)"},
        {page_of(2, 10, 23, 3, 0), "page 2 of 3 shows 0 patients, not 10 (total 23, perPage 10)"},
        {page_of(4, 10, 23, 3, 1), "page 4 of 3 shows 1 patients, not 0 (total 23, perPage 10)"},
        // Without perPage.
        {page_of(1, 0, 23, 3, 4), "page 1 of 3 shows 4 patients, and total is 23"},
        {page_of(1, 0, 12, 1, 7), "page 1 of 1 shows 7 patients, and total is 12"},
        {page_of(2, 0, 23, 3, 0), "page 2 of 3 shows 0 patients, and total is 23"},
        {page_of(3, 0, 23, 3, 4), "page 3 of 3 shows 4 patients, and total is 23"},
        {page_of(2, 0, 20, 2, 15), "page 2 of 2 shows 15 patients, and total is 20"},
        {page_of(1, 0, 5, 0, 0), "page 1 of 0 shows 0 patients, and total is 5"},
        {page_of(5, 0, 23, 3, 2), "page 5 of 3 shows 2 patients, and total is 23"},
    };
    for (const auto& [page, words] : rows)
        EXPECT_EQ(of(page, page.page), words);
}

TEST(PageNumbersTest, AnotherPageThanAskedForIsNamed) {
    EXPECT_EQ(of(page_of(1, 10, 23, 3, 10), 2), "page 2 was asked for, and page 1 came");
    // Pages that begin at 0.
    EXPECT_EQ(of(page_of(0, 10, 7, 1, 7), 1), "page 1 was asked for, and page 0 came");
}

TEST(PageNumbersTest, AgreeForEveryListThatCountsRight) {
    EXPECT_TRUE(rc::check("any list, any page, said or not", [] {
        const auto total = *rc::gen::inRange<std::int64_t>(0, 500);
        const auto size = *rc::gen::inRange<std::int64_t>(1, 101);
        const auto pages = (total + size - 1) / size;
        const auto page = *rc::gen::inRange<std::int64_t>(1, pages + 3);
        const auto shown = std::clamp<std::int64_t>(total - (page - 1) * size, 0, size);
        const auto made = page_of(page, *rc::gen::element<std::int64_t>(0, size), total, pages,
                                  static_cast<std::size_t>(shown));
        RC_ASSERT(of(made, page) == "");
        // One patient fewer on a page is never overlooked where perPage is said.
        if (shown > 0 && made.per_page > 0)
            RC_ASSERT(of(page_of(page, size, total, pages, static_cast<std::size_t>(shown - 1)),
                         page) != "");
    }));
}

} // namespace
} // namespace medibridge::test
