#include "world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

// How loud the log is about those who are held.
namespace medibridge::tests {
namespace {

using reconcile::Field;
using reconcile::FieldValue;

TEST(Excluded, IsNoWarning) {
    World world;
    world.fill_his(2);
    world.his.at("P1").deceased = true;
    world.run();
    const auto event = std::ranges::find(world.log.events, "patient.held",
                                         [](const auto& one) { return one.type().name; });
    ASSERT_NE(event, world.log.events.end());
    EXPECT_EQ(event->level(), log::Level::info);
    EXPECT_NE(event->message().find("excluded"), std::string_view::npos);
}

TEST(CommonFault, OfMostPatientsIsLoggedOnceWithTheirNumber) {
    World world;
    world.fill_his(60);
    for (int i = 1; i <= 50; ++i)
        world.his.at("P" + std::to_string(i)).patient[Field::birth_date] =
            FieldValue::known("1980-02-30");
    EXPECT_EQ(world.run().held, 50);
    EXPECT_EQ(world.log.count("mapping.suspected"), 1);
    const auto is_loud = [](const log::Event& event) {
        return event.type().name == "patient.held" && event.level() != log::Level::debug;
    };
    EXPECT_EQ(std::ranges::count_if(world.log.events, is_loud), 0);
    EXPECT_EQ(world.log.count("patient.held"), 50);
    EXPECT_EQ(world.log.events.back().type().name, "cycle.finished");
}

class Deeds final : public sync::Observer {
  public:
    void acted(const std::string& external_id, sync::Action action,
               const std::string& detail) override {
        lines.push_back(external_id + " " + std::string(name(action)) + " " + detail);
    }
    std::vector<std::string> lines;
};

TEST(Created, NamesTheFieldsThatWereSentInTheListTheLogAndTheAudit) {
    World world;
    Deeds deeds;
    world.observer = &deeds;
    world.restart();
    world.fill_his(1);
    world.his.at("P1").patient[Field::phone] = FieldValue::known("+33612345678");
    world.his.at("P1").patient[Field::email] = FieldValue();
    world.run();
    ASSERT_EQ(deeds.lines.size(), 1u);
    EXPECT_THAT(deeds.lines[0], testing::StartsWith("P1 created lastName,firstName,birthDate"));
    EXPECT_THAT(deeds.lines[0], testing::HasSubstr("phone"));
    EXPECT_THAT(deeds.lines[0], testing::Not(testing::HasSubstr("email")));
    const auto fields = deeds.lines[0].substr(std::string("P1 created ").size());
    const auto lines = world.state().audit({.external_id = "P1"});
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_EQ(lines[0].detail, fields);
}

} // namespace
} // namespace medibridge::tests
