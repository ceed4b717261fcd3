#pragma once

#include "base/http/url.hpp"
#include "base/runtime/backoff.hpp"
#include "base/runtime/clock.hpp"
#include "config/web.hpp"
#include "connectors/source/environment.hpp"
#include "connectors/web/http_source.hpp"
#include "connectors/web/retrying_get.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace medibridge::connectors {

/// How a token is asked for: client credentials (RFC 6749 §4.4), the secret in the Authorization
/// header (§2.3.1); or SMART backend services, with an assertion that a private key signs.
class TokenGrant {
  public:
    virtual ~TokenGrant() = default;
    /// Where tokens are issued; nothing: it must be discovered.
    virtual std::optional<http::Url> token_url() const = 0;
    /// A new request for each attempt.
    virtual http::Request request(const http::Url& token_url) const = 0;
};
std::unique_ptr<TokenGrant> make_grant(const config::ClientCredentialsAuth& settings);
/// `clock` says when a request was made. Throws std::invalid_argument for a key that cannot sign.
std::unique_ptr<TokenGrant> make_grant(const config::PrivateKeyJwtAuth& settings, WallClock clock);

/// An access token that is fetched when it is needed, and renewed before it ends: at 80 % of its
/// life, or 60 seconds before its end where that is later. Never shown anywhere.
class AccessToken final : public Credentials {
  public:
    /// If the grant does not say where tokens are issued, the `.well-known/smart-configuration` of
    /// `server` does. `transports` and `clock` must outlive it.
    AccessToken(std::unique_ptr<TokenGrant> grant, http::Url server, Transports& transports,
                runtime::Clock& clock, std::uint64_t seed, RetryLimits limits,
                std::shared_ptr<figures::Side> figures = std::make_shared<figures::Side>());

    /// The Authorization header. An error of the kind `unauthorized` if the token server refuses.
    runtime::Task<SourceResult<http::Headers>> headers() override;
    /// Forgets the token; false if there was none.
    bool refused() override;

    std::int64_t requests() const { return requests_; }
    /// As RetryingGet::cancel().
    void cancel();

  private:
    struct Answer;
    runtime::Task<std::optional<SourceError>> discover();
    runtime::Task<std::optional<SourceError>> fetch();
    runtime::Task<bool> pause(int attempt);
    std::optional<SourceError> keep(const http::Response& response, runtime::TimePoint asked_at);

    std::unique_ptr<TokenGrant> grant_;
    http::Url server_;
    Transports& transports_;
    runtime::Clock& clock_;
    runtime::Backoff backoff_;
    RetryLimits limits_;
    std::shared_ptr<figures::Side> figures_; ///< when the token ends
    std::optional<http::Url> token_url_;
    std::string token_; ///< empty: none
    runtime::TimePoint renew_at_;
    std::int64_t requests_ = 0;
    bool cancelled_ = false;
};

} // namespace medibridge::connectors
