#pragma once

#include "base/http/message.hpp"
#include "base/http/timing_headers.hpp"
#include "connectors/medicapp/medicapp.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace medibridge::connectors {

/// Takes in the answer to one call.
class AnswerReader {
  public:
    virtual ~AnswerReader() = default;
    /// False if a successful answer is not what the call expects. Called once for each such answer.
    virtual bool read(const http::Response& response) = 0;
};

/// One request to Medicapp, as often as it is sent.
class Call {
  public:
    Call(http::Method method_, std::string_view name_, std::string target_, std::string body_)
        : method(method_),
          name(name_),
          target(std::move(target_)),
          body(std::move(body_)),
          about_one(method_ != http::Method::get) {}

    http::Method method;
    std::string_view name; ///< for logs, with a fixed text's lifetime: `PUT /patients/{id}`
    std::string target;
    std::string body;
    bool about_one;        ///< one patient, so that what goes wrong may be theirs alone
    int most_attempts = 0; ///< 0: as many as is set

    bool is_write() const { return method != http::Method::get; }
};

/// What one attempt came to.
class Verdict {
  public:
    enum class Kind : std::uint8_t {
        success,
        answered,     ///< Medicapp says no: `error`
        refused_rate, ///< 429: not executed
        unauthorized, ///< 401, 403: not executed, and perhaps the key's
        failed,       ///< no usable answer
        cancelled,    ///< the transport was told to stop
    };

    Kind kind = Kind::failed;
    bool maybe_executed = true; ///< for `failed` and `cancelled`
    ApiError error;             ///< unless `success`
    std::optional<std::chrono::milliseconds> requested_pause;
};

/// Judges an attempt by the rules for its method. Decides nothing about repeating it.
///
/// Only an error with Medicapp's own JSON body is Medicapp's word; a proxy's page in its place is
/// a failure that says nothing about the patient, with the exception of 401 and 403 (somebody
/// refuses; a plain read tells whether it is the key or this one patient), 413 to a write (nobody
/// in between takes it) and 429.
Verdict judge(const Call& call, const http::Result& result, AnswerReader& reader);

} // namespace medibridge::connectors
