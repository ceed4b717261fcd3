#include "bridge_cycle.hpp"
#include "hospital.hpp"

#include "config/load.hpp"
#include "connectors/kinds/kinds.hpp"
#include "connectors/rest/kind.hpp"
#include "tests/base/http/lookup.hpp"

#include <gtest/gtest.h>

// A name service that fails now and then: any one look-up of a cycle may be the one.

namespace medibridge::tests {
namespace {

class Events final : public log::EventLog {
  public:
    void write(const log::Event& event) override { names.emplace_back(event.type().name); }
    std::vector<std::string> names;
};

/// The settings of a hospital whose both sides are reached by name. (The configuration allows
/// http:// to this machine only, so the names are put in behind its back.)
config::Settings with_names(Hospital& hospital) {
    hospital.configure("sync: {overlap: 2s, max_changes: {ratio: 1}}");
    auto settings =
        *config::load(hospital.config(), config::process_environment(), connectors::source_kinds())
             .settings;
    settings.medicapp.base_url.host = "medicapp.test";
    auto& source = settings.his.front();
    auto rest = dynamic_cast<const connectors::RestSettings&>(*source.its);
    rest.url.host = "his.test";
    source.its = std::make_shared<connectors::RestSettings>(std::move(rest));
    return settings;
}

TEST(Lookup, ThatFailsOnceAnywhereInACycleLosesNothing) {
    http::test::Lookup lookup;
    lookup.answer({"127.0.0.1"});
    Hospital hospital({"--patients", "12", "--invalid-share", "0", "--duplicates", "accept"});
    const auto settings = with_names(hospital);
    Events quiet;
    ASSERT_EQ(run_bridge(settings, quiet).outcome, sync::Outcome::complete);
    const int first_load = lookup.asked();
    ASSERT_GE(first_load, 2) << "both sides have a name";

    for (int number = 1; number <= first_load; ++number) {
        SCOPED_TRACE("look-up " + std::to_string(number));
        hospital.control(http::Method::post, "/his/edit?count=10");
        lookup.fail(lookup.asked() + number);
        Events events;
        const auto report = run_bridge(settings, events);
        const bool told = std::ranges::any_of(events.names, [](const std::string& name) {
            return name == "cycle.incomplete" || name == "cycle.finished";
        });
        EXPECT_TRUE(told);
        lookup.fail(0);
        if (report.outcome != sync::Outcome::complete) {
            ASSERT_EQ(run_bridge(settings, quiet).outcome, sync::Outcome::complete);
        }
        EXPECT_EQ(hospital.stats()["medicapp"]["duplicates"], 0);
        hospital.reset_stats();
        ASSERT_EQ(run_bridge(settings, quiet).outcome, sync::Outcome::complete);
        EXPECT_EQ(hospital.stats()["medicapp"]["requests"]["PUT"], 0) << "nothing was left";
    }
    EXPECT_EQ(hospital.medicapp_patients().size(), 12u);
    std::cout << first_load << " look-ups, each of which failed once\n";
}

} // namespace
} // namespace medibridge::tests
