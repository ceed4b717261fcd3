#include "hospital.hpp"
#include "promtool.hpp"
#include "supply.hpp"

#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <optional>
#include <sstream>

// Health and metrics of the real service, asked over HTTP.
namespace medibridge::tests {
namespace {

using http::Method;
using nlohmann::json;
using testing::HasSubstr;

/// A service that is monitored. Cycles begin by themselves each second.
class Monitored : public testing::Test {
  protected:
    void begin(std::vector<std::string> sandbox, const std::string& more = {}) {
        hospital_ = std::make_unique<Hospital>(std::move(sandbox));
        hospital_->configure("http: {listen: \"127.0.0.1:0\"}\n" + more);
        service_ = hospital_->start({});
        wait_until(*service_, [&] { return said(*service_, "monitoring.listening"); });
        learn_address();
    }
    void TearDown() override {
        if (!service_ || service_->ended()) return;
        EXPECT_EQ(promtool("check metrics", get("/metrics").body), "");
        service_->signal(SIGTERM);
        EXPECT_EQ(service_->wait(), 0) << service_->err();
    }

    void learn_address() {
        std::istringstream lines(service_->err());
        std::string line;
        while (std::getline(lines, line))
            if (line.find("monitoring.listening") != std::string::npos)
                address_ = "http://" + json::parse(line)["address"].get<std::string>();
    }

    http::Response get(const std::string& path) { return fetch(address_ + path, Method::get); }

    /// By name and labels as they stand in the text.
    std::map<std::string, double> scrape() {
        std::istringstream lines(get("/metrics").body);
        std::map<std::string, double> found;
        std::string line;
        while (std::getline(lines, line)) {
            const auto space = line.rfind(' ');
            if (line.starts_with('#') || space == std::string::npos) continue;
            found[line.substr(0, space)] = std::stod(line.substr(space + 1));
        }
        return found;
    }
    double value(const std::string& series) {
        const auto all = scrape();
        const auto found = all.find(series);
        return found == all.end() ? -1 : found->second;
    }
    void await(const std::string& series, const std::function<bool(double)>& holds) {
        wait_until(*service_, [&] { return holds(value(series)); });
    }
    void await_cycle(const std::string& outcome) {
        await("medibridge_cycle_duration_seconds_count{outcome=\"" + outcome + "\"}",
              [](double count) { return count >= 1; });
    }

    /// The reasons of `/readyz`, `REASON SIDE`; its status must fit.
    std::vector<std::string> reasons() {
        const auto answer = get("/readyz");
        const auto body = json::parse(answer.body);
        EXPECT_EQ(answer.status, body["ready"] == true ? 200 : 503);
        std::vector<std::string> found;
        for (const auto& one : body["reasons"])
            found.push_back(one["reason"].get<std::string>() + " " +
                            (one["side"].is_null() ? "" : one["side"].get<std::string>()));
        EXPECT_EQ(found.empty(), body["ready"] == true);
        return found;
    }
    void await_reasons(const std::vector<std::string>& expected) {
        wait_until(*service_, [&] { return reasons() == expected; });
    }

    std::unique_ptr<Hospital> hospital_;
    std::unique_ptr<Child> service_;
    std::string address_;
};

constexpr const char* each_second = "sync: {interval: 1s}\n";

TEST_F(Monitored, FirstLoadAndIdleCyclesAreCounted) {
    begin({"--patients", "120", "--invalid-share", "0.1"}, each_second);
    await_cycle("complete");
    EXPECT_EQ(get("/healthz").status, 200);
    await_reasons({});
    auto now = scrape();
    const auto held = now["medibridge_waiting_patients{kind=\"to_decide\"}"] +
                      now["medibridge_waiting_patients{kind=\"excluded\"}"];
    EXPECT_GT(held, 0);
    EXPECT_EQ(now["medibridge_linked_patients"], 120 - held);
    EXPECT_EQ(now["medibridge_patients_total{outcome=\"created\"}"], 120 - held);
    EXPECT_EQ(now["medibridge_patients_total{outcome=\"held\"}"], held);
    EXPECT_EQ(now["medibridge_requests_total{side=\"medicapp\",method=\"POST\",code=\"201\"}"],
              hospital_->stats()["medicapp"]["requests"]["POST"].get<double>());
    double by_reason = 0;
    for (const auto& [series, count] : now)
        if (series.starts_with("medibridge_held_patients{")) by_reason += count;
    EXPECT_EQ(by_reason, held);
    EXPECT_GT(now["medibridge_oldest_to_decide_timestamp_seconds"], 1.7e9);
    EXPECT_GT(now["medibridge_commit_duration_seconds_count"], 0);
    EXPECT_GT(now["medibridge_state_size_bytes"], 4096);
    EXPECT_GT(now["process_resident_memory_bytes"], 1e6);
    EXPECT_EQ(now.count("medibridge_medicapp_rate_requests_per_second"), 0u);
    // An idle cycle creates nobody.
    await("medibridge_cycle_duration_seconds_count{outcome=\"complete\"}",
          [](double count) { return count >= 3; });
    EXPECT_EQ(value("medibridge_patients_total{outcome=\"created\"}"), 120 - held);
}

TEST_F(Monitored, AnOutageBeginsAndEnds) {
    begin({"--patients", "20", "--invalid-share", "0"}, each_second);
    await_cycle("complete");
    hospital_->set_faults({"his/ANY:1+:503"});
    await("medibridge_side_up{side=\"his\"}", [](double up) { return up == 0; });
    await_reasons({"side_down his"});
    EXPECT_GT(value("medibridge_side_down_since_timestamp_seconds{side=\"his\"}"), 1.7e9);
    EXPECT_EQ(value("medibridge_side_up{side=\"medicapp\"}"), 1);
    EXPECT_EQ(value("medibridge_obstacle{reason=\"side_down\"}"), 1);
    EXPECT_GT(value("medibridge_requests_total{side=\"his\",method=\"GET\",code=\"503\"}"), 0);
    hospital_->set_faults({});
    await_reasons({});
    EXPECT_EQ(value("medibridge_side_down_since_timestamp_seconds{side=\"his\"}"), -1);
}

/// The cycle that meets an outage tries for about half a minute.
TEST_F(Monitored, AnOutageShowsBeforeTheCycleThatMeetsItHasEnded) {
    begin({"--patients", "20", "--invalid-share", "0"}, each_second);
    await_cycle("complete");
    hospital_->set_faults({"ANY:1+:503"});
    const std::string ended = "medibridge_cycle_duration_seconds_count{outcome=\"incomplete\"}";
    await("medibridge_side_trying_since_timestamp_seconds{side=\"medicapp\"}",
          [](double since) { return since > 1.7e9; });
    EXPECT_EQ(value("medibridge_side_up{side=\"medicapp\"}"), 1);
    EXPECT_TRUE(reasons().empty());
    await_reasons({"side_down medicapp"});
    EXPECT_EQ(value(ended), -1);
    EXPECT_EQ(value("medibridge_side_up{side=\"medicapp\"}"), 0);
    hospital_->set_faults({});
    await_reasons({});
}

/// Packets that a firewall drops: nothing comes back, and the attempt goes on for its timeout.
TEST_F(Monitored, SilenceShowsWhileTheFirstAttemptStillWaits) {
    for (const std::string side : {"medicapp", "his"}) {
        begin({"--patients", "20", "--invalid-share", "0"}, each_second);
        await_cycle("complete");
        hospital_->set_faults({(side == "his" ? "his/" : "") + std::string("ANY:1+:hang")});
        await("medibridge_side_trying_since_timestamp_seconds{side=\"" + side + "\"}",
              [](double since) { return since > 1.7e9; });
        EXPECT_TRUE(reasons().empty());
        await_reasons({"side_down " + side});
        for (const auto& [series, count] : scrape())
            EXPECT_THAT(series, testing::Not(HasSubstr("code=\"timeout\""))) << count;
        service_->signal(SIGKILL);
        service_->wait();
    }
}

TEST_F(Monitored, OneLostRequestMakesNothingFlap) {
    begin({"--patients", "20", "--invalid-share", "0"}, each_second);
    await_cycle("complete");
    hospital_->set_faults({"GET:1:503"});
    const std::string failed =
        "medibridge_requests_total{side=\"medicapp\",method=\"GET\",code=\"503\"}";
    wait_until(*service_, [&] {
        EXPECT_TRUE(reasons().empty());
        return value(failed) == 1;
    });
    await("medibridge_side_trying_since_timestamp_seconds{side=\"medicapp\"}",
          [](double since) { return since == -1; });
    EXPECT_TRUE(reasons().empty());
    hospital_->set_faults({});
}

TEST_F(Monitored, RefusalsForTheRateShowThePace) {
    begin({"--patients", "300", "--invalid-share", "0", "--rate-limit", "60"}, each_second);
    const std::string refused =
        "medibridge_requests_total{side=\"medicapp\",method=\"POST\",code=\"429\"}";
    await(refused, [](double count) { return count > 0; });
    await("medibridge_medicapp_pauses_total", [](double count) { return count > 0; });
    await("medibridge_medicapp_limit_found_requests_per_second",
          [](double rate) { return rate > 0; });
    EXPECT_GT(value("medibridge_medicapp_rate_requests_per_second"), 0);
}

TEST_F(Monitored, AGuardIsAReason) {
    begin({"--patients", "60", "--invalid-share", "0"},
          "sync: {interval: 1s, max_changes: {ratio: 0.1, at_least: 2}}\n");
    await_cycle("complete");
    hospital_->control(Method::post, "/his/edit?count=30");
    await_cycle("guarded");
    await_reasons({"guard "});
    EXPECT_EQ(value("medibridge_guard_stopped{guard=\"guard.changes\"}"), 1);
}

TEST_F(Monitored, ARefusedKeyIsAReason) {
    begin({"--patients", "20", "--invalid-share", "0"}, each_second);
    await_cycle("complete");
    hospital_->set_faults({"ANY:1+:401"});
    await("medibridge_credentials_refused", [](double refused) { return refused == 1; });
    await_cycle("unauthorized");
    await_reasons({"unauthorized medicapp"});
}

TEST_F(Monitored, APauseIsAReason) {
    begin({"--patients", "20", "--invalid-share", "0"}, each_second);
    await_cycle("complete");
    const auto operate = [&](const std::string& word) {
        Child child({MEDIBRIDGECTL, "--config", hospital_->config(), "--yes", word},
                    hospital_->directory());
        EXPECT_EQ(child.wait(), 0) << child.err();
    };
    operate("pause");
    await_reasons({"paused "});
    EXPECT_EQ(value("medibridge_paused"), 1);
    operate("resume");
    await_reasons({});
}

TEST_F(Monitored, CountersGoOnOverAReload) {
    begin({"--patients", "30", "--invalid-share", "0"}, each_second);
    await_cycle("complete");
    const std::string posts =
        "medibridge_requests_total{side=\"medicapp\",method=\"POST\",code=\"201\"}";
    EXPECT_EQ(value(posts), 30);
    service_->signal(SIGHUP);
    wait_until(*service_, [&] { return said(*service_, "service.reloaded"); });
    await_reasons({});
    EXPECT_EQ(value(posts), 30);
    EXPECT_EQ(value("medibridge_linked_patients"), 30);
    EXPECT_EQ(times_said(*service_, "monitoring.listening"), 1) << "it listens all the time";
}

TEST_F(Monitored, OthersPathsMethodsAndNamesAreRefused) {
    begin({"--patients", "5", "--invalid-share", "0"}, each_second);
    EXPECT_EQ(get("/").status, 404);
    EXPECT_EQ(get("/metrics/x").status, 404);
    EXPECT_EQ(fetch(address_ + "/metrics", Method::post, "{}").status, 405);
    EXPECT_EQ(fetch(address_ + "/metrics", Method::delete_).status, 405);
    EXPECT_EQ(get("/metrics").status, 200);
    EXPECT_THAT(get("/metrics").header("Content-Type"), HasSubstr("version=0.0.4"));
}

TEST_F(Monitored, APortThatIsTakenKeepsNobodyFromWork) {
    begin({"--patients", "5", "--invalid-share", "0"}, each_second);
    Hospital other({"--patients", "5", "--invalid-share", "0"});
    other.configure("http: {listen: \"" + address_.substr(7) + "\"}\nsync: {interval: 1s}");
    const auto service = other.start({});
    wait_until(*service, [&] { return said(*service, "monitoring.failed"); });
    wait_until(*service, [&] { return said(*service, "cycle.finished"); });
    EXPECT_THAT(service->err(), HasSubstr("in use"));
    service->signal(SIGTERM);
    EXPECT_EQ(service->wait(), 0);
}

TEST_F(Monitored, SendersAreTimedAndTheirInboxIsMeasured) {
    const auto supply = make_supply("hl7v2");
    auto arguments = supply->sandbox();
    arguments.insert(arguments.end(), {"--patients", "12", "--invalid-share", "0"});
    begin(arguments, each_second);
    await("medibridge_acknowledgement_duration_seconds_count{side=\"his\",code=\"AA\"}",
          [](double count) { return count >= 12; });
    await("medibridge_linked_patients", [](double linked) { return linked == 12; });
    EXPECT_GE(value("medibridge_inbox_records{side=\"his\"}"), 0);
}

} // namespace
} // namespace medibridge::tests
