#include "control/monitoring/catalogue.hpp"
#include "control/monitoring/readiness.hpp"
#include "promtool.hpp"

#include <algorithm>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <sstream>

// The page, the alerts and the dashboard against what the service shows.
namespace medibridge::monitoring {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

std::string text_of(const std::string& file) {
    std::ifstream in(std::string(MEDIBRIDGE_SOURCE_DIR "/") + file);
    EXPECT_TRUE(in) << file;
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

/// Everything in the text that a metric of ours could be, without what a histogram adds.
std::set<std::string> metrics_in(const std::string& text) {
    static const std::regex word(R"(\b(?:medibridge|process)_[a-z_]+\b)");
    static const std::regex part("_(bucket|sum|count)$");
    std::set<std::string> found;
    for (std::sregex_iterator at(text.begin(), text.end(), word), end; at != end; ++at) {
        auto name = at->str();
        const auto whole = std::regex_replace(name, part, "");
        const bool is_histogram = std::ranges::any_of(catalogue(), [&](const Metric& metric) {
            return metric.name == whole && metric.type == Metric::Type::histogram;
        });
        found.insert(is_histogram ? whole : name);
    }
    return found;
}

std::vector<std::string> unknown(const std::set<std::string>& names) {
    std::vector<std::string> wrong;
    for (const auto& one : names)
        if (std::ranges::find(catalogue(), one, &Metric::name) == catalogue().end())
            wrong.push_back(one);
    return wrong;
}

TEST(MonitoringPage, HasARowForEachMetricAndNoOther) {
    const auto page = text_of("docs/monitoring.md");
    static const std::regex row(R"(\n\| `([a-z_]+)` \| (\w+) \| ([^|]*) \| [^|]+ \| ([^\n]*) \|)");
    std::set<std::string> rows;
    for (std::sregex_iterator at(page.begin(), page.end(), row), end; at != end; ++at) {
        std::string labels = (*at)[3];
        std::erase_if(labels, [](char c) { return c == '`' || c == ' '; });
        rows.insert((*at)[1].str() + " " + (*at)[2].str() + " " + labels + " " + (*at)[4].str());
    }
    std::set<std::string> expected;
    for (const auto& metric : catalogue())
        expected.insert(std::string(metric.name) + " " + std::string(name(metric.type)) + " " +
                        std::string(metric.labels) + " " + std::string(metric.help));
    EXPECT_EQ(rows, expected);
    for (const auto reason : obstacle_reasons)
        EXPECT_THAT(page, HasSubstr("| `" + std::string(reason) + "` |"));
}

TEST(Alerts, PleasePromtoolAndKnowTheirMetrics) {
    const std::string file = "config/monitoring/medibridge.rules.yaml";
    EXPECT_EQ(tests::promtool("check rules " MEDIBRIDGE_SOURCE_DIR "/" + file), "");
    EXPECT_THAT(unknown(metrics_in(text_of(file))), IsEmpty());
}

TEST(Alerts, LeadToASectionOfThePage) {
    const auto rules = text_of("config/monitoring/medibridge.rules.yaml");
    const auto page = text_of("docs/monitoring.md");
    static const std::regex alert(R"(- alert: (\w+))");
    static const std::regex runbook(R"(runbook_url: \S+/docs/monitoring\.md#(\w+)\n)");
    std::vector<std::string> anchors;
    for (std::sregex_iterator at(rules.begin(), rules.end(), runbook), end; at != end; ++at)
        anchors.push_back((*at)[1]);
    std::size_t alerts = 0;
    for (std::sregex_iterator at(rules.begin(), rules.end(), alert), end; at != end; ++at) {
        ++alerts;
        auto name = (*at)[1].str();
        EXPECT_THAT(page, HasSubstr("\n### " + name + "\n"));
        std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
        EXPECT_THAT(anchors, Contains(name));
    }
    EXPECT_GT(alerts, 10u);
    EXPECT_EQ(alerts, anchors.size());
}

TEST(Dashboard, AsksForMetricsThatAreThere) {
    const auto dashboard =
        nlohmann::json::parse(text_of("config/monitoring/medibridge.dashboard.json"));
    std::set<std::string> shown;
    for (const auto& panel : dashboard["panels"]) {
        EXPECT_FALSE(panel["targets"].empty()) << panel["title"];
        for (const auto& target : panel["targets"]) {
            const auto asked = metrics_in(target["expr"].get<std::string>());
            EXPECT_FALSE(asked.empty()) << target["expr"];
            EXPECT_THAT(unknown(asked), IsEmpty()) << target["expr"];
            shown.insert(asked.begin(), asked.end());
        }
    }
    EXPECT_GT(shown.size(), 15u);
}

} // namespace
} // namespace medibridge::monitoring
