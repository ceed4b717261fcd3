#include "state/sqlite/ownership.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <ctime>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <utility>

namespace medibridge::state {
namespace {

namespace fs = std::filesystem;

std::string time_text(const timespec& time) {
    return std::to_string(time.tv_sec) + "." + std::to_string(time.tv_nsec);
}

/// Which file it is, and whether somebody has written to it; empty: it cannot be told, or there is
/// a log beside it.
std::string look_of(const fs::path& path) {
    std::error_code missing;
    const auto log = fs::file_size(path.string() + "-wal", missing);
    struct stat status{};
    if ((!missing && log > 0) || ::stat(path.c_str(), &status) != 0) return {};
    return std::to_string(status.st_ino) + " " + std::to_string(status.st_size) + " " +
           time_text(status.st_mtim) + " " + time_text(status.st_ctim);
}

/// Gives the file a time of its own: those of the kernel move on by some milliseconds at once, so
/// that a write right after ours would leave the same one.
bool stamp(const fs::path& path) {
    std::array<timespec, 2> times{};
    times[0].tv_nsec = UTIME_OMIT;
    return ::clock_gettime(CLOCK_REALTIME, &times[1]) == 0 &&
           ::utimensat(AT_FDCWD, path.c_str(), times.data(), 0) == 0;
}

/// All that is vouched for, and the time of it; the mac is of that.
std::string word_of(std::int64_t whole_at_ms, const std::string& look, const RowSeal& seal) {
    const std::string said = "whole " + std::to_string(whole_at_ms) + " " + look;
    return said + " " + std::to_string(seal.mac(said));
}

std::optional<std::int64_t> time_in(std::string_view word) {
    constexpr std::string_view begin = "whole ";
    std::int64_t time = 0;
    if (!word.starts_with(begin)) return std::nullopt;
    word.remove_prefix(begin.size());
    const auto read = std::from_chars(word.data(), word.data() + word.size(), time);
    return read.ec == std::errc() ? std::optional(time) : std::nullopt;
}

} // namespace

std::int64_t machine_now_ms() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

namespace {

FileIdentity prepared(const fs::path& path) {
    prepare_file(path);
    return FileIdentity(path);
}

} // namespace

Ownership::Ownership(fs::path path)
    : lock_(path),
      path_(std::move(path)),
      former_(lock_.take_note()),
      identity_(prepared(path_)) {}

Ownership::~Ownership() {
    if (!word_ || !is_in_place() || !stamp(path_)) return;
    const auto look = look_of(path_);
    if (look.empty()) return;
    lock_.leave_note(word_of(word_->whole_at_ms, look, word_->seal));
}

std::optional<std::int64_t> Ownership::former_word(const RowSeal& seal, std::int64_t now_ms) const {
    const auto time = time_in(former_);
    const auto look = look_of(path_);
    if (!time || look.empty() || *time > now_ms || now_ms - *time > holds_for_ms)
        return std::nullopt;
    if (former_ != word_of(*time, look, seal)) return std::nullopt;
    return time;
}

} // namespace medibridge::state
