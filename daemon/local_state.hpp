#pragma once

#include "config/settings.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace medibridge::daemon {

/// What the control API answers. Of long work it is told in lines, and `body` is empty.
struct LocalAnswer {
    int status = 0;
    bool is_lines = false;
    std::string body;
};

/// Hears the lines of long work, without their ends.
using OnLine = std::function<void(std::string_view line)>;

/// The control API where no service runs: this process opens the state, under the service's lock,
/// and runs the same code.
class LocalState {
  public:
    /// Opens the state. `config_file`: what `settings` were read from; `uid`: who asks. Throws
    /// StoreError, and std::runtime_error for a trust store that cannot be read.
    LocalState(std::filesystem::path config_file, config::Settings settings, std::uint32_t uid);
    ~LocalState();
    LocalState(const LocalState&) = delete;
    LocalState& operator=(const LocalState&) = delete;

    /// The state that is open stands in for one that is to be there, of which nothing exists yet.
    void stand_in_for(std::filesystem::path state);
    /// Called before a signal ends the program in the middle of a request.
    void before_end(std::function<void()> tidy);

    /// Answers one request. SIGINT and SIGTERM end a cycle between two items, a second one at once;
    /// where it only looks, or rehearses, they end the program. Throws what the service would end
    /// with.
    LocalAnswer answer(std::string_view method, std::string_view target, const std::string& body,
                       const OnLine& on_line);

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

/// The same, with every failure in an operator's words. Throws LocalFailure.
std::unique_ptr<LocalState> open_local_state(std::filesystem::path config_file,
                                             config::Settings settings, std::uint32_t uid);

} // namespace medibridge::daemon
