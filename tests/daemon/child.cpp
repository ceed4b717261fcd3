#include "child.hpp"

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <spawn.h>
#include <sstream>
#include <stdexcept>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

extern char** environ; // NOLINT: POSIX declares it so

namespace medibridge::tests {

namespace {

constexpr std::chrono::milliseconds poll_interval{5};
constexpr std::chrono::seconds longest_wait{60};

std::vector<std::string> with_own_environment(const std::map<std::string, std::string>& added) {
    std::vector<std::string> all;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string text(*entry);
        if (!added.contains(text.substr(0, text.find('=')))) all.push_back(text);
    }
    for (const auto& [name, value] : added)
        all.push_back(name + "=" + value);
    return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (auto& text : texts)
        result.push_back(text.data());
    result.push_back(nullptr);
    return result;
}

std::filesystem::path output_file(const std::filesystem::path& directory, const char* kind) {
    static std::atomic<int> number = 0;
    return directory / (std::string(kind) + std::to_string(++number) + ".txt");
}

} // namespace

Child::Child(std::vector<std::string> command, const std::filesystem::path& output_directory,
             const std::map<std::string, std::string>& environment)
    : out_(output_file(output_directory, "out")),
      err_(output_file(output_directory, "err")) {
    auto environment_texts = with_own_environment(environment);
    auto arguments = pointers(command);
    auto variables = pointers(environment_texts);
    constexpr int flags = O_WRONLY | O_CREAT | O_TRUNC;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, out_.c_str(), flags, 0600);
    posix_spawn_file_actions_addopen(&actions, 2, err_.c_str(), flags, 0600);
    const int error =
        posix_spawn(&pid_, arguments[0], &actions, nullptr, arguments.data(), variables.data());
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) throw std::runtime_error("cannot run " + command.front());
}

Child::~Child() {
    if (ended()) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
}

bool Child::ended() {
    if (ended_) return true;
    int status = 0;
    if (waitpid(pid_, &status, WNOHANG) != pid_) return false;
    ended_ = true;
    status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return true;
}

int Child::wait(std::chrono::seconds limit) {
    const auto until = std::chrono::steady_clock::now() + limit;
    while (!ended()) {
        if (std::chrono::steady_clock::now() > until) {
            ADD_FAILURE() << "still running after " << limit.count() << " s:\n" << err();
            kill(pid_, SIGKILL);
            waitpid(pid_, nullptr, 0);
            ended_ = true;
            return -1;
        }
        std::this_thread::sleep_for(poll_interval);
    }
    return status_;
}

void Child::signal(int number) const {
    kill(pid_, number);
}

std::string Child::out() const {
    return read_file(out_);
}
std::string Child::err() const {
    return read_file(err_);
}

std::string Child::first_line(std::chrono::seconds limit) {
    const auto until = std::chrono::steady_clock::now() + limit;
    for (;;) {
        const auto text = out();
        const auto end = text.find('\n');
        if (end != std::string::npos) return text.substr(0, end);
        if (ended() || std::chrono::steady_clock::now() > until) {
            throw std::runtime_error("no line on stdout; stderr: " + err());
        }
        std::this_thread::sleep_for(poll_interval);
    }
}

void wait_until(Child& program, const std::function<bool()>& holds) {
    const auto until = std::chrono::steady_clock::now() + longest_wait;
    while (!program.ended() && std::chrono::steady_clock::now() < until) {
        if (holds()) return;
        std::this_thread::sleep_for(poll_interval);
    }
    ADD_FAILURE() << "did not come about; the program says:\n" << program.err();
}

int times_said(const Child& program, const std::string& event) {
    const auto log = program.err();
    const auto words = "\"event\":\"" + event + "\"";
    int times = 0;
    for (auto at = log.find(words); at != std::string::npos; at = log.find(words, at + 1))
        ++times;
    return times;
}

TemporaryDirectory::TemporaryDirectory() {
    auto pattern = (std::filesystem::temp_directory_path() / "medibridge-XXXXXX").string();
    if (!mkdtemp(pattern.data())) throw std::runtime_error("cannot make " + pattern);
    path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::string read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void write_file(const std::filesystem::path& path, const std::string& text) {
    std::ofstream file(path, std::ios::binary);
    file << text;
    if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
}

} // namespace medibridge::tests
