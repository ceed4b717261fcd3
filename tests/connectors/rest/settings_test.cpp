#include "connectors/rest/kind.hpp"
#include "draft.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::connectors {
namespace {

using config::drafts::edit;
using config::drafts::minimal;
using config::drafts::mistakes;
using config::drafts::with_source;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(RestSettingsTest, ReadsAFullSource) {
    const auto source = config::drafts::rest_source(
        edit(with_source("    page_size: 50\n    records: /data/patients\n"
                         "    total_pages: /pagination/pages\n    total: /pagination/total\n"
                         "    timezone: Indian/Reunion\n    timeout: 5s\n"
                         "    proxy: http://p:3128\n"
                         "    query: {modified_after: {name: since, format: \"%d/%m/%Y %H:%M\"}, "
                         "page: p, per_page: n, external_id: id}\n"),
             "birthDate: /naissance\n", "birthDate: /naissance\n      modifiedAt: /maj\n"));
    EXPECT_EQ(source.url.host, "his.local");
    EXPECT_EQ(source.page_size, 50u);
    EXPECT_EQ(source.records, "/data/patients");
    EXPECT_EQ(source.total_pages, "/pagination/pages");
    EXPECT_EQ(source.total, "/pagination/total");
    EXPECT_EQ(source.timezone, "Indian/Reunion");
    EXPECT_EQ(source.transport.timeout, std::chrono::seconds(5));
    EXPECT_EQ(source.transport.proxy->url().port, 3128);
    EXPECT_EQ(source.query.modified_after, "since");
    EXPECT_EQ(source.query.modified_after_format, "%d/%m/%Y %H:%M");
    EXPECT_EQ(source.query.page, "p");
    EXPECT_EQ(source.query.per_page, "n");
    EXPECT_EQ(source.query.external_id, "id");
}

TEST(RestSettingsTest, HasTheDocumentedDefaults) {
    const auto source = config::drafts::rest_source(minimal());
    EXPECT_EQ(source.page_size, 500u);
    EXPECT_EQ(source.records, "");
    EXPECT_EQ(source.timezone, "Europe/Paris");
    EXPECT_EQ(source.transport.timeout, std::chrono::seconds(30));
    EXPECT_TRUE(std::holds_alternative<config::NoAuth>(source.auth));
    EXPECT_EQ(source.query.modified_after, "");
    EXPECT_EQ(source.fields.size(), 4u);
}

TEST(RestSettingsTest, TheParameterForOnePatientIsNoOther) {
    EXPECT_THAT(mistakes(with_source("    query: {page: p, external_id: p}\n")),
                ElementsAre(HasSubstr("two parameters of `his.query` have the name `p`")));
    EXPECT_THAT(
        mistakes(edit(with_source("    query: {external_id: id}\n"), "/patients", "/p?id=1")),
        ElementsAre(HasSubstr("the parameter `id` is in the `url` already")));
}

TEST(RestSettingsTest, ReadsTheThreeKindsOfCredentials) {
    const auto bearer =
        config::drafts::rest_source(with_source("    auth: {bearer: {env: API_KEY}}\n"));
    EXPECT_EQ(std::get<config::BearerAuth>(bearer.auth).token.reveal(), "key-1");
    const auto basic = config::drafts::rest_source(
        with_source("    auth: {basic: {user: hôpital, password: {env: API_KEY}}}\n"));
    EXPECT_EQ(std::get<config::BasicAuth>(basic.auth).user, "hôpital");
    EXPECT_EQ(std::get<config::BasicAuth>(basic.auth).password.reveal(), "key-1");
    const auto header = config::drafts::rest_source(
        with_source("    auth: {header: {name: X-Api-Key, value: {env: API_KEY}}}\n"));
    EXPECT_EQ(std::get<config::HeaderAuth>(header.auth).name, "X-Api-Key");
    EXPECT_EQ(std::get<config::HeaderAuth>(header.auth).value.reveal(), "key-1");
}

TEST(RestSettingsTest, RefusesCredentialsThatMakeNoSense) {
    const auto refused = [](const std::string& auth) {
        return mistakes(with_source("    auth: " + auth + "\n"));
    };
    EXPECT_THAT(refused("{}"), ElementsAre(HasSubstr("one of bearer, basic and header")));
    EXPECT_THAT(refused("{bearer: {env: API_KEY}, header: {name: A, value: {env: API_KEY}}}"),
                ElementsAre(HasSubstr("one of bearer, basic and header")));
    EXPECT_THAT(refused("{basic: {user: \"a:b\", password: {env: API_KEY}}}"),
                ElementsAre(HasSubstr("cannot hold a colon")));
    EXPECT_THAT(refused("{basic: {user: a}}"),
                ElementsAre(HasSubstr("`his.auth.basic.password` is missing")));
    EXPECT_THAT(refused("{header: {name: \"X Key\", value: {env: API_KEY}}}"),
                ElementsAre(HasSubstr("not a valid HTTP header name")));
    for (const std::string given :
         {"hunter2", "{hunter2}", "{token: hunter2}", "{bearer: hunter2}",
          "{basic: {user: a, password: hunter2}}", "{header: {name: A, value: hunter2}}"}) {
        const auto all = refused(given);
        EXPECT_FALSE(all.empty()) << given;
        for (const auto& line : all)
            EXPECT_THAT(line, testing::Not(HasSubstr("hunter2"))) << given;
    }
}

TEST(RestSettingsTest, TakesOneStyleOfPagingOrNone) {
    const auto paging = [](const std::string& lines) { return mistakes(with_source(lines)); };
    EXPECT_THAT(paging("    query: {page: p}\n    total_pages: /pages\n"), ElementsAre());
    EXPECT_THAT(paging("    query: {page: p, per_page: n}\n    total: /total\n"), ElementsAre());
    EXPECT_THAT(paging("    next: /links/next\n    query: {per_page: n}\n"), ElementsAre());
    EXPECT_THAT(paging("    query: {page: p}\n    next: /next\n    total_pages: /pages\n"),
                ElementsAre(HasSubstr("m.yaml:10:18: give `next` or `total_pages`, not both")));
    EXPECT_THAT(paging("    total_pages: /pages\n"),
                ElementsAre(HasSubstr("m.yaml:8:18: `total_pages` needs `query.page`")));
    EXPECT_THAT(paging("    query: {per_page: n}\n"),
                ElementsAre(HasSubstr("only the first page would ever be read")));
}

TEST(RestSettingsTest, TheFirstPageIsZeroOrOneWherePagesHaveNumbers) {
    const auto first = [](const std::string& lines) { return mistakes(with_source(lines)); };
    EXPECT_THAT(first("    query: {page: p}\n    first_page: 0\n"), ElementsAre());
    EXPECT_THAT(first("    query: {page: p}\n    first_page: 1\n"), ElementsAre());
    EXPECT_THAT(first("    query: {page: p}\n    first_page: 2\n"),
                ElementsAre(HasSubstr("`his.first_page`")));
    EXPECT_THAT(first("    first_page: 0\n"),
                ElementsAre(HasSubstr("`first_page` needs `query.page`")));
}

TEST(RestSettingsTest, WhetherRecordsRepeatIsTrueOrFalse) {
    EXPECT_THAT(mistakes(with_source("    repeats: true\n")), ElementsAre());
    EXPECT_THAT(mistakes(with_source("    repeats: 3\n")), ElementsAre(HasSubstr("`his.repeats`")));
}

TEST(RestSettingsTest, SendsNoParameterTwice) {
    EXPECT_THAT(mistakes(with_source("    query: {page: p, per_page: p}\n")),
                ElementsAre(HasSubstr("two parameters")));
    EXPECT_THAT(mistakes(edit(with_source("    query: {page: p}\n"), "his.local/patients",
                              "his.local/patients?site=1&p=1")),
                ElementsAre(HasSubstr("the parameter `p` is in the `url` already")));
    EXPECT_THAT(mistakes(edit(with_source("    query: {page: p}\n"), "his.local/patients",
                              "his.local/patients?up=1&pp=2")),
                ElementsAre());
}

TEST(RestSettingsTest, AFilterByTimeNeedsTheTimeOfEachRecord) {
    EXPECT_THAT(mistakes(with_source("    query: {modified_after: since}\n")),
                ElementsAre(HasSubstr("needs `fields.modifiedAt`")));
}

TEST(RestSettingsTest, ChecksTheFormatOfTheFilter) {
    const auto with_format = [](const std::string& format) {
        return mistakes(edit(
            with_source("    query: {modified_after: {name: s, format: \"" + format + "\"}}\n"),
            "birthDate: /naissance\n", "birthDate: /naissance\n      modifiedAt: /maj\n"));
    };
    EXPECT_THAT(with_format("%Y-%m-%dT%H:%M:%S%z"), ElementsAre());
    EXPECT_THAT(with_format("%s"), ElementsAre());
    EXPECT_THAT(with_format("%H:%M"), ElementsAre(HasSubstr("the year is missing")));
    EXPECT_THAT(with_format("%c"), ElementsAre(HasSubstr("%c is not known")));
}

TEST(RestSettingsTest, ChecksPointersSizesAndZones) {
    EXPECT_THAT(mistakes(with_source("    records: patients\n")),
                ElementsAre("m.yaml:8:14: `his.records` must be a JSON pointer, which begins with "
                            "`/`"));
    EXPECT_THAT(mistakes(with_source("    records: /\n")), ElementsAre(HasSubstr("names nothing")));
    EXPECT_THAT(mistakes(with_source("    records: /a~b\n")), ElementsAre(HasSubstr("`~1` for")));
    EXPECT_THAT(mistakes(with_source("    records: /a~1b~0\n")), ElementsAre());
    EXPECT_THAT(mistakes(with_source("    page_size: 0\n")),
                ElementsAre(HasSubstr("must be 1 to 10000")));
    EXPECT_THAT(mistakes(with_source("    timezone: Europe/Pariss\n")),
                ElementsAre(HasSubstr("did you mean `Europe/Paris`?")));
    EXPECT_THAT(mistakes(with_source("    timezone: heure d'été\n")),
                ElementsAre(HasSubstr("is not a known time zone")));
    EXPECT_THAT(mistakes(with_source("    timezone: ../../../etc/passwd\n")),
                ElementsAre(HasSubstr("is not a known time zone")));
}

TEST(RestSettingsTest, AnUnknownTypeIsToldWhichThereAre) {
    EXPECT_THAT(mistakes(edit(minimal(), "type: rest", "type: telepathy")),
                ElementsAre("m.yaml:6:11: unknown source type `telepathy`; available: rest, fhir, "
                            "sql, csv, hl7v2"));
    EXPECT_THAT(mistakes(edit(minimal(), "type: rest", "type: Rest")),
                ElementsAre(HasSubstr("did you mean `rest`?")));
    EXPECT_THAT(mistakes(edit(minimal(), "    type: rest\n", "")),
                ElementsAre(HasSubstr("`his.type` is missing")));
}

TEST(RestSettingsTest, NamesOfSourcesDifferAndAreFitForLogs) {
    const std::string second = "  - {name: dpi, type: rest, url: http://b/p, fields: {externalId: "
                               "/i, lastName: /l, firstName: /f, birthDate: /b}}\n";
    const auto two = edit(minimal(), "state:", second + "state:");
    EXPECT_THAT(mistakes(two), ElementsAre(HasSubstr("m.yaml:13:12: another source is named "
                                                     "`dpi`")));
    EXPECT_EQ(config::drafts::settings(edit(two, "{name: dpi", "{name: dpi2")).his.size(), 2u);
    EXPECT_THAT(mistakes(edit(minimal(), "name: dpi", "name: \"a b\"")),
                ElementsAre(HasSubstr("at most 64 letters")));
}

TEST(RestSettingsTest, SourcesAreAList) {
    EXPECT_THAT(mistakes(edit(minimal(), "  - name: dpi", "    name: dpi")),
                ElementsAre(HasSubstr("`his` must be a list of sources: begin each with `- `")));
    EXPECT_THAT(mistakes(edit(minimal(), "    type: rest\n", "    type: rest\n    base_ulr: x\n")),
                ElementsAre(HasSubstr("unknown key `base_ulr` in `his`")));
}

} // namespace
} // namespace medibridge::connectors
