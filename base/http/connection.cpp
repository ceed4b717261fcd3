#include "base/http/connection.hpp"

#include "base/bytes/locked.hpp"
#include "base/http/answer.hpp"
#include "base/http/trust.hpp"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/write.hpp>
#include <stdexcept>

namespace medibridge::http {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::size_t kept_head_capacity = 64u << 10;

bool is_end(const error_code& failure) {
    return failure == asio::error::eof || failure == asio::ssl::error::stream_truncated ||
           failure == asio::error::connection_reset || failure == asio::error::broken_pipe ||
           failure == asio::error::connection_aborted;
}

ErrorKind kind_of(const error_code& failure) {
    if (failure == asio::error::operation_aborted) return ErrorKind::cancelled;
    if (failure.category() == asio::error::get_ssl_category()) return ErrorKind::tls;
    return ErrorKind::closed;
}

std::optional<asio::ssl::context> tls_for(const ClientSettings& settings) {
    if (settings.proxy && settings.proxy->url().secure())
        throw std::runtime_error("the proxy must be an http URL");
    if (!settings.origin.secure()) return std::nullopt;
    return make_tls_context(settings.ca_file, settings.crl_file);
}

} // namespace

Error proxy_wants_credentials(const Route& route) {
    std::string what = "407: the proxy " + route.next_hop().authority();
    what += route.settings.proxy->has_credentials()
                ? " refuses the credentials: check `proxy.user` and `proxy.password`"
                : " wants credentials: set `proxy.user` and `proxy.password`";
    return {ErrorKind::proxy, false, std::move(what)};
}

std::string with_reason(std::string what, const error_code& failure) {
    if (failure != asio::error::operation_aborted) what.append(": ").append(failure.message());
    return what;
}

Route::Route(asio::any_io_executor executor_, ClientSettings settings_)
    : executor(std::move(executor_)),
      settings(std::move(settings_)),
      tls(tls_for(settings)),
      resolver(executor, next_hop().host, next_hop().port) {}

Connection::Connection(Route& route)
    : route_(route),
      socket_(route.executor),
      wait_(route.executor),
      looking_up_(route.executor),
      answer_(route.settings.header_limit, route.settings.body_limit) {}

void Connection::close() {
    open_ = false;
    // If the peer has reset the connection, closing may fail; it does not matter.
    error_code ignored;
    socket_.close(ignored);
}

void Connection::interrupt() {
    interrupted_ = true;
    close();
    wait_.cancel();
    looking_up_.notify();
}

bool Connection::alive(TimePoint now) {
    if (!open_) return false;
    if (now - last_used_ <= route_.settings.idle_limit && quiet()) return true;
    close();
    return false;
}

/// Nothing may arrive on an idle connection: neither its end, nor bytes that the next request would
/// take for its answer.
bool Connection::quiet() {
    std::array<char, 1> byte;
    error_code failure;
    socket_.receive(asio::buffer(byte), asio::socket_base::message_peek, failure);
    if (failure == asio::error::would_block) return true;
    if (failure || !tls_) return false;
    // With TLS it may be a new session ticket, which reading consumes.
    tls_->read_some(asio::buffer(byte), failure);
    return failure == asio::error::would_block;
}

runtime::Task<Result> Connection::round_trip() {
    answer_.begin();
    sent_ = false;
    error_code failure;
    std::size_t written = 0;
    // The kernel nearly always takes everything at once, and no operation needs to be queued. Not
    // with TLS: the rest of a record that was taken in part would be lost.
    if (!tls_) {
        written = socket_.send(asio::buffer(outgoing_), 0, failure);
        if (failure == asio::error::would_block) failure.clear();
    }
    if (!failure && written < outgoing_.size()) {
        const auto rest = asio::buffer(outgoing_) + written;
        if (tls_)
            std::tie(failure, written) = co_await asio::async_write(*tls_, rest, as_values);
        else
            std::tie(failure, written) = co_await asio::async_write(socket_, rest, as_values);
    }
    base::wipe(outgoing_.data(), outgoing_.size()); // it holds credentials
    outgoing_.clear();
    if (outgoing_.capacity() > kept_head_capacity) outgoing_ = std::string();
    if (failure) {
        close();
        co_return std::unexpected(
            Error(kind_of(failure), false, with_reason("while the request was sent", failure)));
    }
    sent_ = true;
    co_return co_await receive();
}

runtime::Task<Result> Connection::receive() {
    auto state = AnswerReader::State::more;
    while (state == AnswerReader::State::more) {
        const auto space = answer_.space();
        const auto buffer = asio::buffer(space.data(), space.size());
        error_code failure;
        std::size_t size = 0;
        if (tls_)
            std::tie(failure, size) = co_await tls_->async_read_some(buffer, as_values);
        else
            std::tie(failure, size) = co_await socket_.async_read_some(buffer, as_values);
        if (!failure) {
            state = answer_.feed(size);
        } else if (is_end(failure) && answer_.heard()) {
            state = answer_.end(failure == asio::error::eof);
            close();
        } else {
            co_return unanswered(failure);
        }
    }
    if (state != AnswerReader::State::done) {
        const auto kind =
            state == AnswerReader::State::too_large ? ErrorKind::too_large : ErrorKind::malformed;
        co_return std::unexpected(fail(kind, answer_.reason()));
    }
    Response response = answer_.take();
    if (open_ && answer_.reusable())
        last_used_ = std::chrono::steady_clock::now();
    else
        close();
    answer_.discard();
    if (response.status == proxy_authentication_required && route_.settings.proxy)
        co_return std::unexpected(proxy_wants_credentials(route_));
    if (auto failure = undo_content_coding(response, route_.settings.body_limit))
        co_return std::unexpected(std::move(*failure));
    co_return std::move(response);
}

Result Connection::unanswered(const error_code& failure) {
    std::string when =
        answer_.heard() ? "while the answer was read" : "while the answer was awaited";
    return std::unexpected(fail(kind_of(failure), with_reason(std::move(when), failure)));
}

/// The error of a request that may have arrived.
Error Connection::fail(ErrorKind kind, std::string what) {
    close();
    answer_.discard();
    return Error(kind, true, std::move(what));
}

} // namespace medibridge::http
