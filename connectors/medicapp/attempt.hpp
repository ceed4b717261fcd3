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
    bool take(const http::Response& response) {
        objection_ = {};
        return read(response);
    }
    /// What was wrong with the answer taken last, in fixed words; empty: it could not be read.
    std::string_view objection() const { return objection_; }

  protected:
    /// As take().
    virtual bool read(const http::Response& response) = 0;
    /// What read() returns for an answer that can be read, and says something wrong.
    bool object(std::string_view words) {
        objection_ = words;
        return false;
    }

  private:
    std::string_view objection_;
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
    bool about_one;        ///< one patient, so a failure may concern that patient only
    int most_attempts = 0; ///< 0: as many as is set

    bool is_write() const { return method != http::Method::get; }
};

/// The outcome of one attempt.
class AttemptOutcome {
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
    /// Of `refused_rate`: by what the answer says when to come back, in fixed words.
    std::string_view pause_form;
};

/// The outcome of an attempt, by the rules for its method. Does not decide whether to repeat it.
///
/// Only an error with Medicapp's own JSON body comes from Medicapp. Another body, such as a proxy's
/// page, is a failure that says nothing about the patient, except for 401 and 403 (something
/// refuses; a plain read shows whether it is the key or this one patient), 413 to a write
/// (something on the way does not let it pass) and 429.
AttemptOutcome outcome_of(const Call& call, const http::Result& result, AnswerReader& reader);

} // namespace medibridge::connectors
