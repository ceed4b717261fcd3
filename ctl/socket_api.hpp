#pragma once

#include "ctl/api.hpp"

#include <chrono>
#include <filesystem>
#include <vector>

namespace medibridge::ctl {

/// How long the daemon may take. An answer that reads both sides live waits for them; long work
/// sends a line now and then.
struct Patience {
    std::chrono::milliseconds connect{5'000};
    std::chrono::milliseconds silence{900'000}; ///< between two pieces of an answer
    std::chrono::milliseconds status{15'000};   ///< the same for the status, which takes no work
};

/// The daemon behind its Unix socket: HTTP/1.1, a connection for each call.
class SocketApi final : public Api {
  public:
    /// `places` are tried in their order.
    explicit SocketApi(std::vector<std::filesystem::path> places, Patience patience = {})
        : places_(std::move(places)),
          patience_(patience) {}

    Answer call(std::string_view method, const std::string& target, const std::string& body,
                const OnProgress& on_progress) override;
    /// Whether somebody listens. Throws nothing for a place that does not exist or is left.
    bool is_answered();

  private:
    std::vector<std::filesystem::path> places_;
    Patience patience_;
};

} // namespace medibridge::ctl
