#include "connectors/his/hl7/hl7_reading.hpp"
#include "connectors/his/hl7/mllp_frame.hpp"
#include "connectors/his/hl7/mllp_listener.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <benchmark/benchmark.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace medibridge::connectors {
namespace {

std::string message(int number) {
    const auto text = std::to_string(number);
    return "MSH|^~\\&|DPI|CH|SYNC|BRIDGE|20240601080000||ADT^A31^ADT_A05|M" + text +
           "|P|2.5^FRA^2.11|||||FRA|UNICODE UTF-8\rEVN||20240601080000\r"
           "PID|||" +
           text +
           "^^^CHT&1.2.250.1.999.1&ISO^PI~285629999101109^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.10"
           "&ISO^INS^^20240101||GARNIER^Noémie^Noémie "
           "Élise^^^^L~LEFÈVRE^Noémie^^^^^D||19850314|F|||"
           "12 rue de l'Église^^Besançon^^25000^FRA^H~^^^^^^BDL^^25056||0381000011^PRN^PH~^NET^"
           "Internet^noemie.lefevre@example.org|||||||||||||||||||VALI\rPV1||N\r";
}

config::Hl7Source settings() {
    config::Hl7Source settings;
    settings.listen = {"127.0.0.1", 0};
    settings.assigning_authority = "1.2.250.1.999.1";
    return settings;
}

void read_messages(benchmark::State& state) {
    hl7::MessageReader reader(settings());
    const auto text = message(1);
    for (auto _ : state)
        benchmark::DoNotOptimize(reader.read(text, reconcile::Instant()));
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(read_messages);

void cut_frames(benchmark::State& state) {
    std::string stream;
    for (int number = 0; number < 100; ++number)
        stream += hl7::framed(message(number));
    for (auto _ : state) {
        hl7::MllpFrames frames(1u << 20);
        frames.add(stream);
        while (auto piece = frames.next())
            benchmark::DoNotOptimize(piece);
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(stream.size()));
}
BENCHMARK(cut_frames);

/// Takes everything and keeps nothing: what is left is the listener's own cost.
class NoInbox final : public Inbox {
  public:
    runtime::Task<SourceResult<Receipt>> put(Arrival arrival) override {
        co_return Receipt(std::move(arrival.answer));
    }
    runtime::Task<SourceResult<std::optional<Receipt>>> find(ContentDigest) override {
        co_return std::optional<Receipt>();
    }
    runtime::Task<SourceResult<std::vector<Entry>>> read(bool, std::int64_t, std::size_t) override {
        co_return std::vector<Entry>();
    }
    runtime::Task<SourceResult<void>> mark_taken(std::int64_t) override {
        co_return SourceResult<void>();
    }
};

class NoLog final : public log::EventLog {
  public:
    void write(const log::Event&) override {}
};

/// A listener on a thread of its own.
class Running {
  public:
    Running()
        : work_(io_.get_executor()),
          clock_(io_.get_executor()),
          listener_("adt", settings(), inbox_, io_.get_executor(), clock_, log_) {
        listener_.start();
        thread_ = std::thread([this] { io_.run(); });
    }
    ~Running() {
        std::promise<void> done;
        boost::asio::post(io_, [&] {
            boost::asio::co_spawn(io_, listener_.stop(),
                                  [&done](std::exception_ptr) { done.set_value(); });
        });
        done.get_future().get();
        work_.reset();
        thread_.join();
    }
    std::uint16_t port() const { return listener_.port(); }

  private:
    NoInbox inbox_;
    NoLog log_;
    boost::asio::io_context io_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    runtime::SteadyClock clock_;
    MllpListener listener_;
    std::thread thread_;
};

int connect_to(std::uint16_t port) {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address);
    return socket;
}

/// Reads until so many answers came.
void await_answers(int socket, int count) {
    std::array<char, 65536> buffer{};
    while (count > 0) {
        const auto size = ::recv(socket, buffer.data(), buffer.size(), 0);
        if (size <= 0) return;
        count -= static_cast<int>(std::count(buffer.data(), buffer.data() + size, hl7::end_block));
    }
}

/// Messages a second, senders and listener on one machine. Arguments: connections, and messages
/// that a sender sends before it waits for its answers.
void listen(benchmark::State& state) {
    Running running;
    const auto pipelined = static_cast<int>(state.range(1));
    std::vector<int> sockets;
    for (int n = 0; n < state.range(0); ++n)
        sockets.push_back(connect_to(running.port()));
    std::string block;
    for (int n = 0; n < pipelined; ++n)
        block += hl7::framed(message(n));
    for (auto _ : state) {
        for (const int socket : sockets)
            benchmark::DoNotOptimize(::send(socket, block.data(), block.size(), MSG_NOSIGNAL));
        for (const int socket : sockets)
            await_answers(socket, pipelined);
    }
    for (const int socket : sockets)
        ::close(socket);
    const auto messages = state.iterations() * state.range(0) * pipelined;
    state.SetItemsProcessed(messages);
    state.SetBytesProcessed(messages * static_cast<std::int64_t>(message(1).size()));
}
BENCHMARK(listen)
    ->Args({1, 1})
    ->Args({1, 32})
    ->Args({16, 1})
    ->Args({50, 1})
    ->Args({50, 16})
    ->UseRealTime();

} // namespace
} // namespace medibridge::connectors
