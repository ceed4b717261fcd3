#include "base/http/server_connection.hpp"

#include "base/bytes/ascii.hpp"
#include "base/bytes/encode.hpp"
#include "base/http/last_chunk.hpp"
#include "base/http/message.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/status.hpp>
#include <exception>
#include <poll.h>
#include <utility>

namespace medibridge::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
using runtime::Task;

namespace {

constexpr auto as_outcome = asio::as_tuple(asio::use_awaitable);
constexpr int http_1_1 = 11;
constexpr std::size_t request_read_size = std::size_t{16} << 10;

constexpr int bad_request = 400;
constexpr int request_timeout = 408;
constexpr int content_too_large = 413;
constexpr int header_too_large = 431;
constexpr int internal_error = 500;

RefusalBody plain_text(int, const std::string& why) {
    return {"text/plain; charset=utf-8", why + "\n"};
}

/// The client has closed its end, in both directions where it can be told.
bool has_hung_up(int descriptor) {
    pollfd it{descriptor, 0, 0};
    return ::poll(&it, 1, 0) > 0 && (it.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
}

/// Whether it is known where the request ends.
template <class Message>
bool is_readable(const Message& message) {
    const auto [begin, end] = message.equal_range(beast::http::field::transfer_encoding);
    return std::all_of(begin, end, [](const auto& field) {
        return is_readable_transfer({field.value().data(), field.value().size()});
    });
}

std::string chunk(std::string_view text) {
    constexpr int digits = 8;
    std::string bytes = base::hex_number(text.size() + 1, digits);
    bytes.append("\r\n").append(text).append("\n\r\n");
    return bytes;
}

/// `Host` without its port, and without the brackets of an IPv6 address.
std::string host_of(std::string_view field) {
    if (field.starts_with('['))
        return std::string(field.substr(1, std::min(field.find(']'), field.size()) - 1));
    return base::ascii_lower_case(field.substr(0, field.find(':')));
}

} // namespace

ServerConnection::ServerConnection(ServerSocket socket, std::optional<PeerCredentials> peer,
                                   const ServerSettings& settings, const ServerHandler& handler)
    : socket_(std::move(socket)),
      peer_(peer),
      settings_(settings),
      handler_(handler),
      timer_(socket_.get_executor()) {}

void ServerConnection::allow(runtime::Duration duration) {
    timer_.expires_after(duration);
    timer_.async_wait([self = shared_from_this(), number = ++deadline_](const Ended& failure) {
        if (failure || number != self->deadline_) return;
        self->expired_ = true;
        Ended ignored; // it may be closed
        self->socket_.cancel(ignored);
    });
}

std::optional<std::chrono::steady_clock::time_point> ServerConnection::waits_since() const {
    if (read_ || closed_) return std::nullopt;
    return waits_since_;
}

void ServerConnection::finish() {
    last_ = true;
    if (!serving_) close();
}

void ServerConnection::close() {
    last_ = true;
    gone_ = true;
    closed_ = true;
    allow_all();
    timer_.cancel();
    Ended ignored; // the peer may have been faster
    socket_.close(ignored);
}

Task<void> ServerConnection::run() {
    const auto self = shared_from_this();
    while (!last_ && co_await wait_for_request()) {
        Parser parser;
        parser.header_limit(static_cast<std::uint32_t>(settings_.header_limit));
        parser.body_limit(settings_.body_limit);
        state_ = State::nothing;
        serving_ = true;
        const auto failure = co_await read(parser);
        read_ = true;
        if (failure) {
            last_ = true;
            co_await refuse(failure);
            break;
        }
        auto message = parser.release();
        chunked_ = message.version() >= http_1_1;
        bodiless_ = message.method() == beast::http::verb::head;
        if (!message.keep_alive()) last_ = true;
        ServerRequest request;
        request.method = std::string(message.method_string());
        request.body = std::move(message.body());
        request.peer = peer_;
        const auto host = message[beast::http::field::host];
        request.host = host_of({host.data(), host.size()});
        auto fault = read_target({message.target().data(), message.target().size()}, request);
        // RFC 9112 §3.2: else two servers on the way may each believe another one of them.
        if (message.count(beast::http::field::host) > 1)
            fault = "the request has more than one Host";
        if (fault.empty()) {
            co_await handle(std::move(request));
        } else {
            co_await refuse(bad_request, std::move(fault));
        }
        serving_ = false;
        read_ = false;
        waits_since_ = std::chrono::steady_clock::now();
    }
    close();
}

Task<void> ServerConnection::turn_away(int status, std::string why) {
    const auto self = shared_from_this();
    last_ = true;
    serving_ = true;
    read_ = true;
    co_await refuse(status, std::move(why));
    close();
}

/// False: there is none any more.
Task<bool> ServerConnection::wait_for_request() {
    if (buffer_.size() > 0) co_return true;
    allow(settings_.idle_limit);
    const auto [failure] = co_await socket_.async_wait(ServerSocket::wait_read, as_outcome);
    allow_all();
    co_return !failure && !last_;
}

Task<boost::system::error_code> ServerConnection::read(Parser& parser) {
    allow(settings_.read_limit);
    auto [failure, size] =
        co_await beast::http::async_read_header(socket_, buffer_, parser, as_outcome);
    if (!failure && !is_readable(parser.get())) failure = beast::http::error::bad_transfer_encoding;
    if (!failure && parser.get()[beast::http::field::expect] == "100-continue") {
        const std::string go_on = "HTTP/1.1 100 Continue\r\n\r\n";
        std::tie(failure, size) =
            co_await asio::async_write(socket_, asio::buffer(go_on), as_outcome);
    }
    if (!failure) failure = co_await read_body(parser);
    allow_all();
    co_return failure;
}

/// As beast::http::async_read() does, but for what is_short_of_end() is there for.
Task<boost::system::error_code> ServerConnection::read_body(Parser& parser) {
    Ended failure;
    parser.eager(true);
    while (!failure && !parser.is_done()) {
        if (buffer_.size() > 0 && !is_short_of_end(parser, buffer_.size())) {
            const std::size_t used = parser.put(buffer_.data(), failure);
            buffer_.consume(used);
            if (failure != beast::http::error::need_more) continue;
            failure = {};
        }
        // Extensions of chunks and trailers are taken whole.
        if (buffer_.size() > settings_.header_limit) co_return beast::http::error::buffer_overflow;
        const auto space = buffer_.prepare(request_read_size);
        auto [ended, size] = co_await socket_.async_read_some(space, as_outcome);
        buffer_.commit(size);
        failure = ended;
    }
    co_return failure;
}

/// Of a request that could not be read; a client that just left gets no answer.
Task<void> ServerConnection::refuse(const Ended& failure) {
    using beast::http::error;
    if (std::exchange(expired_, false)) {
        co_await refuse(request_timeout, "the request did not arrive in time");
    } else if (failure == error::header_limit || failure == error::buffer_overflow) {
        co_await refuse(header_too_large, "the request's header is too large");
    } else if (failure == error::body_limit) {
        co_await refuse(content_too_large, "the request's body is too large");
    } else if (failure.category() == make_error_code(error::bad_method).category() &&
               failure != error::end_of_stream && failure != error::partial_message) {
        co_await refuse(bad_request, "the request is not HTTP/1.1");
    }
}

Task<void> ServerConnection::refuse(int status, std::string why) {
    auto body = settings_.refusal ? settings_.refusal(status, why) : plain_text(status, why);
    co_await answer(status, body.type, std::move(body.text));
}

Task<void> ServerConnection::handle(ServerRequest request) {
    std::exception_ptr error;
    try {
        co_await handler_(request, *this);
    } catch (...) {
        error = std::current_exception();
    }
    if (state_ == State::nothing) {
        co_await refuse(internal_error, "the request could not be handled");
    } else if (state_ == State::lines) {
        if (error) close(); // without an end, so that the client notices
        co_await end_lines();
    }
}

std::string ServerConnection::head(int status, std::string_view type,
                                   std::string_view framing) const {
    std::string text = "HTTP/1.1 " + std::to_string(status) + " ";
    const auto reason = beast::http::obsolete_reason(static_cast<beast::http::status>(status));
    text.append(reason.data(), reason.size());
    text.append("\r\nContent-Type: ").append(type).append("\r\n").append(framing);
    text.append("Cache-Control: no-store\r\nConnection: ");
    text.append(last_ ? "close" : "keep-alive").append("\r\n\r\n");
    return text;
}

Task<void> ServerConnection::answer(int status, std::string_view type, std::string body) {
    if (state_ != State::nothing) co_return;
    state_ = State::answered;
    auto bytes = head(status, type, "Content-Length: " + std::to_string(body.size()) + "\r\n");
    if (!bodiless_) bytes += body;
    co_await send(std::move(bytes));
}

Task<void> ServerConnection::begin(std::string_view type) {
    if (state_ != State::nothing) co_return;
    state_ = State::lines;
    if (!chunked_) last_ = true;
    watch_.emplace(socket_.get_executor(), watch_client());
    co_await send(head(200, type, chunked_ ? "Transfer-Encoding: chunked\r\n" : ""));
}

Task<bool> ServerConnection::line(std::string text) {
    if (state_ != State::lines || bodiless_) co_return !gone_;
    co_return co_await send(chunked_ ? chunk(text) : std::move(text) + "\n");
}

Task<void> ServerConnection::end_lines() {
    if (chunked_ && !bodiless_) co_await send("0\r\n\r\n");
    Ended ignored; // it may be closed
    socket_.cancel(ignored);
    co_await watch_->join();
    watch_.reset();
}

/// Bytes that the client sends while lines go to it are its next request.
Task<void> ServerConnection::watch_client() {
    const auto [failure] = co_await socket_.async_wait(ServerSocket::wait_read, as_outcome);
    if (!failure && has_hung_up(socket_.native_handle())) gone_ = true;
}

/// False: the client has gone, or takes nothing.
Task<bool> ServerConnection::send(std::string bytes) {
    if (gone_) co_return false;
    allow(settings_.write_limit);
    const auto [failure, size] =
        co_await asio::async_write(socket_, asio::buffer(bytes), as_outcome);
    allow_all();
    if (!failure) co_return true;
    gone_ = true;
    last_ = true;
    co_return false;
}

} // namespace medibridge::http
