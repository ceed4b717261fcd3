#pragma once

#include "sandbox/times.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace medibridge::sandbox {

enum class Verb : std::uint8_t { get, post, put, delete_, other };
std::string_view name(Verb verb);

/// A request as the simulated sides see it. The views live as long as the request is answered.
struct Request {
    Verb verb = Verb::get;
    std::string_view path;         ///< without the query, still percent-encoded
    std::string_view query;        ///< without the question mark
    std::string_view credential;   ///< the value of the header that the side authenticates by
    std::string_view content_type; ///< empty: none
    std::string_view body;
};

/// What becomes of an answer on its way.
enum class Wire : std::uint8_t {
    whole,
    cut,   ///< half of it is sent, then the connection is closed
    close, ///< the connection is closed without an answer
    reset, ///< the same, but with a TCP reset
};

struct Reply {
    unsigned status = 200;
    std::string body;
    std::string_view content_type = "application/json; charset=utf-8";
    std::string headers; ///< further ones, each with its CRLF
    Millis delay = 0;    ///< before anything is sent
    Millis date = 0;     ///< the side's clock, for the Date header
    Wire wire = Wire::whole;
};

/// Finds a query parameter and decodes it as HTML forms do: `+` is a space.
class Query {
  public:
    explicit Query(std::string_view text) : text_(text) {}

    /// False if the parameter is not there; `value` is then left alone.
    bool find(std::string_view name, std::string& value) const;
    /// A whole number from 1 to `most`; `fallback` if the parameter is not there, nothing if it is
    /// something else.
    std::optional<std::size_t> number(std::string_view name, std::size_t fallback,
                                      std::size_t most) const;

  private:
    std::string_view text_;
};

/// ASCII letters in lower case.
std::string lower_case(std::string_view text);

/// Decodes percent-encoding; a `%` without two digits stays as it is.
std::string percent_decoded(std::string_view text, bool plus_is_space);
/// Percent-encodes everything but letters, digits and `-._~`.
std::string percent_encoded(std::string_view text);

} // namespace medibridge::sandbox
