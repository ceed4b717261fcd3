#include "ctl/socket_api.hpp"

#include "ctl/answer_reader.hpp"
#include "ctl/socket_place.hpp"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <exception>

namespace medibridge::ctl {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::local::stream_protocol;
using Stream = beast::basic_stream<stream_protocol>;
constexpr auto with_error = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t piece_size = 16384;

[[noreturn]] void throw_lost(const beast::error_code& error) {
    if (error == beast::error::timeout)
        throw Unreachable("the daemon does not answer in time; `systemctl status medibridge` says "
                          "whether it is well");
    if (error.category() == http::make_error_code(http::error::bad_version).category() &&
        error != http::error::end_of_stream && error != http::error::partial_message)
        throw Unreachable("what listens there does not speak HTTP: give the daemon's socket with "
                          "--socket or --config");
    throw Unreachable("the connection to the daemon was lost (" + error.message() +
                      "); ask for `medibridgectl status`");
}

void refuse_too_long(const std::filesystem::path& place) {
    if (place.string().size() > longest_socket_path)
        throw Unreachable("a socket's path has at most " + std::to_string(longest_socket_path) +
                          " bytes: " + place.string());
}

asio::awaitable<void> connect(Stream& stream, const std::vector<std::filesystem::path>& places,
                              std::chrono::milliseconds patience) {
    std::vector<Attempt> attempts;
    for (const auto& place : places) {
        refuse_too_long(place);
        stream.expires_after(patience);
        const auto [error] =
            co_await stream.async_connect(stream_protocol::endpoint(place.string()), with_error);
        if (!error) co_return;
        attempts.push_back({place, error.value()});
        stream.socket().close();
    }
    throw Unreachable(unreachable_text(attempts));
}

http::request<http::string_body> request_of(std::string_view method, const std::string& target,
                                            const std::string& body) {
    http::request<http::string_body> request(http::string_to_verb({method.data(), method.size()}),
                                             target, 11);
    request.set(http::field::host, "medibridge");
    request.set(http::field::user_agent, "medibridgectl");
    request.keep_alive(false);
    if (!body.empty()) request.set(http::field::content_type, "application/json");
    request.body() = body;
    request.prepare_payload();
    return request;
}

asio::awaitable<Answer> read_answer(Stream& stream, const OnProgress& on_progress,
                                    std::chrono::milliseconds patience) {
    beast::flat_buffer buffer;
    http::response_parser<http::buffer_body> parser;
    parser.body_limit(boost::none);
    stream.expires_after(patience);
    const auto [refused, header] =
        co_await http::async_read_header(stream, buffer, parser, with_error);
    if (refused) throw_lost(refused);
    const auto& message = parser.get();
    const bool is_stream = message[http::field::content_type].starts_with("application/x-ndjson");
    AnswerReader reader(static_cast<int>(message.result_int()), is_stream, on_progress);
    std::array<char, piece_size> piece{};
    while (!parser.is_done()) {
        parser.get().body().data = piece.data();
        parser.get().body().size = piece.size();
        stream.expires_after(patience);
        const auto [error, read] =
            co_await http::async_read_some(stream, buffer, parser, with_error);
        if (error && error != http::error::need_buffer) throw_lost(error);
        reader.add({piece.data(), piece.size() - parser.get().body().size});
    }
    co_return reader.finish();
}

asio::awaitable<Answer> exchange(const std::vector<std::filesystem::path>& places,
                                 const Patience& patience,
                                 const http::request<http::string_body>& request,
                                 const OnProgress& on_progress) {
    Stream stream(co_await asio::this_coro::executor);
    co_await connect(stream, places, patience.connect);
    stream.expires_after(patience.connect);
    const auto [error, written] = co_await http::async_write(stream, request, with_error);
    if (error == beast::error::timeout) throw_lost(error);
    // A server that takes no more connections answers and closes before it has read anything: the
    // write fails, and the answer that says why waits to be read.
    const bool takes_no_work = request.target() == "/v1/status";
    const auto silence = takes_no_work ? patience.status : patience.silence;
    co_return co_await read_answer(stream, on_progress, error ? patience.connect : silence);
}

} // namespace

Answer SocketApi::call(std::string_view method, const std::string& target, const std::string& body,
                       const OnProgress& on_progress) {
    asio::io_context context(1);
    const auto request = request_of(method, target, body);
    Answer answer;
    std::exception_ptr failure;
    asio::co_spawn(context, exchange(places_, patience_, request, on_progress),
                   [&](const std::exception_ptr& thrown, Answer received) {
                       failure = thrown;
                       answer = std::move(received);
                   });
    context.run();
    if (failure) std::rethrow_exception(failure);
    return answer;
}

bool SocketApi::is_answered() {
    asio::io_context context(1);
    std::vector<Attempt> attempts;
    bool is_absent = true;
    for (const auto& place : places_) {
        refuse_too_long(place);
        stream_protocol::socket socket(context);
        boost::system::error_code error;
        socket.connect(stream_protocol::endpoint(place.string()), error);
        if (!error) return true;
        attempts.push_back({place, error.value()});
        is_absent = is_absent && (error.value() == ENOENT || error.value() == ENOTDIR ||
                                  error.value() == ECONNREFUSED);
    }
    if (!is_absent) throw Unreachable(unreachable_text(attempts));
    return false;
}

} // namespace medibridge::ctl
