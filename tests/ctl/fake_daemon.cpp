#include "fake_daemon.hpp"

#include <array>
#include <cstdlib>
#include <cstring>
#include <poll.h>
#include <stdexcept>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace medibridge::tests {

namespace {

/// Until the request is complete; empty: the client has gone.
std::string read_request(int connection) {
    std::string text;
    std::array<char, 4096> piece{};
    for (;;) {
        const auto end = text.find("\r\n\r\n");
        if (end != std::string::npos) {
            const auto length = text.find("Content-Length: ");
            const std::size_t body =
                length < end ? static_cast<std::size_t>(std::atoll(text.c_str() + length + 16)) : 0;
            if (text.size() >= end + 4 + body) return text;
        }
        const auto count = read(connection, piece.data(), piece.size());
        if (count <= 0) return {};
        text.append(piece.data(), static_cast<std::size_t>(count));
    }
}

void send_all(int connection, const std::string& text) {
    std::size_t sent = 0;
    while (sent < text.size()) {
        const auto count = send(connection, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
        if (count <= 0) return;
        sent += static_cast<std::size_t>(count);
    }
}

std::string hex_size(std::size_t size) {
    std::array<char, 20> text{};
    std::snprintf(text.data(), text.size(), "%zx", size);
    return text.data();
}

} // namespace

FakeDaemon::FakeDaemon(const std::filesystem::path& socket) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, socket.c_str(), sizeof address.sun_path - 1);
    answer("GET /v1/decider", R"({"name":"ana"})");
    listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    stop_ = eventfd(0, EFD_CLOEXEC);
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        listen(listener_, 16) != 0)
        throw std::runtime_error("cannot listen at " + socket.string());
    thread_ = std::thread([this] { serve(); });
}

FakeDaemon::~FakeDaemon() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = write(stop_, &one, sizeof one);
    thread_.join();
    close(listener_);
    close(stop_);
}

void FakeDaemon::answer(const std::string& request, Reply reply) {
    const std::lock_guard lock(mutex_);
    replies_[request] = std::move(reply);
}

std::vector<std::string> FakeDaemon::requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
}

void FakeDaemon::serve() {
    for (;;) {
        std::array<pollfd, 2> wait{{{listener_, POLLIN, 0}, {stop_, POLLIN, 0}}};
        poll(wait.data(), wait.size(), -1);
        if (wait[1].revents != 0) return;
        const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (connection < 0) continue;
        serve_one(connection);
        close(connection);
    }
}

void FakeDaemon::serve_one(int connection) {
    const std::string request = read_request(connection);
    if (request.empty()) return; // a look whether somebody listens
    const std::string line = request.substr(0, request.find(" HTTP/1.1"));
    const std::string body = request.substr(request.find("\r\n\r\n") + 4);
    Reply reply{404,
                R"({"error":{"code":"not_found","message":"no such thing","exit":65}})",
                {},
                {},
                false};
    {
        const std::lock_guard lock(mutex_);
        requests_.push_back(line + (body.empty() ? "" : " " + body));
        const auto found = replies_.find(line);
        if (found != replies_.end()) reply = found->second;
    }
    if (reply.stays_silent) {
        std::array<pollfd, 2> wait{{{connection, POLLRDHUP, 0}, {stop_, POLLIN, 0}}};
        poll(wait.data(), wait.size(), 10'000);
    } else if (!reply.raw.empty()) {
        send_all(connection, reply.raw);
    } else if (!reply.lines.empty()) {
        send_all(connection, "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\n"
                             "Transfer-Encoding: chunked\r\n\r\n");
        for (const std::string& one : reply.lines)
            send_all(connection, hex_size(one.size() + 1) + "\r\n" + one + "\n\r\n");
        send_all(connection, "0\r\n\r\n");
    } else {
        send_all(connection, "HTTP/1.1 " + std::to_string(reply.status) +
                                 " Any\r\nContent-Type: application/json\r\nContent-Length: " +
                                 std::to_string(reply.body.size()) + "\r\n\r\n" + reply.body);
    }
}

} // namespace medibridge::tests
