#include "server.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <cstdlib>
#include <optional>

namespace medibridge::http::test {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using runtime::Task;

namespace {

constexpr auto as_values = asio::as_tuple(asio::use_awaitable);

/// The size of the request that `bytes` start with; nothing if it is not all there.
std::optional<std::size_t> request_size(const std::string& bytes) {
    const auto head = bytes.find("\r\n\r\n");
    if (head == std::string::npos) return std::nullopt;
    std::size_t body = 0;
    const auto length = bytes.find("Content-Length: ");
    if (length < head) body = std::strtoul(bytes.c_str() + length + 16, nullptr, 10);
    const std::size_t size = head + 4 + body;
    if (bytes.size() < size) return std::nullopt;
    return size;
}

std::string echo_of(const std::string& request) {
    const auto target = request.find(' ') + 1;
    return answer(200, request.substr(target, request.find(' ', target) - target) +
                           request.substr(request.find("\r\n\r\n") + 2));
}

Task<void> pass_on(std::shared_ptr<tcp::socket> from, std::shared_ptr<tcp::socket> to) {
    std::array<char, 4096> block;
    const auto space = asio::buffer(block);
    error_code failure;
    while (!failure) {
        std::size_t size = 0;
        std::tie(failure, size) = co_await from->async_read_some(space, as_values);
        const auto bytes = asio::buffer(block, size);
        if (!failure) std::tie(failure, size) = co_await asio::async_write(*to, bytes, as_values);
    }
    to->close(failure);
    from->close(failure);
}

} // namespace

std::string answer(int status, const std::string& body, const std::string& more_headers) {
    return "HTTP/1.1 " + std::to_string(status) + " Words\r\n" + more_headers +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// A connection on the server's side.
class Server::Line {
  public:
    explicit Line(tcp::socket accepted)
        : socket(std::make_shared<tcp::socket>(std::move(accepted))),
          timer(socket->get_executor()) {}

    Task<error_code> write(std::string bytes) {
        const auto buffer = asio::buffer(bytes);
        error_code failure;
        std::size_t size = 0;
        if (tls)
            std::tie(failure, size) = co_await asio::async_write(*tls, buffer, as_values);
        else
            std::tie(failure, size) = co_await asio::async_write(*socket, buffer, as_values);
        co_return failure;
    }

    /// Adds what comes to `input`; false at the end of the connection.
    Task<bool> read() {
        std::array<char, 16384> block;
        const auto buffer = asio::buffer(block);
        error_code failure;
        std::size_t size = 0;
        if (tls)
            std::tie(failure, size) = co_await tls->async_read_some(buffer, as_values);
        else
            std::tie(failure, size) = co_await socket->async_read_some(buffer, as_values);
        input.append(block.data(), size);
        co_return !failure;
    }

    Task<bool> read_request() {
        bool more = true;
        while (more && !request_size(input)) {
            more = co_await read();
        }
        co_return more;
    }

    Task<bool> swallow(std::size_t bytes) {
        bool more = true;
        while (more && input.size() < bytes) {
            more = co_await read();
        }
        co_return more;
    }

    std::string take_request() {
        const std::string request = input.substr(0, *request_size(input));
        input.erase(0, request.size());
        return request;
    }

    Task<void> wait(std::chrono::milliseconds time) {
        timer.expires_after(time);
        co_await timer.async_wait(as_values);
    }

    void close() {
        error_code ignored;
        socket->close(ignored);
        timer.cancel();
        if (onward) onward->close(ignored);
    }

    std::shared_ptr<tcp::socket> socket;
    std::shared_ptr<tcp::socket> onward;
    std::optional<asio::ssl::stream<tcp::socket&>> tls;
    asio::steady_timer timer;
    std::string input;
};

Server::Server(asio::io_context& io, std::vector<Script> scripts,
               std::shared_ptr<asio::ssl::context> tls)
    : io_(io),
      scripts_(std::move(scripts)),
      tls_(std::move(tls)),
      acceptor_(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
      port_(acceptor_.local_endpoint().port()) {
    asio::co_spawn(io_, listen(), asio::detached);
}

Server::~Server() = default;

Url Server::url(const std::string& host) const {
    return Url{tls_ ? "https" : "http", host, port_, ""};
}

void Server::stop() {
    error_code ignored;
    acceptor_.close(ignored);
    for (const auto& weak : lines_)
        if (const auto line = weak.lock()) line->close();
}

Task<void> Server::listen() {
    for (;;) {
        auto [failure, socket] = co_await acceptor_.async_accept(as_values);
        if (failure) co_return;
        socket.set_option(tcp::no_delay(true));
        const auto turn = std::min<std::size_t>(accepted_, scripts_.size() - 1);
        auto line = std::make_shared<Line>(std::move(socket));
        lines_.push_back(line);
        ++accepted_;
        most_open_ = std::max(most_open_, ++open_);
        asio::co_spawn(io_, serve(std::move(line), scripts_.at(turn)), asio::detached);
    }
}

Task<void> Server::serve(std::shared_ptr<Line> line, Script script) {
    bool going = true;
    const bool hangs = !script.empty() && script.front().kind == Step::Kind::hang;
    if (tls_ && !hangs) {
        line->tls.emplace(*line->socket, *tls_);
        auto [failure] =
            co_await line->tls->async_handshake(asio::ssl::stream_base::server, as_values);
        going = !failure;
        SSL* session = line->tls->native_handle();
        const char* name = SSL_get_servername(session, TLSEXT_NAMETYPE_host_name);
        server_name_ = name == nullptr ? "" : name;
        tls_version_ = SSL_get_version(session);
    }
    for (auto step = script.begin(); going && step != script.end(); ++step)
        going = co_await play(line, *step);
    if (going) ++played_;
    while (going) {
        going = co_await line->read();
    }
    line->close();
    --open_;
}

const std::string& Server::record(Line& line) {
    received_ += requests_.emplace_back(line.take_request()).size();
    return requests_.back();
}

/// False once the connection is at its end.
Task<bool> Server::play(std::shared_ptr<Line> line, Step step) {
    bool going = true;
    switch (step.kind) {
    case Step::Kind::expect:
        going = co_await line->read_request();
        if (going) record(*line);
        co_return going;
    case Step::Kind::swallow:
        going = co_await line->swallow(step.number);
        received_ += line->input.size();
        line->input.clear();
        co_return going;
    case Step::Kind::say: {
        const error_code failure = co_await line->write(step.text);
        co_return !failure;
    }
    case Step::Kind::drip:
        for (const char byte : step.text) {
            const error_code failure = co_await line->write(std::string(1, byte));
            if (failure) co_return false;
            co_await line->wait(std::chrono::milliseconds(step.number));
        }
        co_return true;
    case Step::Kind::echo:
        while (going) {
            going = co_await line->read_request();
            if (!going) break;
            std::string echoed = echo_of(record(*line));
            const error_code failure = co_await line->write(std::move(echoed));
            going = !failure;
        }
        co_return false;
    case Step::Kind::tunnel: {
        line->onward = std::make_shared<tcp::socket>(io_);
        const tcp::endpoint target(asio::ip::address_v4::loopback(),
                                   static_cast<std::uint16_t>(step.number));
        auto [failure] = co_await line->onward->async_connect(target, as_values);
        if (failure) co_return false;
        asio::co_spawn(io_, pass_on(line->onward, line->socket), asio::detached);
        co_await pass_on(line->socket, line->onward);
        co_return false;
    }
    case Step::Kind::hang:
        ++played_;
        co_await line->wait(std::chrono::hours(1));
        co_return false;
    case Step::Kind::close_notify:
        // Starting it has sent the alert; the client's own is not waited for.
        line->tls->async_shutdown([line](const error_code&) {});
        ++played_;
        co_return false;
    case Step::Kind::close:
        ++played_;
        co_return false;
    case Step::Kind::reset:
        line->socket->set_option(asio::socket_base::linger(true, 0));
        ++played_;
        co_return false;
    }
    std::abort();
}

} // namespace medibridge::http::test
