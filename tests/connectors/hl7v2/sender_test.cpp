#include "corpus.hpp"
#include "listener_rig.hpp"

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <gmock/gmock.h>
#include <set>
#include <sys/wait.h>
#include <unistd.h>

/// Senders that others wrote.
namespace medibridge::connectors::hl7::test {
namespace {

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

TEST_F(ForeignSenderTest, TheSandboxTellsOfItsPatientsAndTheirChanges) {
    settings_.assigning_authority = "1.2.250.1.999.1";
    start();
    int pipe[2] = {};
    ASSERT_EQ(::pipe(pipe), 0);
    const auto port = "127.0.0.1:" + std::to_string(port_);
    const auto child = ::fork();
    if (child == 0) {
        ::dup2(pipe[1], STDOUT_FILENO);
        ::execl(MEDIBRIDGE_SANDBOX, "medibridge-sandbox", "--his-type", "hl7v2", "--mllp",
                port.c_str(), "--patients", "50", "--edit-every", "50", nullptr);
        ::_exit(127);
    }
    wait_until([this] { return inbox_.records().size() >= 60; });
    ::kill(child, SIGTERM);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    ::close(pipe[0]);
    ::close(pipe[1]);
    std::set<std::string> known;
    on_io([&] {
        for (const auto& record : inbox_.records())
            known.insert(record.patient.external_id());
    });
    EXPECT_EQ(known.size(), 50u) << "all of them, and then changes";
    EXPECT_FALSE(known.contains(""));
    EXPECT_EQ(stats().refused + stats().faulty, 0);
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
