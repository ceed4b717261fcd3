#include "certificate_folder.hpp"
#include "hospital.hpp"
#include "tests/sanitized.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <atomic>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

// The service listens; hosts of an attacker (127.0.1.x) do what they can, and one good sender
// (127.0.0.2) goes on sending. Whatever they do, its messages are acknowledged within a second, and
// the service's descriptors and memory stay within their bounds.

namespace medibridge::tests {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;
using Stop = const std::atomic<bool>&;

constexpr int max_connections = 64;
constexpr long most_growth_kib = 64L << 10; ///< of the service's memory, over all attacks
constexpr double most_wait = 1.0;           ///< seconds, of 99 in 100 acknowledgements

Seconds attack_time() {
    const char* given = std::getenv("MEDIBRIDGE_HOSTILE_SECONDS");
    return Seconds(given ? std::atof(given) : 3);
}

std::uint16_t free_port() {
    asio::io_context io;
    return asio::ip::tcp::acceptor(io, {asio::ip::address_v4::loopback(), 0})
        .local_endpoint()
        .port();
}

class Socket {
  public:
    /// From that address of 127.0.0.0/8, by its last two numbers.
    Socket(std::uint16_t port, std::uint16_t from)
        : number_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        const timeval limit{10, 0};
        ::setsockopt(number_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        ::setsockopt(number_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl((127U << 24) + from);
        const auto* generic = reinterpret_cast<sockaddr*>(&address);
        connected_ = ::bind(number_, generic, sizeof address) == 0;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(port);
        connected_ = connected_ && ::connect(number_, generic, sizeof address) == 0;
    }
    ~Socket() {
        if (number_ >= 0) ::close(number_);
    }
    Socket(Socket&& other) noexcept
        : number_(std::exchange(other.number_, -1)),
          connected_(other.connected_),
          input_(std::move(other.input_)) {}
    Socket& operator=(Socket&& other) noexcept {
        std::swap(number_, other.number_);
        connected_ = other.connected_;
        input_ = std::move(other.input_);
        return *this;
    }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;

    bool connected() const { return connected_; }
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto sent = ::send(number_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return connected_ = false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    /// As much as goes without waiting.
    void send_some(std::string_view bytes) {
        const auto sent = ::send(number_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno != EAGAIN) connected_ = false;
    }
    /// MSA-1 of the next answer; empty: none came.
    std::string answer() {
        for (std::size_t end = 0;;) {
            end = input_.find("\x1c\r");
            if (end != std::string::npos) {
                const auto at = input_.find("\rMSA|");
                auto code = at < end ? input_.substr(at + 5, 2) : "no MSA";
                input_.erase(0, end + 2);
                return code;
            }
            std::array<char, 16'384> buffer{};
            const auto size = ::recv(number_, buffer.data(), buffer.size(), 0);
            if (size <= 0) return {};
            input_.append(buffer.data(), static_cast<std::size_t>(size));
        }
    }
    std::string ask(std::string_view block) { return send(block) ? answer() : std::string(); }

  private:
    int number_;
    bool connected_ = false;
    std::string input_;
};

std::string block(const std::string& id, const std::string& name, const std::string& control) {
    return "\vMSH|^~\\&|HIS|CH|MB|CH|20260131090500||ADT^A08^ADT_A01|" + control +
           "|P|2.5\rEVN||20260131090500\rPID|||" + id + "^^^CHT&1.2.250.1.999.1&ISO^PI||" + name +
           "^Anne^^^^^L||19800101|F\r\x1c\r";
}

/// A service that listens, and what its process costs.
class Besieged : public testing::Test {
  protected:
    void start(const std::string& tls = {}) {
        rlimit limit{};
        ::getrlimit(RLIMIT_NOFILE, &limit);
        limit.rlim_cur = limit.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &limit);
        port_ = free_port();
        hospital_ = std::make_unique<Hospital>(
            std::vector<std::string>{"--his-type", "hl7v2", "--mllp",
                                     "127.0.0.1:" + std::to_string(port_), "--patients", "1"});
        auto yaml = read_file(hospital_->config());
        yaml.insert(yaml.find("state:"), "    max_connections: " + std::to_string(max_connections) +
                                             "\n    max_connections_per_address: 16\n" + tls);
        write_file(hospital_->config(), yaml + "sync: {interval: 1s}\n");
        service_ = hospital_->start({});
        wait_until(*service_, [this] { return said(*service_, "mllp.listening"); });
    }

    long resident_kib() const {
        std::ifstream status("/proc/" + std::to_string(service_->pid()) + "/status");
        for (std::string line; std::getline(status, line);)
            if (line.starts_with("VmRSS:")) return std::atol(line.c_str() + 6);
        return 0;
    }
    long descriptors() const {
        const auto folder = "/proc/" + std::to_string(service_->pid()) + "/fd";
        return std::distance(std::filesystem::directory_iterator(folder),
                             std::filesystem::directory_iterator());
    }

    /// Attacks for a while, and asks as the good sender meanwhile: `ask` gives MSA-1.
    void endure(const char* name, const std::function<void(Stop)>& attack, int attackers,
                const std::function<std::string(int)>& ask) {
        std::atomic<bool> stop = false;
        std::vector<std::thread> threads;
        for (int n = 0; n < attackers; ++n)
            threads.emplace_back([&] { attack(stop); });
        std::vector<double> waits;
        long memory = 0;
        long files = 0;
        const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(attack_time());
        while (Clock::now() < end) {
            const auto begin = Clock::now();
            const auto code = ask(++asked_);
            waits.push_back(Seconds(Clock::now() - begin).count());
            EXPECT_EQ(code, "AA") << name << ", message " << waits.size();
            memory = std::max(memory, resident_kib());
            files = std::max(files, descriptors());
            if (HasFailure()) break;
            // Paced, as a sender of a hospital is.
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        stop = true;
        for (auto& thread : threads)
            thread.join();
        std::ranges::sort(waits);
        const double late = waits[waits.size() * 99 / 100];
        std::cout << name << ": " << waits.size() << " messages, p50 "
                  << waits[waits.size() / 2] * 1000 << " ms, p99 " << late * 1000 << " ms, memory +"
                  << (memory - memory_before_) / 1024 << " MiB, descriptors +"
                  << files - files_before_ << "\n";
        EXPECT_LE(late, most_wait * (sanitized ? 5 : 1)) << name;
        if (!sanitized) EXPECT_LE(memory - memory_before_, most_growth_kib) << name;
        EXPECT_LE(files - files_before_, max_connections + 16) << name;
        EXPECT_FALSE(service_->ended()) << name;
    }

    void remember() {
        memory_before_ = resident_kib();
        files_before_ = descriptors();
    }

    std::uint16_t port_ = 0;
    std::unique_ptr<Hospital> hospital_;
    std::unique_ptr<Child> service_;
    long memory_before_ = 0;
    long files_before_ = 0;
    int asked_ = 0;
};

/// An address of the attacker's: there are ten.
std::uint16_t hostile_address() {
    static std::atomic<unsigned> next = 0;
    return static_cast<std::uint16_t>(256 + 1 + next++ % 10);
}

/// Keeps as many connections open as it can, and does something with each, time and again.
std::function<void(Stop)> with_many(std::uint16_t port, std::size_t count,
                                    std::function<void(Socket&)> first,
                                    std::function<void(Socket&)> again) {
    return [=](Stop stop) {
        std::vector<Socket> sockets;
        while (!stop) {
            while (sockets.size() < count && !stop) {
                sockets.emplace_back(port, hostile_address());
                first(sockets.back());
            }
            for (auto& socket : sockets) {
                if (stop) return;
                again(socket);
                if (socket.connected()) continue;
                socket = Socket(port, hostile_address());
                first(socket);
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
    };
}

void nothing(Socket& /*socket*/) {}

TEST_F(Besieged, TheGoodSenderIsServedWhateverOthersDo) {
    start();
    Socket good(port_, 2);
    const auto ask = [&good](int n) { return good.ask(block("7", "MOREL", std::to_string(n))); };
    for (int n = 0; n < 20; ++n)
        ASSERT_EQ(ask(-n - 1), "AA");
    remember();
    const std::string large(900'000, 'x');
    const std::string huge(2'000'000, 'x');
    std::atomic<int> number = 0;
    std::atomic<int> refused = 0;

    endure("1,200 silent connections", with_many(port_, 300, nothing, nothing), 4, ask);
    endure("a byte at a time",
           with_many(
               port_, 60, [](Socket& s) { s.send_some("\vMSH"); },
               [](Socket& s) { s.send_some("|"); }),
           4, ask);
    endure("line ends for ever",
           with_many(port_, 60, nothing, [](Socket& s) { s.send_some("\n"); }), 4, ask);
    endure("no MLLP",
           with_many(port_, 10, nothing, [](Socket& s) { s.send_some("GET / HTTP/1.1\r\n\r\n"); }),
           4, ask);
    endure(
        "connections as fast as they come",
        [this](Stop stop) {
            while (!stop)
                const Socket once(port_, hostile_address());
        },
        4, ask);
    endure("endless blocks",
           with_many(
               port_, 2, [](Socket& s) { s.send_some("\vMSH|^~\\&|A|B"); },
               [&large](Socket& s) {
                   for (int n = 0; n < 4 && s.connected(); ++n)
                       s.send(large);
               }),
           4, ask);
    endure("large blocks that never end",
           with_many(
               port_, 16, [&large](Socket& s) { s.send("\vMSH|^~\\&|" + large); }, nothing),
           4, ask);
    endure("blocks of 0.9 MB, with a name as long",
           with_many(port_, 2, nothing,
                     [&](Socket& s) {
                         const auto n = std::to_string(++number);
                         s.ask(block("9" + n, large, n));
                     }),
           4, ask);
    endure("blocks over the limit",
           with_many(port_, 2, nothing,
                     [&](Socket& s) {
                         const auto n = std::to_string(++number);
                         if (s.ask(block("9" + n, huge, n)) == "AR") ++refused;
                     }),
           4, ask);
    EXPECT_GT(refused, 5);
    endure("messages of new patients, pipelined, answers unread",
           with_many(port_, 4, nothing,
                     [&](Socket& s) {
                         std::string many;
                         for (int i = 0; i < 100; ++i) {
                             const auto n = std::to_string(++number);
                             many += block("9" + n, "MOREL", n);
                         }
                         s.send_some(many);
                     }),
           4, ask);
    endure("nobody any more", [](Stop) {}, 0, ask);
    service_->signal(SIGTERM);
    EXPECT_EQ(service_->wait(), 0);
}

TEST_F(Besieged, StalledHandshakesLockNobodyOut) {
    const connectors::hl7::test::CertificateFolder certificates;
    certificates.issue("server");
    start("    tls: {certificate_file: \"" + certificates.path("server.pem") + "\", key_file: \"" +
          certificates.path("server.key") + "\"}\n");
    asio::io_context io;
    asio::ssl::context context(asio::ssl::context::tls_client);
    context.load_verify_file(certificates.ca());
    /// A new connection for each message: the handshake must come through, too.
    const auto ask = [&](int n) -> std::string {
        asio::ssl::stream<asio::ip::tcp::socket> stream(io, context);
        auto& socket = stream.next_layer();
        boost::system::error_code error;
        socket.open(asio::ip::tcp::v4());
        socket.bind({asio::ip::make_address_v4("127.0.0.2"), 0});
        socket.connect({asio::ip::address_v4::loopback(), port_});
        stream.handshake(asio::ssl::stream_base::client, error);
        if (error) return "no handshake: " + error.message();
        asio::write(stream, asio::buffer(block("7", "MOREL", std::to_string(n))), error);
        std::string answer;
        asio::read_until(stream, asio::dynamic_buffer(answer), std::string("\x1c\r"), error);
        const auto at = answer.find("\rMSA|");
        return error || at == std::string::npos ? "no answer" : answer.substr(at + 5, 2);
    };
    for (int n = 0; n < 5; ++n)
        ASSERT_EQ(ask(-n - 1), "AA");
    remember();
    endure("400 stalled handshakes", with_many(port_, 100, nothing, nothing), 4, ask);
    endure("half a hello",
           with_many(
               port_, 50, [](Socket& s) { s.send_some("\x16\x03\x01\x02"); },
               [](Socket& s) { s.send_some("\x01"); }),
           4, ask);
}

} // namespace
} // namespace medibridge::tests
