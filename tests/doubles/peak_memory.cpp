#include "peak_memory.hpp"

#include <fstream>
#include <malloc.h>
#include <string>

namespace medibridge {
namespace {

/// A number of /proc/self/status, in KiB.
std::size_t status_kib(const std::string& name) {
    std::ifstream status("/proc/self/status");
    std::string word;
    while (status >> word) {
        std::size_t value = 0;
        if (word == name + ":" && status >> value) return value;
    }
    return 0;
}

std::size_t above(std::size_t kib, std::size_t start) {
    return kib > start ? (kib - start) / 1024 : 0;
}

} // namespace

PeakMemory::PeakMemory() {
    malloc_trim(0);
    std::ofstream("/proc/self/clear_refs") << "5";
    at_start_kib_ = status_kib("VmRSS");
}

std::size_t PeakMemory::mib() const {
    return above(status_kib("VmHWM"), at_start_kib_);
}

std::size_t PeakMemory::kept_mib() const {
    malloc_trim(0);
    return above(status_kib("VmRSS"), at_start_kib_);
}

} // namespace medibridge
