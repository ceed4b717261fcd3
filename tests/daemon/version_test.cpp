#include "daemon/version.hpp"

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <iterator>
#include <regex>

namespace medibridge::daemon {
namespace {

TEST(Version, NamesWhatOthersDependOn) {
    const auto text = version_text("medibridged");
    static const std::regex form(
        "medibridged [0-9]+\\.[0-9]+\\.[0-9]+\ncommit: (?:[0-9a-f]{12}|unknown)\n"
        "state schema: [0-9]+\ncontrol API: v[0-9]+\n"
        "libraries: OpenSSL [0-9.]+[a-z]*, SQLite [0-9.]+, libsodium [0-9.]+, "
        "zlib [0-9.]+, ICU [0-9.]+, Boost [0-9.]+, nlohmann-json [0-9.]+");
    EXPECT_TRUE(std::regex_match(text, form)) << text;
}

TEST(Version, OfTheControlApiIsThatOfItsDescription) {
    std::ifstream file(MEDIBRIDGE_SOURCE_DIR "/docs/control-api.yaml");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    std::smatch found;
    ASSERT_TRUE(std::regex_search(text, found, std::regex("\n  version: \"([0-9]+)\"\n")));
    EXPECT_THAT(version_text("x"), testing::HasSubstr("\ncontrol API: v" + found[1].str() + "\n"));
}

} // namespace
} // namespace medibridge::daemon
