#include "connectors/web/access_token.hpp"

#include "base/bytes/ascii.hpp"
#include "connectors/json/value.hpp"

#include <algorithm>
#include <array>

namespace medibridge::connectors {
namespace {

using Kind = SourceError::Kind;
using std::chrono::seconds;

constexpr std::size_t longest_token = 16u << 10; // bytes
constexpr seconds life_unless_said{300};
constexpr seconds longest_life{86'400};
constexpr seconds margin{60};
constexpr const char* token_server = "token server: ";

bool may_pass(int status) {
    return status == 408 || status == 425 || status == 429 || (status >= 500 && status != 501);
}

/// The error code of a refusal (RFC 6749 §5.2) if it is one of the known words.
std::string refusal(const http::Response& response) {
    static constexpr std::array<std::string_view, 6> codes = {
        "invalid_request",     "invalid_client",         "invalid_grant",
        "unauthorized_client", "unsupported_grant_type", "invalid_scope"};
    const auto document = read_json(response.body);
    const auto code = document.root["error"].text();
    const bool is_known = std::ranges::find(codes, code) != codes.end();
    return "HTTP " + std::to_string(response.status) +
           (is_known ? " (" + std::string(code) + ")" : "");
}

/// `HTTP 301: the server has moved …`
std::string status_told(int status, std::string_view address) {
    const auto words = status_words(status, address);
    return "HTTP " + std::to_string(status) + ": " +
           (words.empty() ? "check `" + std::string(address) + "`" : words);
}

bool is_token(std::string_view text) {
    return !text.empty() && text.size() <= longest_token &&
           std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7F; });
}

bool is_bearer(std::string_view type) {
    constexpr std::string_view bearer = "bearer";
    return type.size() == bearer.size() &&
           std::equal(type.begin(), type.end(), bearer.begin(),
                      [](char a, char b) { return (a | 0x20) == b; });
}

/// How long a token lives.
seconds life_of(const JsonValue& expires_in) {
    const auto said = expires_in.count();
    return said ? std::clamp(seconds(*said), seconds(0), longest_life) : life_unless_said;
}

/// How long it is used of that.
seconds usable(seconds life) {
    return std::max(seconds(life * 4 / 5), life - margin);
}

SourceError unreadable(std::string what) {
    return {Kind::unreadable, token_server + std::move(what)};
}

} // namespace

AccessToken::AccessToken(std::unique_ptr<TokenGrant> grant, http::Url server,
                         Transports& transports, runtime::Clock& clock, std::uint64_t seed,
                         RetryLimits limits, std::shared_ptr<figures::Side> figures)
    : grant_(std::move(grant)),
      server_(std::move(server)),
      transports_(transports),
      clock_(clock),
      backoff_(limits.first_delay, limits.longest_delay, seed),
      limits_(limits),
      figures_(std::move(figures)),
      token_url_(grant_->token_url()) {}

runtime::Task<SourceResult<http::Headers>> AccessToken::headers() {
    if (token_.empty() || clock_.now() >= renew_at_) {
        token_.clear();
        std::optional<SourceError> failure;
        if (!token_url_) failure = co_await discover();
        if (!failure) failure = co_await fetch();
        if (failure) co_return std::unexpected(std::move(*failure));
    }
    http::Headers headers;
    headers.emplace_back("Authorization", "Bearer " + token_);
    co_return headers;
}

bool AccessToken::refused() {
    const bool had_one = !token_.empty();
    token_.clear();
    return had_one;
}

void AccessToken::cancel() {
    cancelled_ = true;
    clock_.wake();
}

/// Waits before the next attempt; false: there is none.
runtime::Task<bool> AccessToken::pause(int attempt) {
    if (attempt + 1 >= limits_.attempts) co_return false;
    const auto until = clock_.now() + backoff_.wait(attempt + 1);
    while (!cancelled_ && clock_.now() < until)
        co_await clock_.sleep_until(until);
    co_return true;
}

/// https://hl7.org/fhir/smart-app-launch/conformance.html
runtime::Task<std::optional<SourceError>> AccessToken::discover() {
    http::Request request(http::Method::get, server_.path + "/.well-known/smart-configuration");
    request.headers.emplace_back("Accept", "application/json");
    for (int attempt = 0;; ++attempt) {
        if (cancelled_) co_return SourceError(Kind::cancelled, "cancelled");
        ++requests_;
        http::Request copy = request;
        auto sent = co_await transports_.to(server_).send(std::move(copy));
        if (cancelled_) co_return SourceError(Kind::cancelled, "cancelled");
        if (sent && sent->status == 200) {
            const auto document = read_json(sent->body);
            auto url = http::resolve(server_, document.root["token_endpoint"].text());
            const bool is_given = !document.root["token_endpoint"].text().empty();
            if (!url || !is_given)
                co_return unreadable(".well-known/smart-configuration names no token endpoint: "
                                     "give `token_url`");
            if (server_.secure() && !url->secure())
                co_return unreadable(".well-known/smart-configuration leads to http://, where the "
                                     "credentials would travel unencrypted: give `token_url`");
            // Whoever answers in the server's place must not choose who gets the assertion.
            if (base::ascii_lower_case(url->host) != base::ascii_lower_case(server_.host))
                co_return unreadable(".well-known/smart-configuration leads to another host: if "
                                     "tokens are issued there, give `token_url`");
            token_url_ = std::move(url);
            co_return std::nullopt;
        }
        if (sent && !may_pass(sent->status))
            co_return unreadable(".well-known/smart-configuration: " +
                                 status_told(sent->status, "base_url") + ": give `token_url`");
        auto what = token_server + std::string(".well-known/smart-configuration cannot be read");
        figures_->note_failed(what);
        const bool again = co_await pause(attempt);
        if (!again) co_return SourceError(Kind::unavailable, std::move(what));
    }
}

runtime::Task<std::optional<SourceError>> AccessToken::fetch() {
    for (int attempt = 0;; ++attempt) {
        if (cancelled_) co_return SourceError(Kind::cancelled, "cancelled");
        ++requests_;
        const auto asked_at = clock_.now();
        auto request = grant_->request(*token_url_);
        auto sent = co_await transports_.to(*token_url_).send(std::move(request));
        if (cancelled_) co_return SourceError(Kind::cancelled, "cancelled");
        if (sent && !may_pass(sent->status)) co_return keep(*sent, asked_at);
        const auto reason = sent ? status_told(sent->status, "token_url") : sent.error().what;
        figures_->note_failed(token_server + reason);
        const bool again = co_await pause(attempt);
        if (!again)
            co_return SourceError(Kind::unavailable,
                                  token_server + reason + " (" + std::to_string(limits_.attempts) +
                                      (limits_.attempts == 1 ? " attempt)" : " attempts)"));
    }
}

std::optional<SourceError> AccessToken::keep(const http::Response& response,
                                             runtime::TimePoint asked_at) {
    const auto status = response.status;
    if (status == 400 || status == 401 || status == 403)
        return SourceError(Kind::unauthorized,
                           token_server + refusal(response) +
                               ": credentials refused: check `auth`, and this machine's clock");
    if (status < 200 || status >= 300) return unreadable(status_told(status, "token_url"));
    const auto document = read_json(response.body);
    const auto& root = document.root;
    if (!document.fault.empty())
        return unreadable("its answer is " + document.fault + ": check `token_url`");
    if (!is_token(root["access_token"].text()))
        return unreadable("its answer holds no access token: check `token_url`");
    if (!root["token_type"].is_absent() && !is_bearer(root["token_type"].text()))
        return unreadable("it issues tokens of another kind than Bearer");
    token_ = root["access_token"].text();
    const auto life = life_of(root["expires_in"]);
    renew_at_ = asked_at + usable(life);
    figures_->token_ends = std::chrono::floor<seconds>(std::chrono::system_clock::now()) + life;
    return std::nullopt;
}

} // namespace medibridge::connectors
