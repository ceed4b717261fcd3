#pragma once

#include "base/http/url.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace medibridge::tests {

/// The end of a connection whose peer means harm. Blocking; never holds more than it says at once.
class HostileLine {
  public:
    explicit HostileLine(int socket) : socket_(socket) {}

    /// Reads a request's header. False: the client has gone.
    bool hear() const;
    /// False: the client has gone.
    bool say(std::string_view bytes) const;
    /// So many times, or for ever.
    bool say_again(std::string_view bytes, std::size_t times = ~std::size_t{0}) const;
    /// One byte every 20 ms.
    bool drip(std::string_view bytes) const;
    /// Until the client has gone.
    void wait() const;
    void reset() const;

  private:
    int socket_;
};

/// Listens on 127.0.0.1, and does the same to each client, each in a thread of its own.
class HostilePeer {
  public:
    using Deed = std::function<void(const HostileLine&)>;

    explicit HostilePeer(Deed deed);
    ~HostilePeer();
    HostilePeer(const HostilePeer&) = delete;
    HostilePeer& operator=(const HostilePeer&) = delete;

    http::Url url() const { return {"http", "127.0.0.1", port_, ""}; }
    int accepted() const { return accepted_; }

  private:
    void listen();

    Deed deed_;
    int listening_;
    std::uint16_t port_ = 0;
    std::atomic<bool> ended_ = false;
    std::atomic<int> accepted_ = 0;
    std::vector<std::thread> lines_;
    std::thread thread_;
};

/// So many zeros in gzip's format, `times` one inside the other.
std::string gzip_bomb(std::size_t zeros, int times = 1);

/// Descriptors that this process has open.
std::size_t open_descriptors();

} // namespace medibridge::tests
