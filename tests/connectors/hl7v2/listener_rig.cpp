#include "listener_rig.hpp"

#include "connectors/hl7v2/mllp_frame.hpp"
#include "corpus.hpp"
#include "source_environment.hpp"

#include <arpa/inet.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <future>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace medibridge::connectors::hl7::test {

namespace asio = boost::asio;

namespace {

constexpr int patience = 20; ///< seconds

} // namespace

Sender::Sender(std::uint16_t port, std::uint8_t from)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval limit{patience, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK - 1 + from);
    if (::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
        throw std::runtime_error("the sender cannot have that address");
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
        throw std::runtime_error("the listener cannot be reached");
}

Sender::Sender(Sender&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)),
      input_(std::move(other.input_)) {}

Sender::~Sender() {
    if (socket_ >= 0) ::close(socket_);
}

void Sender::send(std::string_view bytes) const {
    while (!bytes.empty()) {
        const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return; // the listener has closed: what it answered shows it
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

std::size_t Sender::send_some(std::string_view bytes) const {
    const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return sent > 0 ? static_cast<std::size_t>(sent) : 0;
}

std::optional<std::string> Sender::receive() {
    for (;;) {
        const auto end = input_.find(end_block);
        if (end != std::string::npos) {
            const auto begin = input_.find(start_block);
            auto answer = input_.substr(begin + 1, end - begin - 1);
            input_.erase(0, end + 2);
            return answer;
        }
        std::array<char, 65536> buffer{};
        const auto size = ::recv(socket_, buffer.data(), buffer.size(), 0);
        if (size < 0 && errno == EAGAIN) ADD_FAILURE() << "no answer";
        if (size <= 0) return std::nullopt;
        input_.append(buffer.data(), static_cast<std::size_t>(size));
    }
}

std::string Sender::ask(std::string_view message) {
    send(framed(message));
    return told(receive());
}

void Sender::half_close() const {
    ::shutdown(socket_, SHUT_WR);
}

void Sender::reset() {
    const linger at_once{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    ::close(std::exchange(socket_, -1));
}

std::string told(const std::optional<std::string>& answer) {
    if (!answer) return "closed";
    const auto at = answer->find("\rMSA|");
    if (at == std::string::npos) return "no MSA";
    const auto line = std::string_view(*answer).substr(at + 1);
    const auto segment = line.substr(0, line.find('\r'));
    return std::string(part(segment, '|', 2)) + " " + std::string(part(segment, '|', 3));
}

ListenerTest::ListenerTest()
    : settings_(test::settings()),
      clock_(std::make_unique<runtime::SteadyClock>(io_.get_executor())),
      work_(io_.get_executor()),
      thread_([this] { io_.run(); }) {}

ListenerTest::~ListenerTest() {
    if (listener_) stop();
    work_.reset();
    thread_.join();
}

void ListenerTest::start() {
    on_io([this] {
        auto its = environment();
        its.on_arrival = [this] { ++arrivals_; };
        listener_ = std::make_unique<MllpListener>(std::move(its), settings_, inbox_, limits_);
        listener_->start();
        port_ = listener_->port();
    });
}

SourceEnvironment ListenerTest::environment() {
    auto its = tests::source_environment("adt", io_.get_executor(), *clock_, log_);
    its.figures = figures_;
    its.wall_clock = [machine = its.wall_clock, this] { return machine() + ahead_; };
    return its;
}

void ListenerTest::stop() {
    std::promise<void> done;
    asio::post(io_, [this, &done] {
        asio::co_spawn(io_, listener_->stop(), [&done](std::exception_ptr) { done.set_value(); });
    });
    const auto state = done.get_future().wait_for(std::chrono::seconds(patience));
    ASSERT_EQ(state, std::future_status::ready) << "the listener does not stop";
    on_io([this] { listener_.reset(); });
}

void ListenerTest::on_io(const std::function<void()>& what) {
    std::promise<void> done;
    asio::post(io_, [&] {
        try {
            what();
            done.set_value();
        } catch (...) {
            done.set_exception(std::current_exception());
        }
    });
    done.get_future().get();
}

void ListenerTest::wait_until(const std::function<bool()>& holds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(patience);
    bool held = false;
    while (!held && std::chrono::steady_clock::now() < end)
        on_io([&] { held = holds(); });
    EXPECT_TRUE(held) << "it does not come about";
}

MllpStats ListenerTest::stats() {
    MllpStats copy;
    on_io([&] { copy = listener_->stats(); });
    return copy;
}

std::vector<std::string> ListenerTest::events() {
    std::vector<std::string> names;
    on_io([&] {
        for (const auto& event : log_.events)
            names.emplace_back(event.type().name);
    });
    return names;
}

std::vector<std::string> ListenerTest::reasons(const std::string& event) {
    std::vector<std::string> all;
    on_io([&] {
        for (const auto& one : log_.events) {
            if (one.type().name != event) continue;
            for (const auto& [key, value] : one.fields())
                if (key == log::Key::reason) all.push_back(std::get<std::string>(value));
        }
    });
    return all;
}

} // namespace medibridge::connectors::hl7::test
