#include "connectors/medicapp/attempt.hpp"

#include "base/bytes/ascii.hpp"
#include "base/http/url.hpp"
#include "base/log/peer_word.hpp"
#include "connectors/json/value.hpp"
#include "connectors/medicapp/answers.hpp"
#include "connectors/medicapp/fhir_answers.hpp"
#include "connectors/medicapp/paths.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <utility>

namespace medibridge::connectors {

namespace {

constexpr std::string_view in_between = "a firewall or a portal seems to be in between";

bool is_html(const http::Response& response) {
    const auto first = response.body.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
    if (first == std::string::npos) return false;
    if (response.body[first] == '<') return true;
    return response.header("Content-Type").starts_with("text/html");
}

constexpr std::string_view answered_in_fhir =
    "Medicapp answers with FHIR resources where the native form was asked for: set "
    "medicapp.representation";

/// Whether patients stand there as FHIR resources although nobody asked for them.
bool is_of_other_form(const Call& call, const http::Response& response) {
    const bool asked_for = call.target.find(fhir_template) != std::string::npos;
    if (asked_for || !is_json_object(response.body)) return false;
    const auto is_resource = [](const JsonValue& value) {
        const auto type = value["resourceType"].text();
        return type == "Patient" || type == "Bundle";
    };
    bool found = false;
    JsonShape shape;
    shape.streamed = "data";
    const auto document = read_json(response.body, shape,
                                    [&](JsonValue& item) { found = found || is_resource(item); });
    return found || is_resource(document.root) || is_resource(document.root["data"]);
}

/// What is before `/patients`, which names no patient; of another path, all of it but the query.
std::string_view base_of(std::string_view path) {
    path = path.substr(0, path.find_first_of("?#;"));
    path = path.substr(0, path.find("/patients"));
    while (path.ends_with('/'))
        path.remove_suffix(1);
    return path;
}

/// Whether each segment is one of those words of peers that name nobody: `/v6`.
bool names_nobody(std::string_view path) {
    static const auto words = log::PeerWords().knowing({"api", "cloud", "login"});
    while (!path.empty()) {
        path.remove_prefix(1);
        const auto segment = path.substr(0, path.find('/'));
        path.remove_prefix(segment.size());
        if (words(segment) != segment) return false;
    }
    return true;
}

/// Where a redirection leads, as far as it may be shown: another server with the same path, or
/// another path that names nobody on the same one; else empty, as a peer may put into it whatever
/// it was sent.
std::string place_of(const Call& call, std::string_view location) {
    if (location.starts_with('/') && !location.starts_with("//")) {
        const auto path = base_of(location);
        const bool shown = path == base_of(call.target) || (!call.about_one && names_nobody(path));
        return shown ? std::string(path) : std::string();
    }
    const auto url = http::parse_url(location);
    if (!url || base_of(url->path) != base_of(call.target)) return {};
    std::string place = url->scheme + "://" + url->authority();
    place += base_of(url->path);
    return place;
}

std::string of_redirection(const Call& call, const http::Response& response) {
    const auto place = place_of(call, response.header("Location"));
    if (response.status == 301 || response.status == 308)
        return "moved: set medicapp.base_url to " + (place.empty() ? "the new address" : place);
    std::string words = "redirected";
    if (!place.empty()) words += " to " + place;
    return words.append(": ").append(in_between).append(", or medicapp.base_url is wrong");
}

/// What an answer that does not come from Medicapp seems to be, and what fixes it: in fixed words,
/// with nothing of a redirection's address that could name a patient.
std::string words_for(const Call& call, const http::Response& response) {
    constexpr std::string_view check_base_url = "check medicapp.base_url";
    const int status = response.status;
    if (status / 100 == 3) return of_redirection(call, response);
    if (status == 407) return "a proxy on the way asks for credentials: check medicapp.proxy";
    const bool credentials = status == 401 || status == 403;
    if (credentials && is_html(response)) return std::string(foreign_page);
    std::string words;
    if (is_html(response))
        words = "an HTML page where JSON is expected";
    else if (response.body.find_first_not_of(" \t\r\n") == std::string::npos)
        words = "no body";
    else
        words = status / 100 == 2 ? "unreadable answer" : "without an error of Medicapp's";
    if (status == 404 && !call.about_one) return words.append(": ").append(check_base_url);
    const bool gateway = status >= 502 && status <= 504;
    if (is_html(response) && !gateway) words.append(": ").append(in_between);
    return words;
}

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

/// How a 429 says when to come back.
std::string_view pause_form_of(const http::Response& response) {
    const auto retry_after = response.header("Retry-After");
    if (!retry_after.empty())
        return base::is_ascii_digits(retry_after) ? "Retry-After in seconds"
                                                  : "Retry-After as a date";
    return response.header("X-RateLimit-Reset").empty() ? "says nothing" : "X-RateLimit-Reset";
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
    case 410:
        return Failure::not_found;
    case 409:
        return Failure::conflict;
    default:
        return Failure::rejected;
    }
}

AttemptOutcome failed(const Call& call, bool maybe_executed, int status, std::string_view words) {
    AttemptOutcome outcome;
    outcome.maybe_executed = maybe_executed;
    const bool unknown = call.is_write() && maybe_executed;
    outcome.error =
        error_of(unknown ? Failure::unknown : Failure::unavailable, call, status, words);
    return outcome;
}

AttemptOutcome no_response(const Call& call, const http::Error& error) {
    auto outcome = failed(call, error.maybe_executed, 0, name(error.kind));
    if (!error.what.empty()) outcome.error.what += ": " + error.what;
    if (error.kind != http::ErrorKind::cancelled) return outcome;
    outcome.kind = AttemptOutcome::Kind::cancelled;
    if (outcome.error.failure == Failure::unavailable) {
        outcome.error.failure = Failure::cancelled;
    }
    return outcome;
}

/// Medicapp's own, in either form.
std::optional<ErrorBody> own_error(const http::Response& response) {
    auto body = read_error(response.body);
    return body ? std::move(body) : read_fhir_error(response.body);
}

/// `error`, with what Medicapp says of it.
void take_in(ErrorBody body, ApiError& error) {
    error.code = std::move(body.code);
    error.message = std::move(body.message);
    error.request_id = std::move(body.request_id);
}

/// An answer that cannot be used: with Medicapp's own code, or with words_for() another sender's.
AttemptOutcome failed_with_answer(const Call& call, bool maybe_executed,
                                  const http::Response& response) {
    auto body = own_error(response);
    auto outcome = failed(call, maybe_executed, response.status,
                          body ? body->code : words_for(call, response));
    if (body) take_in(std::move(*body), outcome.error);
    return outcome;
}

/// A 4xx. A server that gave up waiting for the request (408) or does not accept it yet (425) has
/// not judged it; a proxy that asks for credentials (407) has not forwarded it.
AttemptOutcome client_error(const Call& call, const http::Response& response) {
    const int status = response.status;
    const bool credentials = status == 401 || status == 403;
    const bool too_large = status == content_too_large && call.is_write();
    const bool judged = status != 408 && status != 425 && status != proxy_wants_credentials;
    auto body = own_error(response);
    if (!judged || (!body && !credentials && !too_large))
        return failed_with_answer(call, status != proxy_wants_credentials, response);
    AttemptOutcome outcome;
    outcome.kind =
        credentials ? AttemptOutcome::Kind::unauthorized : AttemptOutcome::Kind::answered;
    auto words = body ? body->code : words_for(call, response);
    if (status == 404 && body && !call.about_one) words += ": check medicapp.base_url";
    outcome.error =
        error_of(too_large ? Failure::refused : failure_of_status(status), call, status, words);
    outcome.error.foreign = credentials && !body && is_html(response);
    if (body) take_in(std::move(*body), outcome.error);
    return outcome;
}

/// A successful status with something else than was asked for. In the other form Medicapp answers
/// a read as often as it is asked.
AttemptOutcome unexpected_answer(const Call& call, const http::Response& response,
                                 std::string_view objection) {
    const bool other = is_of_other_form(call, response);
    auto words = std::string(other ? answered_in_fhir : objection);
    if (words.empty()) words = words_for(call, response);
    auto outcome = failed(call, true, response.status, words);
    if (other && !call.is_write()) outcome.kind = AttemptOutcome::Kind::answered;
    return outcome;
}

AttemptOutcome outcome_of_response(const Call& call, const http::Response& response,
                                   AnswerReader& reader) {
    const int status = response.status;
    if (status >= 200 && status <= 299) {
        if (!reader.take(response)) return unexpected_answer(call, response, reader.objection());
        AttemptOutcome outcome;
        outcome.kind = AttemptOutcome::Kind::success;
        return outcome;
    }
    if (status == too_many_requests) {
        AttemptOutcome outcome;
        outcome.kind = AttemptOutcome::Kind::refused_rate;
        outcome.pause_form = pause_form_of(response);
        outcome.error = error_of(Failure::unavailable, call, status, "");
        return outcome;
    }
    if (status >= 400 && status <= 499) return client_error(call, response);
    return failed_with_answer(call, true, response);
}

} // namespace

AttemptOutcome outcome_of(const Call& call, const http::Result& result, AnswerReader& reader) {
    if (!result) return no_response(call, result.error());
    auto outcome = outcome_of_response(call, *result, reader);
    outcome.requested_pause = pause_requested_by(*result);
    return outcome;
}

} // namespace medibridge::connectors
