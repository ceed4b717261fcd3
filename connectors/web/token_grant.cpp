#include "base/bytes/encode.hpp"
#include "connectors/web/access_token.hpp"
#include "connectors/web/jwt_assertion.hpp"

namespace medibridge::connectors {
namespace {

constexpr const char* form = "application/x-www-form-urlencoded";

/// The whole address, as it is configured: the assertion's audience.
std::string text_of(const http::Url& url) {
    return url.scheme + "://" + url.authority() + url.path;
}

http::Request post(const http::Url& url, std::string body) {
    http::Request request(http::Method::post, url.path.empty() ? "/" : url.path);
    request.headers.emplace_back("Content-Type", form);
    request.headers.emplace_back("Accept", "application/json");
    request.body = std::move(body);
    return request;
}

std::string with_scope(std::string body, const std::string& scope) {
    if (!scope.empty()) body += "&scope=" + base::percent_encode(scope);
    return body;
}

class SecretGrant final : public TokenGrant {
  public:
    explicit SecretGrant(const config::ClientCredentialsAuth& settings) : settings_(settings) {}

    std::optional<http::Url> token_url() const override { return settings_.token_url; }

    http::Request request(const http::Url& token_url) const override {
        auto request =
            post(token_url, with_scope("grant_type=client_credentials", settings_.scope));
        // Both parts are encoded before they are joined: RFC 6749 §2.3.1.
        const auto pair = base::percent_encode(settings_.client_id) + ":" +
                          base::percent_encode(settings_.client_secret.reveal());
        request.headers.emplace_back("Authorization", "Basic " + base::base64(pair));
        return request;
    }

  private:
    config::ClientCredentialsAuth settings_;
};

class AssertionGrant final : public TokenGrant {
  public:
    AssertionGrant(const config::PrivateKeyJwtAuth& settings, WallClock clock)
        : settings_(settings),
          clock_(std::move(clock)),
          signer_(std::string(settings.key.reveal()),
                  settings.algorithm == config::PrivateKeyJwtAuth::Algorithm::rs384
                      ? JwtSigner::Algorithm::rs384
                      : JwtSigner::Algorithm::es384,
                  settings.key_id) {}

    std::optional<http::Url> token_url() const override { return settings_.token_url; }

    http::Request request(const http::Url& token_url) const override {
        JwtClaims claims;
        claims.subject = settings_.client_id;
        claims.audience = text_of(token_url);
        claims.issued_at = std::chrono::floor<std::chrono::seconds>(clock_());
        claims.id = fresh_jwt_id();
        const auto body =
            "grant_type=client_credentials&client_assertion_type=" +
            base::percent_encode("urn:ietf:params:oauth:client-assertion-type:jwt-bearer") +
            "&client_assertion=" + signer_.sign(claims);
        return post(token_url, with_scope(body, settings_.scope));
    }

  private:
    config::PrivateKeyJwtAuth settings_;
    WallClock clock_;
    JwtSigner signer_;
};

} // namespace

std::unique_ptr<TokenGrant> make_grant(const config::ClientCredentialsAuth& settings) {
    return std::make_unique<SecretGrant>(settings);
}

std::unique_ptr<TokenGrant> make_grant(const config::PrivateKeyJwtAuth& settings, WallClock clock) {
    return std::make_unique<AssertionGrant>(settings, std::move(clock));
}

} // namespace medibridge::connectors
