#include "combination.hpp"
#include "hospital.hpp"

#include <atomic>
#include <chrono>
#include <gtest/gtest.h>
#include <iostream>
#include <mutex>
#include <thread>
#include <tuple>

// Whatever Medicapp does where its documentation is silent, the same hospital ends in the same
// state. Every combination is a sandbox and runs of medibridged of its own; several are under way
// at once, because most of their time is waiting for a refused rate to pass.

namespace medibridge::tests {
namespace {

using http::Method;
using nlohmann::json;

/// How many combinations are under way at once.
constexpr std::size_t side_by_side = 16;
constexpr std::chrono::milliseconds more_than_lag{350};

/// One combination's course: a first load, edits on both sides, the cycles that take them over,
/// and a cycle in which nothing is left to do.
class Course {
  public:
    explicit Course(const Combination& combination)
        : combination_(combination),
          hospital_(arguments(combination)) {
        hospital_.configure("sync: {overlap: 1s, on_cleared: clear, authority: {default: his, "
                            "email: newest, phone: newest}}\nlog: {identifiers: external_id}");
    }

    /// What went wrong; empty if nothing did.
    std::string run() {
        prepare();
        load();
        edit();
        take_over();
        stay_idle();
        compare();
        return wrong_.empty()
                   ? wrong_
                   : combination_.text() + "\n" + wrong_ +
                         "replay: MEDIBRIDGE_COMBINATION=" + std::to_string(combination_.number()) +
                         " " + MATRIX_TEST + " --gtest_filter='*" +
                         std::string(combination_.value("list-order")) + "_" +
                         std::string(combination_.value("put-null")) + "'\n";
    }
    int refused_rates() const { return refused_rates_; }

  private:
    static std::vector<std::string> arguments(const Combination& combination) {
        std::vector<std::string> all{"--patients", "12",        "--invalid-share", "0",
                                     "--seed",     "5",         "--rate-limit",    "25",
                                     "--burst",    "8",         "--duplicates",    "accept",
                                     "--fault",    "POST:5:429"};
        const auto own = combination.arguments();
        all.insert(all.end(), own.begin(), own.end());
        return all;
    }

    void fail(const std::string& what) { wrong_ += "  " + what + "\n"; }
    bool allows_names() const { return combination_.value("put-names") == "allow"; }
    const std::string& key(std::size_t number) const { return keys_.at(number); }

    void to_his(std::size_t number, json change) {
        change["ipp"] = key(number);
        hospital_.control(Method::post, "/his/patients", change);
    }
    void to_medicapp(std::size_t number, const json& change) {
        hospital_.control(Method::put, "/medicapp/patients/" + key(number), change);
    }

    Ended cycle() {
        auto ended = hospital_.once();
        if (ended.exit != 0) {
            fail("exit " + std::to_string(ended.exit) + ": " + ended.out + ended.err);
        } else {
            refused_rates_ += ended.json()["requests"]["medicapp"]["rate_limited"].get<int>();
        }
        return ended;
    }

    /// Everybody has a phone number and an e-mail address that can be changed and taken away.
    void prepare() {
        for (const auto& patient : hospital_.his_patients())
            keys_.push_back(patient["ipp"].get<std::string>());
        for (std::size_t i = 0; i < keys_.size(); ++i) {
            to_his(i, json::parse(R"({"majLe":"2026-01-05T08:00:00Z","contact":{"mail":"m)" +
                                  std::to_string(i) + R"(@example.org","mobile":"01 99 00 11 0)" +
                                  std::to_string(i % 10) + R"("}})"));
        }
    }

    void load() {
        if (cycle().json()["created"] != 12) fail("the first load is not whole");
        before_ = hospital_.medicapp_patients();
    }

    void edit() {
        to_his(0, json::parse(R"({"etatCivil":{"nomNaissance":"Renommée"}})"));
        to_his(1, json::parse(R"({"contact":{"mobile":""}})"));
        to_his(2, json::parse(R"({"contact":{"mobile":"01 99 00 77 77"}})"));
        to_his(3, json::parse(R"({"contact":{"mail":"","mobile":"01 99 00 88 88"}})"));
        to_medicapp(4, json::parse(R"({"phone":"+33199006666"})"));
        to_medicapp(5, json::parse(R"({"firstName":"Autrement"})"));
        to_his(6, json::parse(R"({"contact":{"mobile":"01 99 00 55 55"}})"));
        hospital_.control(Method::delete_, "/medicapp/patients/" + key(6));
        to_his(7, json::parse(R"({"etatCivil":{"nomNaissance":"Renommée"},
                                  "contact":{"mobile":"01 99 00 44 44"}})"));
        auto copy = hospital_.control(Method::get, "/his/patients/" + key(8));
        copy["ipp"] = added_;
        copy["etatCivil"]["nomNaissance"] = "Nouvelle";
        copy.erase("majLe");
        hospital_.control(Method::post, "/his/patients", copy);
    }

    /// The second cycle sees lists that do not show yet what the first one wrote; the third is for
    /// what they showed late.
    void take_over() {
        cycle();
        cycle();
        std::this_thread::sleep_for(more_than_lag);
        cycle();
    }

    void stay_idle() {
        for (int i = 0; i < 2; ++i) {
            hospital_.reset_stats();
            const auto idle = cycle();
            const auto requests = hospital_.stats()["medicapp"]["requests"];
            if (requests["POST"] != 0 || requests["PUT"] != 0)
                fail("an idle cycle wrote: " + requests.dump() + idle.err);
        }
    }

    void expect(std::size_t number, const char* field, const json& value) {
        const auto& shown = after_[key(number)][field];
        if (shown != value) {
            fail("patient " + std::to_string(number) + ": " + field + " is " + shown.dump() +
                 ", not " + value.dump());
        }
    }

    void compare() {
        after_ = hospital_.medicapp_patients();
        const auto cleared = [this](std::size_t number, const char* field) {
            return combination_.value("put-null") == "clears" ? json(nullptr)
                                                              : before_[key(number)][field];
        };
        const auto& name_before = before_[key(0)]["lastName"];
        expect(0, "lastName", allows_names() ? json("Renommée") : name_before);
        expect(1, "phone", cleared(1, "phone"));
        expect(2, "phone", "+33199007777");
        expect(3, "email", cleared(3, "email"));
        expect(3, "phone", "+33199008888");
        expect(4, "phone", "+33199006666");
        expect(5, "firstName", allows_names() ? before_[key(5)]["firstName"] : json("Autrement"));
        const bool refused = combination_.value("put-names") == "refuse";
        expect(7, "lastName", allows_names() ? json("Renommée") : before_[key(7)]["lastName"]);
        expect(7, "phone", refused ? before_[key(7)]["phone"] : json("+33199004444"));
        if (after_.contains(key(6))) fail("a patient who was erased is there again");
        if (!after_.contains(added_)) fail("the new patient is missing");
        if (after_.size() != 12) fail(std::to_string(after_.size()) + " patients, not 12");
        if (hospital_.stats()["medicapp"]["duplicates"] != 0) fail("a duplicate was made");
        expect_held();
    }

    /// Who is not as the HIS has it is known to an operator: `--strict` counts the held.
    void expect_held() {
        const auto strict = hospital_.once({"--strict"});
        if (strict.exit != 65) fail("nobody is held: exit " + std::to_string(strict.exit));
    }

    Combination combination_;
    Hospital hospital_;
    std::vector<std::string> keys_;
    const std::string added_ = "9000000001";
    std::map<std::string, json> before_;
    std::map<std::string, json> after_;
    std::string wrong_;
    int refused_rates_ = 0;
};

class Matrix : public testing::TestWithParam<std::tuple<std::string, std::string>> {};

TEST_P(Matrix, EndsInTheSameState) {
    const auto combinations = combinations_of(std::get<0>(GetParam()), std::get<1>(GetParam()));
    std::atomic<std::size_t> next = 0;
    std::atomic<int> refused_rates = 0;
    std::mutex reporting;
    const auto work = [&] {
        for (std::size_t i = next++; i < combinations.size(); i = next++) {
            Course course(combinations[i]);
            const auto wrong = course.run();
            refused_rates += course.refused_rates();
            const std::scoped_lock lock(reporting);
            if (!wrong.empty()) ADD_FAILURE() << wrong;
        }
    };
    {
        std::vector<std::jthread> workers;
        for (std::size_t i = 0; i < std::min(side_by_side, combinations.size()); ++i)
            workers.emplace_back(work);
    }
    std::cout << combinations.size() << " combinations, " << refused_rates << " answers 429\n";
    EXPECT_GE(refused_rates, static_cast<int>(combinations.size())) << "the rate limit was not met";
}

std::string test_name(const testing::TestParamInfo<Matrix::ParamType>& info) {
    return std::get<0>(info.param) + "_" + std::get<1>(info.param);
}

INSTANTIATE_TEST_SUITE_P(Medicapp, Matrix,
                         testing::Combine(testing::Values("created", "modified", "id", "shuffled"),
                                          testing::Values("clears", "ignored", "rejected")),
                         test_name);

} // namespace
} // namespace medibridge::tests
