#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace medibridge::tests {

/// A request as it came: `POST /v1/pause {"until":null}`.
struct Reply {
    int status = 200;
    std::string body = "{}";
    /// Not empty: a stream of these lines, each a chunk of its own.
    std::vector<std::string> lines;
    /// Not empty: these bytes and nothing else, whatever they are.
    std::string raw;
    bool stays_silent = false;
};

/// What answers in the daemon's place on a Unix socket, and remembers what it was asked.
class FakeDaemon {
  public:
    explicit FakeDaemon(const std::filesystem::path& socket);
    ~FakeDaemon();
    FakeDaemon(const FakeDaemon&) = delete;
    FakeDaemon& operator=(const FakeDaemon&) = delete;

    /// To `GET /v1/status` and the like. What is not known is answered with 404, but who asks may
    /// decide.
    void answer(const std::string& request, Reply reply);
    void answer(const std::string& request, const std::string& body) {
        answer(request, Reply{200, body, {}, {}, false});
    }
    /// In their order, with their bodies: `POST /v1/pause {"until":null}`.
    std::vector<std::string> requests() const;

  private:
    void serve();
    void serve_one(int connection);

    int listener_ = -1;
    int stop_ = -1;
    mutable std::mutex mutex_;
    std::map<std::string, Reply> replies_;
    std::vector<std::string> requests_;
    std::thread thread_;
};

} // namespace medibridge::tests
