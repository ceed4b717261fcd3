#include "base/http/answer.hpp"
#include "base/http/server.hpp"
#include "fuzz/targets.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>
#include <cstring>
#include <filesystem>
#include <unistd.h>

namespace medibridge::fuzz {

namespace asio = boost::asio;

namespace {

constexpr std::size_t header_limit = 1024;
constexpr std::size_t body_limit = 4096;

/// A server that answers each request with what it was asked for.
class Echo {
  public:
    Echo()
        : path_(std::filesystem::temp_directory_path() /
                ("medibridge-fuzz-" + std::to_string(::getpid()) + ".sock")),
          server_(io_.get_executor(), settings(),
                  [](const auto& request, auto& writer) { return answer(request, writer); }) {
        server_.listen(path_);
    }
    ~Echo() {
        bool stopped = false;
        asio::co_spawn(io_, server_.stop(), [&](const std::exception_ptr&) { stopped = true; });
        run([&] { return stopped; });
    }

    void take(std::string_view bytes) {
        asio::local::stream_protocol::socket client(io_);
        boost::system::error_code failure;
        client.connect(path_.string(), failure);
        require(!failure);
        client.non_blocking(true);
        asio::write(client, asio::buffer(bytes), failure); // it may be gone before the end
        client.shutdown(asio::socket_base::shutdown_send, failure);
        run([&] { return server_.connections() > 0; });
        run([&] { return server_.connections() == 0; });
    }

  private:
    static http::ServerSettings settings() {
        http::ServerSettings its;
        its.header_limit = header_limit;
        its.body_limit = body_limit;
        return its;
    }

    static runtime::Task<void> answer(const http::ServerRequest& request,
                                      http::ResponseWriter& writer) {
        require(request.body.size() <= body_limit);
        if (request.path.size() % 2 == 0) co_return co_await writer.answer(200, "text/plain", "x");
        co_await writer.begin("text/plain");
        for (const auto& [name, value] : request.query)
            co_await writer.line(name + value);
    }

    template <class Holds>
    void run(const Holds& holds) {
        io_.restart();
        while (!holds())
            io_.run_one();
    }

    asio::io_context io_{1};
    std::filesystem::path path_;
    http::Server server_;
};

} // namespace

/// The first byte says how the rest is cut into pieces.
void read_http_answer(std::string_view bytes) {
    if (bytes.empty()) return;
    const std::size_t piece = static_cast<unsigned char>(bytes.front()) + std::size_t{1};
    bytes.remove_prefix(1);
    using State = http::AnswerReader::State;
    http::AnswerReader reader(header_limit, body_limit);
    reader.begin();
    auto state = State::more;
    while (!bytes.empty() && state == State::more) {
        const auto space = reader.space();
        const auto size = std::min({piece, bytes.size(), space.size()});
        std::memcpy(space.data(), bytes.data(), size);
        bytes.remove_prefix(size);
        state = reader.feed(size);
    }
    if (state == State::more) state = reader.end(true);
    if (state != State::done) return require(!reader.reason().empty());
    auto response = reader.take();
    require(response.body.size() <= body_limit);
    http::undo_content_coding(response, body_limit);
    require(response.body.size() <= body_limit);
}

void serve_http(std::string_view bytes) {
    static Echo echo;
    constexpr std::size_t most = 32u << 10; // what a socket takes at once
    echo.take(bytes.substr(0, most));
}

} // namespace medibridge::fuzz
