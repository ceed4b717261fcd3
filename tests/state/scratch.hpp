#pragma once

#include "state/store.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <sys/types.h>

namespace medibridge::state::test {

/// A directory of the test's own that goes with it.
class Scratch {
  public:
    Scratch();
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    ~Scratch();

    const std::filesystem::path& directory() const { return directory_; }
    std::filesystem::path state_file() const { return directory_ / "state.db"; }
    /// The names in the directory, sorted, comma-separated.
    std::string names() const;

  private:
    std::filesystem::path directory_;
};

std::string bytes_of(const std::filesystem::path& path);
void write_bytes(const std::filesystem::path& path, const std::string& bytes);

/// The StoreError that the job ends with; nothing if it ends well.
std::optional<StoreError> store_error(const std::function<void()>& job);

/// Runs the job as a user without rights, where the test runs as root; else as who it is.
class WithoutRights {
  public:
    /// Gives the directory and what is in it to that user first.
    explicit WithoutRights(const std::filesystem::path& directory);
    WithoutRights(const WithoutRights&) = delete;
    WithoutRights& operator=(const WithoutRights&) = delete;
    ~WithoutRights();

  private:
    uid_t former_;
};

/// A child process that runs the job with a pipe to its parent, and is killed when this goes.
class Child {
  public:
    using Job = std::function<void(int to_parent)>;
    explicit Child(const Job& job);
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child();

    pid_t pid() const { return pid_; }
    /// The next number that the child wrote; nothing at its end.
    std::optional<std::int64_t> receive();
    /// SIGKILL, waits until it is gone, and returns the last number that it wrote, if any was left.
    std::optional<std::int64_t> kill();

  private:
    pid_t pid_ = -1;
    int from_child_ = -1;
};

void send(int to_parent, std::int64_t number);

} // namespace medibridge::state::test
