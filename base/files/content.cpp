#include "base/files/content.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <unistd.h>

namespace medibridge::files {

namespace {

constexpr std::size_t piece_size = std::size_t{16} << 10;

/// Pieces of secrets must not stay on the stack.
class Piece {
  public:
    Piece() = default;
    Piece(const Piece&) = delete;
    Piece& operator=(const Piece&) = delete;
    ~Piece() { ::explicit_bzero(bytes.data(), bytes.size()); }

    std::array<char, piece_size> bytes{};
};

std::string size_words(std::size_t bytes) {
    constexpr std::size_t kib = 1024;
    if (bytes >= kib * kib && bytes % (kib * kib) == 0)
        return std::to_string(bytes / (kib * kib)) + " MiB";
    if (bytes >= kib && bytes % kib == 0) return std::to_string(bytes / kib) + " KiB";
    return std::to_string(bytes) + " bytes";
}

Fault call_failed(const char* doing) {
    const int error = errno;
    return {error, std::string(doing) + ": " + std::generic_category().message(error)};
}

} // namespace

Result<std::string> read_all(const base::Descriptor& file, std::size_t limit) {
    std::string text;
    Piece piece;
    for (;;) {
        const ssize_t length = ::read(file.number(), piece.bytes.data(), piece.bytes.size());
        if (length < 0 && errno == EINTR) continue;
        if (length < 0) return std::unexpected(call_failed("cannot be read"));
        if (length == 0) return text;
        if (text.size() + static_cast<std::size_t>(length) > limit)
            return std::unexpected(Fault(0, "is larger than " + size_words(limit)));
        text.append(piece.bytes.data(), static_cast<std::size_t>(length));
    }
}

Result<std::string> read_given(const Place& place, std::size_t limit) {
    const auto file = open_given(place);
    if (!file) return std::unexpected(file.error());
    return read_all(*file, limit);
}

std::optional<Fault> write_all(const base::Descriptor& file, std::string_view text) {
    while (!text.empty()) {
        const ssize_t length = ::write(file.number(), text.data(), text.size());
        if (length < 0 && errno == EINTR) continue;
        if (length < 0) return call_failed("cannot be written");
        text.remove_prefix(static_cast<std::size_t>(length));
    }
    return std::nullopt;
}

} // namespace medibridge::files
