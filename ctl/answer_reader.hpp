#pragma once

#include "ctl/api.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace medibridge::ctl {

/// Puts an answer's body together, as its pieces come. A stream's lines are read one by one, and
/// none but the last is kept.
class AnswerReader {
  public:
    AnswerReader(int status, bool is_stream, const OnProgress& on_progress)
        : status_(status),
          is_stream_(is_stream),
          on_progress_(&on_progress) {}

    /// Throws Unreachable where what comes is not what medibridge sends.
    void add(std::string_view piece);
    /// The body is complete. Throws Unreachable where it says nothing.
    Answer finish();

  private:
    void read_line(std::string_view line);

    int status_;
    bool is_stream_;
    const OnProgress* on_progress_;
    std::string text_;
    std::optional<Answer> last_;
};

} // namespace medibridge::ctl
