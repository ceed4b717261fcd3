#include "corpus.hpp"
#include "listener_rig.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <gmock/gmock.h>

/// Senders that others wrote.
namespace medibridge::connectors::hl7::test {
namespace {

using testing::HasSubstr;

using ForeignSenderTest = ListenerTest;

std::string output_of(const std::string& command) {
    std::string all;
    FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
    if (pipe == nullptr) return "cannot run";
    std::array<char, 4096> buffer{};
    while (const auto size = std::fread(buffer.data(), 1, buffer.size(), pipe))
        all.append(buffer.data(), size);
    ::pclose(pipe);
    return all;
}

std::size_t occurrences(const std::string& text, const std::string& word) {
    std::size_t count = 0;
    for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1))
        ++count;
    return count;
}

TEST_F(ForeignSenderTest, PythonsMllpSendIsAnswered) {
    if (std::system("command -v mllp_send >/dev/null") != 0)
        GTEST_SKIP() << "the package python3-hl7 is not installed";
    start();
    const auto file = testing::TempDir() + "mllp_send.hl7";
    std::ofstream(file, std::ios::binary)
        << message("A28", {pid("1")}, "m1") + message("A31", {pid("1")}, "m2");
    const auto told = output_of("timeout 20 mllp_send --loose --file " + file + " --port " +
                                std::to_string(port_) + " 127.0.0.1");
    EXPECT_EQ(occurrences(told, "MSA|AA|"), 2u) << told;
    on_io([this] { EXPECT_EQ(inbox_.records().size(), 2u); });
}

/// MEDIBRIDGE_NPM_MLLP names a folder in which `npm install node-hl7-client` was run.
TEST_F(ForeignSenderTest, NodesHl7ClientIsAnswered) {
    const char* folder = std::getenv("MEDIBRIDGE_NPM_MLLP");
    if (folder == nullptr) GTEST_SKIP() << "MEDIBRIDGE_NPM_MLLP is not set";
    start();
    const auto script = std::string(MEDIBRIDGE_TEST_FOLDER) + "/node_hl7_client.mjs";
    const auto told = output_of("cd '" + std::string(folder) + "' && cp '" + script +
                                "' medibridge_client.mjs && timeout 30 node "
                                "medibridge_client.mjs " +
                                std::to_string(port_));
    EXPECT_EQ(occurrences(told, "answer AA"), 3u) << told;
    on_io([this] { EXPECT_EQ(inbox_.records().size(), 3u); });
}

} // namespace
} // namespace medibridge::connectors::hl7::test
