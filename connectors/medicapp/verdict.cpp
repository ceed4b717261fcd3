#include "connectors/medicapp/verdict.hpp"

#include "base/bytes/ascii.hpp"
#include "connectors/medicapp/answer_words.hpp"
#include "connectors/medicapp/answers.hpp"

#include <cstdlib>
#include <utility>

namespace medibridge::connectors {
namespace {

constexpr int proxy_wants_credentials = 407;
constexpr int content_too_large = 413;
constexpr int too_many_requests = 429;

/// One pass over the headers, for this happens with every answer.
std::optional<std::chrono::milliseconds> pause_requested_by(const http::Response& response) {
    http::PacingHeaders headers;
    for (const auto& [name, value] : response.headers) {
        if (base::equal_ignoring_ascii_case(name, "date"))
            headers.date = value;
        else if (base::equal_ignoring_ascii_case(name, "retry-after"))
            headers.retry_after = value;
        else if (base::equal_ignoring_ascii_case(name, "x-ratelimit-remaining"))
            headers.remaining = value;
        else if (base::equal_ignoring_ascii_case(name, "x-ratelimit-reset"))
            headers.reset = value;
    }
    const bool server_error = response.status >= 500;
    if (server_error) headers.reset = {};
    return requested_pause(headers, server_error || response.status == too_many_requests);
}

ApiError error_of(Failure failure, const Call& call, int status, std::string_view words) {
    ApiError error(failure);
    error.status = status;
    error.what = call.name;
    error.what += ": ";
    if (status != 0) error.what += std::to_string(status);
    if (status != 0 && !words.empty()) error.what += ' ';
    error.what += words;
    return error;
}

Failure failure_of_status(int status) {
    switch (status) {
    case 401:
    case 403:
        return Failure::unauthorized;
    case 404:
        return Failure::not_found;
    case 409:
        return Failure::conflict;
    default:
        return Failure::rejected;
    }
}

Verdict failed(const Call& call, bool maybe_executed, int status, std::string_view words) {
    Verdict verdict;
    verdict.maybe_executed = maybe_executed;
    const bool unknown = call.is_write() && maybe_executed;
    verdict.error =
        error_of(unknown ? Failure::unknown : Failure::unavailable, call, status, words);
    return verdict;
}

Verdict no_response(const Call& call, const http::Error& error) {
    auto verdict = failed(call, error.maybe_executed, 0, name(error.kind));
    if (!error.what.empty()) verdict.error.what += ": " + error.what;
    if (error.kind != http::ErrorKind::cancelled) return verdict;
    verdict.kind = Verdict::Kind::cancelled;
    if (verdict.error.failure == Failure::unavailable) {
        verdict.error.failure = Failure::cancelled;
    }
    return verdict;
}

/// `error`, with what Medicapp says of it.
void take_in(ErrorBody body, ApiError& error) {
    error.code = std::move(body.code);
    error.message = std::move(body.message);
    error.request_id = std::move(body.request_id);
}

/// No usable answer, but an answer: Medicapp's own, or words for whoever spoke.
Verdict failed_with_answer(const Call& call, bool maybe_executed, const http::Response& response) {
    auto body = read_error(response.body);
    auto verdict = failed(call, maybe_executed, response.status,
                          body ? body->code : words_for(call, response));
    if (body) take_in(std::move(*body), verdict.error);
    return verdict;
}

/// A 4xx. A server that gave up waiting for the request (408) or does not want it yet (425) has
/// not judged it; a proxy that wants credentials (407) has not passed it on.
Verdict client_error(const Call& call, const http::Response& response) {
    const int status = response.status;
    const bool credentials = status == 401 || status == 403;
    const bool too_large = status == content_too_large && call.is_write();
    const bool judged = status != 408 && status != 425 && status != proxy_wants_credentials;
    auto body = read_error(response.body);
    if (!judged || (!body && !credentials && !too_large))
        return failed_with_answer(call, status != proxy_wants_credentials, response);
    Verdict verdict;
    verdict.kind = credentials ? Verdict::Kind::unauthorized : Verdict::Kind::answered;
    auto words = body ? body->code : words_for(call, response);
    if (status == 404 && body && !call.about_one) words += ": check medicapp.base_url";
    verdict.error =
        error_of(too_large ? Failure::refused : failure_of_status(status), call, status, words);
    if (body) take_in(std::move(*body), verdict.error);
    return verdict;
}

Verdict judge_response(const Call& call, const http::Response& response, AnswerReader& reader) {
    const int status = response.status;
    if (status >= 200 && status <= 299) {
        if (!reader.read(response)) return failed(call, true, status, words_for(call, response));
        Verdict verdict;
        verdict.kind = Verdict::Kind::success;
        return verdict;
    }
    if (status == too_many_requests) {
        Verdict verdict;
        verdict.kind = Verdict::Kind::refused_rate;
        verdict.error = error_of(Failure::unavailable, call, status, "");
        return verdict;
    }
    if (status >= 400 && status <= 499) return client_error(call, response);
    return failed_with_answer(call, true, response);
}

} // namespace

Verdict judge(const Call& call, const http::Result& result, AnswerReader& reader) {
    if (!result) return no_response(call, result.error());
    auto verdict = judge_response(call, *result, reader);
    verdict.requested_pause = pause_requested_by(*result);
    return verdict;
}

} // namespace medibridge::connectors
