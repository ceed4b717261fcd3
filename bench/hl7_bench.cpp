#include "bench/hl7_listening.hpp"
#include "connectors/hl7v2/reading.hpp"

#include <benchmark/benchmark.h>
#include <string>
#include <vector>

namespace medibridge::connectors {
namespace {

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
    runtime::Task<SourceResult<std::int64_t>> newest() override { co_return 0; }
    runtime::Task<SourceResult<std::vector<Entry>>> read(bool, std::int64_t, std::size_t) override {
        co_return std::vector<Entry>();
    }
    runtime::Task<SourceResult<std::optional<Entry>>> read_one(std::string) override {
        co_return std::optional<Entry>();
    }
    runtime::Task<SourceResult<void>> mark_taken(std::int64_t) override {
        co_return SourceResult<void>();
    }
};

/// Messages a second, senders and listener on one machine. Arguments: connections, and messages
/// that a sender sends before it waits for its answers.
void listen(benchmark::State& state) {
    Running running([](const auto&) { return std::make_unique<NoInbox>(); });
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
