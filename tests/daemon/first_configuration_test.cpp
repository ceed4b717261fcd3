#include "hospital.hpp"

#include <csignal>
#include <gmock/gmock.h>
#include <sstream>
#include <thread>

namespace medibridge::tests {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using Json = nlohmann::json;

/// The first mapping of a text, from `fields:` on: its lines as deep as a source's in our file.
std::string first_mapping(const std::string& path) {
    std::istringstream lines(read_file(std::string(MEDIBRIDGE_SOURCE_DIR) + "/" + path));
    std::string mapping;
    std::size_t depth = std::string::npos;
    for (std::string line; std::getline(lines, line);) {
        const auto begin = line.find_first_not_of(' ');
        if (depth == std::string::npos) {
            if (line.compare(begin == std::string::npos ? 0 : begin, 7, "fields:") != 0) continue;
            depth = begin;
        } else if (begin == std::string::npos || begin <= depth) {
            break;
        }
        mapping += std::string(4 + begin - depth, ' ') + line.substr(begin) + "\n";
    }
    return mapping;
}

/// Puts `mapping` in the place of the one in the hospital's configuration.
void map_by(Hospital& hospital, const std::string& mapping) {
    auto text = read_file(hospital.config());
    const auto begin = text.find("    fields:");
    const auto end = text.find("state:");
    ASSERT_LT(begin, end);
    write_file(hospital.config(), text.replace(begin, end - begin, mapping));
}

std::string without(std::string mapping, const std::string& field) {
    const auto begin = mapping.find("      " + field + ":");
    EXPECT_NE(begin, std::string::npos) << field;
    return mapping.erase(begin, mapping.find('\n', begin) + 1 - begin);
}

class FirstConfigurationTest : public testing::TestWithParam<std::string> {};

// What an operator copies first decides whether a questionnaire goes to the family of somebody
// dead.
TEST_P(FirstConfigurationTest, CreatesNobodyWhoIsDeadClosedDoubtfulOrMerged) {
    Hospital hospital({"--patients", "8", "--invalid-share", "0"});
    map_by(hospital, first_mapping(GetParam()));
    const auto patients = hospital.his_patients();
    std::vector<std::string> keys;
    for (const auto& patient : patients)
        keys.push_back(patient["ipp"].get<std::string>());
    const Json changes = {{{"ipp", keys.at(0)}, {"decede", true}},
                          {{"ipp", keys.at(1)}, {"actif", false}},
                          {{"ipp", keys.at(2)}, {"statutIdentite", "DOUT"}},
                          {{"ipp", keys.at(3)}, {"remplacePar", keys.at(4)}}};
    hospital.control(http::Method::post, "/his/patients", changes);

    const auto checked = hospital.start({"--check-config"});
    EXPECT_EQ(checked->wait(), 0);
    EXPECT_THAT(checked->out(), Not(HasSubstr("does not see")));
    const auto ended = hospital.once();
    EXPECT_EQ(ended.exit, 0) << ended.err;
    EXPECT_THAT(ended.events("source.unsafe_mapping"), IsEmpty());
    const auto created = hospital.medicapp_patients();
    for (std::size_t i = 0; i < 4; ++i)
        EXPECT_FALSE(created.contains(keys[i])) << changes[i];
    EXPECT_THAT(created, SizeIs(keys.size() - 4)) << "the others are";
}

INSTANTIATE_TEST_SUITE_P(Pages, FirstConfigurationTest,
                         testing::Values("README.md", "config/medibridge.sample.yaml"),
                         [](const auto& page) {
                             return page.param == "README.md" ? "Readme" : "Sample";
                         });

TEST(UnsafeMappingTest, IsSaidByTheCheckAndAtTheStartUntilTheConfigurationSpeaksOfIt) {
    Hospital hospital({"--patients", "2", "--invalid-share", "0"});
    const auto mapping = without(without(first_mapping("README.md"), "deceased"), "active");
    map_by(hospital, mapping);
    const auto checked = hospital.start({"--check-config"});
    EXPECT_EQ(checked->wait(), 0);
    EXPECT_THAT(checked->out(), HasSubstr("source `his` does not see: deceased, active; the dead, "
                                          "the inactive would be created"));
    EXPECT_THAT(checked->out(), HasSubstr(": no mistakes\n"));
    const auto ended = hospital.once();
    EXPECT_EQ(ended.exit, 0);
    const auto said = ended.events("source.unsafe_mapping");
    ASSERT_THAT(said, SizeIs(1));
    EXPECT_EQ(said[0]["source"], "his");
    EXPECT_EQ(said[0]["fields"], "deceased,active");

    const auto service = hospital.start({});
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (service->err().find("source.unsafe_mapping") == std::string::npos &&
           std::chrono::steady_clock::now() < deadline)
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    service->signal(SIGTERM);
    EXPECT_EQ(service->wait(), 0) << service->err();
    EXPECT_THAT(service->err(), HasSubstr("source.unsafe_mapping"));

    map_by(hospital, mapping + "    safety: {deceased: not_available, active: not_available}\n");
    const auto again = hospital.start({"--check-config"});
    EXPECT_EQ(again->wait(), 0);
    EXPECT_THAT(again->out(), Not(HasSubstr("does not see")));
    EXPECT_THAT(hospital.once().events("source.unsafe_mapping"), IsEmpty());
}

} // namespace
} // namespace medibridge::tests
