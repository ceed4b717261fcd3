#pragma once

#include "base/runtime/concurrency.hpp"
#include "base/runtime/task.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <expected>
#include <list>
#include <memory>
#include <string>
#include <vector>

/// Internal to the room.
namespace medibridge::http {

using Endpoints = std::vector<boost::asio::ip::tcp::endpoint>;

/// Finds the addresses of one host.
///
/// getaddrinfo cannot be interrupted, so it runs on a thread of its own that nobody has to wait
/// for: a caller may give up, and the resolver may be destroyed. At most one look-up runs at a
/// time; calls made meanwhile share it.
class Resolver {
  public:
    Resolver(boost::asio::any_io_executor executor, std::string host, std::uint16_t port);
    ~Resolver();
    Resolver(const Resolver&) = delete;
    Resolver& operator=(const Resolver&) = delete;

    /// At least one address, or why there is none. Ends early, with an error, when `wait` is
    /// notified; it must live until then and is used for nothing else.
    runtime::Task<std::expected<Endpoints, std::string>> resolve(runtime::Signal& wait);

  private:
    struct Job;
    using Waiters = std::list<runtime::Signal*>;

    /// Empty, or why no thread could be started.
    std::string start();
    void finished();

    boost::asio::any_io_executor executor_;
    std::string host_;
    std::uint16_t port_;
    std::shared_ptr<Job> job_; ///< the look-up that runs, or none
    Waiters waiters_;
};

} // namespace medibridge::http
