#pragma once

#include "connectors/inbox/inbox.hpp"

#include <cstdint>
#include <memory>
#include <string_view>

namespace medibridge::connectors {

/// content_digest() of what comes piece by piece.
class ContentHash {
  public:
    ContentHash();
    ~ContentHash();
    ContentHash(ContentHash&&) noexcept;
    ContentHash& operator=(ContentHash&&) noexcept;

    void add(std::string_view bytes);
    /// Of everything that was added; nothing may be added after it.
    ContentDigest finish();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace medibridge::connectors
