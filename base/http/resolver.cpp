#include "base/http/resolver.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <cstring>
#include <mutex>
#include <netdb.h>
#include <system_error>
#include <thread>

namespace medibridge::http {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

/// Blocks. Returns an empty string, or what went wrong.
std::string look_up(const std::string& host, std::uint16_t port, Endpoints& out) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    const int failure = getaddrinfo(host.c_str(), nullptr, &hints, &list);
    if (failure != 0) return gai_strerror(failure);
    for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
        tcp::endpoint endpoint;
        if ((entry->ai_family != AF_INET && entry->ai_family != AF_INET6) ||
            entry->ai_addrlen > endpoint.capacity())
            continue;
        std::memcpy(endpoint.data(), entry->ai_addr, entry->ai_addrlen);
        endpoint.resize(entry->ai_addrlen);
        endpoint.port(port);
        out.push_back(endpoint);
    }
    freeaddrinfo(list);
    return out.empty() ? "it has no IP address" : "";
}

} // namespace

/// Shared by the look-up's thread and the resolver; the last one frees it.
struct Resolver::Job {
    std::mutex mutex;
    Resolver* owner; ///< null once the resolver is gone; the executor may be gone with it
    bool done = false;
    Endpoints endpoints;
    std::string failure;
};

Resolver::Resolver(asio::any_io_executor executor, std::string host, std::uint16_t port)
    : executor_(std::move(executor)),
      host_(std::move(host)),
      port_(port) {}

Resolver::~Resolver() {
    if (!job_) return;
    const std::lock_guard lock(job_->mutex);
    job_->owner = nullptr;
}

std::string Resolver::start() {
    job_ = std::make_shared<Job>();
    job_->owner = this;
    const auto run = [job = job_, host = host_, port = port_] {
        Endpoints endpoints;
        std::string failure = look_up(host, port, endpoints);
        const std::lock_guard lock(job->mutex);
        if (job->owner == nullptr) return;
        job->endpoints = std::move(endpoints);
        job->failure = std::move(failure);
        asio::post(job->owner->executor_, [job] {
            // This runs on the owner's thread, the only one that may destroy the owner.
            if (job->owner != nullptr) job->owner->finished();
        });
    };
    try {
        std::thread(run).detach();
    } catch (const std::system_error& error) {
        job_.reset();
        return error.what();
    }
    return {};
}

void Resolver::finished() {
    job_->done = true;
    job_.reset();
    for (auto* waiter : waiters_)
        waiter->notify();
}

runtime::Task<std::expected<Endpoints, std::string>> Resolver::resolve(runtime::Signal& wait) {
    boost::system::error_code not_numeric;
    const auto address = asio::ip::make_address(host_, not_numeric);
    if (!not_numeric) co_return Endpoints(1, tcp::endpoint(address, port_));

    std::string not_started;
    if (!job_) not_started = start();
    if (!not_started.empty()) co_return std::unexpected(not_started);
    const std::shared_ptr<Job> job = job_;
    struct Place {
        Waiters& waiters;
        Waiters::iterator self;
        ~Place() { waiters.erase(self); }
    };
    const Place place{waiters_, waiters_.insert(waiters_.end(), &wait)};
    co_await wait.wait();
    if (!job->done) co_return std::unexpected("interrupted");
    if (!job->failure.empty()) co_return std::unexpected(job->failure);
    co_return job->endpoints;
}

} // namespace medibridge::http
