#include "bridge_cycle.hpp"
#include "hospital.hpp"

#include "config/load.hpp"
#include "connectors/kinds/kinds.hpp"
#include "tests/sanitized.hpp"

#include <atomic>
#include <cstdlib>
#include <gtest/gtest.h>
#include <new>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

// Memory that runs out anywhere in a cycle: the bridge itself, with its real clients, sockets and
// state, in a process of its own whose n-th allocation fails. (SQLite's own memory is not C++'s;
// what becomes of its failures is tested with the state.)

namespace {

/// What the processes of a test share.
struct Allocations {
    std::atomic<long> seen;
    std::atomic<long> fails_at; ///< 0: none
};
Allocations* allocations = nullptr; // of the allocator, which has nobody to be handed it by

} // namespace

void* operator new(std::size_t size) {
    if (allocations && ++allocations->seen == allocations->fails_at) throw std::bad_alloc();
    void* memory = std::malloc(size > 0 ? size : 1);
    if (!memory) throw std::bad_alloc();
    return memory;
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t /*size*/) noexcept {
    std::free(memory);
}

namespace medibridge::tests {
namespace {

class SilentLog final : public log::EventLog {
  public:
    void write(const log::Event& /*event*/) override {}
};

/// How a process that ran one cycle ended.
enum Ending : int { complete, incomplete, threw };

Ending run_cycle(const config::Settings& settings) {
    try {
        SilentLog log;
        const auto report = run_bridge(settings, log);
        return report.outcome == sync::Outcome::complete ? complete : incomplete;
    } catch (const std::exception&) {
        return threw;
    }
}

class OutOfMemory : public testing::Test {
  protected:
    OutOfMemory()
        : hospital({"--patients", "3", "--invalid-share", "0", "--duplicates", "accept"}) {
        hospital.configure("sync: {overlap: 2s, max_changes: {ratio: 1}}");
        settings = *config::load(hospital.config(), config::process_environment(),
                                 connectors::source_kinds())
                        .settings;
        void* shared = mmap(nullptr, sizeof(Allocations), PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        allocations = new (shared) Allocations();
    }
    ~OutOfMemory() override {
        auto* shared = std::exchange(allocations, nullptr);
        munmap(shared, sizeof(Allocations));
    }

    /// A cycle in a process of its own, whose `number`-th allocation fails: how it ended, or -1
    /// with a signal.
    int cycle(long number) {
        allocations->seen = 0;
        const pid_t child = fork();
        if (child == 0) {
            allocations->fails_at = number;
            const auto ending = run_cycle(settings);
            allocations->fails_at = 0;
            _exit(ending);
        }
        int status = 0;
        waitpid(child, &status, 0);
        allocations->fails_at = 0;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

    /// Something for the next cycle to do: a new patient and two edits.
    void add_work() {
        auto patient = hospital.his_patients().front();
        patient["ipp"] = std::to_string(9000000000 + ++added);
        patient.erase("majLe");
        hospital.control(http::Method::post, "/his/patients", patient);
        hospital.control(http::Method::post, "/his/edit?count=2");
        for (; added > 20 && removed < added - 20; ++removed) // the lists stay short
            hospital.control(http::Method::delete_,
                             "/his/patients/" + std::to_string(9000000001 + removed));
    }

    Hospital hospital;
    config::Settings settings;
    long added = 0;
    long removed = 0;
};

/// How many allocations are made to fail; MEDIBRIDGE_ALLOCATIONS for another number, spread evenly.
long sample() {
    const char* given = std::getenv("MEDIBRIDGE_ALLOCATIONS");
    return given ? std::atol(given) : sanitized ? 25 : 100;
}

TEST_F(OutOfMemory, AtAnyAllocationOfACycleLosesNothing) {
    ASSERT_EQ(cycle(0), complete);
    add_work();
    ASSERT_EQ(cycle(0), complete);
    const long all = allocations->seen;
    const long step = std::max(1L, all / sample());
    std::map<int, int> endings;
    for (long number = 1 + getpid() % step; number <= all; number += step) {
        SCOPED_TRACE("allocation " + std::to_string(number));
        add_work();
        const int ending = cycle(number);
        ++endings[ending];
        ASSERT_NE(ending, -1) << "it ended with a signal";
        int last = cycle(0);
        if (last == incomplete) last = cycle(0);
        ASSERT_EQ(last, complete);
        const auto stats = hospital.stats()["medicapp"];
        ASSERT_EQ(stats["duplicates"], 0);
        ASSERT_EQ(stats["patients"], 3 + added);
    }
    std::cout << all << " allocations in a cycle, every " << step
              << "th failed: " << endings[complete] << " cycles complete, " << endings[incomplete]
              << " incomplete, " << endings[threw] << " broken off\n";
    EXPECT_GT(endings[threw], 0);
}

} // namespace
} // namespace medibridge::tests
