#include "connectors/hl7v2/kind.hpp"
#include "draft.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::connectors {
namespace {

using config::drafts::mistakes;
using testing::ElementsAre;
using testing::HasSubstr;

/// A configuration whose only source is of type hl7v2, with further lines.
std::string draft(const std::string& lines = {}, const std::string& listen = "127.0.0.1:2575",
                  const std::string& authority = "1.2.250.1.999.1") {
    return "medicapp: {base_url: \"https://api.example.org/v5\", api_key: {env: API_KEY}}\n"
           "state: {path: /var/lib/medibridge/state.db}\n"
           "his:\n"
           "  - name: adt\n"
           "    type: hl7v2\n"
           "    listen: \"" +
           listen + "\"\n    assigning_authority: \"" + authority + "\"\n" + lines;
}

Hl7Settings hl7_source(const std::string& text) {
    return config::drafts::source<Hl7Settings>(text);
}

TEST(Hl7SettingsTest, HasTheDocumentedDefaults) {
    const auto read = hl7_source(draft());
    EXPECT_EQ(read.listen.host, "127.0.0.1");
    EXPECT_EQ(read.listen.port, 2575);
    EXPECT_EQ(read.assigning_authority, "1.2.250.1.999.1");
    EXPECT_EQ(read.default_charset, "ISO-8859-1");
    EXPECT_EQ(read.processing, "P");
    EXPECT_EQ(read.data_error, Hl7Settings::DataError::accept);
    EXPECT_FALSE(read.tls);
    EXPECT_EQ(read.timezone, "Europe/Paris");
    EXPECT_EQ(read.max_message, 1048576u);
    EXPECT_EQ(read.max_connections, 64u);
    EXPECT_FALSE(read.max_connections_per_address);
    EXPECT_THAT(read.allow, ElementsAre());
    EXPECT_EQ(read.quota.rows, 500'000);
    EXPECT_EQ(read.quota.bytes, 536'870'912);
    EXPECT_EQ(read.quota.sender_percent, 80);
    EXPECT_EQ(read.idle_timeout, std::chrono::minutes(5));
}

TEST(Hl7SettingsTest, ReadsAFullSource) {
    const config::drafts::Directory directory;
    const auto certificate =
        directory.file("c.pem", "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n");
    const auto key =
        directory.file("k.pem", "-----BEGIN PRIVATE KEY-----\nMA==\n-----END PRIVATE KEY-----\n");
    const auto read = hl7_source(
        draft("    default_charset: utf8\n    processing: T\n    ack: {data_error: AE}\n"
              "    tls: {certificate_file: " +
              certificate + ", key_file: " + key + ", client_ca_file: " + certificate +
              "}\n    timezone: Indian/Reunion\n    max_message: 2048\n"
              "    max_connections: 7\n    idle_timeout: 0s\n    max_connections_per_address: 3\n"
              "    allow: [10.1.2.3, \"2001:db8::/32\"]\n"
              "    quota: {rows: 1000, bytes: 2000000, sender_percent: 50}\n"));
    EXPECT_EQ(read.default_charset, "UTF-8");
    EXPECT_EQ(read.processing, "T");
    EXPECT_EQ(read.data_error, Hl7Settings::DataError::error);
    ASSERT_TRUE(read.tls);
    EXPECT_EQ(read.tls->certificate_file, certificate);
    EXPECT_EQ(read.tls->key_file, key);
    EXPECT_EQ(read.tls->client_ca_file, certificate);
    EXPECT_EQ(read.timezone, "Indian/Reunion");
    EXPECT_EQ(read.max_message, 2048u);
    EXPECT_EQ(read.max_connections, 7u);
    EXPECT_EQ(read.max_connections_per_address, 3u);
    EXPECT_THAT(read.allow, ElementsAre("10.1.2.3", "2001:db8::/32"));
    EXPECT_EQ(read.quota.rows, 1'000);
    EXPECT_EQ(read.quota.bytes, 2'000'000);
    EXPECT_EQ(read.quota.sender_percent, 50);
    EXPECT_EQ(read.idle_timeout.count(), 0);
}

TEST(Hl7SettingsTest, SaysWhatIsMissing) {
    const auto bare = "medicapp: {base_url: \"https://api.example.org/v5\", api_key: {env: "
                      "API_KEY}}\nstate: {path: /s}\nhis: [{name: adt, type: hl7v2}]\n";
    EXPECT_THAT(mistakes(bare), ElementsAre(HasSubstr("`his.listen` is missing"),
                                            HasSubstr("`his.assigning_authority` is missing")));
    EXPECT_THAT(mistakes(draft("    tls: {}\n")),
                ElementsAre(HasSubstr("`his.tls.certificate_file` is missing"),
                            HasSubstr("`his.tls.key_file` is missing")));
}

TEST(Hl7SettingsTest, TheNationalIdentityIsNoAuthority) {
    EXPECT_THAT(mistakes(draft("", "127.0.0.1:1", "1.2.250.1.213.1.4.8")),
                ElementsAre(HasSubstr("national health identity")));
    EXPECT_THAT(mistakes(draft("", "127.0.0.1:1", "CHT&1.2.3&ISO")),
                ElementsAre(HasSubstr("the OID or the namespace alone")));
}

TEST(Hl7SettingsTest, TakesCharacterSetsInWhichDelimitersAreSafe) {
    for (const std::string name : {"ISO-8859-15", "windows-1252", "UTF-8", "ISO-8859-2"})
        EXPECT_THAT(mistakes(draft("    default_charset: " + name + "\n")), ElementsAre()) << name;
    for (const std::string name : {"UTF-16", "Shift_JIS", "GB18030", "Big5", "UTF-7", "ibm-37"})
        EXPECT_THAT(mistakes(draft("    default_charset: " + name + "\n")),
                    ElementsAre(HasSubstr("must be UTF-8 or a set with one byte")))
            << name;
    EXPECT_THAT(mistakes(draft("    default_charset: latin-99\n")),
                ElementsAre(HasSubstr("is not a known character set")));
}

TEST(Hl7SettingsTest, RefusesWhatCannotBe) {
    const auto refused = [](const std::string& line) { return mistakes(draft(line)); };
    EXPECT_THAT(refused("    processing: X\n"), ElementsAre(HasSubstr("known are P, T, D")));
    EXPECT_THAT(refused("    ack: {data_error: AR}\n"), ElementsAre(HasSubstr("cannot be `AR`")));
    EXPECT_THAT(refused("    max_message: 10\n"), ElementsAre(HasSubstr("1024 to 67108864")));
    EXPECT_THAT(refused("    max_connections: 0\n"), ElementsAre(HasSubstr("1 to 10000")));
    EXPECT_THAT(refused("    allow: []\n"), ElementsAre(HasSubstr("leave it out to allow all")));
    EXPECT_THAT(refused("    allow: [10.1.2.3, 10.1.2.3/24]\n"),
                ElementsAre(HasSubstr("`10.1.2.3/24` of `his.allow` is no IP address")));
    EXPECT_THAT(refused("    quota: {rows: 1}\n"), ElementsAre(HasSubstr("100 to 100000000")));
    EXPECT_THAT(refused("    fields: {}\n"), ElementsAre(HasSubstr("unknown key `fields`")));
    EXPECT_THAT(mistakes(draft("", "his.local:2575")), ElementsAre(HasSubstr("ADDRESS:PORT")));
}

TEST(Hl7SettingsTest, AdvisesTlsAndKnownSendersWhereOthersCanReachIt) {
    const auto advice = [](const std::string& listen, const std::string& lines = {}) {
        return config::drafts::load(draft(lines, listen)).advice.size();
    };
    EXPECT_EQ(advice("0.0.0.0:2575"), 2u);
    EXPECT_EQ(advice("[::]:2575"), 2u);
    EXPECT_EQ(advice("0.0.0.0:2575", "    allow: [10.1.2.3]\n"), 1u) << "still unencrypted";
    EXPECT_EQ(advice("127.0.0.1:2575"), 0u);
    EXPECT_EQ(advice("[::1]:2575"), 0u);
    EXPECT_EQ(advice("localhost:2575"), 0u);
}

} // namespace
} // namespace medibridge::connectors
