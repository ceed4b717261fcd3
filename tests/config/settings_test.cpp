#include "draft.hpp"
#include "reconcile/policy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::config {
namespace {

using drafts::edit;
using drafts::minimal;
using drafts::mistakes;
using drafts::with_medicapp;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(SettingsTest, WhatIsRequiredIsEnough) {
    const auto settings = drafts::settings(minimal());
    EXPECT_EQ(settings.medicapp.base_url.host, "api.example.org");
    EXPECT_EQ(settings.medicapp.base_url.path, "/v5");
    EXPECT_EQ(settings.medicapp.api_key.reveal(), "key-1");
    ASSERT_EQ(settings.his.size(), 1u);
    EXPECT_EQ(settings.his[0].name, "dpi");
    EXPECT_EQ(settings.state.path, "/var/lib/medibridge/state.db");
}

TEST(SettingsTest, TheRestHasTheDocumentedDefaults) {
    const auto settings = drafts::settings(minimal("sync:\nlog:\nhttp:\nidentity: {}\n"));
    EXPECT_EQ(settings.medicapp.concurrency, 8u);
    EXPECT_FALSE(settings.medicapp.rate_limit);
    EXPECT_EQ(settings.medicapp.timeout, std::chrono::seconds(30));
    EXPECT_EQ(settings.medicapp.ca_file, "");
    EXPECT_FALSE(settings.medicapp.proxy);
    EXPECT_EQ(settings.identity.last_name, reconcile::LastName::birth);
    EXPECT_EQ(settings.identity.default_region, "FR");
    EXPECT_EQ(settings.identity.hold_status.size(), 7u);
    EXPECT_FALSE(settings.state.key);
    EXPECT_EQ(settings.log.level, LogLevel::info);
    EXPECT_EQ(settings.log.format, LogFormat::json);
    EXPECT_EQ(settings.log.identifiers, LogIdentifiers::pseudonym);
    EXPECT_FALSE(settings.http);
    EXPECT_EQ(settings.audit.keep, std::chrono::hours(8760));
    EXPECT_TRUE(settings.control.socket.empty());
    EXPECT_THAT(settings.control.decide, testing::IsEmpty());
}

TEST(SettingsTest, SaysWhatIsMissing) {
    EXPECT_THAT(mistakes("log: {level: info}\n"),
                ElementsAre(HasSubstr("m.yaml:1:1: `medicapp` is missing"),
                            HasSubstr("m.yaml:1:1: `his` is missing"),
                            HasSubstr("m.yaml:1:1: `state` is missing")));
    EXPECT_THAT(mistakes(edit(edit(minimal(), "  api_key: {env: API_KEY}\n", ""),
                              "{path: /var/lib/medibridge/state.db}", "{}")),
                ElementsAre("m.yaml:1:1: `medicapp.api_key` is missing: refer to it, as in {file: "
                            "PATH}",
                            HasSubstr("m.yaml:12:8: `state.path` is missing")));
}

TEST(SettingsTest, AKeyWithoutValueIsAMistake) {
    EXPECT_THAT(mistakes(with_medicapp("  timeout:\n")),
                ElementsAre("m.yaml:4:3: `medicapp.timeout` has no value: give one, or remove the "
                            "key"));
    EXPECT_THAT(mistakes(edit(minimal(), " {env: API_KEY}", " ~")),
                ElementsAre(HasSubstr("`medicapp.api_key` has no value")));
}

TEST(SettingsTest, UnknownKeysAreMistakesWithWhatWasMeant) {
    EXPECT_THAT(mistakes(with_medicapp("  concurency: 4\n")),
                ElementsAre("m.yaml:4:3: unknown key `concurency` in `medicapp`; did you mean "
                            "`concurrency`?"));
    EXPECT_THAT(mistakes(minimal("Sync: {}\n")),
                ElementsAre("m.yaml:14:1: unknown key `Sync` at the top; did you mean `sync`?"));
    EXPECT_THAT(mistakes(minimal("log: {colour: red}\n")),
                ElementsAre("m.yaml:14:7: unknown key `colour` in `log`; known are format, "
                            "identifiers, level"));
    EXPECT_THAT(mistakes(minimal("log: {level:info}\n")),
                ElementsAre(HasSubstr("a space must follow the colon")));
    EXPECT_THAT(mistakes(minimal("log: {rate-limit: 1}\n")), ElementsAre(HasSubstr("known are")));
}

TEST(SettingsTest, AllMistakesComeAtOnceInTheOrderOfTheFile) {
    const auto all = mistakes("log: {level: loud}\n"
                              "medicapp:\n"
                              "  base_url: ftp://x\n"
                              "  api_key: {env: NOT_THERE}\n"
                              "  concurrency: 0\n"
                              "  timeout: 30\n"
                              "his: []\n"
                              "state: {path: /s, kee: 1}\n");
    EXPECT_THAT(all, ElementsAre(HasSubstr("m.yaml:1:14: `log.level`"),
                                 HasSubstr("m.yaml:3:13: `medicapp.base_url`"),
                                 HasSubstr("m.yaml:4:12: `medicapp.api_key`"),
                                 HasSubstr("m.yaml:5:16: `medicapp.concurrency` must be 1 to 256"),
                                 HasSubstr("m.yaml:6:12: `medicapp.timeout` is not a duration"),
                                 HasSubstr("m.yaml:7:6: `his` is empty"),
                                 HasSubstr("m.yaml:8:19: unknown key `kee`")));
}

TEST(SettingsTest, ReadsMedicapp) {
    const auto settings =
        drafts::settings(with_medicapp("  concurrency: 256\n  rate_limit: 12.5\n  timeout: 500ms\n"
                                       "  proxy: http://proxy.local:3128\n"));
    EXPECT_EQ(settings.medicapp.concurrency, 256u);
    EXPECT_EQ(settings.medicapp.rate_limit, 12.5);
    EXPECT_EQ(settings.medicapp.timeout, std::chrono::milliseconds(500));
    EXPECT_EQ(settings.medicapp.proxy->url().host, "proxy.local");
    EXPECT_EQ(settings.medicapp.proxy->url().port, 3128);
    EXPECT_FALSE(drafts::settings(with_medicapp("  rate_limit: auto\n")).medicapp.rate_limit);
}

TEST(SettingsTest, RefusesNumbersOfTheWrongTypeOrSize) {
    const auto one = [](const std::string& line) { return mistakes(with_medicapp(line)); };
    EXPECT_THAT(one("  concurrency: 257\n"), ElementsAre(HasSubstr("must be 1 to 256")));
    EXPECT_THAT(one("  concurrency: -1\n"), ElementsAre(HasSubstr("must be 1 to 256")));
    EXPECT_THAT(one("  concurrency: 99999999999999999999\n"),
                ElementsAre(HasSubstr("must be 1 to 256")));
    EXPECT_THAT(one("  concurrency: 010\n"), ElementsAre(HasSubstr("without a leading 0")));
    EXPECT_THAT(one("  concurrency: 1.5\n"), ElementsAre(HasSubstr("must be a whole number")));
    EXPECT_THAT(one("  concurrency: 0x10\n"), ElementsAre(HasSubstr("must be a whole number")));
    EXPECT_THAT(one("  concurrency: \"8\"\n"), ElementsAre(HasSubstr("without quotes")));
    EXPECT_THAT(one("  concurrency: [8]\n"), ElementsAre(HasSubstr("but is a list")));
    EXPECT_THAT(one("  rate_limit: fast\n"), ElementsAre(HasSubstr("must be `auto` or a number")));
    EXPECT_THAT(one("  rate_limit: 0\n"), ElementsAre(HasSubstr("must be 0.01 to 10000")));
    EXPECT_THAT(one("  rate_limit: 1e3\n"), ElementsAre(HasSubstr("must be a number")));
}

TEST(SettingsTest, TheApiKeyMustNotTravelInClear) {
    const auto at = [](const std::string& url) {
        return mistakes(edit(minimal(), "https://api.example.org/v5", url));
    };
    EXPECT_THAT(
        at("http://api.example.org/v5"),
        ElementsAre(HasSubstr("m.yaml:2:13: `medicapp.base_url` must begin with https://")));
    EXPECT_THAT(at("http://10.0.0.1:8080"), ElementsAre(HasSubstr("must begin with https://")));
    EXPECT_THAT(at("http://127.0.0.1.example.org"), ElementsAre(HasSubstr("https://")));
    EXPECT_THAT(at("http://localhost:8080/v5"), ElementsAre());
    EXPECT_THAT(at("http://127.1.2.3:8080/v5"), ElementsAre());
    EXPECT_THAT(at("\"http://[::1]:8080/v5\""), ElementsAre());
}

TEST(SettingsTest, AProxyMustNotReadTheApiKey) {
    const auto at = [](const std::string& url, const std::string& lines) {
        return drafts::load(edit(with_medicapp(lines), "https://api.example.org/v5", url));
    };
    const std::string proxy = "  proxy: http://proxy:3128\n";
    const std::string allowed = "  allow_plain_http: true\n";
    ASSERT_EQ(at("http://127.0.0.1/v5", proxy).mistakes.size(), 1u);
    EXPECT_THAT(at("http://127.0.0.1/v5", proxy).mistakes[0].to_string(),
                HasSubstr("would be read there"));
    EXPECT_TRUE(at("https://api.example.org/v5", proxy).settings);
    for (const auto& [url, lines] : {std::pair("http://127.0.0.1/v5", allowed + proxy),
                                     std::pair("http://api.example.org/v5", allowed),
                                     std::pair("http://api.example.org/v5", allowed + proxy)}) {
        const auto loaded = at(url, lines);
        ASSERT_TRUE(loaded.settings) << url;
        EXPECT_THAT(loaded.settings->exposures, ElementsAre(HasSubstr("travel unencrypted")));
    }
    EXPECT_THAT(at("http://127.0.0.1/v5", allowed).settings->exposures, ElementsAre());
    EXPECT_EQ(at("http://api.example.org/v5", "  allow_plain_http: false\n").mistakes.size(), 1u);
}

TEST(SettingsTest, RefusesUrlsWithoutRepeatingThem) {
    const auto at = [](const std::string& url) {
        return mistakes(edit(minimal(), "https://api.example.org/v5", url));
    };
    EXPECT_THAT(at("api.example.org/v5"), ElementsAre(HasSubstr("write it in full")));
    EXPECT_THAT(at("ftp://api.example.org"), ElementsAre(HasSubstr("only https:// and http://")));
    EXPECT_THAT(at("https://api.example.org/v5?a=b"), ElementsAre(HasSubstr("before the query")));
    EXPECT_THAT(at("https://api.example.org/v5#a"), ElementsAre(HasSubstr("fragment")));
    const auto with_password = at("https://user:hunter2@api.example.org/v5");
    ASSERT_THAT(with_password, ElementsAre(HasSubstr("it must not hold credentials")));
    EXPECT_THAT(with_password[0], testing::Not(HasSubstr("hunter2")));
}

TEST(SettingsTest, ASlashAtTheEndOfTheBaseUrlDoesNotCount) {
    const auto settings = drafts::settings(
        edit(minimal(), "https://api.example.org/v5", "https://api.example.org/v5/"));
    EXPECT_EQ(settings.medicapp.base_url.path, "/v5");
}

TEST(SettingsTest, RefusesProxiesThatAreNotPlainHttp) {
    EXPECT_THAT(mistakes(with_medicapp("  proxy: https://proxy:3128\n")),
                ElementsAre(HasSubstr("must begin with http://")));
    EXPECT_THAT(mistakes(with_medicapp("  proxy: http://proxy:3128/way\n")),
                ElementsAre(HasSubstr("must end after host and port")));
}

TEST(SettingsTest, AProxyMayHaveCredentialsOfItsOwn) {
    const drafts::Directory directory;
    const auto file = directory.file("proxy-password", "open sesame\n");
    const auto read = [](const std::string& proxy) {
        return drafts::settings(with_medicapp("  proxy: " + proxy + "\n")).medicapp.proxy;
    };
    EXPECT_EQ(read("http://p:3128")->authorization(), "");
    EXPECT_EQ(read("{url: http://p:3128}")->authorization(), "");
    const auto proxy = read("{url: http://p:3128, user: Aladdin, password: {file: " + file + "}}");
    EXPECT_EQ(proxy->url().host, "p");
    EXPECT_EQ(proxy->url().port, 3128);
    EXPECT_EQ(proxy->authorization(), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    const auto source = drafts::rest_source(drafts::with_source(
        "    proxy: {url: http://p:3128, user: Aladdin, password: {file: " + file + "}}\n"));
    EXPECT_EQ(source.transport.proxy->authorization(), proxy->authorization());
}

TEST(SettingsTest, RefusesProxiesWithoutRepeatingTheirSecrets) {
    const std::string form = "write `proxy: {url: http://HOST:PORT, user: NAME, password: ";
    for (const auto& [proxy, why] : std::vector<std::pair<std::string, std::string>>{
             {"http://u:hunter2@p:3128", form},
             {"\"http://u:hunter2@p:3128/\"", form},
             {"u:hunter2@p:3128", form},
             {"{url: http://u:hunter2@p:3128}", form},
             {"{url: http://p, user: u, password: hunter2}", "medicapp.proxy.password"},
             {"{url: http://p, user: u}", "medicapp.proxy.password"},
             {"{url: http://p, password: {env: API_KEY}}", "medicapp.proxy.user"},
             {"{user: u, password: {env: API_KEY}}", "medicapp.proxy.url"},
             {"{url: http://p, user: \"u:hunter2\", password: {env: API_KEY}}", "a colon"},
             {"{url: http://p, user: \"\", password: {env: API_KEY}}", "medicapp.proxy.user"},
             {"{url: https://p, user: u, password: {env: API_KEY}}", "must begin with http://"},
             {"{url: http://p, hunter2: u}", "unknown key"},
             {"[http://p]", "a list"}}) {
        const auto found = mistakes(with_medicapp("  proxy: " + proxy + "\n"));
        ASSERT_THAT(found, ElementsAre(HasSubstr(why))) << proxy;
        EXPECT_THAT(found[0], testing::Not(HasSubstr("hunter2"))) << proxy;
    }
}

TEST(SettingsTest, ChecksTheFileOfCertificates) {
    const drafts::Directory directory;
    const auto pem = directory.file("ca.pem", "-----BEGIN CERTIFICATE-----\n");
    EXPECT_EQ(drafts::settings(with_medicapp("  ca_file: " + pem + "\n")).medicapp.ca_file, pem);
    EXPECT_THAT(mistakes(with_medicapp("  ca_file: " + directory.path("none") + "\n")),
                ElementsAre(HasSubstr("No such file")));
    EXPECT_THAT(mistakes(with_medicapp("  ca_file: " + directory.path("") + "\n")),
                ElementsAre(HasSubstr("is a directory")));
    EXPECT_THAT(mistakes(with_medicapp("  ca_file: " + directory.file("x", "der") + "\n")),
                ElementsAre(HasSubstr("holds no certificate")));
    const auto list = directory.file("crl.pem", "-----BEGIN X509 CRL-----\n");
    EXPECT_EQ(drafts::settings(with_medicapp("  crl_file: " + list + "\n")).medicapp.crl_file,
              list);
    EXPECT_THAT(mistakes(with_medicapp("  crl_file: " + pem + "\n")),
                ElementsAre(HasSubstr("holds no revocation list")));
}

TEST(SettingsTest, ReadsIdentity) {
    const auto settings = drafts::settings(
        minimal("identity: {last_name: usual, default_region: RE, hold_status: [DOUT, PROV]}\n"));
    EXPECT_EQ(settings.identity.last_name, reconcile::LastName::usual);
    EXPECT_EQ(settings.identity.default_region, "RE");
    EXPECT_THAT(settings.identity.hold_status, ElementsAre("DOUT", "PROV"));
    EXPECT_TRUE(
        drafts::settings(minimal("identity: {hold_status: []}\n")).identity.hold_status.empty());
}

TEST(SettingsTest, RefusesIdentityThatMakesNoSense) {
    EXPECT_THAT(mistakes(minimal("identity: {default_region: fr}\n")),
                ElementsAre(HasSubstr("two capital letters")));
    EXPECT_THAT(mistakes(minimal("identity: {default_region: UK}\n")),
                ElementsAre(HasSubstr("ISO 3166-1")));
    EXPECT_THAT(mistakes(minimal("identity: {hold_status: DOUT}\n")),
                ElementsAre(HasSubstr("must be a list")));
    EXPECT_THAT(mistakes(minimal("identity: {hold_status: [DOUT, DOUT]}\n")),
                ElementsAre("m.yaml:14:32: `DOUT` is in this list twice: keep one"));
}

TEST(SettingsTest, ReadsWhatIsNoName) {
    using reconcile::is_placeholder;
    const auto identity = [](const std::string& list) {
        return drafts::settings(minimal("identity: {placeholders: " + list + "}\n")).identity;
    };
    EXPECT_TRUE(is_placeholder("Inconnu", drafts::settings(minimal()).identity));
    const auto own = identity("[Prénom-Non-Transmis, \"PATIENT *\"]");
    EXPECT_THAT(own.placeholders, ElementsAre("patient *", "prenom non transmis"));
    EXPECT_TRUE(is_placeholder("PRENOM NON TRANSMIS", own));
    EXPECT_TRUE(is_placeholder("Patient 12 B", own));
    EXPECT_FALSE(is_placeholder("Inconnu", own)) << "the list replaces the default";
    EXPECT_THAT(identity("[]").placeholders, testing::IsEmpty());
    EXPECT_THAT(mistakes(minimal("identity: {placeholders: INCONNU}\n")),
                ElementsAre(HasSubstr("must be a list, such as [INCONNU, X]; [] for none")));
    EXPECT_THAT(mistakes(minimal("identity: {placeholders: [Inconnu, INCONNÚ]}\n")),
                ElementsAre(HasSubstr("`INCONNÚ` is in this list twice")));
    EXPECT_THAT(mistakes(minimal("identity: {placeholders: [\"-\"]}\n")),
                ElementsAre(HasSubstr("holds no letter or digit")));
}

TEST(SettingsTest, ReadsWhereStateLogsAndListenersAre) {
    const drafts::Directory directory;
    const auto settings = drafts::settings(
        minimal("log: {level: debug, format: text, identifiers: external_id}\n"
                "http: {listen: \"[::1]:9464\"}\ncontrol: {socket: /run/medibridge/c.sock, "
                "decide: [alice, it-team]}\naudit: {keep: 48h}\n"));
    EXPECT_EQ(settings.log.level, LogLevel::debug);
    EXPECT_EQ(settings.log.format, LogFormat::text);
    EXPECT_EQ(settings.log.identifiers, LogIdentifiers::external_id);
    EXPECT_EQ(settings.http->listen.host, "::1");
    EXPECT_EQ(settings.http->listen.port, 9464);
    EXPECT_EQ(settings.audit.keep, std::chrono::hours(48));
    EXPECT_EQ(settings.control.socket, "/run/medibridge/c.sock");
    EXPECT_THAT(settings.control.decide, ElementsAre("alice", "it-team"));
    EXPECT_THAT(mistakes(edit(minimal(), "/var/lib/medibridge/state.db", directory.path(""))),
                ElementsAre(HasSubstr("is a directory")));
}

TEST(SettingsTest, RefusesAddressesThatCannotBeListenedAt) {
    for (const std::string wrong : {"9464", "\":9464\"", "his.local:9464", "127.0.0.1:70000",
                                    "\"127.0.0.1:\"", "\"::1:9464\"", "127.0.0.1:x"})
        EXPECT_THAT(mistakes(minimal("http: {listen: " + wrong + "}\n")),
                    ElementsAre(HasSubstr("must be ADDRESS:PORT")))
            << wrong;
    EXPECT_THAT(mistakes(minimal("http: {}\n")),
                ElementsAre(HasSubstr("`http.listen` is missing")));
    EXPECT_THAT(mistakes(minimal("control: {socket: /" + std::string(107, 's') + "}\n")),
                ElementsAre(HasSubstr("107 bytes")));
}

TEST(SettingsTest, RefusesAnAuditTooShortAndDecisionsByNobody) {
    EXPECT_THAT(mistakes(minimal("audit: {keep: 23h}\n")), ElementsAre(HasSubstr("`audit.keep`")));
    EXPECT_THAT(mistakes(minimal("control: {decide: []}\n")), ElementsAre(HasSubstr("[root]")));
    EXPECT_THAT(mistakes(minimal("control: {decide: alice}\n")),
                ElementsAre(HasSubstr("must be a list")));
    const auto named = [](const std::string& entry) {
        return mistakes(minimal("control: {decide: [anne, " + entry + "]}\n"));
    };
    for (const char* number : {"0", "'1'", "54321"})
        EXPECT_THAT(named(number), ElementsAre(HasSubstr("is a number, which stands for nobody")))
            << number;
    for (const char* empty : {"''", "' '"})
        EXPECT_THAT(named(empty), ElementsAre(HasSubstr("is empty"))) << empty;
    for (const char* odd : {"'*'", "'a,b'", "'a:b'", "'%wheel'", "'@it'", "'-a'", "' anne'",
                            "'bob '", "'/bin'", "\"a\\tb\""})
        EXPECT_THAT(named(odd), ElementsAre(HasSubstr("is no name of a user or group"))) << odd;
    EXPECT_THAT(named("anne"), ElementsAre(HasSubstr("twice")));
    EXPECT_THAT(named("'DOM\\domain users', bob@his.local, svc$, 7bob, zoé"), testing::IsEmpty());
}

TEST(SettingsTest, AMistakeIsOneLineWhateverWasWritten) {
    const auto all = mistakes(minimal("log: {level: \"a\\nm.yaml:1:1: forged\\e[31m\"}\n"
                                      "\"key\\nforged\": 1\n"));
    ASSERT_EQ(all.size(), 2u);
    for (const auto& line : all)
        EXPECT_THAT(line, testing::Not(testing::AnyOf(HasSubstr("\n"), HasSubstr("\x1B"))));
}

} // namespace
} // namespace medibridge::config
