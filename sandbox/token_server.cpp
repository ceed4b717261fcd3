#include "sandbox/token_server.hpp"

#include "sandbox/base64.hpp"
#include "sandbox/json_text.hpp"

#include <nlohmann/json.hpp>

namespace medibridge::sandbox {

namespace {

using nlohmann::json;

constexpr Millis longest_assertion = 300'000; ///< SMART: five minutes
constexpr Millis clock_grain = 5'000;
constexpr std::string_view assertion_type =
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

Reply refusal(std::string_view code, std::string_view description) {
    Reply reply;
    reply.status = code == "invalid_client" ? 401 : 400;
    JsonObject object(reply.body, Absent::omit);
    object.text("error", code);
    object.text("error_description", description);
    object.close();
    return reply;
}

std::string text_at(const json& object, const char* key) {
    const auto at = object.find(key);
    return at != object.end() && at->is_string() ? at->get<std::string>() : std::string();
}

Millis number(const json& object, const char* key) {
    const auto at = object.find(key);
    return at != object.end() && at->is_number_integer() ? at->get<Millis>() * 1000 : 0;
}

} // namespace

Reply TokenServer::configuration() const {
    Reply reply;
    JsonObject object(reply.body, Absent::omit);
    object.text("token_endpoint", address_);
    object.key("token_endpoint_auth_methods_supported");
    reply.body += R"(["client_secret_basic","private_key_jwt"])";
    object.key("token_endpoint_auth_signing_alg_values_supported");
    reply.body += R"(["RS384","ES384"])";
    object.close();
    return reply;
}

bool TokenServer::lets_in(std::string_view credential) const {
    const auto& auth = settings_.his.auth;
    if (auth.kind == HisAuth::Kind::header) return auth.header.empty() || credential == auth.value;
    constexpr std::string_view bearer = "Bearer ";
    if (!credential.starts_with(bearer)) return false;
    const auto token = tokens_.find(credential.substr(bearer.size()));
    return token != tokens_.end() && clock_.steady() < token->second;
}

Reply TokenServer::give(const Request& request) {
    const auto& auth = settings_.his.auth;
    const Query form(request.body);
    std::string value;
    if (!form.find("grant_type", value) || value != "client_credentials")
        return refusal("unsupported_grant_type", "only client_credentials");
    if (auth.kind == HisAuth::Kind::client_credentials) {
        const auto expected =
            "Basic " + base64(percent_encoded(auth.client) + ':' + percent_encoded(auth.value));
        if (request.credential != expected) return refusal("invalid_client", "unknown client");
    } else if (auth.kind == HisAuth::Kind::private_key_jwt) {
        if (!form.find("client_assertion_type", value) || value != assertion_type ||
            !form.find("client_assertion", value))
            return refusal("invalid_request", "an assertion is missing");
        const auto wrong = refuse(value);
        if (!wrong.empty()) return refusal("invalid_client", wrong);
    } else {
        return refusal("invalid_request", "no tokens are needed here");
    }
    const auto token = "sandbox-" + std::to_string(settings_.seed) + '-' + std::to_string(++given_);
    tokens_[token] = clock_.steady() + settings_.his.token_lifetime * 1000;
    Reply reply;
    JsonObject object(reply.body, Absent::omit);
    object.text("access_token", token);
    object.text("token_type", "bearer");
    object.key("expires_in");
    reply.body += std::to_string(settings_.his.token_lifetime);
    object.close();
    return reply;
}

std::string_view TokenServer::refuse(const std::string& assertion) {
    const auto& auth = settings_.his.auth;
    const auto first = assertion.find('.');
    const auto second = assertion.rfind('.');
    if (first == std::string::npos || first == second) return "no token";
    const json header = json::parse(base64_url_decoded(assertion.substr(0, first)), nullptr, false);
    const json claims = json::parse(
        base64_url_decoded(assertion.substr(first + 1, second - first - 1)), nullptr, false);
    if (!header.is_object() || !claims.is_object()) return "no token";
    if (!verify_signature(auth.value, text_at(header, "alg"), assertion.substr(0, second),
                          base64_url_decoded(assertion.substr(second + 1))))
        return "the signature is wrong";
    if (text_at(claims, "iss") != auth.client || text_at(claims, "sub") != auth.client)
        return "unknown client";
    if (text_at(claims, "aud") != address_) return "the audience is another one";
    const auto now = clock_.wall();
    const auto end = number(claims, "exp");
    if (end <= now - clock_grain || end > now + longest_assertion + clock_grain)
        return "it has expired, or lives too long";
    if (number(claims, "iat") > now + clock_grain) return "it comes from the future";
    if (text_at(claims, "jti").empty() || !used_.insert(text_at(claims, "jti")).second)
        return "it was used before";
    return {};
}

} // namespace medibridge::sandbox
