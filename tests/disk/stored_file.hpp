#pragma once

#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace medibridge::disk {

using Random = std::mt19937_64;

/// One file as a disk with a cache holds it: what programs read, and what is certain to be read
/// after a power cut.
class StoredFile {
  public:
    explicit StoredFile(std::string bytes = {}) : now_(std::move(bytes)), durable_(now_) {}

    const std::string& bytes() const { return now_; }
    void write(std::size_t offset, std::string_view bytes);
    void truncate(std::size_t size);
    /// Everything so far survives a power cut.
    void sync();
    /// Of every change since the last sync it is drawn whether the disk has it, has it not, or has
    /// some of its 512-byte sectors; the disk may have taken up a later change before an earlier.
    void lose_power(Random& random);

  private:
    struct Change {
        std::size_t offset = 0;
        std::string bytes;
        bool truncates = false;
    };
    static void apply(const Change& change, std::string& to);
    static void apply_torn(const Change& change, std::string& to, Random& random);

    std::string now_;
    std::string durable_;
    std::vector<Change> unsynced_;
};

/// A number below `below`, the same for a seed with every compiler.
inline std::size_t draw(Random& random, std::size_t below) {
    return static_cast<std::size_t>(random() % below);
}

} // namespace medibridge::disk
