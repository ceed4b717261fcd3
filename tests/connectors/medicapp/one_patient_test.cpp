#include "connectors/medicapp/client.hpp"
#include "rig.hpp"

#include <algorithm>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

// What goes wrong for one patient only: a fault is judged at the smallest thing that it may belong
// to, and a refusal counts as the key's only if a plain read is refused too.

namespace medibridge::test {
namespace {

using connectors::ApiError;
using connectors::Failure;
using connectors::MedicappPatient;
using connectors::Reply;
using runtime::Duration;
using Names = std::vector<std::string>;
using Pending = std::shared_ptr<std::optional<Reply<MedicappPatient>>>;
using Answer = std::function<http::Result()>;

bool is_list(const http::Request& request) {
    return request.method == http::Method::get && request.target.starts_with("/v5/patients?");
}

std::size_t lists(const Rig& rig) {
    return static_cast<std::size_t>(std::ranges::count_if(
        rig.transport.sent(), [](const auto& sent) { return is_list(sent.request); }));
}

reconcile::Patient patient_named(const std::string& external_id) {
    auto patient = planted_patient();
    patient.set_external_id(external_id);
    return patient;
}

/// Medicapp is well, but for those whose externalId begins with `bad` or whose id is `p-bad`.
void answer_all_but_some(Rig& rig, const Answer& fault) {
    rig.transport.otherwise([fault](const http::Request& request) -> http::Result {
        if (is_list(request)) return page_answer();
        if (request.target.ends_with("/p-bad")) return fault();
        const auto from = request.body.find("externalId\":\"");
        if (from == std::string::npos) return patient_answer(200);
        const auto id =
            request.body.substr(from + 13, request.body.find('"', from + 13) - from - 13);
        if (id.starts_with("bad")) return fault();
        return patient_answer(201, "p-" + id, id);
    });
}

Answer json_answer(int status, const char* code) {
    return [=] { return http::Result(json_error(status, code)); };
}
Answer page_of(int status) {
    return [=] { return http::Result(html(status)); };
}

std::optional<ApiError> error_of(const Reply<MedicappPatient>& reply) {
    if (reply) return std::nullopt;
    return reply.error();
}

/// The calls that concern one patient.
struct One {
    const char* name;
    std::function<std::optional<ApiError>(Rig&)> call;
};

std::vector<One> calls() {
    return {
        {"create",
         [](Rig& rig) { return error_of(rig.run(rig.client.create(patient_named("bad-1")))); }},
        {"update",
         [](Rig& rig) {
             auto update = planted_update();
             update.id = "p-bad";
             return error_of(rig.run(rig.client.update(update)));
         }},
        {"get", [](Rig& rig) { return error_of(rig.run(rig.client.get("p-bad"))); }},
        {"erase",
         [](Rig& rig) -> std::optional<ApiError> {
             connectors::MedicappEraser eraser(rig.client);
             const auto reply = rig.run(eraser.erase("p-bad"));
             if (reply) return std::nullopt;
             return reply.error();
         }},
    };
}

struct Refusal {
    const char* name;
    Answer answer;
    int status;
    const char* code;
    const char* words;
};

std::vector<Refusal> refusals() {
    return {
        {"a firewall's page", page_of(403), 403, "", "403 with a page that is not Medicapp's"},
        {"a portal's page", page_of(401), 401, "", "401 with a page that is not Medicapp's"},
        {"Medicapp's own word", json_answer(403, "NOT_YOURS"), 403, "NOT_YOURS", "403 NOT_YOURS"},
        {"Medicapp's own 401", json_answer(401, "LOCKED"), 401, "LOCKED", "401 LOCKED"},
        {"no body", [] { return http::Result(response(403)); }, 403, "", "403"},
        {"a body of nobody's",
         [] { return http::Result(response(403, R"({"blocked":"by rule 949110"})")); }, 403, "",
         "403"},
    };
}

/// A limit would let others through in turn: nobody waits for that patient without end.
TEST(OnePatientTest, IsLeftWhereTheirRequestsAloneAreAnswered429) {
    for (const auto& one : calls()) {
        Rig rig;
        answer_all_but_some(rig, json_answer(429, "SLOW_DOWN"));
        const auto error = one.call(rig);
        ASSERT_TRUE(error) << one.name;
        EXPECT_EQ(error->failure, Failure::refused) << one.name;
        EXPECT_EQ(error->status, 429);
        EXPECT_NE(error->what.find("429, while the list is served"), std::string::npos)
            << error->what;
        EXPECT_EQ(lists(rig), 1u);
        EXPECT_EQ(rig.requests(), 9u);
        EXPECT_TRUE(rig.run(rig.client.create(patient_named("good"))));
    }
}

/// Where the plain read is answered 429 as well, it is a limit: the call waits for its turn.
TEST(OnePatientTest, IsNotLeftWhereEverybodysAreAnswered429) {
    for (const auto& one : calls()) {
        Rig rig;
        int left = 30;
        rig.transport.otherwise([&](const http::Request& request) -> http::Result {
            if (left-- > 0) return json_error(429, "SLOW_DOWN");
            return is_list(request) ? page_answer() : patient_answer(201, "p-bad", "bad-1");
        });
        const auto error = one.call(rig);
        EXPECT_TRUE(!error || error->status != 429) << one.name << ' ' << error->what;
    }
}

TEST(OnePatientTest, IsRefusedAloneWhereAPlainReadIsServed) {
    for (const auto& one : calls()) {
        for (const auto& refusal : refusals()) {
            Rig rig;
            answer_all_but_some(rig, refusal.answer);
            const auto error = one.call(rig);
            ASSERT_TRUE(error) << one.name << ' ' << refusal.name;
            EXPECT_EQ(error->failure, Failure::refused) << one.name << ' ' << refusal.name;
            EXPECT_EQ(error->status, refusal.status);
            EXPECT_EQ(error->code, refusal.code);
            EXPECT_EQ(error->request_id, *refusal.code == '\0' ? "" : "req-7");
            EXPECT_NE(error->what.find(refusal.words), std::string::npos) << error->what;
            EXPECT_EQ(error->what.find("949110"), std::string::npos);
            EXPECT_EQ(rig.requests(), 2u) << "the call, and one plain read";
            EXPECT_EQ(lists(rig), 1u);
            EXPECT_FALSE(rig.client.credentials_refused());
            EXPECT_TRUE(rig.run(rig.client.create(patient_named("good"))));
            EXPECT_EQ(rig.log.names(), Names());
        }
    }
}

/// The words name the fault: whoever reads them looks for a cache or a proxy that mixes answers.
TEST(OnePatientTest, AnAnswerThatShowsSomebodyElseIsCalledSo) {
    for (const auto& one : calls()) {
        if (one.name == std::string_view("erase")) continue;
        Rig rig;
        answer_all_but_some(rig, [] { return http::Result(patient_answer(200, "p-2", "IPP-2")); });
        const auto error = one.call(rig);
        ASSERT_TRUE(error) << one.name;
        EXPECT_TRUE(error->alone || error->failure == Failure::unknown) << one.name;
        EXPECT_TRUE(error->what.ends_with(": 200 shows another patient")) << error->what;
    }
}

TEST(OnePatientTest, OnlyThePlainestReadIsAskedFor) {
    Rig rig;
    answer_all_but_some(rig, page_of(403));
    (void)rig.run(rig.client.create(patient_named("bad-1")));
    ASSERT_EQ(rig.requests(), 2u);
    EXPECT_EQ(rig.transport.sent()[1].request.target, "/v5/patients?page=1&per_page=1");
    EXPECT_EQ(rig.transport.sent()[1].request.body, "");
}

TEST(OnePatientTest, IsTheKeysRefusalWhereAPlainReadIsRefusedToo) {
    for (const auto& one : calls()) {
        for (const auto& refusal : refusals()) {
            Rig rig;
            rig.transport.otherwise([&](const http::Request&) { return refusal.answer(); });
            const auto error = one.call(rig);
            ASSERT_TRUE(error);
            EXPECT_EQ(error->failure, Failure::unauthorized) << one.name << ' ' << refusal.name;
            EXPECT_TRUE(rig.client.credentials_refused());
            const bool page = std::string_view(refusal.words).contains("page");
            const auto words = page ? std::to_string(refusal.status) +
                                          " with a page that is not Medicapp's (a proxy or "
                                          "firewall?)"
                                    : std::string("Medicapp refuses the API key");
            EXPECT_EQ(rig.client.refusal(), words);
            EXPECT_EQ(refusal_of(*error), words);
            EXPECT_EQ(refusal_of(*one.call(rig)), words) << "of what is not sent any more";
            EXPECT_EQ(rig.requests(), 2u);
            EXPECT_EQ(one.call(rig)->failure, Failure::unauthorized);
            EXPECT_EQ(rig.requests(), 2u) << "nothing is sent any more";
            EXPECT_EQ(rig.log.names(), Names{"auth.refused"});
        }
    }
}

TEST(OnePatientTest, IsAnOutageWhereAPlainReadGetsNoAnswer) {
    for (const auto& one : calls()) {
        Rig rig;
        rig.transport.otherwise(
            [&](const http::Request& request) { return is_list(request) ? html(503) : html(403); });
        const auto error = one.call(rig);
        ASSERT_TRUE(error);
        EXPECT_EQ(error->failure, Failure::unavailable) << one.name;
        EXPECT_FALSE(rig.client.credentials_refused());
        EXPECT_LE(rig.requests(), 10u);
    }
}

TEST(OnePatientTest, ManyRefusalsAtOnceAreOnePlainRead) {
    Rig rig;
    answer_all_but_some(rig, page_of(403));
    std::vector<Pending> results;
    for (int i = 0; i < 40; ++i) {
        const auto* const kind = i % 2 == 0 ? "bad-" : "good-";
        auto patient = patient_named(kind + std::to_string(i));
        results.push_back(rig.start(rig.client.create(std::move(patient))));
    }
    rig.drive([&] {
        return std::ranges::all_of(results, [](const auto& result) { return result->has_value(); });
    });
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (i % 2 == 0)
            EXPECT_EQ((**results[i]).error().failure, Failure::refused);
        else
            EXPECT_TRUE(**results[i]);
    }
    EXPECT_EQ(lists(rig), 1u);
    EXPECT_LT(rig.elapsed(), Duration(300));
}

TEST(OnePatientTest, IsAskedForAgainAfterAWhile) {
    Rig rig;
    answer_all_but_some(rig, page_of(403));
    for (int i = 0; i < 20; ++i)
        (void)rig.run(rig.client.create(patient_named("bad")));
    EXPECT_EQ(lists(rig), 1u);
    const auto later = rig.clock.now() + Duration(10'000);
    boost::asio::co_spawn(rig.io, rig.clock.sleep_until(later), [](std::exception_ptr) {});
    rig.drive([&] { return rig.clock.now() >= later; });
    (void)rig.run(rig.client.create(patient_named("bad")));
    EXPECT_EQ(lists(rig), 2u);
}

TEST(OnePatientTest, AListServedBeforeProvesNothingOfTheKeyNow) {
    Rig rig;
    bool revoked = false;
    rig.transport.otherwise([&](const http::Request& request) {
        if (revoked) return json_error(401, "REVOKED");
        return is_list(request) ? page_answer() : patient_answer(201);
    });
    ASSERT_TRUE(rig.run(rig.client.list(connectors::ListQuery())));
    revoked = true;
    const auto error = rig.run(rig.client.create(planted_patient())).error();
    EXPECT_EQ(error.failure, Failure::unauthorized);
    EXPECT_EQ(rig.requests(), 3u);
}

TEST(OnePatientTest, ARevokedKeyIsFoundOutBeforeThoseWhoWaitAreSent) {
    Rig rig;
    rig.transport.otherwise([](const http::Request&) { return json_error(401, "REVOKED"); });
    std::vector<Pending> results;
    for (int i = 0; i < 500; ++i)
        results.push_back(rig.start(rig.client.create(planted_patient())));
    rig.drive([&] {
        return std::ranges::all_of(results, [](const auto& result) { return result->has_value(); });
    });
    for (const auto& result : results)
        EXPECT_EQ((**result).error().failure, Failure::unauthorized);
    EXPECT_LE(rig.requests(), 24u);
    EXPECT_EQ(rig.log.names(), Names{"auth.refused"});
}

TEST(OnePatientTest, ARefusalOfTheFormerKeyIsRepeatedWithTheNewOne) {
    Rig rig;
    rig.transport.otherwise([](const http::Request& request) {
        if (request.headers[0].second == "Bearer new-key")
            return is_list(request) ? page_answer() : patient_answer(201);
        return json_error(403, "OLD");
    });
    const auto result = rig.start(rig.client.create(planted_patient()));
    rig.drive([&] { return rig.requests() == 2; });
    rig.client.credentials_renewed(config::Secret("new-key"));
    rig.drive([&] { return result->has_value(); });
    EXPECT_TRUE(**result);
    EXPECT_FALSE(rig.client.credentials_refused());
}

TEST(OnePatientTest, CancelEndsTheDoubt) {
    Rig rig;
    rig.transport.otherwise(
        [&](const http::Request& request) { return is_list(request) ? html(503) : html(403); });
    std::vector<Pending> results;
    for (int i = 0; i < 3; ++i)
        results.push_back(rig.start(rig.client.create(planted_patient())));
    rig.drive([&] { return lists(rig) == 1; });
    rig.client.cancel();
    rig.drive([&] {
        return std::ranges::all_of(results, [](const auto& result) { return result->has_value(); });
    });
    // As ever, what is under way ends with what came; nothing more is sent.
    for (const auto& result : results)
        EXPECT_EQ((**result).error().failure, Failure::unavailable);
    EXPECT_EQ(lists(rig), 1u);
}

// RFC 9110 §15.5.14: the body is larger than somebody on the way will take; it was not executed.
TEST(OnePatientTest, A413IsThatWritesOwnAtOnce) {
    for (const auto& answer : {page_of(413), json_answer(413, "TOO_LARGE")}) {
        Rig rig;
        answer_all_but_some(rig, answer);
        for (const auto& one : calls()) {
            if (std::string(one.name) == "get") continue;
            const auto before = rig.requests();
            const auto error = one.call(rig);
            ASSERT_TRUE(error);
            EXPECT_EQ(error->failure, Failure::refused) << one.name;
            EXPECT_EQ(error->status, 413);
            EXPECT_EQ(rig.requests(), before + 1);
        }
        EXPECT_EQ(rig.log.names(), Names());
    }
}

struct Breakage {
    const char* name;
    Answer answer;
    int status;
    const char* code;
};

std::vector<Breakage> breakages() {
    return {
        {"Medicapp's 500", json_answer(500, "INTERNAL"), 500, "INTERNAL"},
        {"a gateway's 502", page_of(502), 502, ""},
        {"a gateway's 504", page_of(504), 504, ""},
        {"an empty 500", [] { return http::Result(response(500)); }, 500, ""},
        {"503 in JSON", json_answer(503, "BUSY"), 503, "BUSY"},
        {"507", json_answer(507, "FULL"), 507, "FULL"},
    };
}

TEST(OnePatientTest, WhoseWriteAlwaysBreaksStopsAndSlowsNobody) {
    for (const auto& breakage : breakages()) {
        Rig rig;
        answer_all_but_some(rig, breakage.answer);
        for (int round = 0; round < 30; ++round) {
            const auto broken = rig.run(rig.client.create(patient_named("bad")));
            ASSERT_FALSE(broken);
            EXPECT_EQ(broken.error().failure, Failure::unknown) << breakage.name;
            EXPECT_EQ(broken.error().status, breakage.status);
            EXPECT_EQ(broken.error().code, breakage.code);
            EXPECT_EQ(broken.error().request_id, *breakage.code == '\0' ? "" : "req-7");
            EXPECT_TRUE(rig.run(rig.client.create(patient_named("good"))));
        }
        EXPECT_EQ(rig.log.names(), Names()) << breakage.name;
        EXPECT_LT(rig.elapsed(), Duration(1'000)) << breakage.name;
        EXPECT_EQ(rig.requests(), 60u) << "a lone failure is in no doubt";
        EXPECT_FALSE(rig.client.failing());
    }
}

TEST(OnePatientTest, ManyInARowWhoseWritesBreakAreNoOutage) {
    for (const auto& breakage : breakages()) {
        for (const std::size_t concurrency : {std::size_t{1}, std::size_t{8}}) {
            auto settings = default_settings();
            settings.concurrency = concurrency;
            Rig rig(settings);
            answer_all_but_some(rig, breakage.answer);
            std::vector<Pending> results;
            for (int i = 0; i < 60; ++i)
                results.push_back(rig.start(rig.client.create(patient_named("bad"))));
            for (int i = 0; i < 60; ++i)
                results.push_back(rig.start(rig.client.create(patient_named("good"))));
            rig.drive([&] {
                return std::ranges::all_of(results,
                                           [](const auto& result) { return result->has_value(); });
            });
            EXPECT_EQ(rig.log.names(), Names()) << breakage.name << concurrency;
            EXPECT_LT(rig.elapsed(), Duration(20'000)) << breakage.name << concurrency;
            for (std::size_t i = 0; i < 60; ++i)
                EXPECT_EQ((**results[i]).error().status, breakage.status);
            for (std::size_t i = 60; i < 120; ++i)
                EXPECT_TRUE(**results[i]);
        }
    }
}

TEST(OnePatientTest, WhoseRecordCannotBeReadEndsAloneAndIsNoOutage) {
    auto faults = breakages();
    faults.push_back({"an HTML page", page_of(200), 200, ""});
    faults.push_back({"half a record",
                      [] { return http::Result(response(200, R"({"id":"p-bad","lastN)")); }, 200,
                      ""});
    faults.push_back(
        {"somebody else", [] { return http::Result(patient_answer(200, "p-2")); }, 200, ""});
    for (const auto& fault : faults) {
        Rig rig;
        answer_all_but_some(rig, fault.answer);
        for (int i = 0; i < 5; ++i) {
            const auto broken = rig.run(rig.client.get("p-bad"));
            ASSERT_FALSE(broken);
            EXPECT_EQ(broken.error().failure, Failure::unavailable) << fault.name;
            EXPECT_EQ(broken.error().status, fault.status);
            EXPECT_EQ(broken.error().code, fault.code);
        }
        EXPECT_EQ(rig.log.names(), Names()) << fault.name;
        EXPECT_LT(rig.elapsed(), Duration(60'000)) << fault.name;
        EXPECT_FALSE(rig.client.failing());
    }
}

// Something in between drops one patient's request, and lets the others through.
TEST(OnePatientTest, WhoseWritesAreNeverAnsweredIsAlone) {
    for (const auto kind :
         {http::ErrorKind::closed, http::ErrorKind::timeout, http::ErrorKind::malformed}) {
        Rig rig;
        answer_all_but_some(rig, [=] { return broken(kind, true); });
        for (int i = 0; i < 10; ++i) {
            const auto error = rig.run(rig.client.create(patient_named("bad"))).error();
            EXPECT_EQ(error.failure, Failure::unknown);
            EXPECT_EQ(error.status, 0);
            EXPECT_TRUE(error.alone);
        }
        EXPECT_EQ(rig.log.names(), Names());
        EXPECT_FALSE(rig.client.failing());
    }
}

TEST(OnePatientTest, IsNotAloneWherePlainReadsFail) {
    for (const auto& answer : {page_of(403), page_of(502), json_answer(500, "OOPS")}) {
        Rig rig;
        rig.transport.otherwise([&](const http::Request& request) {
            return is_list(request) ? http::Result(html(502)) : answer();
        });
        (void)rig.run(rig.client.create(planted_patient()));
        const auto error = rig.run(rig.client.create(planted_patient())).error();
        EXPECT_FALSE(error.alone);
        EXPECT_EQ(error.status, 0) << "no status of this patient's own";
    }
}

TEST(OnePatientTest, WhereAllFailItIsAnOutage) {
    for (const auto& breakage : breakages()) {
        Rig rig;
        bool down = true;
        rig.transport.otherwise([&](const http::Request& request) {
            if (down) return breakage.answer();
            return http::Result(is_list(request) ? page_answer() : patient_answer(201));
        });
        for (int i = 0; i < 10; ++i)
            EXPECT_EQ(rig.run(rig.client.create(planted_patient())).error().failure,
                      Failure::unknown);
        EXPECT_TRUE(rig.client.failing());
        EXPECT_EQ(rig.log.names(), Names{"medicapp.unavailable"}) << breakage.name;
        EXPECT_GT(rig.elapsed(), Duration(2'000)) << "it is left in peace";
        EXPECT_LT(rig.requests(), 40u);
        down = false;
        EXPECT_TRUE(rig.run(rig.client.create(planted_patient())));
        EXPECT_EQ(rig.log.names().back(), "medicapp.recovered");
    }
}

} // namespace
} // namespace medibridge::test
