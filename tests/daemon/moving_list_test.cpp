#include "hospital.hpp"
#include "tests/sanitized.hpp"

#include <gtest/gtest.h>
#include <set>
#include <tuple>

// A HIS whose list is read by offset while it moves: a patient who is edited goes to another page,
// and one who is deleted draws all behind him one place forward, past the reader. A reader that
// takes the pages as they come loses patients that way (the first test counts them); medibridged
// must not, in whichever way it is told to read the pages.

namespace medibridge::tests {
namespace {

using http::Method;
using nlohmann::json;

// Twenty pages each.
constexpr int listed_patients = sanitized ? 240 : 600;
constexpr int page_size = listed_patients / 20;
/// Of one run: a list that grows for ever is never read to its end.
constexpr int most_steps = 200;

std::vector<std::string> sandbox(const std::string& order) {
    return {"--patients", std::to_string(listed_patients), "--invalid-share", "0", "--his-order",
            order};
}

/// What moves the list: edits, one patient gone and one more.
class Movement {
  public:
    explicit Movement(Hospital& hospital) : hospital_(&hospital) {
        for (const auto& patient : hospital.his_patients())
            all_.push_back(patient["ipp"].get<std::string>());
    }

    void step() {
        hospital_->control(Method::post, "/his/edit?count=5");
        const auto& template_key = all_.at(all_.size() - 1);
        if (removed_ < all_.size() / 2) {
            gone_.insert(all_[removed_]);
            hospital_->control(Method::delete_, "/his/patients/" + all_[removed_++]);
        }
        auto added = hospital_->control(Method::get, "/his/patients/" + template_key);
        added["ipp"] = std::to_string(9000000000 + ++added_);
        added.erase("majLe");
        hospital_->control(Method::post, "/his/patients", added);
    }

    /// Who was there from the beginning to the end.
    std::set<std::string> stayed() const {
        std::set<std::string> result(all_.begin(), all_.end());
        for (const auto& key : gone_)
            result.erase(key);
        return result;
    }

  private:
    Hospital* hospital_;
    std::vector<std::string> all_;
    std::set<std::string> gone_;
    std::size_t removed_ = 0;
    int added_ = 0;
};

class NaiveReader : public testing::TestWithParam<std::string> {};

TEST_P(NaiveReader, LosesPatientsOfAListThatMoves) {
    Hospital hospital(sandbox(GetParam()));
    Movement movement(hospital);
    std::set<std::string> seen;
    for (int page = 1;; ++page) {
        const auto url = hospital.addresses()["his"].get<std::string>() +
                         "?taille=" + std::to_string(page_size) + "&page=" + std::to_string(page);
        const auto list = json::parse(fetch(url, Method::get).body);
        for (const auto& patient : list["patients"])
            seen.insert(patient["ipp"].get<std::string>());
        if (page >= list["pagination"]["pages"].get<int>()) break;
        movement.step();
    }
    auto missed = movement.stayed();
    for (const auto& key : seen)
        missed.erase(key);
    std::cout << "order " << GetParam() << ": a naive reader misses " << missed.size() << " of "
              << movement.stayed().size() << '\n';
    EXPECT_GT(missed.size(), 0u) << "the list did not move";
}

INSTANTIATE_TEST_SUITE_P(Order, NaiveReader, testing::Values("modified", "ipp", "created"),
                         [](const auto& order) { return order.param; });

/// A way of reading pages, as lines of the configuration.
struct Paging {
    const char* name;
    const char* query;
    const char* pages;
};

/// For GoogleTest, which would print bytes.
void PrintTo(const Paging& paging, std::ostream* out) {
    *out << paging.name;
}

constexpr Paging by_number = {"total_pages", "page: page, ", "total_pages: /pagination/pages"};
constexpr Paging by_total = {"total", "page: page, ", "total: /pagination/total"};
constexpr Paging by_both = {"both", "page: page, ",
                            "total_pages: /pagination/pages\n    total: /pagination/total"};
constexpr Paging by_link = {"link", "", "next: /links/next"};
constexpr Paging to_the_end = {"until_empty", "page: page, ", ""};

void configure_paging(Hospital& hospital, const Paging& paging) {
    auto text = read_file(hospital.config());
    const auto replace = [&text](const std::string& before, const std::string& after) {
        const auto at = text.find(before);
        ASSERT_NE(at, std::string::npos) << before;
        text.replace(at, before.size(), after);
    };
    replace("page_size: 500", "page_size: " + std::to_string(page_size));
    replace("page: page, ", paging.query);
    replace("total_pages: /pagination/pages", paging.pages);
    write_file(hospital.config(), text + "sync: {overlap: 2s, max_changes: {ratio: 1}}\n");
}

using Parameters = std::tuple<std::string, Paging>;
class MovingList : public testing::TestWithParam<Parameters> {};

TEST_P(MovingList, LosesNobody) {
    const auto& [order, paging] = GetParam();
    Hospital hospital(sandbox(order));
    configure_paging(hospital, paging);
    Movement movement(hospital);
    int steps = 0;
    std::string story;
    for (int run = 0; run < 2; ++run) { // a first load, and a poll
        const auto cycle = hospital.start({"--once", "--output", "json"});
        for (int i = 0; i < most_steps && !cycle->ended(); ++i, ++steps)
            movement.step();
        const auto exit = cycle->wait();
        EXPECT_TRUE(exit == 0 || exit == 75) << cycle->err();
        story += cycle->err() + std::to_string(steps) + " steps\n";
    }
    EXPECT_GT(steps, 10) << "the list did not move much";

    Ended last;
    int cycles = 0;
    for (; cycles < 2 && last.exit != 0; ++cycles)
        last = hospital.once();
    EXPECT_EQ(last.exit, 0) << last.err;
    EXPECT_EQ(differences_between_sides(hospital), "") << story << last.err;
    EXPECT_EQ(hospital.stats()["medicapp"]["duplicates"], 0);
}

std::vector<std::string> orders() {
    if (sanitized) return {"ipp"};
    return {"modified", "ipp", "created"};
}

std::vector<Paging> pagings() {
    if (sanitized) return {by_both, by_link};
    return {by_number, by_total, by_both, by_link, to_the_end};
}

INSTANTIATE_TEST_SUITE_P(
    His, MovingList, testing::Combine(testing::ValuesIn(orders()), testing::ValuesIn(pagings())),
    [](const auto& parameters) {
        return std::get<0>(parameters.param) + "_by_" + std::get<1>(parameters.param).name;
    });

} // namespace
} // namespace medibridge::tests
