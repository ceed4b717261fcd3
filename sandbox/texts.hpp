#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>

namespace medibridge::sandbox {

/// `N` optional texts in one small block of memory, so that a million patients fit.
template <std::size_t N>
class Texts {
  public:
    using Views = std::array<std::optional<std::string_view>, N>;

    Texts() = default;
    /// The texts together hold at most 4 GiB. The views are copied.
    explicit Texts(const Views& views) {
        std::size_t size = 0;
        for (const auto& view : views)
            size += view ? view->size() : 0;
        block_ = std::make_unique<char[]>(ends_size + size);
        std::uint32_t end = 0;
        for (std::size_t i = 0; i < N; ++i) {
            if (views[i]) {
                present_.set(i);
                std::memcpy(block_.get() + ends_size + end, views[i]->data(), views[i]->size());
                end += static_cast<std::uint32_t>(views[i]->size());
            }
            std::memcpy(block_.get() + i * sizeof end, &end, sizeof end);
        }
    }

    bool has(std::size_t i) const { return present_.test(i); }
    /// Empty where there is no text.
    std::string_view operator[](std::size_t i) const {
        if (!has(i)) return {};
        const std::uint32_t begin = i == 0 ? 0 : end_of(i - 1);
        return {block_.get() + ends_size + begin, end_of(i) - begin};
    }
    /// Valid as long as this object is neither changed nor moved from.
    Views views() const {
        Views result;
        for (std::size_t i = 0; i < N; ++i) {
            if (has(i)) result[i] = (*this)[i];
        }
        return result;
    }

  private:
    static constexpr std::size_t ends_size = N * sizeof(std::uint32_t);

    std::uint32_t end_of(std::size_t i) const {
        std::uint32_t end = 0;
        std::memcpy(&end, block_.get() + i * sizeof end, sizeof end);
        return end;
    }

    std::unique_ptr<char[]> block_;
    std::bitset<N> present_;
};

} // namespace medibridge::sandbox
