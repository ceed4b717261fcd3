#include "connectors/fhir/kind.hpp"
#include "draft.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

namespace medibridge::connectors {
namespace {

using config::drafts::edit;
using config::drafts::environment;
using config::drafts::mistakes;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using KeyAlgorithm = config::PrivateKeyJwtAuth::Algorithm;

std::string fhir(const std::string& lines = {}) {
    return "medicapp:\n"
           "  base_url: https://api.example.org/v5\n"
           "  api_key: {env: API_KEY}\n"
           "his:\n"
           "  - name: dpi\n"
           "    type: fhir\n"
           "    base_url: https://his.local/fhir\n"
           "    identifier_system: urn:oid:1.2.250.1.999.1\n" +
           lines + "state: {path: /var/lib/medibridge/state.db}\n";
}

FhirSettings source(const std::string& lines, const config::Environment& its = environment()) {
    return config::drafts::source<FhirSettings>(fhir(lines), its);
}

std::string pem(EVP_PKEY* key) {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> owned(key, EVP_PKEY_free);
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), BIO_free);
    PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
    char* text = nullptr;
    const auto size = BIO_get_mem_data(bio.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

std::string jwt_lines(const std::string& algorithm) {
    return "    auth: {private_key_jwt: {client_id: medibridge, key: {env: SIGNING_KEY}, "
           "algorithm: " +
           algorithm + "}}\n";
}

std::vector<std::string> key_mistakes(const std::string& key, const std::string& algorithm) {
    return mistakes(fhir(jwt_lines(algorithm)), environment({{"SIGNING_KEY", key}}));
}

TEST(FhirSettingsTest, HasTheDocumentedDefaults) {
    const auto its = source("");
    EXPECT_EQ(its.base_url.host, "his.local");
    EXPECT_EQ(its.base_url.path, "/fhir");
    EXPECT_EQ(its.identifier_system, "urn:oid:1.2.250.1.999.1");
    EXPECT_EQ(its.page_size, 200u);
    EXPECT_EQ(its.transport.timeout, std::chrono::seconds(30));
    EXPECT_TRUE(std::holds_alternative<config::NoAuth>(its.auth));
}

TEST(FhirSettingsTest, ReadsAFullSource) {
    const auto its = source("    page_size: 50\n    timeout: 5s\n    proxy: http://p:3128\n"
                            "    auth: {header: {name: X-Api-Key, value: {env: API_KEY}}}\n");
    EXPECT_EQ(its.page_size, 50u);
    EXPECT_EQ(its.transport.timeout, std::chrono::seconds(5));
    EXPECT_EQ(its.transport.proxy->url().port, 3128);
    EXPECT_EQ(std::get<config::HeaderAuth>(its.auth).value.reveal(), "key-1");
}

TEST(FhirSettingsTest, TheSlashAtTheEndOfTheAddressDoesNotCount) {
    const auto its =
        config::drafts::source<FhirSettings>(edit(fhir(), "his.local/fhir", "his.local/fhir/"));
    EXPECT_EQ(its.base_url.path, "/fhir");
}

TEST(FhirSettingsTest, ReadsClientCredentials) {
    const auto its = source("    auth: {client_credentials: {token_url: https://sso.local/token, "
                            "client_id: medibridge, client_secret: {env: API_KEY}, "
                            "scope: system/Patient.rs}}\n");
    const auto& auth = std::get<config::ClientCredentialsAuth>(its.auth);
    EXPECT_EQ(auth.token_url.host, "sso.local");
    EXPECT_EQ(auth.client_id, "medibridge");
    EXPECT_EQ(auth.client_secret.reveal(), "key-1");
    EXPECT_EQ(auth.scope, "system/Patient.rs");
}

TEST(FhirSettingsTest, ReadsAPrivateKeyOfEitherKind) {
    const auto rsa = pem(EVP_RSA_gen(2048));
    const auto ec = pem(EVP_EC_gen("P-384"));
    const auto first = source(jwt_lines("RS384"), environment({{"SIGNING_KEY", rsa}}));
    const auto& auth = std::get<config::PrivateKeyJwtAuth>(first.auth);
    EXPECT_EQ(auth.algorithm, KeyAlgorithm::rs384);
    EXPECT_EQ(auth.scope, "system/Patient.rs");
    EXPECT_FALSE(auth.token_url);
    const auto second = source(jwt_lines("ES384"), environment({{"SIGNING_KEY", ec}}));
    EXPECT_EQ(std::get<config::PrivateKeyJwtAuth>(second.auth).algorithm, KeyAlgorithm::es384);
}

TEST(FhirSettingsTest, RefusesAKeyThatDoesNotFitTheAlgorithm) {
    const auto rsa = pem(EVP_RSA_gen(2048));
    EXPECT_THAT(key_mistakes(rsa, "ES384"), ElementsAre(HasSubstr("curve P-384")));
    EXPECT_THAT(key_mistakes(pem(EVP_EC_gen("P-256")), "ES384"),
                ElementsAre(HasSubstr("curve P-384")));
    EXPECT_THAT(key_mistakes(pem(EVP_EC_gen("P-384")), "RS384"), ElementsAre(HasSubstr("RSA")));
    EXPECT_THAT(key_mistakes(pem(EVP_RSA_gen(1024)), "RS384"), ElementsAre(HasSubstr("2048")));
    EXPECT_THAT(key_mistakes(rsa, "RS256"), ElementsAre(HasSubstr("RS384")));
}

TEST(FhirSettingsTest, RefusesWhatIsNoKeyWithoutRepeatingIt) {
    for (const std::string text :
         {"planted", "-----BEGIN PRIVATE KEY-----\nplanted\n-----END PRIVATE KEY-----\n",
          "-----BEGIN ENCRYPTED PRIVATE KEY-----\nplanted\n-----END ENCRYPTED PRIVATE KEY-----"}) {
        const auto all = key_mistakes(text, "RS384");
        ASSERT_THAT(all, testing::SizeIs(1));
        EXPECT_THAT(all.front(), testing::Not(HasSubstr("planted")));
    }
}

TEST(FhirSettingsTest, NamesWhatIsMissing) {
    const auto text = edit(edit(fhir(), "    base_url: https://his.local/fhir\n", ""),
                           "    identifier_system: urn:oid:1.2.250.1.999.1\n", "");
    EXPECT_THAT(mistakes(text), ElementsAre(HasSubstr("base_url"), HasSubstr("identifier_system")));
}

TEST(FhirSettingsTest, RefusesAnAddressThatNothingCanBeAppendedTo) {
    const auto with = [](const std::string& url) {
        return mistakes(edit(fhir(), "https://his.local/fhir", url));
    };
    EXPECT_THAT(with("https://his.local/fhir?x=1"), ElementsAre(HasSubstr("query")));
    EXPECT_THAT(with("https://his.local/fhir/Patient"), ElementsAre(HasSubstr("/Patient")));
    EXPECT_THAT(with("https://his.local"), IsEmpty());
}

TEST(FhirSettingsTest, RefusesTheNationalIdentifierAsAKey) {
    for (const std::string system : {"urn:oid:1.2.250.1.213.1.4.8", "1.2.250.1.213.1.4.10"})
        EXPECT_THAT(mistakes(edit(fhir(), "urn:oid:1.2.250.1.999.1", system)),
                    ElementsAre(HasSubstr("INS")));
    EXPECT_THAT(mistakes(edit(fhir(), "urn:oid:1.2.250.1.999.1", "urn:oid:1.2.250.1.213.1.40")),
                IsEmpty());
}

TEST(FhirSettingsTest, ATokenServerIsNotReachedOverAWeakerWayThanThePatients) {
    const std::string lines =
        "    auth: {client_credentials: {token_url: http://sso.local/token, client_id: m, "
        "client_secret: {env: API_KEY}}}\n";
    EXPECT_THAT(mistakes(fhir(lines)), ElementsAre(HasSubstr("token_url")));
    EXPECT_THAT(mistakes(edit(fhir(lines), "https://his.local", "http://his.local")), IsEmpty());
    EXPECT_THAT(mistakes(edit(fhir(lines), "http://sso.local", "http://127.0.0.1:80")), IsEmpty());
}

TEST(FhirSettingsTest, TakesOneKindOfCredentials) {
    EXPECT_THAT(mistakes(fhir("    auth: {bearer: {env: API_KEY}, "
                              "basic: {user: u, password: {env: API_KEY}}}\n")),
                ElementsAre(HasSubstr("one of bearer, basic, header, client_credentials and")));
    EXPECT_THAT(mistakes(fhir("    auth: {bearer: {env: API_KEY}}\n    fields: {}\n")),
                ElementsAre(HasSubstr("fields")));
    EXPECT_THAT(mistakes(fhir("    auth: {client_credentials: {token_url: https://a/b}}\n")),
                ElementsAre(HasSubstr("client_id"), HasSubstr("client_secret")));
}

} // namespace
} // namespace medibridge::connectors
