#include "config/web.hpp"

#include "config/secret.hpp"
#include "config/section.hpp"
#include "config/values.hpp"

#include <array>
#include <memory>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

namespace medibridge::config {

namespace {

constexpr int least_rsa_bits = 2048;

/// Keeps OpenSSL from asking for a passphrase at the terminal.
int no_passphrase(char*, int, int, void*) {
    return 0;
}

bool is_p384(const EVP_PKEY* key) {
    std::array<char, 64> name{};
    std::size_t length = 0;
    if (EVP_PKEY_get_group_name(key, name.data(), name.size(), &length) != 1) return false;
    return std::string_view(name.data(), length) == "secp384r1";
}

/// What is wrong with a private key in PEM form that is to sign with that algorithm: an RSA key of
/// at least 2048 bits for RS384 (RFC 7518 §3.3), one on the curve P-384 for ES384 (§3.4). Empty:
/// nothing. Fixed words that hold nothing of the key.
std::string_view private_key_mistake(std::string_view pem, PrivateKeyJwtAuth::Algorithm algorithm) {
    if (pem.find("PRIVATE KEY-----") == std::string_view::npos)
        return "holds no private key in PEM form (`-----BEGIN PRIVATE KEY-----`)";
    if (pem.find("ENCRYPTED") != std::string_view::npos)
        return "is protected by a passphrase, which the service cannot enter: remove it with "
               "`openssl pkey`, and protect the file instead";
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
        BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
        bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr) : nullptr,
        EVP_PKEY_free);
    if (!key) return "holds a private key that cannot be read";
    if (algorithm == PrivateKeyJwtAuth::Algorithm::rs384) {
        if (EVP_PKEY_is_a(key.get(), "RSA") != 1)
            return "is not an RSA key, which `algorithm: RS384` needs";
        if (EVP_PKEY_get_bits(key.get()) < least_rsa_bits)
            return "is an RSA key of less than 2048 bits";
        return {};
    }
    if (EVP_PKEY_is_a(key.get(), "EC") != 1 || !is_p384(key.get()))
        return "is not a key on the curve P-384 (secp384r1), which `algorithm: ES384` needs";
    return {};
}

bool is_header_name(std::string_view name) {
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                         "0123456789!#$%&'*+-.^_`|~";
    return name.find_first_not_of(letters) == std::string_view::npos;
}

BasicAuth read_basic(const Value& value, Report& report) {
    BasicAuth basic;
    Section section(value, report, Section::Repeat::nothing);
    if (const auto user = section.require("user", "give the user's name")) {
        assign(basic.user, read_text(*user, report));
        if (basic.user.find(':') != std::string::npos)
            report.mistake(user->place, quote(user->path) + " cannot hold a colon");
    }
    if (const auto password = section.require("password", "refer to it, as in {file: PATH}"))
        assign(basic.password, read_secret(*password, report, SecretUse::password));
    return basic;
}

HeaderAuth read_header(const Value& value, Report& report) {
    HeaderAuth header;
    Section section(value, report, Section::Repeat::nothing);
    if (const auto name = section.require("name", "give the header's name, such as X-Api-Key")) {
        assign(header.name, read_text(*name, report));
        if (!is_header_name(header.name))
            report.mistake(name->place, quote(name->path) + " is not a valid HTTP header name");
    }
    if (const auto secret = section.require("value", "refer to it, as in {file: PATH}"))
        assign(header.value, read_secret(*secret, report, SecretUse::header));
    return header;
}

/// An OAuth 2.0 scope (RFC 6749 §3.3): words of visible ASCII without quote and backslash.
void read_scope(Section& section, std::string& out) {
    const auto scope = section.find("scope");
    if (!scope) return;
    assign(out, read_text(*scope, section.report()));
    for (const char c : out) {
        if (c >= ' ' && c < 0x7F && c != '"' && c != '\\') continue;
        section.report().mistake(scope->place, quote(scope->path) +
                                                   " holds a character that a scope must not hold");
        return;
    }
}

ClientCredentialsAuth read_client_credentials(const Value& value, Report& report) {
    ClientCredentialsAuth auth;
    Section section(value, report, Section::Repeat::nothing);
    if (const auto url = section.require("token_url", "give the address that issues tokens"))
        assign(auth.token_url, read_url(*url, report));
    if (const auto id = section.require("client_id", "give the identifier of this client"))
        assign(auth.client_id, read_text(*id, report));
    if (const auto secret = section.require("client_secret", "refer to it, as in {file: PATH}"))
        assign(auth.client_secret, read_secret(*secret, report, SecretUse::password));
    read_scope(section, auth.scope);
    return auth;
}

PrivateKeyJwtAuth read_private_key_jwt(const Value& value, Report& report) {
    using Algorithm = PrivateKeyJwtAuth::Algorithm;
    PrivateKeyJwtAuth auth;
    Section section(value, report, Section::Repeat::nothing);
    if (const auto url = section.find("token_url")) auth.token_url = read_url(*url, report);
    if (const auto id = section.require("client_id", "give the identifier of this client"))
        assign(auth.client_id, read_text(*id, report));
    if (const auto id = section.find("key_id")) assign(auth.key_id, read_text(*id, report));
    const auto before = report.mistakes();
    if (const auto algorithm = section.require("algorithm", "write RS384 or ES384"))
        assign(auth.algorithm,
               read_word<Algorithm>(*algorithm, report,
                                    {{"RS384", Algorithm::rs384}, {"ES384", Algorithm::es384}}));
    const bool algorithm_known = report.mistakes() == before;
    if (const auto key = section.require("key", "refer to it, as in {file: PATH}")) {
        auto pem = read_secret(*key, report, SecretUse::pem);
        const auto wrong =
            pem && algorithm_known ? private_key_mistake(pem->reveal(), auth.algorithm) : "";
        if (!wrong.empty()) report.mistake(key->place, quote(key->path) + " " + std::string(wrong));
        assign(auth.key, std::move(pem));
    }
    read_scope(section, auth.scope);
    return auth;
}

/// Takes one kind of credentials if it stands in the section.
template <class Auth, class Read>
void take(Section& section, const char* key, int& given, Auth& out, Read read) {
    const auto value = section.find(key);
    given += section.has(key);
    if (value) out = read(*value, section.report());
}

/// What is sent with each request as it is. Gives how many kinds stand there.
template <class Auth>
int read_plain(Section& section, Auth& out) {
    int given = section.has("bearer");
    if (const auto bearer = section.find("bearer")) {
        if (auto token = read_secret(*bearer, section.report(), SecretUse::token))
            out = BearerAuth{std::move(*token)};
    }
    take(section, "basic", given, out, read_basic);
    take(section, "header", given, out, read_header);
    return given;
}

void check_one(const Section& section, const Value& value, Report& report, int given,
               const char* kinds) {
    if (section.readable() && given != 1)
        report.mistake(value.place, quote(value.path) + " must hold one of " + kinds +
                                        "; without credentials, remove the key");
}

} // namespace

void read_auth(const Value& value, Report& report, Auth& out) {
    Section section(value, report, Section::Repeat::nothing);
    const int given = read_plain(section, out);
    check_one(section, value, report, given, "bearer, basic and header");
}

void read_token_auth(const Value& value, Report& report, TokenAuth& out) {
    Section section(value, report, Section::Repeat::nothing);
    int given = read_plain(section, out);
    take(section, "client_credentials", given, out, read_client_credentials);
    take(section, "private_key_jwt", given, out, read_private_key_jwt);
    check_one(section, value, report, given,
              "bearer, basic, header, client_credentials and private_key_jwt");
}

void read_transport(Section& section, TransportSettings& out) {
    Report& report = section.report();
    if (const auto timeout = section.find("timeout"))
        assign(out.timeout, read_duration(*timeout, report, timeout_range));
    if (const auto file = section.find("ca_file")) assign(out.ca_file, read_ca_file(*file, report));
    if (const auto file = section.find("crl_file"))
        assign(out.crl_file, read_crl_file(*file, report));
    if (const auto proxy = section.find("proxy")) out.proxy = read_proxy(*proxy, report);
}

} // namespace medibridge::config
