#include "daemon/process_numbers.hpp"

#include "base/files/content.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <sstream>
#include <string>
#include <sys/resource.h>
#include <system_error>
#include <unistd.h>

namespace medibridge::daemon {

namespace {

constexpr std::size_t most_bytes = 1u << 20;

std::string text_of(const char* file) {
    return files::read_given(file, most_bytes).value_or("");
}

/// The fields of /proc/self/stat from the third on: what stands before may hold spaces.
std::istringstream fields_behind_name() {
    const auto line = text_of("/proc/self/stat");
    const auto name_end = line.rfind(')');
    return std::istringstream(name_end == std::string::npos ? "" : line.substr(name_end + 1));
}

double boot_time() {
    std::istringstream file(text_of("/proc/stat"));
    std::string word;
    while (file >> word)
        if (double seconds = 0; word == "btime" && file >> seconds) return seconds;
    return 0;
}

std::int64_t open_descriptors() {
    std::error_code failure;
    const std::filesystem::directory_iterator all("/proc/self/fd", failure);
    if (failure) return 0;
    return std::distance(begin(all), end(all)) - 1; // without the one that counts
}

} // namespace

monitoring::ProcessNumbers process_numbers() {
    monitoring::ProcessNumbers it;
    const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    auto fields = fields_behind_name();
    std::string field;
    double user = 0;
    double system = 0;
    double started = 0;
    std::int64_t pages = 0;
    for (int number = 3; number <= 24 && fields >> field; ++number) {
        std::istringstream value(field);
        if (number == 14) value >> user;
        if (number == 15) value >> system;
        if (number == 22) value >> started;
        if (number == 23) value >> it.virtual_bytes;
        if (number == 24) value >> pages;
    }
    it.cpu_s = (user + system) / ticks;
    it.started_s = boot_time() + started / ticks;
    it.resident_bytes = pages * ::sysconf(_SC_PAGESIZE);
    it.open_descriptors = open_descriptors();
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0)
        it.most_descriptors = static_cast<std::int64_t>(limit.rlim_cur);
    return it;
}

} // namespace medibridge::daemon
