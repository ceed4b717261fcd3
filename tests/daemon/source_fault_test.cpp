#include "hospital.hpp"

#include <csignal>
#include <gtest/gtest.h>
#include <thread>

// A HIS that answers 200 with something else than its list, and a Medicapp that is away: told once,
// nothing lost, the others go on, and nobody is asked more often than is decent.

namespace medibridge::tests {
namespace {

using http::Method;
using nlohmann::json;

constexpr int served_patients = 30;

/// Two hospitals' systems that one medibridged reads: the second is another sandbox's.
class TwoSources : public testing::Test {
  protected:
    TwoSources()
        : hospital({"--patients", std::to_string(served_patients), "--invalid-share", "0"}),
          other({"--patients", "0"}) {
        auto text = read_file(hospital.config());
        const auto begin = text.find("  - name: his");
        const auto end = text.find("\nstate:");
        auto second = text.substr(begin, end - begin);
        const auto url = hospital.addresses()["his"].get<std::string>();
        second.replace(second.find(url), url.size(), other.addresses()["his"].get<std::string>());
        second.replace(second.find("name: his"), 9, "name: other");
        write_file(hospital.config(), text.insert(end, "\n" + second) + "sync: {interval: 1s}\n");
    }

    /// One more patient of the second source.
    void add_to_other() {
        auto patient = somebody_;
        patient["ipp"] = std::to_string(9000000000 + ++added_);
        patient.erase("majLe");
        other.control(Method::post, "/his/patients", patient);
    }

    int puts() { return hospital.stats()["medicapp"]["requests"]["PUT"].get<int>(); }

    Hospital hospital;
    Hospital other;

  private:
    json somebody_ = hospital.his_patients().front();
    int added_ = 0;
};

class Nonsense : public TwoSources, public testing::WithParamInterface<std::string> {};

TEST_P(Nonsense, FromOneSourceIsToldAndTheOtherGoesOn) {
    ASSERT_EQ(hospital.once().exit, 0);
    hospital.set_faults({"his/LIST:1+:" + GetParam()});
    hospital.control(Method::post, "/his/edit?count=5");
    add_to_other();
    hospital.reset_stats();
    const auto without = hospital.once();
    EXPECT_EQ(without.exit, 75);
    const auto unreadable = without.events("source.unreadable");
    const auto unavailable = without.events("source.unavailable");
    ASSERT_EQ(unreadable.size() + unavailable.size(), 1u) << without.err;
    const auto& told = unreadable.empty() ? unavailable.front() : unreadable.front();
    EXPECT_EQ(told["source"], "his");
    EXPECT_NE(told.value("reason", ""), "");
    EXPECT_EQ(hospital.medicapp_patients().size(), served_patients + 1u)
        << "the other source's patient";
    EXPECT_EQ(puts(), 0);
    EXPECT_LE(hospital.stats()["his"]["lists"].get<int>(), 5) << "no busy loop";

    hospital.set_faults({});
    const auto with = hospital.once();
    EXPECT_EQ(with.exit, 0) << with.err;
    EXPECT_EQ(with.json()["updated"], puts());
    EXPECT_GT(puts(), 0) << "what was edited meanwhile is not lost";
}

INSTANTIATE_TEST_SUITE_P(Answer, Nonsense, testing::Values("html", "garbage", "truncate", "empty"),
                         [](const auto& kind) { return kind.param; });

TEST_F(TwoSources, AListThatIsSuddenlyEmptyTakesNothingAway) {
    ASSERT_EQ(hospital.once().exit, 0);
    const auto before = hospital.medicapp_patients();
    const auto all = hospital.his_patients();
    for (const auto& patient : all)
        hospital.control(Method::delete_, "/his/patients/" + patient["ipp"].get<std::string>());
    add_to_other();
    hospital.reset_stats();
    hospital.once();
    const auto whole = hospital.once({"--full"});
    EXPECT_EQ(whole.exit, 69) << whole.err;
    EXPECT_EQ(whole.events("guard.emptied").size(), 1u);
    EXPECT_EQ(hospital.stats()["medicapp"]["requests"]["DELETE"], 0);
    EXPECT_EQ(puts(), 0);
    EXPECT_EQ(hospital.medicapp_patients(), before);

    hospital.control(Method::post, "/his/patients", all);
    hospital.control(Method::post, "/his/edit?count=5");
    const auto back = hospital.once({"--full", "--output", "json"});
    EXPECT_EQ(back.exit, 0) << back.err;
    EXPECT_GT(puts(), 0);
    EXPECT_EQ(hospital.medicapp_patients().size(), served_patients + 1u);
}

/// The hour itself is tested in virtual time with Medicapp's client; this is the service.
TEST_F(TwoSources, AServiceThroughAnOutageOfMedicappTellsItOnceAndAsksSeldom) {
    const auto service = hospital.start({});
    wait_until(*service, [&] { return said(*service, "cycle.finished"); });
    hospital.set_faults({"ANY:1+:503"});
    wait_until(*service, [&] { return said(*service, "medicapp.unavailable"); });
    hospital.control(Method::post, "/his/edit?count=5");
    hospital.reset_stats();
    std::this_thread::sleep_for(std::chrono::seconds(5)); // what is measured: requests in a time
    const auto requests = hospital.stats()["medicapp"]["requests"]["GET"].get<int>();
    EXPECT_LE(requests, 15) << "in five seconds";
    hospital.set_faults({});
    wait_until(*service, [&] { return said(*service, "medicapp.recovered") && puts() > 0; });
    service->signal(SIGTERM);
    EXPECT_EQ(service->wait(), 0);
    EXPECT_EQ(times_said(*service, "medicapp.unavailable"), 1);
    EXPECT_EQ(times_said(*service, "medicapp.recovered"), 1);
    EXPECT_EQ(hospital.once().json()["updated"], 0) << "all was applied";
}

} // namespace
} // namespace medibridge::tests
