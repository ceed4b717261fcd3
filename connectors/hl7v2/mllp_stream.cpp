#include "connectors/hl7v2/mllp_stream.hpp"

#include "base/http/certificates.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <openssl/ssl.h>
#include <stdexcept>

namespace medibridge::connectors::hl7 {

namespace asio = boost::asio;
namespace ssl = asio::ssl;
using asio::ip::tcp;
using runtime::Task;

namespace {

constexpr auto as_value = asio::as_tuple(asio::use_awaitable);

/// What both kinds of stream share, with and without TLS.
template <class Stream>
class SocketStream : public ByteStream {
  public:
    Task<std::pair<Error, std::size_t>> read(std::span<char> into) override {
        const auto buffer = asio::buffer(into.data(), into.size());
        auto token = asio::bind_cancellation_slot(reading_.slot(), as_value);
        auto [error, size] = co_await stream_.async_read_some(buffer, std::move(token));
        co_return std::pair(error, size);
    }
    Task<Error> write(std::string_view bytes) override {
        const auto buffer = asio::buffer(bytes);
        auto [error, size] = co_await asio::async_write(stream_, buffer, as_value);
        co_return error;
    }
    void close() override {
        Error ignored; // the peer may be gone already
        stream_.lowest_layer().close(ignored);
    }

  protected:
    template <class... Arguments>
    explicit SocketStream(Arguments&&... arguments)
        : stream_(std::forward<Arguments>(arguments)...) {}

    void shut_down() {
        Error ignored; // the peer may be gone already
        stream_.lowest_layer().shutdown(tcp::socket::shutdown_send, ignored);
    }

    Stream stream_;
};

class PlainStream final : public SocketStream<tcp::socket> {
  public:
    explicit PlainStream(tcp::socket socket) : SocketStream(std::move(socket)) {}

    Task<std::string> open() override { co_return std::string(); }
    Task<void> end() override {
        shut_down();
        co_return;
    }
};

class TlsStream final : public SocketStream<ssl::stream<tcp::socket>> {
  public:
    TlsStream(tcp::socket socket, std::shared_ptr<ssl::context> context)
        : SocketStream(std::move(socket), *context),
          context_(std::move(context)) {}

    Task<std::string> open() override {
        auto [error] = co_await stream_.async_handshake(ssl::stream_base::server, as_value);
        if (!error) co_return std::string();
        const long verdict = SSL_get_verify_result(stream_.native_handle());
        if (verdict == X509_V_OK) co_return error.message();
        co_return std::string("certificate refused: ") + X509_verify_cert_error_string(verdict);
    }
    Task<void> end() override {
        // Waits for the peer to close its side; the watch limits that.
        co_await stream_.async_shutdown(as_value);
        shut_down();
    }

  private:
    std::shared_ptr<ssl::context> context_;
};

} // namespace

std::unique_ptr<ByteStream> make_stream(tcp::socket socket,
                                        const std::shared_ptr<ssl::context>& tls) {
    if (tls) return std::make_unique<TlsStream>(std::move(socket), tls);
    return std::make_unique<PlainStream>(std::move(socket));
}

std::shared_ptr<ssl::context> make_server_tls(const ServerTls& settings) {
    auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
    SSL_CTX* native = context->native_handle();
    if (SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION) != 1)
        throw std::runtime_error("cannot set up TLS");
    SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    http::show_certificate(native, settings.certificate_file);
    http::use_private_key(native, settings.key_file);
    if (SSL_CTX_check_private_key(native) != 1)
        throw std::runtime_error("the key " + settings.key_file +
                                 " does not belong to the certificate " +
                                 settings.certificate_file);
    if (settings.client_ca_file.empty()) return context;
    http::trust_certificates(native, settings.client_ca_file);
    if (!settings.client_crl_file.empty()) http::refuse_revoked(native, settings.client_crl_file);
    context->set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
    // No session is resumed: it would have to be bound to the verified certificate.
    SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(native, SSL_OP_NO_TICKET);
    if (SSL_CTX_set_num_tickets(native, 0) != 1) throw std::runtime_error("cannot set up TLS");
    return context;
}

struct Watch::Timer {
    explicit Timer(const asio::any_io_executor& executor) : timer(executor) {}
    asio::steady_timer timer;
};

Watch::Watch(asio::any_io_executor executor, std::function<void()> expired)
    : timer_(std::make_shared<Timer>(executor)),
      expired_(std::move(expired)) {}

void Watch::set(TimePoint at) {
    due_ = at;
    if (at < armed_) arm(at);
}

void Watch::clear() {
    due_ = TimePoint::max();
}

void Watch::stop() {
    expired_ = nullptr;
    clear();
    timer_->timer.cancel();
}

void Watch::arm(TimePoint at) {
    armed_ = at;
    timer_->timer.expires_at(at);
    timer_->timer.async_wait([weak = weak_from_this()](boost::system::error_code error) {
        const auto self = weak.lock();
        if (error || !self) return;
        self->armed_ = TimePoint::max();
        if (std::chrono::steady_clock::now() < self->due_) {
            if (self->due_ != TimePoint::max()) self->arm(self->due_);
            return;
        }
        self->clear();
        if (self->expired_) self->expired_();
    });
}

} // namespace medibridge::connectors::hl7
