#include "sandbox/listener.hpp"

#include <array>
#include <boost/asio.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <exception>
#include <optional>
#include <set>
#include <stdexcept>

namespace medibridge::sandbox {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;

namespace {

// The io_context's own executor instead of any_io_executor: no type erasure on the hot path.
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<tcp, Executor>;
using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;
using Work = asio::awaitable<void, Executor>;
using Parser = http::request_parser<http::string_body>;

constexpr auto as_value = asio::as_tuple(asio::use_awaitable_t<Executor>());
constexpr std::chrono::milliseconds accept_pause(50);

Verb verb_of(http::verb verb) {
    switch (verb) {
    case http::verb::get:
        return Verb::get;
    case http::verb::post:
        return Verb::post;
    case http::verb::put:
        return Verb::put;
    case http::verb::delete_:
        return Verb::delete_;
    default:
        return Verb::other;
    }
}

std::string_view view(boost::beast::string_view text) {
    return {text.data(), text.size()};
}

Request request_of(const Parser::value_type& message, const std::string& credential_header) {
    Request request;
    request.verb = verb_of(message.method());
    const std::string_view target = view(message.target());
    const auto mark = target.find('?');
    request.path = target.substr(0, mark);
    if (mark != std::string_view::npos) request.query = target.substr(mark + 1);
    request.credential = view(message[credential_header]);
    request.content_type = view(message[http::field::content_type]);
    request.body = message.body();
    return request;
}

/// The head of an answer; the date is made once a second.
class Head {
  public:
    void write(const Reply& reply, bool keep_alive) {
        const Millis second = reply.date / 1000;
        if (second != second_) {
            second_ = second;
            date_ = http_date(reply.date);
        }
        text_ = "HTTP/1.1 ";
        text_ += std::to_string(reply.status);
        text_ += ' ';
        text_ += view(http::obsolete_reason(static_cast<http::status>(reply.status)));
        text_ += "\r\nServer: medibridge-sandbox\r\nDate: ";
        text_ += date_;
        if (reply.status != 204) {
            text_ += "\r\nContent-Type: ";
            text_ += reply.content_type;
            text_ += "\r\nContent-Length: ";
            text_ += std::to_string(reply.body.size());
        }
        text_ += keep_alive ? "\r\n" : "\r\nConnection: close\r\n";
        text_ += reply.headers;
        text_ += "\r\n";
    }
    const std::string& text() const { return text_; }

  private:
    Millis second_ = -1;
    std::string date_;
    std::string text_;
};

Reply complaint(const boost::system::error_code& error) {
    Reply reply;
    reply.status = error == http::error::body_limit ? 413 : 400;
    reply.content_type = "text/plain";
    reply.body = error.message();
    reply.date = Clock().wall();
    return reply;
}

Acceptor listening(const Executor& executor, std::uint16_t port) {
    try {
        return {executor, tcp::endpoint(asio::ip::address_v4::loopback(), port)};
    } catch (const boost::system::system_error& error) {
        throw std::runtime_error("port " + std::to_string(port) + ": " + error.code().message());
    }
}

bool is_http_error(const boost::system::error_code& error) {
    return error.category() == http::make_error_code(http::error::end_of_stream).category() &&
           error != http::error::end_of_stream && error != http::error::partial_message;
}

} // namespace

class Listener::Server : public std::enable_shared_from_this<Server> {
  public:
    Server(asio::io_context& io, Handler& handler, const Options& options)
        : executor_(io.get_executor()),
          acceptor_(listening(executor_, options.port)),
          handler_(handler),
          credential_header_(options.credential_header),
          body_limit_(options.body_limit) {}

    void start() { asio::co_spawn(executor_, accept(shared_from_this()), end_of_work); }
    std::uint16_t port() const { return port_; }
    void set_credential_header(std::string name) { credential_header_ = std::move(name); }
    void stop();

  private:
    struct Connection {
        explicit Connection(Socket accepted)
            : socket(std::move(accepted)),
              timer(socket.get_executor()) {}
        Socket socket;
        Timer timer;
        boost::beast::flat_buffer buffer;
        Head head;
    };

    static void end_of_work(const std::exception_ptr& error) {
        if (error) std::rethrow_exception(error);
    }
    static Work accept(std::shared_ptr<Server> self);
    static Work serve(std::shared_ptr<Server> self, std::shared_ptr<Connection> connection);
    static asio::awaitable<bool, Executor> deliver(Connection& connection, const Reply& reply,
                                                   bool keep_alive);

    Executor executor_;
    Acceptor acceptor_;
    std::uint16_t port_ = acceptor_.local_endpoint().port();
    Handler& handler_;
    std::string credential_header_;
    std::size_t body_limit_;
    std::set<std::shared_ptr<Connection>> connections_;
    bool stopped_ = false;
};

void Listener::Server::stop() {
    stopped_ = true;
    boost::system::error_code ignored; // closing cannot fail in a way that matters here
    acceptor_.close(ignored);
    for (const auto& connection : connections_) {
        connection->socket.close(ignored);
        connection->timer.cancel();
    }
}

Work Listener::Server::accept(std::shared_ptr<Server> self) {
    while (!self->stopped_) {
        auto [error, socket] = co_await self->acceptor_.async_accept(as_value);
        if (self->stopped_) break;
        if (error) {
            // Out of descriptors, most likely: later there may be one.
            Timer pause(self->executor_, accept_pause);
            co_await pause.async_wait(as_value);
            continue;
        }
        boost::system::error_code ignored; // without it answers are only slower
        socket.set_option(tcp::no_delay(true), ignored);
        auto connection = std::make_shared<Connection>(std::move(socket));
        self->connections_.insert(connection);
        asio::co_spawn(self->executor_, serve(self, std::move(connection)), end_of_work);
    }
}

Work Listener::Server::serve(std::shared_ptr<Server> self, std::shared_ptr<Connection> connection) {
    bool open = true;
    while (open && !self->stopped_) {
        Parser parser;
        parser.body_limit(self->body_limit_);
        auto [error, size] =
            co_await http::async_read(connection->socket, connection->buffer, parser, as_value);
        if (self->stopped_) break;
        if (error && is_http_error(error)) {
            const Reply reply = complaint(error);
            co_await deliver(*connection, reply, false);
        }
        if (error) break;
        const Request request = request_of(parser.get(), self->credential_header_);
        const Reply reply = self->handler_.handle(request);
        if (reply.delay > 0) {
            connection->timer.expires_after(std::chrono::milliseconds(reply.delay));
            co_await connection->timer.async_wait(as_value);
        }
        open = co_await deliver(*connection, reply, parser.keep_alive());
        if (!self->stopped_) self->handler_.finished();
    }
    boost::system::error_code ignored; // the peer may be gone already
    connection->socket.shutdown(tcp::socket::shutdown_both, ignored);
    connection->socket.close(ignored);
    self->connections_.erase(connection);
}

asio::awaitable<bool, Executor> Listener::Server::deliver(Connection& connection,
                                                          const Reply& reply, bool keep_alive) {
    auto& socket = connection.socket;
    if (reply.wire == Wire::close) co_return false;
    if (reply.wire == Wire::reset) {
        boost::system::error_code ignored; // the peer may be gone already
        const asio::socket_base::linger at_once(true, 0);
        socket.set_option(at_once, ignored);
        socket.close(ignored);
        co_return false;
    }
    connection.head.write(reply, keep_alive);
    std::array<asio::const_buffer, 2> parts;
    parts[0] = asio::buffer(connection.head.text());
    parts[1] = asio::buffer(reply.body);
    if (reply.wire == Wire::cut) {
        auto& cut = reply.body.empty() ? parts[0] : parts[1];
        cut = asio::buffer(cut, cut.size() / 2);
    }
    auto [error, size] = co_await asio::async_write(socket, parts, as_value);
    co_return !error && keep_alive && reply.wire == Wire::whole;
}

Listener::Listener(asio::io_context& io, Handler& handler, const Options& options)
    : server_(std::make_shared<Server>(io, handler, options)) {
    server_->start();
}

Listener::~Listener() {
    stop();
}

std::uint16_t Listener::port() const {
    return server_->port();
}

void Listener::set_credential_header(std::string name) {
    server_->set_credential_header(std::move(name));
}

void Listener::stop() {
    server_->stop();
}

} // namespace medibridge::sandbox
