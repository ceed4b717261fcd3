#include "state/sqlite_store.hpp"

#include <array>
#include <benchmark/benchmark.h>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace medibridge::state {
namespace {

constexpr int chunk = 250; ///< patients decided, written and recorded together
constexpr std::array<std::uint8_t, AuditSeal::key_size> bench_key{1, 2, 3};

/// A state file in a folder of its own. It stands in the current folder, because a file system in
/// memory would not show what a durable commit costs.
class Fixture {
  public:
    Fixture() {
        std::string pattern = "state-bench-XXXXXX";
        if (!mkdtemp(pattern.data())) throw std::runtime_error("cannot make a folder");
        folder_ = pattern;
        store_ = open_sqlite(folder_ / "state.db", AuditSeal(bench_key));
    }
    ~Fixture() {
        store_.reset();
        std::filesystem::remove_all(folder_);
    }
    Fixture(const Fixture&) = delete;
    Fixture& operator=(const Fixture&) = delete;

    Store& store() { return *store_; }

  private:
    std::filesystem::path folder_;
    std::unique_ptr<Store> store_;
};

std::string external_id(std::int64_t number) {
    return "IPP-" + std::to_string(1'000'000 + number);
}

Link link(std::int64_t number) {
    Link link;
    link.external_id = external_id(number);
    link.medicapp_id = "pat_" + std::to_string(number);
    link.source = "dpi";
    for (std::size_t field = 0; field < reconcile::field_count; ++field) {
        const auto byte = static_cast<std::uint8_t>(number + static_cast<std::int64_t>(field) + 1);
        link.baselines.his.fields[field].fill(byte);
        link.baselines.medicapp.fields[field].fill(byte);
    }
    return link;
}

void put_links(Store& store, std::int64_t first, std::int64_t count) {
    Batch batch;
    for (std::int64_t number = first; number < first + count; ++number)
        batch.add(Batch::PutLink{link(number)});
    store.commit(batch);
}

void look_up_a_chunk(benchmark::State& state) {
    Fixture fixture;
    for (std::int64_t first = 0; first < state.range(0); first += 10'000)
        put_links(fixture.store(), first, 10'000);
    std::int64_t next = 0;
    for (auto _ : state) {
        std::vector<std::string> wanted;
        for (int i = 0; i < chunk; ++i)
            wanted.push_back(external_id(next = (next + 7'919) % state.range(0)));
        benchmark::DoNotOptimize(fixture.store().look_up(wanted));
    }
    state.SetItemsProcessed(state.iterations() * chunk);
}
BENCHMARK(look_up_a_chunk)->Arg(10'000)->Arg(200'000)->Unit(benchmark::kMicrosecond);

void commit_a_chunk_of_first_loads(benchmark::State& state) {
    Fixture fixture;
    std::int64_t next = 0;
    for (auto _ : state) {
        Batch batch;
        for (int i = 0; i < chunk; ++i) {
            Intent intent;
            intent.external_id = external_id(next + chunk + i);
            batch.add(Batch::PutIntent{intent});
            batch.add(Batch::PutLink{link(next + i)});
            batch.add(Batch::DropIntent{external_id(next + i)});
        }
        fixture.store().commit(batch);
        next += chunk;
    }
    state.SetItemsProcessed(state.iterations() * chunk);
}
BENCHMARK(commit_a_chunk_of_first_loads)->Unit(benchmark::kMicrosecond);

void commit_a_chunk_with_audit(benchmark::State& state) {
    Fixture fixture;
    std::int64_t next = 0;
    for (auto _ : state) {
        Batch batch;
        for (int i = 0; i < chunk; ++i) {
            batch.put_link(link(next + i));
            batch.audit({external_id(next + i), "pat_" + std::to_string(next + i), "created",
                         "lastName,firstName,birthDate,gender", "req-1"});
        }
        fixture.store().commit(batch);
        next += chunk;
    }
    state.SetItemsProcessed(state.iterations() * chunk);
}
BENCHMARK(commit_a_chunk_with_audit)->Unit(benchmark::kMicrosecond);

void verify_the_audit(benchmark::State& state) {
    Fixture fixture;
    for (std::int64_t first = 0; first < state.range(0); first += 10'000) {
        Batch batch;
        for (std::int64_t number = first; number < first + 10'000; ++number)
            batch.audit({external_id(number), "pat_" + std::to_string(number), "updated",
                         "phone,email", "req-1"});
        fixture.store().commit(batch);
    }
    for (auto _ : state)
        if (!fixture.store().verify_audit().intact) throw std::logic_error("the audit is broken");
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(verify_the_audit)->Arg(100'000)->Unit(benchmark::kMillisecond);

} // namespace
} // namespace medibridge::state
