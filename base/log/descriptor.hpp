#pragma once

#include <cstddef>
#include <string_view>

namespace medibridge::log {

/// Where lines are written to: a descriptor that is not closed here. Nothing raises SIGPIPE,
/// whatever the program's own disposition of that signal is.
class Descriptor {
  public:
    explicit Descriptor(int number);

    /// Writes all bytes, in one piece where the system does. A descriptor that does not block is
    /// waited for once, up to `max_wait_ms`. Returns how many bytes were written.
    std::size_t write_all(std::string_view bytes) const;

    static constexpr int max_wait_ms = 200;

  private:
    enum class Kind { file, pipe, socket };

    std::size_t write_rest(std::string_view bytes, bool& broken) const;

    int number_;
    Kind kind_;
};

} // namespace medibridge::log
