#pragma once

#include "base/http/message.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>

/// Internal to the room: how an answer is read.
namespace medibridge::http {

/// Reads HTTP answers, one after the other, from bytes as a connection brings them.
///
/// Interim answers (1xx) are skipped, trailers are dropped. Whatever a peer sends, it never holds
/// more than the limits and never throws.
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

    /// Before each answer. `bodiless`: the answer ends with its header, as the answer to CONNECT
    /// does.
    void begin(bool bodiless = false);
    /// Where the next bytes go. Valid until the next call.
    std::span<char> space();
    /// `size` bytes were written to space().
    State feed(std::size_t size);
    /// The peer has closed the connection; `cleanly`: in the way that the protocol provides.
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

    /// Frees the memory of an unusually large answer, and drops left-over bytes.
    void discard();

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Undoes the answer's Content-Encoding (RFC 9110 §8.4): `gzip` and `deflate`, also one after the
/// other, up to `limit` bytes each. We ask for `identity`, but a proxy may compress anyway. Returns
/// nothing on success; the header is then removed.
///
/// An error says what is wrong: another coding, a body that is cut short or damaged, or one that
/// expands to more than `limit`. If the status is not a success, it says enough by itself: a body
/// that cannot be unpacked is then dropped, without an error.
std::optional<Error> undo_content_coding(Response& response, std::size_t limit);

} // namespace medibridge::http
