#include "config/site.hpp"

#include "draft.hpp"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <string>

// What belongs to the unit of a site, and how commands are addressed to it.
namespace medibridge::config {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

constexpr const char* service = "/etc/medibridge/medibridge.yaml";
constexpr const char* east = "/etc/medibridge/east.yaml";

TEST(Site, CommandsNameItsConfiguration) {
    EXPECT_EQ(addressed("see medibridgectl guard show (without a service: medibridged --once "
                        "--dry-run); `medibridgectl resume`",
                        east),
              "see medibridgectl --config /etc/medibridge/east.yaml guard show (without a service: "
              "medibridged --config /etc/medibridge/east.yaml --once --dry-run); "
              "`medibridgectl --config /etc/medibridge/east.yaml resume`");
    EXPECT_EQ(program_for(east), "medibridgectl --config /etc/medibridge/east.yaml");
    EXPECT_EQ(addressed("medibridgectl why", "/it's here/m.yaml"),
              "medibridgectl --config '/it'\\''s here/m.yaml' why");
}

TEST(Site, WhatIsNoCommandOrCompleteStaysAsItIs) {
    for (const std::string text :
         {"medibridged runs", "medibridge", "/etc/medibridge/x", "medibridgectl",
          "medibridgectl --config /etc/medibridge/east.yaml status", "medibridge-once"})
        EXPECT_EQ(addressed(text, east), text);
    for (const auto* const usual : {service, ""}) {
        EXPECT_EQ(addressed("medibridgectl status", usual), "medibridgectl status");
        EXPECT_EQ(program_for(usual), "medibridgectl");
    }
}

TEST(Site, HasFoldersOfItsOwn) {
    ASSERT_TRUE(folders_of_unit(service));
    EXPECT_EQ(folders_of_unit(service)->state, "/var/lib/medibridge");
    EXPECT_EQ(folders_of_unit(service)->spool, "/var/spool/medibridge");
    ASSERT_TRUE(folders_of_unit(east));
    EXPECT_EQ(folders_of_unit(east)->state, "/var/lib/medibridge-east");
    EXPECT_EQ(folders_of_unit(east)->spool, "/var/spool/medibridge/east");
    for (const auto* const trial : {"/home/ana/try.yaml", ""}) {
        EXPECT_FALSE(folders_of_unit(trial));
        EXPECT_EQ(site_of(trial), "");
    }
}

TEST(Site, ItsUnitWritesNowhereElseButWhereADropInSaysSo) {
    const drafts::Directory place;
    const fs::path systemd = place.path("system");
    const auto why = [&](const fs::path& folder, const fs::path& config) {
        return why_unit_cannot_write(folder, config, systemd);
    };
    EXPECT_EQ(why("/var/spool/medibridge/east/in", east), "");
    EXPECT_EQ(why("/var/spool/medibridge/in", service), "");
    EXPECT_EQ(why("/data/in", "/home/ana/try.yaml"), "");
    EXPECT_THAT(why("/var/spool/medibridge/in", east),
                AllOf(HasSubstr("outside /var/spool/medibridge/east"),
                      HasSubstr("systemctl edit medibridge@east")));
    EXPECT_NE(why("/var/spool/medibridge/eastern", east), "");
    EXPECT_NE(why("/data/in", service), "");

    const auto drop_in = systemd / "medibridge@east.service.d" / "folders.conf";
    fs::create_directories(drop_in.parent_path());
    std::ofstream(drop_in) << "[Service]\nReadWritePaths=/srv -/data/in\n";
    EXPECT_EQ(why("/data/in", east), "");
    EXPECT_EQ(why("/srv/deep/below", east), "");
    EXPECT_NE(why("/data", east), "");
    EXPECT_NE(why("/data/in", "/etc/medibridge/west.yaml"), "");
}

} // namespace
} // namespace medibridge::config
