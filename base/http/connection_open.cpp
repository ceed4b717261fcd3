#include "base/http/certificates.hpp"
#include "base/http/connection.hpp"
#include "base/http/trust.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/write.hpp>
#include <openssl/ssl.h>
#include <openssl/x509.h>

/// How a connection is opened: the name's addresses, TCP, a proxy's tunnel, TLS.
namespace medibridge::http {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

/// A failure before any request: nothing can have been executed.
std::optional<Error> failed(ErrorKind kind, std::string what) {
    return Error(kind, false, std::move(what));
}

std::string host_and_port(const Url& url) {
    const bool brackets = url.host.find(':') != std::string::npos;
    return (brackets ? "[" + url.host + "]" : url.host) + ":" + std::to_string(url.port);
}

} // namespace

runtime::Task<Connection::Failure> Connection::open(TimePoint deadline) {
    interrupted_ = false;
    tls_.reset();
    answer_.discard();
    Failure failure = co_await connect(deadline);
    if (!failure && route_.tunnels()) failure = co_await tunnel();
    if (!failure && route_.tls) failure = co_await handshake();
    // An interruption between two steps closes the socket although the step succeeded.
    if (!failure && interrupted_) failure = failed(ErrorKind::cancelled, "while connecting");
    if (failure) close();
    open_ = !failure;
    co_return failure;
}

runtime::Task<Connection::Failure> Connection::connect(TimePoint deadline) {
    const std::string where = host_and_port(route_.next_hop());
    const auto found = co_await route_.resolver.resolve(looking_up_);
    if (!found)
        co_return failed(ErrorKind::resolve, "cannot resolve " + where + ": " + found.error());
    error_code failure;
    auto left = static_cast<int>(found->size());
    for (const auto& endpoint : *found) {
        // An address that never answers must not use up the time of the others.
        std::optional<TimePoint> limit;
        const auto now = std::chrono::steady_clock::now();
        if (left > 1) limit = now + (deadline - now) / left;
        --left;
        failure = co_await connect_to(endpoint, limit);
        if (!failure || interrupted_) break;
    }
    if (interrupted_) co_return failed(ErrorKind::cancelled, "while connecting to " + where);
    if (failure)
        co_return failed(ErrorKind::connect,
                         "cannot connect to " + where + ": " + failure.message());
    co_return std::nullopt;
}

runtime::Task<error_code> Connection::connect_to(asio::ip::tcp::endpoint endpoint,
                                                 std::optional<TimePoint> limit) {
    using namespace asio::experimental::awaitable_operators;
    error_code failure;
    socket_.close(failure);
    socket_.open(endpoint.protocol(), failure);
    if (failure) co_return failure;
    if (limit) {
        wait_.expires_at(*limit);
        const auto first =
            co_await (socket_.async_connect(endpoint, as_values) || wait_.async_wait(as_values));
        failure = asio::error::timed_out;
        if (first.index() == 0) failure = std::get<0>(std::get<0>(first));
    } else {
        std::tie(failure) = co_await socket_.async_connect(endpoint, as_values);
    }
    // Each request is one write, which must not wait for the previous acknowledgement.
    if (!failure) socket_.set_option(asio::ip::tcp::no_delay(true), failure);
    if (!failure) socket_.non_blocking(true, failure);
    co_return failure;
}

runtime::Task<Connection::Failure> Connection::tunnel() {
    const std::string target = host_and_port(route_.settings.origin);
    std::string request = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n";
    const std::string& authorization = route_.settings.proxy->authorization();
    if (!authorization.empty()) request += "Proxy-Authorization: " + authorization + "\r\n";
    request += "\r\n";
    const std::string proxy = "the proxy " + host_and_port(route_.next_hop());
    error_code failure;
    std::size_t size = 0;
    std::tie(failure, size) = co_await asio::async_write(socket_, asio::buffer(request), as_values);
    answer_.begin(true);
    auto state = AnswerReader::State::more;
    while (!failure && state == AnswerReader::State::more) {
        const auto space = answer_.space();
        const auto buffer = asio::buffer(space.data(), space.size());
        std::tie(failure, size) = co_await socket_.async_read_some(buffer, as_values);
        if (!failure) state = answer_.feed(size);
    }
    if (failure)
        co_return failed(ErrorKind::proxy, with_reason(proxy + " did not answer", failure));
    if (state != AnswerReader::State::done)
        co_return failed(ErrorKind::proxy, proxy + ": " + answer_.reason());
    const int status = answer_.take().status;
    if (status == proxy_authentication_required) co_return proxy_wants_credentials(route_);
    if (status / 100 != 2)
        co_return failed(ErrorKind::proxy,
                         proxy + " answered " + std::to_string(status) + " to CONNECT");
    if (answer_.has_more())
        co_return failed(ErrorKind::proxy, proxy + " sent more than its answer to CONNECT");
    co_return std::nullopt;
}

runtime::Task<Connection::Failure> Connection::handshake() {
    const std::string& host = route_.settings.origin.host;
    tls_.emplace(socket_, *route_.tls);
    if (!expect_host(tls_->native_handle(), host))
        co_return failed(ErrorKind::tls, "no certificate can be required for " + host);
    error_code failure;
    std::tie(failure) = co_await tls_->async_handshake(asio::ssl::stream_base::client, as_values);
    if (!failure) co_return std::nullopt;
    const bool ended = failure == asio::error::eof ||
                       failure == asio::ssl::error::stream_truncated ||
                       failure == asio::error::connection_reset;
    if (interrupted_) co_return failed(ErrorKind::cancelled, "in the TLS handshake with " + host);
    const std::string what = "TLS with " + host + ": ";
    if (ended) co_return failed(ErrorKind::closed, what + "the peer closed the connection");
    co_return failed(ErrorKind::tls, what + handshake_failure(tls_->native_handle(), failure));
}

std::optional<std::chrono::sys_seconds> Connection::certificate_end() {
    if (!tls_) return std::nullopt;
    return first_end(SSL_get0_verified_chain(tls_->native_handle()));
}

} // namespace medibridge::http
