#include "simulated_his.hpp"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>

namespace medibridge::connectors {
namespace {

using testing::HasSubstr;
using testing::Not;
using Random = std::mt19937_64;

std::size_t below(Random& random, std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random);
}

template <class Choices>
auto pick(Random& random, const Choices& choices) {
    return choices[below(random, std::size(choices))];
}

/// A value of any kind at any place, two levels deep at most.
std::string any_value(Random& random, int depth = 0) {
    static const std::vector<std::string> scalars = {"null",
                                                     "true",
                                                     "false",
                                                     "0",
                                                     "-1",
                                                     "1",
                                                     "12345678901234567890123",
                                                     "1e400",
                                                     "1.5",
                                                     "\"\"",
                                                     "\"planted\"",
                                                     "\"2026-01-31T09:05:07Z\"",
                                                     "\"31/01/2026\"",
                                                     "\"1980-05-12\"",
                                                     "\"\\u0000\"",
                                                     "\"\\ud83d\\ude00\"",
                                                     "\"\xE9\"",
                                                     "\"?c=1\"",
                                                     "\"http://evil.example/\"",
                                                     "2",
                                                     "-0",
                                                     "\" \"",
                                                     "\"0000-00-00\""};
    const auto kind = depth > 2 ? 0 : below(random, 8);
    if (kind < 6) return pick(random, scalars);
    std::string text = kind == 6 ? "[" : "{";
    const auto members = below(random, 4);
    for (std::size_t i = 0; i < members; ++i) {
        if (i > 0) text += ",";
        if (kind == 7)
            text += "\"" + pick(random, std::vector<std::string>{"ipp", "nom", "maj", "x"}) + "\":";
        text += any_value(random, depth + 1);
    }
    return text + (kind == 6 ? "]" : "}");
}

std::string any_document(Random& random) {
    std::string records;
    const auto count = below(random, 5);
    for (std::size_t i = 0; i < count; ++i) {
        std::string record = "{";
        for (const auto* name : {"ipp", "nom", "prenom", "naissance", "maj", "dcd", "actif"}) {
            if (below(random, 5) == 0) continue;
            record +=
                (record.size() > 1 ? ",\"" : "\"") + std::string(name) + "\":" + any_value(random);
        }
        records += (i > 0 ? "," : "") + (below(random, 9) == 0 ? any_value(random) : record + "}");
    }
    const auto list = below(random, 20) == 0 ? any_value(random) : "[" + records + "]";
    const auto count_said = [&random] {
        return below(random, 3) == 0 ? any_value(random) : std::to_string(below(random, 4));
    };
    auto text = "{\"patients\":" + list + ",\"pages\":" + count_said() +
                ",\"total\":" + count_said() + ",\"next\":" + any_value(random) + "}";
    if (below(random, 12) == 0) text.resize(below(random, text.size() + 1));
    for (auto spoil = below(random, 12); spoil > 9 && !text.empty(); --spoil)
        text[below(random, text.size())] = static_cast<char>(below(random, 256));
    return text;
}

http::Result any_answer(Random& random) {
    if (below(random, 10) == 0) return failure(static_cast<http::ErrorKind>(below(random, 8)));
    auto answer = json_answer(any_document(random));
    if (below(random, 12) == 0)
        answer.status = pick(random, std::vector<int>{0, 100, 204, 301, 400, 404, 429, 503, 999});
    if (below(random, 5) == 0)
        answer.headers = {{"Date", "planted"}, {"Retry-After", "planted"}, {"X", "\xFF"}};
    return answer;
}

RestSettings any_settings(Random& random) {
    auto settings = simple_settings();
    if (below(random, 2) == 0) settings.total_pages = "/pages";
    if (below(random, 2) == 0) settings.total = "/total";
    if (below(random, 3) == 0) settings.next = "/next";
    if (below(random, 4) == 0) settings.query.page = "";
    if (below(random, 5) == 0) settings.records = "";
    if (below(random, 2) == 0) settings.first_page.reset();
    settings.fields["deceased"].at = "/dcd";
    settings.fields["active"].at = "/actif";
    settings.fields["gender"].at = "/x/0/nom";
    if (below(random, 3) == 0) settings.fields["birthDate"].format = "%d/%m/%Y";
    if (below(random, 3) == 0) settings.fields["lastName"].map = {{"1", "one"}, {"true", "two"}};
    if (below(random, 3) == 0) settings.fields["firstName"].default_value = "Jo";
    return settings;
}

/// Whatever a HIS answers, a pass ends with records or with an error that quotes nothing.
TEST(RestRubbishTest, AnyAnswerEndsWithRecordsOrAnErrorThatQuotesNothing) {
    RestLimits limits;
    limits.pages = 6;
    limits.retries.attempts = 2;
    std::size_t records = 0;
    std::size_t errors = 0;
    for (std::uint64_t seed = 0; seed < 4000; ++seed) {
        Random random(seed);
        SimulatedHis his(any_settings(random), limits);
        his.transport.answer = [&random](const http::Request&) { return any_answer(random); };
        const auto pass = his.pass();
        records += pass.records.size();
        EXPECT_LE(his.source->requests(), 12) << "seed " << seed;
        ASSERT_THAT(his.log.text(), Not(HasSubstr("planted"))) << "seed " << seed;
        for (const auto& record : pass.records) {
            for (const auto field : reconcile::all_fields()) {
                const auto& value = record.patient[field];
                if (value.is_known()) continue;
                ASSERT_THAT(value.text(), Not(HasSubstr("planted"))) << "seed " << seed;
            }
        }
        if (!pass.error) continue;
        ++errors;
        EXPECT_FALSE(pass.proven) << "seed " << seed;
        ASSERT_FALSE(pass.error->what.empty()) << "seed " << seed;
        for (const auto* secret : {"planted", "evil", "31/01", "\xE9"})
            ASSERT_THAT(pass.error->what, Not(HasSubstr(secret))) << "seed " << seed;
    }
    EXPECT_GT(records, 1000u);
    EXPECT_GT(errors, 1000u);
}

} // namespace
} // namespace medibridge::connectors
