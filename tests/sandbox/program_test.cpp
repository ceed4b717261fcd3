#include "running_sandbox.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace medibridge::sandbox {
namespace {

namespace fs = std::filesystem;

/// The program itself, with its standard output in a pipe.
class Program {
  public:
    explicit Program(std::vector<std::string> arguments) {
        std::array<int, 2> ends{};
        EXPECT_EQ(::pipe(ends.data()), 0);
        pid_ = ::fork();
        if (pid_ == 0) {
            ::dup2(ends[1], STDOUT_FILENO);
            ::close(ends[0]);
            ::close(ends[1]);
            arguments.insert(arguments.begin(), SANDBOX_PROGRAM);
            std::vector<char*> argv;
            for (auto& argument : arguments)
                argv.push_back(argument.data());
            argv.push_back(nullptr);
            ::execv(SANDBOX_PROGRAM, argv.data());
            ::_exit(127);
        }
        ::close(ends[1]);
        output_ = ::fdopen(ends[0], "r");
    }
    ~Program() {
        if (pid_ > 0) end(SIGKILL);
        std::fclose(output_);
    }
    /// Empty at the end.
    std::string line() {
        std::string text;
        for (int c = std::fgetc(output_); c != EOF && c != '\n'; c = std::fgetc(output_))
            text += static_cast<char>(c);
        return text;
    }
    /// Sends a signal (0: none) and returns the exit code; -1 if a signal killed the program.
    int end(int signal) {
        if (signal != 0) ::kill(pid_, signal);
        int status = 0;
        ::waitpid(pid_, &status, 0);
        pid_ = 0;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

  private:
    pid_t pid_ = 0;
    std::FILE* output_ = nullptr;
};

std::string content(const fs::path& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}

TEST(ProgramTest, AnnouncesItselfInOneLineAndEndsAtASignal) {
    for (const int signal : {SIGTERM, SIGINT}) {
        Program program({"--patients", "3", "--api-key", "k"});
        const auto announced = nlohmann::json::parse(program.line());
        EXPECT_EQ(announced.size(), 4U);
        EXPECT_EQ(announced["api_key"], "k");
        const auto url = announced["his"].get<std::string>();
        EXPECT_TRUE(url.starts_with("http://127.0.0.1:")) << url;
        RawClient client(static_cast<std::uint16_t>(std::stoi(url.substr(17))));
        EXPECT_EQ(client.send("GET", "/api/patients", {}, "").json()["pagination"]["total"], 3);
        EXPECT_EQ(program.end(signal), 0);
        EXPECT_EQ(program.line(), "");
    }
}

TEST(ProgramTest, WritesAConfigurationWithItsSecretsApart) {
    std::string pattern = (fs::temp_directory_path() / "sandbox-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    const fs::path folder(pattern);
    Program program({"--patients", "0", "--api-key", "k-1", "--his-auth", "bearer:t-2",
                     "--write-config", (folder / "medibridge.yaml").string()});
    const auto announced = nlohmann::json::parse(program.line());
    const auto text = content(folder / "medibridge.yaml");
    EXPECT_NE(text.find("base_url: " + announced["medicapp"].get<std::string>()),
              std::string::npos);
    EXPECT_NE(text.find("url: " + announced["his"].get<std::string>()), std::string::npos);
    EXPECT_NE(text.find("path: \"" + (folder / "state.db").string() + '"'), std::string::npos);
    EXPECT_EQ(text.find("k-1"), std::string::npos);
    EXPECT_EQ(text.find("t-2"), std::string::npos);
    for (const auto& [name, secret] :
         {std::pair("medicapp-api-key", "k-1\n"), std::pair("his-token", "t-2\n")}) {
        EXPECT_EQ(content(folder / name), secret);
        struct stat status{};
        ASSERT_EQ(::stat((folder / name).c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 0777U, 0600U);
        EXPECT_NE(text.find((folder / name).string()), std::string::npos);
    }
    EXPECT_EQ(program.end(SIGTERM), 0);
    fs::remove_all(folder);
}

TEST(ProgramTest, AHisOfTypeCsvDropsItsPatientsAndWhatChanges) {
    std::string pattern = (fs::temp_directory_path() / "sandbox-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    const fs::path folder(pattern);
    Program program({"--patients", "5", "--his-type", "csv", "--drop-directory",
                     (folder / "drop").string(), "--drop-every", "10", "--edit-every", "20",
                     "--write-config", (folder / "medibridge.yaml").string()});
    EXPECT_FALSE(program.line().empty());
    const auto config = content(folder / "medibridge.yaml");
    EXPECT_NE(config.find("type: csv\n    directory: \"" + (folder / "drop").string() + '"'),
              std::string::npos);
    const auto first = content(folder / "drop" / "patients-000001.csv");
    EXPECT_EQ(std::count(first.begin(), first.end(), '\n'), 6);
    while (!fs::exists(folder / "drop" / "patients-000002.csv"))
        std::this_thread::yield(); // ctest has a time limit
    EXPECT_EQ(program.end(SIGTERM), 0);
    fs::remove_all(folder);
}

TEST(ProgramTest, TakesSwitchesAndFaultsFromTheCommandLine) {
    Program program({"--patients", "0", "--api-key", "k", "--post-answer", "id-only", "--fault",
                     "POST:1:503", "--fault", "GET:1:500"});
    const auto url = nlohmann::json::parse(program.line())["medicapp"].get<std::string>();
    RawClient client(static_cast<std::uint16_t>(std::stoi(url.substr(17))));
    const Headers headers{{"Authorization", "Bearer k"}, {"Content-Type", "application/json"}};
    EXPECT_EQ(client.send("POST", "/v5/patients", headers, patient_json("E1")).status, 503U);
    EXPECT_EQ(client.send("GET", "/v5/patients", headers, "").status, 500U);
    const auto answer = client.send("POST", "/v5/patients", headers, patient_json("E1"));
    EXPECT_EQ(answer.status, 201U);
    EXPECT_EQ(answer.json().size(), 1U);
    EXPECT_EQ(program.end(SIGTERM), 0);
}

TEST(ProgramTest, RefusesAWrongCommandLineWith64) {
    for (const auto& arguments : {std::vector<std::string>{"--nonsense"},
                                  {"--his-type", "csv"},
                                  {"--his-type", "pdf"},
                                  {"--drop-directory", "/tmp/x"},
                                  {"--list-order", "random"},
                                  {"--fault", "POST:1:boom"},
                                  {"--his-data", "/nonexistent"},
                                  {"--rate-limit", "-1"},
                                  {"--invalid-share", "2"},
                                  {"--port", "65535"}}) {
        Program program(arguments);
        EXPECT_EQ(program.end(0), 64) << arguments[0];
    }
}

TEST(ProgramTest, SaysThatAPortIsTaken) {
    RunningSandbox other;
    Program program({"--patients", "0", "--medicapp-port", std::to_string(other.medicapp_port())});
    EXPECT_EQ(program.line(), "");
    EXPECT_EQ(program.end(0), 70);
}

} // namespace
} // namespace medibridge::sandbox
