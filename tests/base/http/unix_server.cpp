#include "unix_server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <future>
#include <stdexcept>
#include <stdlib.h> // NOLINT: mkdtemp is POSIX's

namespace medibridge::http::test {

namespace asio = boost::asio;
using runtime::Task;

namespace {

std::filesystem::path fresh_directory() {
    auto pattern = (std::filesystem::temp_directory_path() / "server-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no " + pattern);
    return pattern;
}

std::string told(const ServerRequest& request) {
    std::string text = request.method;
    for (const auto& part : request.path)
        text += " [" + part + "]";
    for (const auto& [name, value] : request.query)
        text += " " + name + "=" + value;
    return text + " " + request.body;
}

} // namespace

UnixServerTest::UnixServerTest()
    : work_(io_.get_executor()),
      release_(io_.get_executor()),
      directory_(fresh_directory()),
      path_(directory_ / "socket"),
      thread_([this] { io_.run(); }) {}

UnixServerTest::~UnixServerTest() {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
}

void UnixServerTest::TearDown() {
    let_go();
    stop();
    call([this] { server_.reset(); });
    work_.reset();
    thread_.join();
}

void UnixServerTest::start(ServerSettings settings) {
    call([&] {
        server_ =
            std::make_unique<Server>(io_.get_executor(), std::move(settings),
                                     [this](const ServerRequest& request, ResponseWriter& writer) {
                                         return handle(request, writer);
                                     });
        server_->listen(path_);
    });
}

void UnixServerTest::await(std::function<Task<void>()> task) {
    asio::co_spawn(io_, std::move(task), asio::use_future).get();
}

void UnixServerTest::call(const std::function<void()>& function) {
    asio::post(io_, std::packaged_task<void()>(function)).get();
}

void UnixServerTest::let_go() {
    call([this] {
        released_ = true;
        release_.notify();
    });
}

void UnixServerTest::stop() {
    if (server_) await([this] { return server_->stop(); });
}

std::string UnixServerTest::ask(const std::string& request) const {
    UnixClient client(path_);
    client.say(request);
    return client.read_answer();
}

bool UnixServerTest::wait_until(const std::function<bool()>& holds) const {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!holds() && std::chrono::steady_clock::now() < end)
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    return holds();
}

Task<void> UnixServerTest::handle(const ServerRequest& request, ResponseWriter& writer) {
    const auto what = request.path[0];
    if (what == "throw") throw std::runtime_error("as the test wants it");
    if (what == "nothing") co_return;
    if (what == "lines" || what == "throw-late") {
        co_await writer.begin("application/x-ndjson");
        const int count = request.path.size() > 1 ? std::stoi(request.path[1]) : 1;
        for (int i = 0; i < count; ++i)
            co_await writer.line("line " + std::to_string(i));
        if (what == "throw-late") throw std::runtime_error("as the test wants it");
        co_return;
    }
    if (what == "endless") {
        const std::string line(64u << 10, 'x');
        co_await writer.begin("application/x-ndjson");
        while (co_await writer.line(line)) {
        }
        ++left_;
        co_return;
    }
    if (what == "hold") {
        ++holding_;
        while (!released_)
            co_await release_.wait();
        --holding_;
    }
    if (what == "who") {
        const auto& peer = *request.peer;
        co_await writer.answer(200, "text/plain",
                               std::to_string(peer.uid) + " " + std::to_string(peer.gid) + " " +
                                   std::to_string(peer.pid));
        co_return;
    }
    co_await writer.answer(200, "text/plain", told(request));
}

} // namespace medibridge::http::test
