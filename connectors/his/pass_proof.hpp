#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace medibridge::connectors {

/// What one pass over a list has shown, in 8 bytes a record: enough to tell whether an identifier
/// came twice, and whether another pass showed the same.
class PassProof {
  public:
    PassProof() = default;

    void add(std::string_view external_id);

    std::size_t records() const { return records_; }

    /// Whether no identifier came twice; records without one do not count. Sorts what is kept.
    bool distinct();

    /// Equal for passes that showed the same identifiers, each as often, however ordered. An edit
    /// changes nothing about it: whether a row was shown is asked, not what it said.
    std::uint64_t fingerprint() const;

    /// The bytes that the kept hashes take.
    std::size_t bytes() const;

  private:
    // Spread over many short lists, so that one growing moves little and wastes little.
    static constexpr std::size_t lists = 256;

    std::array<std::vector<std::uint64_t>, lists> hashes_;
    std::uint64_t sum_ = 0;
    std::uint64_t mix_ = 0;
    std::size_t records_ = 0;
};

/// A 64-bit hash of a text, the same on every machine; not for secrets.
std::uint64_t text_hash(std::string_view text);

} // namespace medibridge::connectors
