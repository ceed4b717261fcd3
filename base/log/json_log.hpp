#pragma once

#include "base/log/event.hpp"
#include "base/log/line.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace medibridge::log {

enum class Format { json, text };

struct JsonLogSettings {
    Level threshold = Level::info; ///< events below it are not written
    Format format = Format::json;
    int descriptor = 2;            ///< written to, never closed
    Pseudonym pseudonym;           ///< nothing: patients appear under their externalId
    std::function<WallTime()> now; ///< nothing: the machine's wall clock
    /// journald's socket, which takes each line first, with its level and fields; what it does not
    /// take is written. Empty: none.
    std::string journal = {};
};

/// Writes each event as one line, at once and in one piece, so that an abort loses none. What
/// cannot be written (a closed pipe, a full disk) is counted and dropped: the program continues. A
/// reader that stops reading a blocking pipe stops the program, as with any log.
class JsonLog final : public EventLog {
  public:
    explicit JsonLog(JsonLogSettings settings);
    ~JsonLog() override;

    void write(const Event& event) override;

    /// From now on, events below it are not written.
    void set_threshold(Level threshold);
    /// How many events could not be written completely.
    std::uint64_t lost() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace medibridge::log
