#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <sys/types.h>
#include <vector>

namespace medibridge::tests {

/// A program that a test runs. Its output goes to files; it is killed if it is still there at the
/// end.
class Child {
  public:
    /// `environment` is added to the test's own.
    Child(std::vector<std::string> command, const std::filesystem::path& output_directory,
          const std::map<std::string, std::string>& environment = {});
    ~Child();
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    /// Waits for the end: the exit code, or 128 + signal. Fails the test after `limit`.
    int wait(std::chrono::seconds limit = std::chrono::seconds(60));
    /// The exit code if it has ended.
    bool ended();
    void signal(int number) const;
    pid_t pid() const { return pid_; }

    /// What it has printed so far.
    std::string out() const;
    std::string err() const;
    /// Waits until stdout has a whole line, and returns it.
    std::string first_line(std::chrono::seconds limit = std::chrono::seconds(30));

  private:
    pid_t pid_ = -1;
    int status_ = -1;
    bool ended_ = false;
    std::filesystem::path out_;
    std::filesystem::path err_;
};

/// Waits until something holds while the program runs; fails the test if it does not come about.
void wait_until(Child& program, const std::function<bool()>& holds);
/// How often the program has logged an event so far.
int times_said(const Child& program, const std::string& event);
inline bool said(const Child& program, const std::string& event) {
    return times_said(program, event) > 0;
}

/// A directory that disappears with the test.
class TemporaryDirectory {
  public:
    TemporaryDirectory();
    ~TemporaryDirectory();
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

std::string read_file(const std::filesystem::path& path);
void write_file(const std::filesystem::path& path, const std::string& text);

} // namespace medibridge::tests
