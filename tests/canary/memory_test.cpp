#include "hospital.hpp"

#include "tests/sanitized.hpp"
#include <fcntl.h>
#include <fstream>

#include <gtest/gtest.h>
#include <sstream>
#include <unistd.h>

// What root finds in the memory of the running daemon. Nobody else can look: see
// StartTest.NobodyCanDumpItsMemory.

namespace medibridge::tests {
namespace {

using http::Method;

const std::string used_key = "sk_canary_7Kqv2wXyZ_memory";

/// How often a text stands in the memory of a process.
int copies_in_memory(pid_t process, const std::string& text) {
    const auto folder = "/proc/" + std::to_string(process);
    std::ifstream maps(folder + "/maps");
    const int memory = ::open((folder + "/mem").c_str(), O_RDONLY | O_CLOEXEC);
    EXPECT_GE(memory, 0);
    int copies = 0;
    std::int64_t read = 0;
    for (std::string line; std::getline(maps, line);) {
        std::istringstream words(line);
        std::uint64_t begin = 0;
        std::uint64_t end = 0;
        char dash = 0;
        std::string rights;
        words >> std::hex >> begin >> dash >> end >> rights;
        if (rights[0] != 'r') continue;
        std::string bytes(end - begin, '\0');
        const auto got = ::pread(memory, bytes.data(), bytes.size(), static_cast<off_t>(begin));
        if (got <= 0) continue; // the kernel's own
        read += got;
        bytes.resize(static_cast<std::size_t>(got));
        for (auto at = bytes.find(text); at != std::string::npos; at = bytes.find(text, at + 1))
            ++copies;
    }
    ::close(memory);
    EXPECT_GT(read, 1 << 20);
    return copies;
}

class MemoryCanary : public testing::Test {
  protected:
    void SetUp() override {
        if (::geteuid() != 0) GTEST_SKIP() << "needs root, who alone may look";
        if (sanitized) GTEST_SKIP() << "a sanitizer keeps what is freed";
    }
    void start() {
        hospital_.configure("sync: {interval: 1s, overlap: 1s, full_compare: 1h}\n"
                            "log: {level: debug}\n");
        service_ = hospital_.start({});
        wait_for_cycles(2);
    }
    void wait_for_cycles(int more) {
        const auto before = times_said(*service_, "cycle.finished");
        wait_until(*service_,
                   [&] { return times_said(*service_, "cycle.finished") >= before + more; });
    }
    int copies(const std::string& text) { return copies_in_memory(service_->pid(), text); }

    Hospital hospital_{{"--patients", "60", "--api-key", used_key}};
    std::unique_ptr<Child> service_;
};

TEST_F(MemoryCanary, TheApiKeyStandsInFewPlacesHoweverOftenItIsUsed) {
    start();
    const int first = copies(used_key);
    EXPECT_GT(first, 0) << "the search finds nothing";
    for (int i = 0; i < 4; ++i) {
        hospital_.control(Method::post, "/his/edit?count=40");
        wait_for_cycles(1);
    }
    const int later = copies(used_key);
    RecordProperty("copies", later);
    EXPECT_LE(later, 4);
    EXPECT_LE(first, 4);
}

TEST_F(MemoryCanary, TheStatesKeyIsThereAsBytesOnly) {
    start();
    const auto text = read_file(hospital_.state().string() + ".key").substr(0, 64);
    ASSERT_EQ(text.size(), 64u);
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); i += 2)
        bytes += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
    EXPECT_EQ(copies(text), 0);
    RecordProperty("copies", copies(bytes));
    EXPECT_LE(copies(bytes), 8);
}

} // namespace
} // namespace medibridge::tests
