#pragma once

#include "base/http/message.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string>

/// Internal to the room.
namespace medibridge::http {

/// Reads HTTP answers, one after the other, from bytes as a connection brings them.
///
/// Interim answers (1xx) are skipped, trailers are dropped. Nothing that a peer sends makes it hold
/// more than the limits, or throw.
class AnswerReader {
  public:
    enum class State {
        more,      ///< the answer is not complete
        done,      ///< take() gives it
        malformed, ///< not HTTP, or cut off
        too_large, ///< longer than a limit
    };

    AnswerReader(std::size_t header_limit, std::size_t body_limit);
    ~AnswerReader();

    /// Before each answer. `bodiless`: the answer ends with its header, as that to CONNECT.
    void begin(bool bodiless = false);
    /// Where the next bytes go. Valid until the next call.
    std::span<char> space();
    /// `size` bytes were written to space().
    State feed(std::size_t size);
    /// The peer has ended the connection; `cleanly` if it said so where the protocol lets it.
    State end(bool cleanly);

    /// Whether a byte of this answer has come.
    bool heard() const;
    /// After `done`: whether the connection can carry another request.
    bool reusable() const;
    /// After `done`: whether bytes follow the answer.
    bool has_more() const;
    /// After `malformed` and `too_large`: why, in words without any of the bytes.
    std::string reason() const;
    /// After `done`.
    Response take();

    /// Frees what an unusually large answer made it hold, and forgets bytes left over.
    void discard();

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace medibridge::http
