#include "state/sqlite/log_check.hpp"

#include "base/files/open.hpp"
#include "state/store.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <ext/stdio_filebuf.h>
#include <span>
#include <vector>

// https://www.sqlite.org/fileformat2.html#the_write_ahead_log
namespace medibridge::state {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t log_header_size = 32;
constexpr std::size_t frame_header_size = 24;
constexpr std::uint32_t magic = 0x377f0682; ///< its last bit: sums are over big-endian words

std::uint32_t big_endian(Bytes bytes, std::size_t at) {
    return std::uint32_t{bytes[at]} << 24U | std::uint32_t{bytes[at + 1]} << 16U |
           std::uint32_t{bytes[at + 2]} << 8U | std::uint32_t{bytes[at + 3]};
}

std::uint32_t little_endian(Bytes bytes, std::size_t at) {
    return std::uint32_t{bytes[at + 3]} << 24U | std::uint32_t{bytes[at + 2]} << 16U |
           std::uint32_t{bytes[at + 1]} << 8U | std::uint32_t{bytes[at]};
}

struct Sum {
    std::uint32_t first = 0;
    std::uint32_t second = 0;

    bool operator==(const Sum&) const = default;
    void add(Bytes bytes, bool of_big_endian) {
        const auto word = of_big_endian ? big_endian : little_endian;
        for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
            first += word(bytes, at) + second;
            second += word(bytes, at + 4) + first;
        }
    }
};

Sum sum_at(Bytes bytes, std::size_t at) {
    return {big_endian(bytes, at), big_endian(bytes, at + 4)};
}

/// Fills all of `to`; false if the log ends before.
bool read(std::istream& log, std::vector<std::uint8_t>& to) {
    log.read(reinterpret_cast<char*>(to.data()), static_cast<std::streamsize>(to.size()));
    return log.gcount() == static_cast<std::streamsize>(to.size());
}

class Header {
  public:
    explicit Header(Bytes bytes) : sum_(sum_at(bytes, 24)), salt_(sum_at(bytes, 16)) {
        const std::uint32_t begin = big_endian(bytes, 0);
        big_endian_ = (begin & 1U) != 0;
        page_size_ = big_endian(bytes, 8);
        Sum sum;
        sum.add(bytes.subspan(0, 24), big_endian_);
        valid_ = (begin & ~1U) == magic && sum == sum_ && page_size_ >= 512 && page_size_ <= 65536;
    }
    bool valid() const { return valid_; }
    std::size_t frame_size() const { return frame_header_size + page_size_; }
    Sum sum() const { return sum_; }
    bool has_salt_of(Bytes frame) const { return sum_at(frame, 8) == salt_; }
    /// Whether the frame follows one whose sum is `before`.
    bool continues(Bytes frame, Sum before) const {
        before.add(frame.subspan(0, 8), big_endian_);
        before.add(frame.subspan(frame_header_size), big_endian_);
        return has_salt_of(frame) && before == sum_at(frame, 16);
    }

  private:
    Sum sum_;
    Sum salt_;
    bool big_endian_ = false;
    std::uint32_t page_size_ = 0;
    bool valid_ = false;
};

} // namespace

bool has_lost_commits(std::istream& log) {
    std::vector<std::uint8_t> bytes(log_header_size);
    if (!read(log, bytes)) return false;
    const Header header(bytes);
    // The header is durable before anything is written after it.
    if (!header.valid()) return log.peek() != std::istream::traits_type::eof();

    std::vector<std::uint8_t> frame(header.frame_size());
    Sum before = header.sum();
    bool broken = false;
    bool after_commit = false;
    while (read(log, frame)) {
        const bool continues = header.continues(frame, before);
        if (broken && continues && after_commit) return true;
        broken = broken || !continues;
        after_commit = header.has_salt_of(frame) && big_endian(frame, 4) != 0;
        before = sum_at(frame, 16);
    }
    return false;
}

void check_log(const std::filesystem::path& state_file) {
    const std::string path = state_file.string() + "-wal";
    auto file = files::open_given(path);
    if (!file && file.error().error == ENOENT) return;
    if (!file)
        throw StoreError(file.error().error == 0 ? StoreError::Kind::not_ours
                                                 : StoreError::Kind::unavailable,
                         "the log of the state, " + path + ", " + file.error().text);
    __gnu_cxx::stdio_filebuf<char> bytes(file->release(), std::ios::in | std::ios::binary);
    std::istream log(&bytes);
    if (!has_lost_commits(log)) return;
    throw StoreError(StoreError::Kind::damaged,
                     "the log of the state, " + path +
                         ", is damaged before its end; state and log were left as they are: "
                         "restore a backup of both, or move both away and let a full run rebuild "
                         "the state");
}

} // namespace medibridge::state
