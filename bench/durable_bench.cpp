#include "bench/hl7_listening.hpp"
#include "connectors/inbox/sealed_inbox.hpp"
#include "state/sqlite_store.hpp"

#include <array>
#include <benchmark/benchmark.h>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

// HL7 messages a second that are durable when they are acknowledged, beside what the disk can do:
// one wait for it, for a kilobyte that was appended. In the current folder, because a file system
// in memory would not show what a durable commit costs.

namespace medibridge::connectors {
namespace {

/// A folder of its own, which goes with it.
class Folder {
  public:
    Folder() {
        std::string pattern = "durable-bench-XXXXXX";
        if (!mkdtemp(pattern.data())) throw std::runtime_error("cannot make a folder");
        path_ = pattern;
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

void wait_for_the_disk(benchmark::State& state) {
    const Folder folder;
    const int file =
        ::open((folder.path() / "file").c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
    const std::string block(1024, 'x');
    for (auto _ : state) {
        if (::write(file, block.data(), block.size()) < 0 || ::fdatasync(file) != 0)
            throw std::runtime_error("cannot write");
    }
    ::close(file);
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(wait_for_the_disk)->UseRealTime();

/// Arguments: connections, and messages that a sender sends before it waits for its answers.
void acknowledge_durably(benchmark::State& state) {
    constexpr std::array<std::uint8_t, 32> key{1, 2, 3};
    const Folder folder;
    const auto store = state::open_sqlite(folder.path() / "state.db", state::AuditSeal(key));
    runtime::Worker worker;
    state::Database database(*store, &worker);
    NoLog no_log;
    Running running([&](const auto& executor) {
        connectors::SealedRecords records("adt", state::Seal(key), reconcile::Digester(key));
        return std::make_unique<connectors::SealedInbox>(
            executor, database, std::move(records), no_log, [] {
                return std::chrono::floor<std::chrono::milliseconds>(
                    std::chrono::system_clock::now());
            });
    });
    const auto pipelined = static_cast<int>(state.range(1));
    std::vector<int> sockets;
    for (int n = 0; n < state.range(0); ++n)
        sockets.push_back(connect_to(running.port()));
    int number = 0; // no message comes twice
    for (auto _ : state) {
        for (const int socket : sockets) {
            std::string block;
            for (int n = 0; n < pipelined; ++n)
                block += hl7::framed(message(++number));
            benchmark::DoNotOptimize(::send(socket, block.data(), block.size(), MSG_NOSIGNAL));
        }
        for (const int socket : sockets)
            await_answers(socket, pipelined);
    }
    for (const int socket : sockets)
        ::close(socket);
    state.SetItemsProcessed(state.iterations() * state.range(0) * pipelined);
}
BENCHMARK(acknowledge_durably)
    ->Args({1, 1})
    ->Args({16, 1})
    ->Args({50, 1})
    ->Args({50, 16})
    ->UseRealTime();

} // namespace
} // namespace medibridge::connectors
